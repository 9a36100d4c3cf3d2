import { everyday, type Persona } from "@network-personas/personas";
import type { EventFeature, FeatureVector } from "../model/index.ts";
import { type Moment, mainClass, type Run, readPast } from "./core/moment.ts";
import { priorShares, statedEvidence } from "./declared.ts";
import { binding, concerns, ongoing } from "./signs.ts";

/** Recent labels as runs of class indices, oldest first. Personas the model has never met are gaps. */
function runsOf(features: FeatureVector, index: ReadonlyMap<string, number>, now: number): Run[] {
  const runs: Run[] = features.recent.map(({ persona, minutesAgo, minutes }) => ({
    class: index.get(persona) ?? -1,
    start: Math.round(now - minutesAgo - minutes),
    end: Math.round(now - minutesAgo),
  }));
  if (runs[0] && ongoing(features)) runs[0].end = now;
  return runs.reverse();
}

/** How an event stands to the moment: about to begin, just begun, or well under way. */
function phase({ startsIn }: EventFeature): string {
  if (startsIn > 0) return "soon";
  return startsIn > -15 ? "begun" : "running";
}

/** The event that matters most: the strongest match, then the one that starts last. */
export function leadingEvent(features: FeatureVector): EventFeature | undefined {
  const strength = (event: EventFeature) => Math.max(0, ...event.matches.map((m) => m.strength));
  return features.events
    .filter((event) => concerns(event, features.horizon) && event.busy !== "free")
    .sort((a, b) => strength(b) - strength(a) || b.startsIn - a.startsIn || (a.key < b.key ? -1 : 1))[0];
}

/** What an event may override the rest with: events that mean the same persona share what was learned about them. */
function appointmentOf(event: EventFeature | undefined, names: readonly string[]): Moment["appointment"] {
  if (!event || event.allDay) return undefined;
  const meant = [...event.matches].sort((a, b) => b.strength - a.strength || (a.persona < b.persona ? -1 : 1))[0];
  const subject = meant ? `means ${meant.persona}` : `${event.calendar} ${event.key}`;
  const bound = binding(event);
  const declared = names.map((name) => bound * Math.max(0, ...event.matches.filter((m) => m.persona === name).map((m) => m.strength)));
  return { code: `${subject} ${phase(event)}`, declared };
}

/** Classes that can come next: what starts is neither nothing nor what is going on already, unless nothing else applies. */
function possible(features: FeatureVector, applicable: readonly Persona[], names: readonly string[]): boolean[] {
  const current = ongoing(features)?.persona;
  const ids = applicable.map((p) => p.id);
  const starters = features.starting ? ids.filter((id) => id !== everyday && id !== current) : ids;
  const able = new Set(starters.length > 0 ? starters : ids);
  return names.map((name) => able.has(name));
}

function kinds(devices: FeatureVector["devices"]): string {
  return [...new Set(devices.map((d) => d.kind))].sort().join("+");
}

/** Features as the core sees them. `names[k]` is the persona of class k; `applicable` the ones that can come next. */
export function momentOf(features: FeatureVector, names: readonly string[], applicable: readonly Persona[]): Moment {
  const index = new Map(names.map((name, k) => [name, k]));
  const { day, minuteOfDay, dayOfWeek } = features.local;
  const now = day * 1440 + minuteOfDay;
  const horizon = features.horizon / 60_000;
  const runs = runsOf(features, index, now);
  const idle = index.get(everyday);
  const event = leadingEvent(features);
  const spread = (values: readonly number[], otherwise = 0) => {
    const wide = new Array<number>(names.length).fill(otherwise);
    applicable.forEach((persona, i) => {
      wide[index.get(persona.id)!] = values[i]!;
    });
    return wide;
  };
  const stated = Object.fromEntries(Object.entries(statedEvidence(applicable, features)).map(([input, values]) => [input, spread(values)]));
  const appointment = appointmentOf(event, names);
  const here = kinds([...features.devices, ...features.shared]);
  return {
    ...readPast(runs, now, names.length, (k) => k === idle),
    day,
    minute: minuteOfDay,
    weekday: dayOfWeek - 1,
    horizon,
    certainty: ongoing(features)?.weight ?? 1,
    yesterday: mainClass(runs, now - 1440, now - 1440 + horizon, names.length),
    lastWeek: mainClass(runs, now - 10080, now - 10080 + horizon, names.length),
    place: features.place ?? "",
    devices: here,
    calendar: event ? `${event.calendar} ${event.key} ${phase(event)}` : "",
    ...(appointment ? { appointment } : {}),
    allowed: possible(features, applicable, names),
    root: spread(priorShares(applicable, features.appliesTo), 1e-3),
    stated,
  };
}
