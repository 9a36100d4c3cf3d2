import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import { labelsFrom } from "../adapt/index.ts";
import type { Waiting } from "../compose/index.ts";
import { type DevicePlan, type Flow, Home, type Instant, later, type NetworkPlan, Occurrence, type Signal } from "../model/index.ts";
import { scorers } from "../predict/index.ts";
import { continued, stillNeeded } from "../signals/index.ts";
import { idealCapabilities } from "./ideal-router.ts";
import { type Decisions, decide, type PipelineInput, planFor } from "./pipeline.ts";
import { TrafficWatch } from "./traffic-watch.ts";

const { personas, applications } = await loadPersonas();
const scorer = scorers.get("learned")!;
const mac = "02:00:00:00:00:14";
/** Others share the line, so that what Ann asks for fits either class. */
const others = ["bob-laptop", "tv", "nas", "tablet"];
const home = Home.parse({
  version: 1,
  home: { timeZone: "UTC" },
  wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
  people: [
    { id: "ann", devices: ["desktop"], calendars: ["plans"] },
    { id: "bob", devices: others },
  ],
  devices: [
    { id: "desktop", kind: "desktop", macs: [mac] },
    ...others.map((id) => ({ id, kind: id === "bob-laptop" ? "laptop" : "server" })),
  ],
  calendars: [{ id: "plans", ics: "./plans.ics" }],
});
/** A Saturday, when games are usual. */
const start = "2026-11-28T14:00:00.000Z";
const seconds = (n: number): Instant => later(start, n * 1_000);
const appointment = (summary: string): Occurrence =>
  Occurrence.parse({
    uid: summary,
    calendar: "plans",
    summary,
    start: later(start, -300_000),
    end: later(start, 3_600_000),
    allDay: false,
  });

/** Packets a second and bytes a packet, up and down. */
const traffic = {
  upload: { protocol: "tcp", remotePort: 443, up: [100, 1_490], down: [50, 60] },
  game: { protocol: "udp", remotePort: 40_123, up: [60, 138], down: [60, 288] },
} as const;
type Kind = keyof typeof traffic;

const present = (subject: string): Signal => ({
  kind: "presence",
  id: subject,
  subject,
  present: true,
  source: "router:main",
  confidence: 1,
  at: later(start, -600_000),
  expiresAt: later(start, 3_600_000),
});

/** Ann at her desk with an appointment; Bob has a call. Looked at every five seconds, as a running engine does. */
class Afternoon {
  readonly #summary: string;
  readonly #states: PipelineInput["states"];
  readonly #watch = new TrafficWatch("main");
  readonly #flows = new Map<Kind, Flow>();
  readonly #said: Signal[] = [];
  #signals = ["desktop", ...others].map(present);
  #decisions: Decisions | undefined;
  #plan: NetworkPlan | null = null;
  #waiting: Waiting = new Map();
  readonly #log: { at: number; active: string; written: boolean; desktop: DevicePlan }[] = [];
  #now = 0;

