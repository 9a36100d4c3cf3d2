import { describe, expect, it } from "vitest";
import { type Client, Home, later } from "../model/index.ts";
import { isRandomised, type PresenceMemory, presenceFrom } from "./index.ts";

const phone = "02:00:00:00:00:12";
const home = Home.parse({
  version: 1,
  home: { timeZone: "UTC" },
  wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
  devices: [{ id: "phone", kind: "phone", macs: [phone] }, { id: "book" }],
});
const start = "2026-11-22T10:00:00.000Z";
const here: Client[] = [{ mac: phone, connected: true }];

/** Polls every 30 s; each entry says whether the phone is seen. Returns what was said, and after how many seconds. */
function poll(seen: readonly boolean[]) {
  const said: [number, boolean][] = [];
  let memory: PresenceMemory = {};
  seen.forEach((s, i) => {
    const result = presenceFrom(s ? here : [], memory, home, "main", later(start, i * 30_000));
    memory = result.memory;
    for (const signal of result.signals) if (signal.kind === "presence") said.push([i * 30, signal.present]);
  });
  return said;
}

describe("presenceFrom", () => {
  it("reports an arrival at once and a departure only after five silent minutes", () => {
    expect(poll([false, true, ...Array(12).fill(false)])).toEqual([
      [0, false],
      [30, true],
      [330, false],
    ]);
  });
  it("does not take a short silence for leaving", () => {
    expect(poll([true, ...Array(6).fill(false), true, true])).toEqual([[0, true]]);
  });
  it("repeats a state before it expires", () => {
    expect(poll(Array(50).fill(true))).toEqual([
      [0, true],
      [600, true],
      [1200, true],
    ]);
  });
  it("does not take a lease for presence", () => {
    const { signals } = presenceFrom([{ mac: phone, connected: false }], {}, home, "main", start);
    expect(signals).toMatchObject([{ present: false }]);
  });
});

it("recognises private addresses", () => {
  expect(isRandomised("da:a1:19:00:00:01")).toBe(true);
  expect(isRandomised("00:1b:63:84:45:e6")).toBe(false);
});
