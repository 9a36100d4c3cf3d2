import { expect, it } from "vitest";
import { EventLog } from "./event-log.ts";

const at = "2026-11-22T12:00:00.000Z";
const label = (persona: string) => ({ type: "label", data: { subject: "ann", persona, source: "owner" } }) as const;

it("resumes where a stream left off, and asks for a snapshot when that is forgotten, ahead or of an earlier run", () => {
  const log = new EventLog(100, 3);
  for (const persona of ["a", "b", "c", "d", "e"]) log.emit(label(persona), at);
  expect(log.sequence).toBe(105);
  expect(log.since(105)).toEqual([]);
  expect(log.since(103)?.map((e) => e.sequence)).toEqual([104, 105]);
  expect(log.since(102)?.map((e) => e.sequence)).toEqual([103, 104, 105]);
  expect([log.since(101), log.since(106), log.since(7)]).toEqual([undefined, undefined, undefined]);
});

it("tells nobody who has left", () => {
  const log = new EventLog(0);
  const heard: number[] = [];
  const leave = log.subscribe((event) => heard.push(event.sequence));
  log.emit(label("a"), at);
  leave();
  log.emit(label("b"), at);
  expect(heard).toEqual([1]);
});
