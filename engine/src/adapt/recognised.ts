import { everyday, type PersonaSet, type TrafficKind } from "@network-personas/personas";
import {
  between,
  type Home,
  type Instant,
  inEnglish,
  later,
  type Sentence,
  type SignalInput,
  sentence,
  subjectsOf,
  verbatim,
} from "../model/index.ts";

/** What a device was recognised doing, as the observe stage tells it. */
export interface RecognisedActivity {
  device: string;
  kind: TrafficKind;
  probability: number;
  /** Absent: just now. */
  since?: Instant;
  /** Strongest signs first. */
  signs: readonly { of: string; value: string }[];
}

/** Believed a little longer than the looks are apart, ms, so that a missed look changes nothing. After that it is unknown. */
export const believeFor = 90_000;
/** Recognised traffic teaches less than what an owner confirms. */
const labelWeight = 0.8;
/**
 * What has gone on for so long is what goes on, whatever was planned: it weighs more with every quarter of a minute, and speaks
 * against who shows other traffic. In steps, so that it is not said anew at every look, and only so far: more is not heard.
 */
export const lastingAfter = 30_000;
const step = 15_000;
const mostSteps = 4;
const contradictionPerStep = -1.25;
/** Nothing seen for so long is nothing in particular, though less surely: not everything is seen. */
const quietAfter = 5 * 60_000;
const quietWeight = 0.5;
/** A sign of strength s weighs (1 + s) / (1 - s), as declared signs do. */
const weightOf = (strength: number) => Math.log((1 + strength) / (1 - Math.min(strength, 0.97)));

const signWords: Readonly<Record<string, (value: string) => Sentence>> = {
  packetsUp: (value) => sentence("signPacketsUp", { value }),
  packetsDown: (value) => sentence("signPacketsDown", { value }),
  sizeUp: (value) => sentence("signSizeUp", { value }),
  sizeDown: (value) => sentence("signSizeDown", { value }),
  rate: (value) => sentence("signRate", { value }),
  protocol: (value) => verbatim(value.toUpperCase()),
  remotePort: (value) => sentence("signPort", { value }),
};

/** "call on Alice's laptop (UDP, 50 packets/s up)" */
export function describeActivity({ kind, signs }: Omit<RecognisedActivity, "device" | "probability">, deviceName: string): Sentence {
  const told = signs.flatMap(({ of, value }) => signWords[of]?.(value) ?? []).slice(0, 3);
  const seen = { traffic: kind, device: deviceName };
  return told.length > 0 ? sentence("seenBy", { ...seen, signs: told }) : sentence("seen", seen);
}

/** What one look at a router is made in. */
export interface Looking {
  home: Home;
  personas: PersonaSet;
  router: string;
  /** People who are at home. */
  atHome: ReadonlySet<string>;
  at: Instant;
}

/** Since when nothing that matters was seen of each person. */
export type Quiet = ReadonlyMap<string, Instant>;

/** Who is quiet now: none of their devices, nor any shared one while they are at home, does anything that matters. */
export function quietSince(before: Quiet, busy: ReadonlySet<string>, { home, atHome, at }: Pick<Looking, "home" | "atHome" | "at">): Quiet {
  const owned = new Set(home.people.flatMap((person) => person.devices));
  const shared = home.devices.filter((device) => !owned.has(device.id) && !device.infrastructure);
  const sharedBusy = shared.some((device) => busy.has(device.id));
  const quiet = home.people.filter(
    ({ id, devices }) => devices.length > 0 && !devices.some((device) => busy.has(device)) && !(sharedBusy && atHome.has(id)),
  );
  return new Map(quiet.map(({ id }) => [id, before.get(id) ?? at]));
}

/**
 * Recognised traffic as signals. It is evidence for the personas that declare such traffic, in the pool of all evidence, and
 * a label when only one persona of the owner can be meant. A device nobody owns may serve anybody at home: it speaks for each
 * of them by so much less, and teaches nothing.
 */
