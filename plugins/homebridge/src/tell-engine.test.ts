import type { PersonasClient } from "@network-personas/engine/client";
import { describe, expect, it } from "vitest";
import type { Order } from "./switches.ts";
import { tellEngine } from "./tell-engine.ts";

const now = Date.parse("2026-11-22T18:00:00.000Z");

/** What the engine is told by an order. */
async function told(order: Order, forcedFor?: number) {
  const calls: unknown[] = [];
  const client = {
    override: async (given: object) => {
      calls.push(["override", given]);
      return { expiresAt: "2026-11-22T22:00:00.000Z" };
    },
    submit: async (signals: { expiresAt?: string }[]) => {
      calls.push(["submit", ...signals]);
      return signals;
    },
    clearOverride: async (subject: string) => void calls.push(["clear", subject]),
  } as unknown as PersonasClient;
  const until = await tellEngine(client, order, forcedFor, now);
  return { calls, until };
}

describe("what the engine is told", () => {
  const force: Order = { kind: "force", subject: "alice", persona: "gamer" };
  it.each([
    [undefined, {}],
    [90, { ttl: 5_400 }],
    [0, { ttl: 604_800 }],
  ])("forces for %s minutes", async (forcedFor, ttl) => {
    expect(await told(force, forcedFor)).toEqual({
      calls: [["override", { subject: "alice", persona: "gamer", source: "homekit", ...ttl }]],
      until: "2026-11-22T22:00:00.000Z",
    });
  });
  it("holds as long as the engine lets, without teaching it anything", async () => {
    const until = "2026-11-29T18:00:00.000Z";
    const hold = { kind: "override", subject: "alice", persona: "gamer", source: "homekit-hold", confidence: 0, expiresAt: until };
    expect(await told({ kind: "hold", subject: "alice", persona: "gamer" }, 90)).toEqual({ calls: [["submit", hold]], until });
  });
  it("releases", async () => {
    expect(await told({ kind: "release", subject: "alice" })).toEqual({ calls: [["clear", "alice"]], until: null });
  });
  it.each([
    [true, "home"],
    [false, "away"],
  ])("says where somebody is: %s is %s", async (home, place) => {
    const said = { kind: "location", subject: "alice", place, source: "homekit", expiresAt: "2026-11-24T18:00:00.000Z" };
    expect(await told({ kind: "place", subject: "alice", home })).toEqual({ calls: [["submit", said]], until: null });
  });
});
