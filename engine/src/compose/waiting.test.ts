import { describe, expect, it } from "vitest";
import type { BlendedProfile, NetworkPlan } from "../model/index.ts";
import type { ComposeInput, Waiting } from "./contract.ts";
import { at, call, film, game, given, homeOf, needing, run } from "./homes.fixtures.ts";

const nobody: BlendedProfile[] = [];
const home = homeOf();
const everything = new Set(home.devices.map(({ id }) => id));

/** Composes minute by minute as the engine does, and counts the plans that differ from the one before. */
function live(minutes: number, scene: (minute: number) => Partial<ComposeInput> & { profiles: readonly BlendedProfile[] }) {
  let plan: NetworkPlan | null = null;
  let waiting: Waiting = new Map();
  let writes = 0;
  const seen: NetworkPlan[] = [];
  for (let minute = 0; minute < minutes; minute++) {
    const { profiles, ...more } = scene(minute);
    const result = run(profiles, { home, ...more, at: at(minute), previous: plan, waiting });
    if (result.plan !== plan) writes++;
    ({ plan, waiting } = result);
    seen.push(plan);
  }
  const of = (minute: number, id: string) => seen[minute]!.devices.find(({ device }) => device === id)!;
  return { writes, of };
}

describe("what waits", () => {
  it("is released ten minutes after it was needed last, and not in between", () => {
    const { of, writes } = live(40, (minute) => ({ profiles: minute < 10 ? [needing("tv", film)] : nobody }));
    expect(of(19, "tv")).toMatchObject({ class: "streaming", guarantee: { down: 25_000 } });
    expect(of(21, "tv")).toMatchObject({ class: "default", guarantee: { down: 64 } });
    expect(writes).toBe(2);
  });
  it("is kept through pauses: one change for an evening of short calls", () => {
    const calls = (minute: number) => Math.floor(minute / 7) % 2 === 0;
    const urgent = new Set(["ann"]);
    const { writes } = live(120, (minute) => ({ profiles: calls(minute) ? [needing("ann", call, ["laptop"])] : nobody, urgent }));
    expect(writes).toBe(1);
  });
  it("has a clock of its own for each need: who does two things in turn keeps what both want", () => {
    const sending = { default: { need: { down: [], up: [6_000] } } };
    const loading = { default: { need: { down: [20_000], up: [] } } };
    const turns = (minute: number) => minute >= 90 || Math.floor(minute / 3) % 2 === 0;
    const { of, writes } = live(120, (minute) => ({
      profiles: [needing("ann", turns(minute) ? sending : loading, ["laptop"])],
      urgent: new Set(["ann"]),
    }));
    expect(of(89, "ann-laptop").guarantee).toMatchObject({ down: 20_000, up: 6_000 });
    // What is not wanted any more is released all the same, ten minutes after it was wanted last.
    expect(of(101, "ann-laptop").guarantee).toMatchObject({ down: 64, up: 6_000 });
    expect(writes).toBe(3);
  });
  it("goes at once when somebody else needs it", () => {
    const big = { streaming: { need: { down: [30_000], up: [] } } };
    const { of } = live(20, (minute) => ({
      profiles: minute < 10 ? [needing("tv", big)] : [needing("ann", big, ["laptop"])],
      urgent: new Set(["ann"]),
    }));
    expect(of(10, "ann-laptop").guarantee.down).toBe(30_000);
    expect(of(10, "tv").guarantee.down).toBe(64);
  });
  it("goes at once when somebody ordered it", () => {
    const { of } = live(20, (minute) => ({
      profiles: minute < 10 ? [needing("tv", film)] : nobody,
      ...(minute < 10 ? {} : { urgent: new Set(["tv"]), ordered: new Set(["tv"]) }),
    }));
    expect(of(10, "tv").class).toBe("default");
  });
  it("goes at once when nobody did what it was for", () => {
    const scene = (corrected: ReadonlySet<string>) => (minute: number) => ({
      profiles: minute < 10 ? [needing("ann", game, ["laptop"])] : nobody,
      urgent: new Set(["ann"]),
      corrected: minute < 10 ? new Set<string>() : corrected,
    });
    expect(live(20, scene(new Set(["ben"]))).of(10, "ann-laptop").class).toBe("realtime");
    const { of, writes } = live(20, scene(new Set(["ann"])));
    expect(of(10, "ann-laptop").class).toBe("default");
    expect(writes).toBe(2);
  });
  it("protection that is no longer asked for stays for an hour", () => {
    const closed = given("tv", { security: { inboundClosed: true } });
    const { of, writes } = live(90, (minute) => ({ profiles: minute < 10 ? [closed] : nobody }));
    expect(of(69, "tv").inboundClosed).toBe(true);
    expect(of(71, "tv").inboundClosed).toBe(false);
    expect(writes).toBe(2);
  });
  it("who comes has a floor at once, and who leaves keeps it: that takes nothing from anybody", () => {
    const { of, writes } = live(30, (minute) => ({
      profiles: nobody,
      present: new Set([...everything].filter((id) => id !== "ann-phone" || (minute >= 10 && minute < 20))),
    }));
    expect(of(9, "ann-phone").guarantee.up).toBe(64);
    expect(of(10, "ann-phone").guarantee.up).toBeGreaterThan(400);
    expect(of(29, "ann-phone").guarantee.up).toBeGreaterThan(400);
    expect(writes).toBe(2);
  });
});
