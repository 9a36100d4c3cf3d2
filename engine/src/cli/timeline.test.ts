import { expect, it } from "vitest";
import type { EngineEvent, PlanView, SubjectState } from "../model/index.ts";
import { timelineOf } from "./timeline.ts";

const at = (time: string) => `2026-11-17T${time}:00.000Z`;
let sequence = 0;
const subject = (time: string, active: string, p: number): EngineEvent => ({
  type: "subject",
  sequence: sequence++,
  at: at(time),
  data: {
    subject: "ann",
    name: "Ann",
    active,
    decidedBy: "prediction",
    distribution: { [active]: p },
    evidence: [
      { source: "safety mix", persona: active, logOdds: 3, why: "safety mix" },
      { source: "declared-calendar", persona: active, logOdds: 2, why: 'calendar says "call"' },
    ],
  } as unknown as SubjectState,
});
const plan = (time: string, refusals: PlanView["refusals"]): EngineEvent => ({
  type: "plan",
  sequence: sequence++,
  at: at(time),
  data: { refusals } as unknown as PlanView,
});
const refusal = { subject: "ann", device: null, what: "4K", because: "needs 25" };

it("tells in local time what was expected and why, and a refusal once, as long as it lasts", () => {
  const events = [
    subject("08:00", "everyday", 0.6),
    subject("09:00", "remote-worker", 0.91),
    subject("09:05", "remote-worker", 0.95),
    plan("09:05", [refusal]),
    plan("09:10", [refusal]),
    plan("09:15", []),
    plan("09:20", [refusal]),
  ];
  expect(timelineOf(events, "Europe/Berlin").map(({ time, text }) => `${time} ${text}`)).toEqual([
    '10:00 Ann: expected remote-worker 91 % (calendar says "call")',
    "10:05   refused: 4K: needs 25",
    "10:20   refused: 4K: needs 25",
  ]);
});
