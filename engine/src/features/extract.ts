import type { PersonaSet } from "@network-personas/personas";
import type { Belief, Device, EventFeature, FeatureVector, Home, Instant, Label, Subject } from "../model/index.ts";
import { localTime } from "./local-time.ts";
import { recentActivity } from "./recent.ts";

export interface FeatureInput {
  subject: Subject;
  belief: Belief;
  home: Pick<Home, "home" | "devices" | "people">;
  /** Personas that exist; an override naming another one is not a feature. */
  personas: PersonaSet;
  /** Labels of this subject, newest first. */
  labels: readonly Label[];
  /** What the subject's events say at `at`. */
  events: readonly EventFeature[];
  at: Instant;
  /** How far ahead to predict, in milliseconds. */
  horizon: number;
}

/** Everything a scorer may know of a subject at `at`, and nothing from after it. */
export function extractFeatures(input: FeatureInput): FeatureVector {
  const { subject, belief, home, personas, at, horizon } = input;
  const now = Date.parse(at);
  const believed = belief.subjects.get(subject.id);
  const { override } = believed ?? {};
  const overridden = override && personas.has(override.persona) && Date.parse(override.at) <= now && now < Date.parse(override.expiresAt);
  return {
    subject: subject.id,
    appliesTo: subject.appliesTo,
    kinds: [...new Set(subject.devices.map((d) => d.kind))].sort(),
    at,
    horizon,
    local: localTime(now, home.home.timeZone),
    ...(believed?.place === undefined ? {} : { place: believed.place }),
    devices: present(subject.devices, belief, now),
    shared: subject.appliesTo === "person" ? present(sharedDevices(home), belief, now) : [],
    events: input.events,
    recent: recentActivity(input.labels, believed?.activity, now),
    evidence: believed?.evidence ?? [],
    ...(overridden ? { override: override.persona } : {}),
  };
}

/** Devices nobody owns that people use: not the infrastructure. */
function sharedDevices(home: FeatureInput["home"]): Device[] {
  const owned = new Set(home.people.flatMap((p) => p.devices));
  return home.devices.filter((d) => !owned.has(d.id) && !d.infrastructure);
}

function present(devices: readonly Device[], belief: Belief, now: number): FeatureVector["devices"] {
  return devices.flatMap(({ id, kind }) => {
    const known = belief.devices.get(id);
    if (known?.present !== true) return [];
    const minutesPresent = known.since === undefined ? 0 : Math.max(0, (now - Date.parse(known.since)) / 60_000);
    return [{ id, kind, minutesPresent }];
  });
}
