import { Home, type Instant, type Signal } from "@network-personas/engine/model";
import { scorers } from "@network-personas/engine/predict";
import { loadPersonas } from "@network-personas/personas/load";
import { idealCapabilities } from "../../engine/src/runtime/ideal-router.ts";
import { type Decisions, decide, type PipelineInput, planFor } from "../../engine/src/runtime/pipeline.ts";
import { type Spread, spread } from "./statistics.ts";

const kinds = ["laptop", "phone", "console", "tv", "camera", "sensor", "desktop", "tablet"] as const;

/** A home of 6 people and 40 devices in which everything is somewhere and half of it is on. */
export async function decideBench(rounds: number): Promise<Spread> {
  const { personas, applications } = await loadPersonas();
  const devices = Array.from({ length: 40 }, (_, i) => ({
    id: `d${i}`,
    kind: kinds[i % kinds.length]!,
    macs: [`02:00:00:00:00:${i.toString(16).padStart(2, "0")}`],
  }));
  const people = Array.from({ length: 6 }, (_, i) => ({
    id: `p${i}`,
    devices: devices.slice(i * 4, i * 4 + 4).map((d) => d.id),
    calendars: ["c"],
  }));
  const home = Home.parse({
    version: 1,
    home: { timeZone: "Europe/Berlin" },
    wan: { down: "250 Mbit/s", up: "40 Mbit/s" },
    people,
    devices,
    calendars: [{ id: "c", ics: "x" }],
  });
  const start = Date.parse("2026-11-17T12:50:00Z");
  const iso = (ms: number): Instant => new Date(ms).toISOString();
  const signals = devices.map(
    (d, i): Signal => ({
      kind: "presence",
      id: d.id,
      subject: d.id,
      present: i % 2 === 0,
      source: "router",
      confidence: 1,
      at: iso(start - i * 60_000),
      expiresAt: iso(start + 86_400_000),
    }),
  );
  const event = {
    uid: "u",
    calendar: "c",
    summary: "Client call",
    start: iso(start + 600_000),
    end: iso(start + 4_200_000),
    allDay: false,
    busy: "busy",
    categories: [],
    status: "confirmed",
    recurring: false,
  } as const;
  const states = new Map<string, unknown>();
  let before: Decisions["subjects"] = new Map();
  let previous = null;
  const took: number[] = [];
  for (let i = 0; i < rounds + 50; i++) {
    const at = iso(start + i * 1000);
    const flipped = i % devices.length;
    const now = signals.map((s, k) => (k === flipped && s.kind === "presence" ? { ...s, present: !s.present, at } : s));
    const input: PipelineInput = {
      at,
      horizon: 900_000,
      home,
      personas,
      known: personas,
      applications,
      signals: now,
      occurrences: new Map([["c", [{ ...event, categories: [] }]]]),
      labels: [],
      scorer: scorers.get("learned")!,
      states,
      constraints: [],
      proposals: [],
      before,
    };
    const begin = performance.now();
    const decisions = decide(input);
    const composed = planFor(input, decisions, idealCapabilities, previous);
    if (i >= 50) took.push(performance.now() - begin);
    before = decisions.subjects;
    previous = composed.plan;
  }
  return spread(took);
}