export function signalsFrom(
  activities: readonly RecognisedActivity[],
  { home, personas, router, atHome, quiet, at }: Looking & { quiet: Quiet },
): SignalInput[] {
  const names = new Map(home.devices.map((device) => [device.id, device.name ?? device.id]));
  const signals: SignalInput[] = [];
  const source = `router:${router}/traffic`;
  const until = { at, expiresAt: later(at, believeFor) };
  const owned = new Set(home.people.flatMap((person) => person.devices));
  const present = home.people.filter(({ id }) => atHome.has(id));
  for (const subject of subjectsOf(home)) {
    const own = new Set(subject.devices.map((device) => device.id));
    const ofThem = activities.filter(({ device }) => own.has(device));
    const ofAll = present.some(({ id }) => id === subject.id) ? activities.filter(({ device }) => !owned.has(device)) : [];
    const [main] = (ofThem.length > 0 ? ofThem : ofAll).toSorted((a, b) => b.probability - a.probability);
    const still = quiet.get(subject.id);
    if (!main && still !== undefined && between(still, at) >= quietAfter)
      signals.push({ kind: "activity", subject: subject.id, source, persona: everyday, weight: quietWeight, ...until });
    if (!main) continue;
    const share = ofThem.length > 0 ? 1 : 1 / present.length;
    const possible = [...personas.values()].filter(({ appliesTo }) => appliesTo === "any" || appliesTo === subject.appliesTo);
    const meant = possible
      .flatMap(({ id, signs }) => signs.traffic.filter(({ kind }) => kind === main.kind).map(({ strength }) => ({ id, strength })))
      .sort((a, b) => b.strength - a.strength);
    const [best] = meant;
    if (!best) continue;
    const lasted = main.since === undefined ? 0 : between(main.since, at);
    const steps = lasted < lastingAfter ? 0 : Math.min(mostSteps, Math.floor(lasted / step));
    const kinds = new Set(ofThem.map(({ kind }) => kind));
    const others =
      steps > 0 ? possible.filter(({ signs }) => signs.traffic.length > 0 && !signs.traffic.some(({ kind }) => kinds.has(kind))) : [];
    const sure = share * main.probability;
    const logOdds = Object.fromEntries([
      ...(share === 1 ? others : []).map(({ id }) => [id, steps * sure * contradictionPerStep]),
      ...meant.map(({ id, strength }) => [id, Math.max(1, steps) * sure * weightOf(strength)]),
    ]);
    const said = describeActivity(main, names.get(main.device)!);
    signals.push({ kind: "evidence", subject: subject.id, source, logOdds, why: inEnglish(said), said, ...until });
    const certain = meant.length === 1 || best.strength > 2 * meant[1]!.strength;
    if (!certain || share < 1) continue;
    const weight = labelWeight * main.probability * best.strength;
    signals.push({ kind: "activity", subject: subject.id, source, persona: best.id, weight, ...until });
  }
  return signals;
}

/** What was last said, by subject and kind of signal. */
export type Said = ReadonlyMap<string, { text: string; at: Instant }>;
/** What goes on is said again this often. */
const repeatEvery = 30_000;

/** Of the signals of one look, those that say something new or were not said for a while; and what has been said then. */
export function worthSaying(signals: readonly SignalInput[], said: Said, at: Instant): { signals: SignalInput[]; said: Said } {
  const next = new Map<string, { text: string; at: Instant }>();
  const due = signals.filter((signal) => {
    const key = `${signal.kind} ${signal.subject}`;
    const text = JSON.stringify({ ...signal, at: "", expiresAt: "" });
    const before = said.get(key);
    const fresh = !before || before.text !== text || between(before.at, at) >= repeatEvery;
    next.set(key, fresh ? { text, at } : before);
    return fresh;
  });
  return { signals: due, said: next };
}
