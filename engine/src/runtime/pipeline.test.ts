import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import { Home, type Instant, later, type Signal } from "../model/index.ts";
import { scorers } from "../predict/index.ts";
import { idealCapabilities } from "./ideal-router.ts";
import { decide, type PipelineInput, planFor } from "./pipeline.ts";

const { personas, applications } = await loadPersonas();
const home = Home.parse({
  version: 1,
  home: { timeZone: "UTC" },
  wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
  people: [{ id: "ann", devices: ["laptop", "phone"] }],
  devices: [
    { id: "laptop", kind: "laptop" },
    { id: "phone", kind: "phone" },
    { id: "tv", kind: "tv" },
  ],
});
const evening = "2026-11-24T20:00:00.000Z";

const here = (subject: string, at: Instant): Signal => ({
  kind: "presence",
  id: subject,
  subject,
  present: true,
  source: "router",
  confidence: 1,
  at,
  expiresAt: later(at, 3_600_000),
});
const input = (persona: string, devices: readonly string[], more: Partial<PipelineInput> = {}): PipelineInput => ({
  at: evening,
  horizon: 15 * 60_000,
  home,
  personas,
  known: personas,
  applications,
  signals: devices.map((id) => here(id, evening)),
  occurrences: new Map(),
  labels: [],
  scorer: scorers.get("learned")!,
  states: new Map(),
  constraints: [],
  proposals: [],
  distributions: { ann: { [persona]: 1 } },
  before: new Map(),
  ...more,
});
/** Classes of all devices, after the same has been expected for so many minutes. */
function classes(of: PipelineInput, minutes = 0) {
  const before = decide(of).subjects;
  const now = { ...of, at: later(of.at, minutes * 60_000), ...(minutes > 0 ? { before } : {}) };
  const { plan } = planFor(now, decide(now), idealCapabilities, null);
  return Object.fromEntries(plan.devices.map((device) => [device.device, device.class]));
}

describe("a device that is not here", () => {
  it("has what its owner is about to need, before it connects", () => {
    expect(classes(input("remote-worker", ["phone"]))).toMatchObject({ laptop: "interactive", phone: "default" });
  });
  it("has nothing any more when the activity has gone on without it", () => {
    expect(classes(input("remote-worker", ["phone"]), 14).laptop).toBe("interactive");
    expect(classes(input("remote-worker", ["phone"]), 16).laptop).toBe("default");
  });
  it("has it for as long as its owner orders it", () => {
    const override: Signal = {
      ...here("ann", evening),
      kind: "override",
      persona: "remote-worker",
      confidence: 1,
    };
    const { distributions: _, ...ordered } = input("remote-worker", [], { signals: [override] });
    expect(classes(ordered, 50).laptop).toBe("interactive");
  });
  it("has nothing while one that the household shares is used instead", () => {
    expect(classes(input("streaming-enthusiast", ["tv", "phone"]))).toMatchObject({ tv: "streaming", laptop: "default" });
    // The floor of a device that is not expected is the least there is.
    const of = input("streaming-enthusiast", ["tv", "phone"]);
    const { plan } = planFor(of, decide(of), idealCapabilities, null);
    expect(plan.devices.find(({ device }) => device === "laptop")?.guarantee).toEqual({ down: 64, up: 64 });
  });
});
