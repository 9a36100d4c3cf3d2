import { describe, expect, it } from "vitest";
import type { Flow } from "../model/index.ts";
import { Home, later } from "../model/index.ts";
import { nothingSeen, observeTraffic, type TrafficMemory } from "./activity.ts";

const home = Home.parse({
  version: 1,
  home: { id: "h", name: "H", timeZone: "Europe/Berlin" },
  wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
  people: [{ id: "bob", devices: ["console"] }],
  devices: [{ id: "console", kind: "console", macs: ["02:00:00:00:00:21"] }],
});
const start = "2026-11-17T19:00:00.000Z";

/** Rates of one connection in one look: packets a second and bytes a packet, up and down. */
interface Rates {
  id: string;
  protocol: "tcp" | "udp";
  port: number;
  up: [number, number];
  down: [number, number];
}
const game: Rates = { id: "g", protocol: "udp", port: 27_015, up: [64, 90], down: [64, 250] };
const film: Rates = { id: "f", protocol: "tcp", port: 443, up: [100, 60], down: [900, 1_400] };
const patch: Rates = { id: "p", protocol: "tcp", port: 443, up: [400, 60], down: [3_000, 1_450] };

/** Looks every five seconds at connections that go on as told, look by look. */
function watch(script: readonly (readonly Rates[])[], mac = "02:00:00:00:00:21") {
  let memory: TrafficMemory = nothingSeen;
  const counters = new Map<string, Flow>();
  return script.map((rates, look) => {
    for (const { id, protocol, port, up, down } of rates) {
      const before = counters.get(id);
      const more = before ? 5 : 0;
      counters.set(id, {
        id,
        mac,
        protocol,
        remotePort: port,
        upPackets: (before?.upPackets ?? 0) + more * up[0],
        downPackets: (before?.downPackets ?? 0) + more * down[0],
        upBytes: (before?.upBytes ?? 0) + more * up[0] * up[1],
        downBytes: (before?.downBytes ?? 0) + more * down[0] * down[1],
        ageMs: (before?.ageMs ?? 15_000) + 5_000,
      });
    }
    const seen = observeTraffic({ flows: [...counters.values()] }, memory, home, later(start, look * 5_000));
    memory = seen.memory;
    return seen.activities.map(({ kind }) => kind).join();
  });
}
const times = <T>(n: number, value: T): T[] => new Array<T>(n).fill(value);

describe("observeTraffic", () => {
  it("commits when two looks of three agree, and not at the first", () => {
    expect(watch(times(4, [game]))).toEqual(["", "", "game", "game"]);
  });
  it("leaves only after a minute without it", () => {
    const seen = watch([...times(4, [game]), ...times(14, [])]);
    expect(seen.slice(4, 15).every((kind) => kind === "game")).toBe(true);
    expect(seen.at(-1)).toBe("");
  });
  it("calls a device that plays and loads a patch a game", () => {
    expect(watch(times(6, [patch, game])).at(-1)).toBe("game");
  });
  it("tells a film by its pauses", () => {
    const seen = watch(Array.from({ length: 12 }, (_, look) => (look % 2 === 0 ? [film] : [{ ...film, up: [0, 60], down: [0, 1_400] }])));
    expect(seen.at(-1)).toBe("streaming");
  });
  it("follows what a device does next", () => {
    expect(watch([...times(4, [game]), ...times(8, [film])]).at(-1)).toBe("streaming");
  });
  it("says nothing about devices it does not know, and nothing of nothing", () => {
    expect(watch(times(5, [game]), "02:00:00:00:00:99").join("")).toBe("");
    expect(watch(times(5, [])).join("")).toBe("");
  });
});
