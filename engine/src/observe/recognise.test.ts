import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { burstinessOf, type FlowTotals, featuresOf, grown, stepOf } from "./flow-features.ts";
import { logOddsOf, recognise } from "./recognise.ts";
import { trafficGroups } from "./traffic-signs.ts";

/** A flow of half a minute by its rates: packets a second and bytes a packet, up and down. */
function flow(
  protocol: "tcp" | "udp",
  remotePort: number,
  [packetsUp, sizeUp]: readonly [number, number],
  [packetsDown, sizeDown]: readonly [number, number],
  seconds = 30,
): FlowTotals {
  return {
    protocol,
    remotePort,
    seconds,
    upPackets: packetsUp * seconds,
    downPackets: packetsDown * seconds,
    upBytes: packetsUp * sizeUp * seconds,
    downBytes: packetsDown * sizeDown * seconds,
  };
}
const said = (totals: FlowTotals, history: readonly number[] = []) => recognise(featuresOf(totals, history));

describe("recognise", () => {
  it.each([
    ["a shooter", flow("udp", 27015, [64, 90], [64, 250]), "game"],
    ["a game on an unknown port", flow("udp", 41234, [30, 80], [30, 180]), "game"],
    ["a cloud game", flow("udp", 49004, [100, 135], [900, 1080]), "cloud-game"],
    ["a telephone call", flow("udp", 3478, [50, 200], [50, 200]), "call"],
    ["a video call", flow("udp", 8801, [120, 900], [160, 950]), "call"],
    ["a film over QUIC", flow("udp", 443, [60, 60], [450, 1300]), "streaming"],
    ["an upload", flow("tcp", 443, [500, 1400], [250, 60]), "upload"],
    ["a torrent that is seeded", flow("udp", 51413, [300, 1300], [150, 60]), "upload"],
    ["a sensor", flow("tcp", 8883, [0.2, 90], [0.2, 80]), "background"],
    ["name lookups", flow("udp", 53, [2, 70], [2, 200]), "background"],
  ])("%s", (_, totals, kind) => {
    expect(said(totals).kind).toBe(kind);
  });
  it("tells a film from a download by its pauses, and neither by its rate alone", () => {
    const down = flow("tcp", 443, [100, 60], [600, 1400]);
    expect(said(down, [12, 0.1, 11, 0.1, 12, 0.1, 12, 0.1]).kind).toBe("streaming");
    expect(said(down, [6.6, 6.8, 6.7, 6.9, 6.7, 6.6, 6.7, 6.8]).kind).toBe("download");
  });
  it.each([
    ["a film through a tunnel", flow("udp", 51820, [120, 110], [500, 1250])],
    ["a download over QUIC", flow("udp", 443, [200, 70], [2000, 1300])],
    ["a remote desktop over TCP", flow("tcp", 3389, [30, 100], [60, 700])],
  ])("takes %s for nothing that must not wait", (_, totals) => {
    expect(said(totals).group).not.toBe("realtime");
  });
  it("takes one page of the web for no film", () => {
    expect(said(flow("tcp", 443, [30, 80], [80, 1300], 3)).kind).not.toBe("streaming");
  });
  it("lets what is expected of the device tip the balance", () => {
    const unsure = flow("udp", 443, [40, 160], [50, 260]);
    const alone = recognise(featuresOf(unsure));
    const console = recognise(featuresOf(unsure), { game: 2 });
    expect(console.probability).toBeGreaterThan(alone.probability);
  });
  it("is a probability with reasons for every flow there can be", () => {
    const count = fc.integer({ min: 0, max: 2 ** 31 });
    fc.assert(
      fc.property(
        fc.record({
          protocol: fc.constantFrom("tcp" as const, "udp" as const),
          remotePort: fc.integer({ min: 0, max: 65535 }),
          seconds: fc.double({ min: 0, max: 1e6, noNaN: true }),
          upBytes: count,
          downBytes: count,
          upPackets: count,
          downPackets: count,
        }),
        (totals) => {
          const { probability, kind, group, signs } = said(totals);
          expect(probability).toBeGreaterThan(0);
          expect(probability).toBeLessThanOrEqual(1 + 1e-9);
          expect(signs.length).toBeGreaterThan(0);
          for (const { logOdds } of signs) expect(Number.isFinite(logOdds)).toBe(true);
          if (group) expect(trafficGroups[group]).toContain(kind);
        },
      ),
    );
  });
});

describe("signs", () => {
  it("weigh fully inside their range and fade over an octave", () => {
    const sign = { of: "rate", from: 10, to: 100, inside: 1, outside: -2 } as const;
    expect(logOddsOf(sign, 10)).toBe(1);
    expect(logOddsOf(sign, 100)).toBe(1);
    expect(logOddsOf(sign, 5)).toBe(-2);
    expect(logOddsOf(sign, 100 * Math.SQRT2)).toBeCloseTo(-0.5);
    expect(logOddsOf(sign, 0)).toBe(-2);
  });
});

describe("counters", () => {
  it("grow over a wrap, and start anew with the router", () => {
    expect(grown(100, 150)).toBe(50);
    expect(grown(2 ** 32 - 10, 20)).toBe(30);
    expect(grown(5_000, 70)).toBe(70);
    // 64-bit counters do not wrap.
    expect(grown(2 ** 33, 70)).toBe(70);
  });
  it("are all new on a flow that took the place of another", () => {
    const base = { id: "1", mac: "02:00:00:00:00:01", protocol: "udp", remotePort: 443, upPackets: 5, downPackets: 5 } as const;
    const before = { ...base, ageMs: 60_000, upBytes: 900, downBytes: 900 };
    const now = { ...base, ageMs: 2_000, upBytes: 1_000, downBytes: 1_000 };
    expect(stepOf(before, now, 5_000)).toMatchObject({ seconds: 2, upBytes: 1_000 });
    expect(stepOf(before, { ...now, ageMs: 65_000 }, 5_000)).toMatchObject({ seconds: 5, upBytes: 100, age: 65 });
    expect(stepOf(undefined, { ...now, ageMs: 0 }, 5_000)).toBeUndefined();
  });
  it("tell bursts only after a while", () => {
    expect(burstinessOf([1, 9, 1, 9])).toBeUndefined();
    expect(burstinessOf([0, 8, 0, 8, 0, 8, 0, 8])).toBe(2);
    expect(burstinessOf(new Array(8).fill(0))).toBeUndefined();
  });
});
