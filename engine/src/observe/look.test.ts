import { describe, expect, it } from "vitest";
import { Home, later } from "../model/index.ts";
import { nothingSeen, observeTraffic, type TrafficMemory } from "./activity.ts";
import { throughputBetween } from "./throughput.ts";

const [laptop, tv, camera] = ["02:00:00:00:00:11", "02:00:00:00:00:31", "02:00:00:00:00:41"];
const home = Home.parse({
  version: 1,
  home: { id: "h", name: "H", timeZone: "Europe/Berlin" },
  wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
  people: [{ id: "ann", devices: ["laptop"] }],
  devices: [
    { id: "laptop", kind: "laptop", macs: [laptop] },
    { id: "tv", kind: "tv", macs: [tv] },
    { id: "camera", kind: "camera", macs: [camera] },
  ],
});
const start = "2026-11-17T19:00:00.000Z";

/** Looks every ten seconds at counters that grow by so many kbit/s; a router that restarts counts from zero. */
function watch(looks: number, rates: Record<string, { down: number; up: number }>, restartAt?: number) {
  let memory: TrafficMemory = nothingSeen;
  const bytes = new Map(Object.keys(rates).map((mac) => [mac, { downBytes: 4_290_000_000, upBytes: 0 }]));
  let seen!: ReturnType<typeof observeTraffic>;
  for (let i = 0; i < looks; i++) {
    for (const [mac, { down, up }] of Object.entries(rates)) {
      const before = i === restartAt ? { downBytes: 0, upBytes: 0 } : bytes.get(mac)!;
      // Routers of 32 bit wrap.
      bytes.set(mac, { downBytes: (before.downBytes + down * 1_250) % 2 ** 32, upBytes: (before.upBytes + up * 1_250) % 2 ** 32 });
    }
    const at = later(start, i * 10_000);
    seen = observeTraffic({ counters: { at, devices: new Map(bytes) } }, memory, home, at);
    memory = seen.memory;
  }
  return seen;
}
const kinds = ({ activities }: ReturnType<typeof watch>) => Object.fromEntries(activities.map(({ device, kind }) => [device, kind]));

describe("what devices carry in all", () => {
  it("tells a film on the television, an upload, and nothing of a camera", () => {
    const seen = watch(12, { [tv!]: { down: 12_000, up: 150 }, [laptop!]: { down: 100, up: 6_000 }, [camera!]: { down: 20, up: 60 } });
    expect(kinds(seen)).toEqual({ tv: "streaming", laptop: "upload" });
    expect([...seen.busy].sort()).toEqual(["laptop", "tv"]);
  });
  it("never tells a game or a call, whatever the rate", () => {
    for (const rate of [
      { down: 180, up: 80 },
      { down: 1_800, up: 1_500 },
      { down: 8_000, up: 200 },
    ]) {
      expect(Object.values(kinds(watch(12, { [laptop!]: rate })))).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/game|call/)]),
      );
    }
  });
  it("survives a restart of the router and counters that wrap", () => {
    expect(kinds(watch(12, { [tv!]: { down: 12_000, up: 150 } }, 8))).toEqual({ tv: "streaming" });
  });
  it("is nobody's who is not in the home", () => {
    expect(watch(6, { "02:00:00:00:00:99": { down: 12_000, up: 150 } }).busy.size).toBe(0);
  });
});

describe("throughputBetween", () => {
  const counted = (seconds: number, down: number, up: number) => ({
    at: later(start, seconds * 1000),
    devices: new Map(),
    wan: { downBytes: down, upBytes: up },
  });
  it("is bytes over time, also over a wrap", () => {
    expect(throughputBetween(counted(0, 2 ** 32 - 500_000, 0), counted(8, 500_000, 10_000))).toEqual({ down: 1_000, up: 10 });
  });
  it("is unknown without two readings, without time between them, and where the line is not counted", () => {
    expect(throughputBetween(undefined, counted(0, 1, 1))).toBeUndefined();
    expect(throughputBetween(counted(4, 1, 1), counted(4, 2, 2))).toBeUndefined();
    expect(throughputBetween(counted(0, 1, 1), { at: later(start, 5_000), devices: new Map() })).toBeUndefined();
  });
});