  constructor(summary: string, states: PipelineInput["states"] = new Map()) {
    this.#summary = summary;
    this.#states = states;
    this.#decide();
  }
  get ann() {
    return this.#decisions!.subjects.get("ann")!;
  }
  /** What was so at a second. */
  at = (second: number) => this.#log.findLast(({ at }) => at <= second)!;
  writes = (from: number) => this.#log.filter(({ at, written }) => written && at >= from).length;
  classes = () => new Set(this.#log.map(({ desktop }) => desktop.class));

  /** Goes on for so many seconds with this traffic. */
  for(length: number, ...kinds: Kind[]): void {
    for (const end = this.#now + length; this.#now < end; ) {
      this.#now += 5;
      for (const kind of kinds) this.#carry(kind);
      const at = seconds(this.#now);
      const looking = { home, personas, atHome: new Set(["ann"]), overridden: new Set<string>(), at };
      const { signals } = this.#watch.look({ flows: [...this.#flows.values()] }, looking);
      const complete = { confidence: 1, at, expiresAt: later(at, 90_000) };
      const told = signals.map((s, i) => continued({ ...complete, id: `${at} ${i}`, ...s } as Signal, this.#decisions!.belief));
      this.#said.push(...told);
      this.#signals = stillNeeded([...this.#signals, ...told], at);
      this.#decide();
    }
  }
  #carry(kind: Kind): void {
    const { protocol, remotePort, up, down } = traffic[kind];
    const had = this.#flows.get(kind) ?? { ageMs: 0, upPackets: 0, upBytes: 0, downPackets: 0, downBytes: 0 };
    this.#flows.set(kind, {
      ...{ id: kind, mac, protocol, remotePort, ageMs: had.ageMs + 5_000 },
      ...{ upPackets: had.upPackets + 5 * up[0], upBytes: had.upBytes + 5 * up[0] * up[1] },
      ...{ downPackets: had.downPackets + 5 * down[0], downBytes: had.downBytes + 5 * down[0] * down[1] },
    });
  }
  #decide(): void {
    const at = seconds(this.#now);
    const input: PipelineInput = {
      ...{ at, home, personas, known: personas, applications, scorer, states: this.#states, horizon: 900_000 },
      ...{ signals: this.#signals, occurrences: new Map([["plans", [appointment(this.#summary)]]]) },
      ...{ labels: labelsFrom(this.#said, at).reverse(), constraints: [], proposals: [] },
      ...{ distributions: { bob: { "remote-worker": 1 } }, before: this.#decisions?.subjects ?? new Map() },
    };
    this.#decisions = decide(input);
    const { plan, waiting } = planFor(input, this.#decisions, idealCapabilities, this.#plan, this.#waiting);
    const desktop = plan.devices.find(({ device }) => device === "desktop")!;
    this.#log.push({ at: this.#now, active: this.ann.active, written: plan !== this.#plan, desktop });
    this.#plan = plan;
    this.#waiting = waiting;
  }
}

/** What so many weekly appointments taught that were all kept. */
function kept(summary: string, persona: string, weeks: number): PipelineInput["states"] {
  const { features } = new Afternoon(summary).ann;
  let state = scorer.create();
  for (let week = weeks; week > 0; week--) {
    const local = { ...features.local, day: features.local.day - 7 * week };
    state = scorer.learn(state, { features: { ...features, local }, persona, weight: 1 }, personas);
  }
  return new Map([["ann", state]]);
}

const gaming = "Gaming with the others";

describe("what people do corrects what was thought", () => {
  it.each([
    ["was never had before", undefined],
    ["was always kept before", kept(gaming, "gamer", 26)],
  ])("within a minute, on the router too, against an appointment that %s", (_, states) => {
    const afternoon = new Afternoon(gaming, states);
    afternoon.for(30);
    expect(afternoon.at(30)).toMatchObject({ active: "gamer", desktop: { class: "realtime" } });
    afternoon.for(300, "upload");
    const corrected = afternoon.at(90);
    expect(corrected).toMatchObject({ active: "video-editor", desktop: { class: "default" } });
    expect(corrected.desktop.guarantee.up).toBeGreaterThanOrEqual(3_000);
    expect(corrected.desktop.weight).toBeGreaterThan(4);
    expect(afternoon.writes(95)).toBe(0);
    expect(afternoon.writes(30)).toBeLessThanOrEqual(3);
  });
  it("and changes nothing when it was right", () => {
    const afternoon = new Afternoon(gaming);
    afternoon.for(30);
    afternoon.for(300, "game");
    expect(afternoon.at(330)).toMatchObject({ active: "gamer", desktop: { class: "realtime" } });
    expect(afternoon.writes(5)).toBe(0);
  });
  it("but what was really used is kept through a pause in which something else is done", () => {
    const afternoon = new Afternoon(gaming);
    afternoon.for(120, "game");
    afternoon.for(240, "upload");
    expect(afternoon.at(355).active).toBe("video-editor");
    afternoon.for(240, "game");
    expect(afternoon.at(600).active).toBe("gamer");
    expect(afternoon.classes()).toEqual(new Set(["realtime"]));
  });
});
