import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DevicePlan } from "../model/index.ts";
import { neutralDevice, samplePlan } from "../testing/index.ts";
import { UnsafePlan } from "./errors.ts";
import { guardPlan, type Protection, starvation } from "./guard.ts";

const gateway = "02:00:00:00:00:fe";
const protection: Protection = {
  macs: new Set([gateway]),
  devices: new Set(["access-point"]),
  neverBlock: new Set(["alice-phone"]),
  lines: new Map([["wan", { down: 100_000, up: 20_000 }]]),
};
const guard = (plan: Parameters<typeof guardPlan>[0]) => () => guardPlan(plan, protection, "main");

const rate = fc.option(fc.oneof(fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 200_000 })), { nil: null });
const device = fc.record({
  device: fc.constantFrom("access-point", "alice-phone", "tv", "engine-host"),
  mac: fc.constantFrom(gateway, gateway.toUpperCase(), "02:00:00:00:00:31"),
  blocked: fc.boolean(),
  isolated: fc.boolean(),
  down: rate,
  up: rate,
});

describe("guardPlan", () => {
  it("refuses exactly the plans that cut off what is protected", async () => {
    await fc.assert(
      fc.property(fc.uniqueArray(device, { selector: (d) => d.device, maxLength: 4 }), (devices) => {
        const starves = (ceiling: number | null) => ceiling !== null && ceiling < starvation;
        const dangerous = devices.some((d) => {
          const isProtected = d.device === "access-point" || d.mac.toLowerCase() === gateway;
          return (
            (d.blocked && (isProtected || d.device === "alice-phone")) || (isProtected && (d.isolated || starves(d.down) || starves(d.up)))
          );
        });
        const plan = samplePlan(
          devices.map(({ device: id, mac, blocked, isolated, down, up }) =>
            neutralDevice(id, [mac], { blocked, isolated, ceiling: { down, up } }),
          ),
        );
        if (dangerous) expect(guard(plan)).toThrow(UnsafePlan);
        else expect(guard(plan)).not.toThrow();
      }),
      { seed: 7, numRuns: 500 },
    );
  });

  it("refuses exactly the shapers above what the line carries", async () => {
    await fc.assert(
      fc.property(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: 1, max: 40_000 }), (down, up) => {
        const plan = samplePlan([], { shaper: { down, up } });
        if (down > 100_000 || up > 20_000) expect(guard(plan)).toThrow(UnsafePlan);
        else expect(guard(plan)).not.toThrow();
      }),
      {
        seed: 7,
        examples: [
          [100_000, 20_000],
          [100_001, 1],
          [1, 20_001],
        ],
      },
    );
  });

  const cases: [string, string, Partial<DevicePlan>, RegExp][] = [
    ["blocked infrastructure", "access-point", { blocked: true }, /main: .*"access-point".*devices\.access-point\.blocked/],
    ["isolated infrastructure", "access-point", { isolated: true }, /devices\.access-point\.isolated/],
    ["starved infrastructure", "access-point", { ceiling: { down: null, up: 63 } }, /63 kbit\/s.*devices\.access-point\.ceiling\.up/],
    ["a device never to be blocked", "alice-phone", { blocked: true }, /devices\.alice-phone\.blocked/],
  ];
  for (const [what, id, wishes, message] of cases) {
    it(`names device and field of ${what}`, () => {
      expect(guard(samplePlan([neutralDevice(id, ["02:00:00:00:00:12"], wishes)]))).toThrow(message);
    });
  }

  it("names a line the home does not have", () => {
    const plan = samplePlan([]);
    expect(guard({ ...plan, lines: [{ wan: "backup", shaper: { down: 1, up: 1 } }] })).toThrow(/"backup".*lines\.backup\.shaper/);
  });
});
