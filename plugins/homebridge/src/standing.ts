import { later, type SubjectState } from "@network-personas/engine/model";
import type { Order } from "./switches.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** The engine lets no override stand longer. What shall last "until switched off" is given this long and renewed. Milliseconds. */
export const longestOverride = 7 * day;
const renewBefore = 6 * day;

/** An order of ours that stands until it is switched off. `until` is when the engine would end it. */
export interface Standing {
  persona: string;
  until: string;
}

/** What to do about an order that stands: it is given again in time, unless the owner or anybody else has decided otherwise since. */
export function standingAction(standing: Standing, person: SubjectState | undefined, now: number): "keep" | "renew" | "forget" {
  if (person?.decidedBy !== "override" || person.active !== standing.persona || person.until !== standing.until) return "forget";
  return Date.parse(standing.until) - now < renewBefore ? "renew" : "keep";
}

/** What HomeKit last said about where somebody is. */
export interface Said {
  home: boolean;
  at: string;
}

/** The engine believes nobody for longer. Milliseconds. */
export const longestPlace = 48 * hour;
const repeatAfter = 12 * hour;

/**
 * What to do about what HomeKit said: its automations speak at the door only, so it is said again while nobody knows better.
 * Who contradicts it is newer, and right.
 */
export function saidAction(said: Said, person: SubjectState | undefined, now: number): "keep" | "repeat" | "forget" {
  if (person === undefined) return "forget";
  if (person.home !== null && person.home !== said.home) return "forget";
  return Date.parse(said.at) + repeatAfter <= now || person.home === null ? "repeat" : "keep";
}

/** The instant `ms` from `now`. */
export const instantIn = (now: number, ms: number): string => later(new Date(now).toISOString(), ms);

/** What a switch remembers of what was ordered with it. */
export interface Memory {
  /** Orders that stand until switched off, by person. */
  standing: Readonly<Record<string, Standing>>;
  said: Said | null;
}

/** Notes that an order was carried out. `lasts`: it shall stand until switched off. */
export function remember(memory: Memory, order: Order, until: string | null, lasts: boolean, now: number): Memory {
  if (order.kind === "place") return { ...memory, said: { home: order.home, at: new Date(now).toISOString() } };
  const { [order.subject]: _, ...others } = memory.standing;
  if (order.kind === "release" || !lasts || until === null) return { ...memory, standing: others };
  return { ...memory, standing: { ...others, [order.subject]: { persona: order.persona, until } } };
}

/** What has to be said again now, and what is left to remember. `about` is the person a switch that says where somebody is belongs to. */
export function due(
  memory: Memory,
  about: string | null,
  people: readonly SubjectState[],
  now: number,
): { orders: Order[]; memory: Memory } {
  const find = (id: string | null) => people.find(({ subject }) => subject === id);
  const orders: Order[] = [];
  const standing = Object.entries(memory.standing).filter(([subject, order]) => {
    const action = standingAction(order, find(subject), now);
    if (action === "renew") orders.push({ kind: "hold", subject, persona: order.persona });
    return action !== "forget";
  });
  let { said } = memory;
  const action = said && saidAction(said, find(about), now);
  if (said && about !== null && action === "repeat") orders.push({ kind: "place", subject: about, home: said.home });
  if (action === "forget") said = null;
  return { orders, memory: { standing: Object.fromEntries(standing), said } };
}
