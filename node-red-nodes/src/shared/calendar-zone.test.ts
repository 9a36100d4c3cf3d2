import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantOfWall, isoWithOffset, wallOf } from "./calendar-zone.ts";

const zones = ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu", "UTC"];
const instants = fc.integer({ min: Date.UTC(2020), max: Date.UTC(2040) }).map((ms) => Math.floor(ms / 60_000) * 60_000);

describe("local time", () => {
  it("comes back from its wall time, or from an earlier instant with the same wall time", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, at) => {
        const back = instantOfWall(zone, wallOf(zone, at));
        expect(back).toBeLessThanOrEqual(at);
        expect(wallOf(zone, back)).toBe(wallOf(zone, at));
      }),
      { seed: 6, numRuns: 500 },
    );
  });
  it("is written so that it means the same instant", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, at) => {
        expect(Date.parse(isoWithOffset(zone, at))).toBe(at);
      }),
      { seed: 6, numRuns: 500 },
    );
  });
  it("in the gap of a clock change uses the offset before it, and the first of two equal times", () => {
    const berlin = (wall: string) => isoWithOffset("Europe/Berlin", instantOfWall("Europe/Berlin", Date.parse(`${wall}Z`)));
    expect(berlin("2026-03-29T02:30:00")).toBe("2026-03-29T03:30:00+02:00");
    expect(berlin("2026-10-25T02:30:00")).toBe("2026-10-25T02:30:00+02:00");
  });
});
