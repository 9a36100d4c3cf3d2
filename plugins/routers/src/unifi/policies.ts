import type { Change } from "@network-personas/engine/driver";
import { inEnglish, type Sentence, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { told } from "../shared/told.ts";

/** Where policies live: objects since Network 9.4, rules before. */
export const families = ["objects", "rules"] as const;
export type Family = (typeof families)[number];

/** What is called the name of a policy, and the parts of it that are ours to write. */
export const places = {
  objects: {
    list: "object-oriented-network-configs",
    one: "object-oriented-network-config",
    name: "name",
    parts: ["enabled", "name", "target_type", "targets", "secure", "route", "qos"],
  },
  rules: {
    list: "trafficrules",
    one: "trafficrules",
    name: "description",
    parts: [
      "enabled",
      "description",
      "action",
      "matching_target",
      "target_devices",
      "bandwidth_limit",
      "schedule",
      "app_category_ids",
      "app_ids",
      "domains",
      "ip_addresses",
      "ip_ranges",
      "network_ids",
      "regions",
    ],
  },
} as const satisfies Record<Family, unknown>;

/** Begins the name of everything that is ours. */
export const tag = "np: ";

type Body = Readonly<Record<string, unknown>>;
export interface Policy {
  name: string;
  body: Body;
}
export const PolicySchema = z.strictObject({ name: z.string(), body: z.record(z.string(), z.unknown()) });

/** A policy as the console has it. */
export interface Found extends Policy {
  id: string;
  /** Everything the console keeps of it. */
  raw: Body;
}

const Raw = z.looseObject({ _id: z.string().optional(), id: z.string().optional() });

/** Policies of a list, ours and others. Entries that are none (predefined ones without an id) are left out. */
export function readPolicies(list: unknown, family: Family): Found[] {
  const { name, parts } = places[family];
  return (Array.isArray(list) ? list : []).flatMap((entry): Found[] => {
    const raw = Raw.safeParse(entry).data;
    const id = raw?._id ?? raw?.id;
    if (!raw || !id || typeof raw[name] !== "string") return [];
    return [{ id, name: raw[name], raw, body: Object.fromEntries(parts.filter((part) => part in raw).map((part) => [part, raw[part]])) }];
  });
}

export const isOurs = ({ name }: Policy): boolean => name.startsWith(tag);

/** Ours, without what the console numbers, in order. */
export const ownedOf = (found: readonly Found[]): Policy[] =>
  found
    .filter(isOurs)
    .map(({ name, body }) => ({ name, body }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** Whether everything wanted is there; the console may add to it, and order lists as it likes. */
export function covers(held: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(held) || held.length !== wanted.length) return false;
    return wanted.every((one) => held.some((other) => covers(other, one)));
  }
  if (typeof wanted === "object" && wanted !== null)
    return typeof held === "object" && held !== null && Object.entries(wanted).every(([key, value]) => covers((held as Body)[key], value));
  return held === wanted;
}

export type Step =
  | { action: "create"; policy: Policy }
  | { action: "update"; policy: Policy; found: Found }
  | { action: "delete"; found: Found };

/** What leads from what is there to what is wanted. Of two with one name (a request that arrived twice) one goes. */
export function steps(wanted: readonly Policy[], found: readonly Found[]): Step[] {
  const ours = found.filter(isOurs);
  const first = new Map<string, Found>();
  for (const one of ours) if (!first.has(one.name)) first.set(one.name, one);
  const names = new Set(wanted.map((policy) => policy.name));
  return [
    ...wanted.flatMap((policy): Step[] => {
      const held = first.get(policy.name);
      if (!held) return [{ action: "create", policy }];
      return covers(held.body, policy.body) ? [] : [{ action: "update", policy, found: held }];
    }),
    ...ours.filter((one) => !names.has(one.name) || first.get(one.name) !== one).map((one): Step => ({ action: "delete", found: one })),
  ];
}

/** The same for people. */
export function changesOf(wanted: readonly Policy[], owned: readonly Policy[], words: (body: Body) => Sentence): Change[] {
  const found = owned.map(({ name, body }, i): Found => ({ id: String(i), name, body, raw: body }));
  return steps(wanted, found).map((step): Change => {
    const name = step.action === "delete" ? step.found.name : step.policy.name;
    const device = name.slice(tag.length);
    const was = step.action === "create" ? null : words(step.found.body);
    const is = step.action === "delete" ? null : words(step.policy.body);
    const [before, after] = [was && inEnglish(was), is && inEnglish(is)];
    return {
      action: step.action === "create" ? "add" : step.action === "update" ? "set" : "remove",
      target: name,
      before: before === after ? `${before}, changed by somebody` : before,
      after,
      ...told(
        is === null
          ? sentence("removePolicy", { device, before: was })
          : was === null
            ? sentence("isNow", { about: device, what: is })
            : sentence("fromTo", { about: device, now: is, before: was }),
      ),
    };
  });
}
