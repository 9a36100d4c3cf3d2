import type { SignalInput } from "@network-personas/engine/model";
import { BadMessage, quote } from "./bad-message.ts";
import { type Directory, type Match, matchSubject } from "./directory.ts";
import { decode, type Fields, idLike, instantOf, isFields, numberOf, textOf } from "./values.ts";

export interface PresenceContext {
  directory: Directory;
  /** Set in the node; wins over everything in the message. */
  subject?: string;
  topic?: string;
  source: string;
  /** Seconds a signal is believed; the engine's default when absent. */
  ttl?: number;
  /** When the message came; a time inside the message wins. */
  at: string;
}

/** "home", "away", a named place, or nothing known. */
type Whereabouts = { place: string } | "unknown";

const here = new Set(
  "home present here true on yes 1 online connected up in enter entered arrive arrived detected occupied anwesend zuhause daheim ja an".split(
    " ",
  ),
);
const gone = new Set(
  "away absent gone false off no 0 offline disconnected down out left leave exit exited depart departed not-home not-present clear unoccupied abwesend weg unterwegs nein aus".split(
    " ",
  ),
);
const nothing = new Set(["unknown", "unavailable", "none", "null", "undefined"]);

/** Fields under which the usual senders put it, most specific first. */
const stateFields = [
  "present",
  "presence",
  "home",
  "atHome",
  "occupancy",
  "occupied",
  "connected",
  "online",
  "reachable",
  "place",
  "location",
  "zone",
  "state",
  "status",
  "value",
];
const subjectFields = ["subject", "device", "person", "entity_id", "mac", "macAddress", "name", "hostname", "id"];

/**
 * Reads presence and location out of a message in any sensible form: true/false, "home"/"away", a place, {present}, Home Assistant
 * states and state changes, OwnTracks locations and transitions, lists of these, and maps from device to state.
 * An empty result means the message says that nothing is known, which is no signal.
 */
export function parsePresence(payload: unknown, context: PresenceContext): SignalInput[] {
  const value = decode(payload);
  if (Array.isArray(value)) return value.flatMap((entry) => parsePresence(entry, context));
  if (!isFields(value)) return signals(whereabouts(value), undefined, context);
  const fields = unwrapHomeAssistant(value);
  if (typeof fields._type === "string") return ownTracks(fields, context);
  const field = stateFields.find((name) => fields[name] !== undefined && !isFields(fields[name]));
  if (field) return signals(whereabouts(fields[field]), textOf(fields, ...subjectFields), { ...context, at: timeOf(fields) ?? context.at });
  const entries = Object.entries(fields).filter(([key]) => matchSubject(context.directory, key));
  if (entries.length === 0) throw new BadMessage("presence", { got: quote(value) });
  return entries.flatMap(([key, state]) => parsePresence(state, { ...context, subject: key }));
}

/** Home Assistant sends a state, an event with old and new state, or the event inside `data`. */
function unwrapHomeAssistant(fields: Fields): Fields {
  const event = isFields(fields.data) ? fields.data : isFields(fields.event) ? fields.event : fields;
  const next = event.new_state;
  if (isFields(next)) return { entity_id: event.entity_id, ...next };
  return event.state !== undefined && event.entity_id !== undefined ? event : fields;
}

function ownTracks(fields: Fields, context: PresenceContext): SignalInput[] {
  const dated = { ...context, at: timeOf(fields) ?? context.at };
  if (fields._type === "transition") {
    const entered = fields.event === "enter";
    const region = textOf(fields, "desc") ?? "";
    // Leaving the office says where somebody is not; only leaving home says "away".
    if (!entered && !here.has(idLike(region))) return [];
    return signals({ place: entered ? placeOf(region) : "away" }, undefined, dated);
  }
  if (fields._type !== "location") return [];
  // Without a list the phone knows no regions, so it cannot say "away" either.
  if (!Array.isArray(fields.inregions)) return [];
  const regions = fields.inregions.filter((region) => typeof region === "string");
  const first = regions.find((region) => here.has(idLike(region))) ?? regions[0];
  return signals({ place: first === undefined ? "away" : placeOf(first) }, undefined, dated);
}

const timeOf = (fields: Fields) => instantOf(fields.at ?? fields.tst ?? fields.timestamp);

function whereabouts(value: unknown): Whereabouts {
  if (value === undefined || value === null || value === "") throw new BadMessage("presence", { got: quote(value ?? null) });
  if (typeof value === "boolean") return { place: value ? "home" : "away" };
  const number = numberOf(value);
  if (number !== undefined) {
    if (number !== 0 && number !== 1) throw new BadMessage("presence", { got: quote(value) });
    return { place: number === 1 ? "home" : "away" };
  }
  if (typeof value !== "string") throw new BadMessage("presence", { got: quote(value) });
  return nothing.has(idLike(value)) ? "unknown" : { place: placeOf(value) };
}

function placeOf(text: string): string {
  const word = idLike(text);
  if (here.has(word)) return "home";
  return gone.has(word) ? "away" : text.trim().slice(0, 60);
}

function signals(found: Whereabouts, named: string | undefined, context: PresenceContext): SignalInput[] {
  if (found === "unknown") return [];
  const match = whom(named, context);
  const { place } = found;
  const common = {
    source: context.source,
    at: context.at,
    ...(context.ttl && { expiresAt: new Date(Date.parse(context.at) + context.ttl * 1000).toISOString() }),
  };
  const elsewhere = place !== "home" && place !== "away";
  if (match.kind === "person") {
    return elsewhere
      ? [{ kind: "location", subject: match.id, place, ...common }]
      : [{ kind: "presence", subject: match.id, present: place === "home", ...common }];
  }
  const device: SignalInput = { kind: "presence", subject: match.id, present: place === "home", ...common };
  // A phone at the office says where its owner is, too.
  return elsewhere && match.owner ? [device, { kind: "location", subject: match.owner, place, ...common }] : [device];
}

function whom(named: string | undefined, { directory, subject, topic }: PresenceContext): Match {
  for (const text of [subject, named, topic]) {
    const match = text && matchSubject(directory, text);
    if (match) return match;
  }
  const given = subject ?? named ?? topic;
  throw given ? new BadMessage("unknownSubject", { got: quote(given) }) : new BadMessage("noSubject");
}
