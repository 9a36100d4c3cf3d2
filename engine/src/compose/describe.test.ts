import { describe, expect, it } from "vitest";
import { type DevicePlan, neutralDevice, type PlanReason } from "../model/index.ts";
import { type Described, describePlan } from "./describe.ts";

const device = (more: Partial<DevicePlan>): DevicePlan => neutralDevice("phone", [], { guarantee: { down: 64, up: 300 }, ...more });
const reason = (more: Partial<PlanReason>): PlanReason => ({
  device: "phone",
  field: "guarantee.down",
  value: "64 kbit/s",
  rule: "floor",
  because: "what every device can rely on",
  from: [],
  ...more,
});
const described = (devices: DevicePlan[], more: Partial<Described> = {}): Described => ({
  plan: { version: 1, home: "home", at: "2026-11-22T18:00:00.000Z", lines: [{ wan: "wan", shaper: { down: 47_400, up: 9_500 } }], devices },
  reasons: [],
  refusals: [],
  ...more,
});

describe("a plan in words", () => {
  it("tells the line, each device with its causes, and the ordinary ones in one line", () => {
    const laptop = device({
      device: "laptop",
      class: "interactive",
      guarantee: { down: 3_100, up: 3_100 },
      ceiling: { down: 42_600, up: null },
      weight: 2.7,
      inboundClosed: true,
    });
    const reasons = [
      reason({ device: null, field: "line.shaper", value: "47.4 Mbit/s down", rule: "base layer", because: "95 % of the line" }),
      reason({
        device: "laptop",
        value: "3.1 Mbit/s",
        rule: "demands",
        because: "3 Mbit/s interactive for Ann",
        from: [{ persona: "remote-worker", probability: 0.9, value: "3 Mbit/s" }],
      }),
      reason({ device: "laptop", field: "latencyTarget", value: "60 ms" }),
      reason({}),
    ];
    expect(describePlan(described([laptop, device({})], { reasons }))).toEqual([
      "line wan: 47.4 Mbit/s down, 9.5 Mbit/s up",
      "  line.shaper = 47.4 Mbit/s down: 95 % of the line (base layer)",
      "",
      "laptop: interactive, at least 3.1 Mbit/s down and 3.1 Mbit/s up, at most 42.6 Mbit/s down, weight 2.7, closed from outside",
      "  guarantee.down = 3.1 Mbit/s: 3 Mbit/s interactive for Ann [remote-worker 90 %: 3 Mbit/s] (demands)",
      "",
      "nothing special: phone (at least 64 kbit/s down and 300 kbit/s up)",
    ]);
  });
  it("tells what did not fit and what the router cannot do", () => {
    const refusals = [{ subject: "ann", device: "tv", what: "film on tv", because: "4K needs 25 Mbit/s" }];
    const omissions = [
      { field: "device.tunnel" as const, device: "tv", wanted: "office", instead: "its traffic leaves directly", why: "no such tunnel" },
    ];
    expect(describePlan(described([], { refusals, omissions })).slice(1)).toEqual([
      "",
      "did not fit:",
      "  film on tv: 4K needs 25 Mbit/s",
      "",
      "not possible on this router:",
      "  office for tv: no such tunnel; instead: its traffic leaves directly",
    ]);
  });
  it("does not call a device ordinary whose guarantee somebody caused", () => {
    const reasons = [reason({ rule: "demands", because: "20 Mbit/s default for Eve" })];
    expect(describePlan(described([device({})], { reasons })).some((line) => line.includes("20 Mbit/s default for Eve"))).toBe(true);
  });
});
