import type { SaidOmission } from "@network-personas/engine/driver";
import {
  type DevicePlan,
  type NetworkPlan,
  type PlanField,
  type Sentence,
  type SentenceKey,
  sentence,
} from "@network-personas/engine/model";
import type { Application } from "@network-personas/personas";
import { omission } from "../shared/omission.ts";
import type { OptionValue, Section } from "./state.ts";

/** What the router has to offer a plan. */
export interface Offer {
  applications: ReadonlyMap<string, Application>;
  tunnels: readonly string[];
}

interface OptionRule {
  field: PlanField;
  /** What the device wants, or undefined when that is what the base layer gives anyway. */
  wish(device: DevicePlan): OptionValue | undefined;
  /** The option with its value, in words. */
  say(value: OptionValue): Sentence;
  /** What holds without the option, in words. */
  base: Sentence;
}

const rate = (
  field: PlanField,
  [words, base]: readonly [SentenceKey, SentenceKey],
  way: "down" | "up",
  wish: (device: DevicePlan) => number | null,
): OptionRule => ({
  field,
  wish: (device) => wish(device) ?? undefined,
  say: (value) => sentence(words, { rate: Number(value), way }),
  base: sentence(base, { way }),
});
const flag = (
  field: PlanField,
  name: "blocked" | "cutEstablished" | "inboundClosed" | "isolated" | "malwareFilter" | "familyFilter",
  on: SentenceKey,
  off: SentenceKey,
): OptionRule => ({
  field,
  wish: (device) => device[name] || undefined,
  say: () => sentence(on),
  base: sentence(off),
});
const applications = (
  field: PlanField,
  name: "blockedApplications" | "allowedApplications",
  words: SentenceKey,
  base: SentenceKey,
): OptionRule => ({
  field,
  wish: (device) => (device[name].length > 0 ? [...new Set(device[name])].sort() : undefined),
  say: (value) => sentence(words, { applications: (value as string[]).join(", ") }),
  base: sentence(base),
});

const guarantee = ["optionAtLeast", "optionNoGuarantee"] as const;
const ceiling = ["optionAtMost", "optionNoLimit"] as const;

/** Every option a device's section can have. The order is the order in which changes are told. */
export const optionRules: Readonly<Record<string, OptionRule>> = {
  class: {
    field: "device.class",
    wish: (d) => (d.class === "default" ? undefined : d.class),
    say: (value) => sentence("optionClass", { class: String(value) }),
    base: sentence("optionClass", { class: "default" }),
  },
  dscp: {
    field: "device.class",
    wish: (d) => d.dscp || undefined,
    say: (value) => sentence("optionDscp", { dscp: Number(value) }),
    base: sentence("optionNotMarked"),
  },
  guaranteeDown: rate("device.guarantee", guarantee, "down", (d) => d.guarantee.down || null),
  guaranteeUp: rate("device.guarantee", guarantee, "up", (d) => d.guarantee.up || null),
  ceilingDown: rate("device.ceiling", ceiling, "down", (d) => d.ceiling.down),
  ceilingUp: rate("device.ceiling", ceiling, "up", (d) => d.ceiling.up),
  weight: {
    field: "device.weight",
    wish: (d) => (d.weight === 1 ? undefined : d.weight),
    say: (value) => sentence("optionWeight", { weight: Number(value) }),
    base: sentence("weightOf", { weight: 1 }),
  },
  latencyTarget: {
    field: "device.latencyTarget",
    wish: (d) => (d.latencyTarget === 60 ? undefined : d.latencyTarget),
    say: (value) => sentence("optionLatency", { ms: Number(value) }),
    base: sentence("optionLatency", { ms: 60 }),
  },
  blocked: flag("device.blocked", "blocked", "noInternet", "optionInternet"),
  cutEstablished: flag("device.blocked", "cutEstablished", "optionCut", "optionNotCut"),
  blockedApplications: applications("device.blockedApplications", "blockedApplications", "optionRefused", "optionNoneRefused"),
  allowedApplications: applications("device.allowedApplications", "allowedApplications", "optionLetThrough", "optionNoneSingledOut"),
  firewall: {
    field: "device.firewall",
    wish: (d) => (d.firewall === "open" ? undefined : d.firewall),
    say: (value) => sentence("optionFirewall", { level: String(value) }),
    base: sentence("optionFirewall", { level: "open" }),
  },
  inboundClosed: flag("device.inboundClosed", "inboundClosed", "optionClosed", "optionReachable"),
  isolated: flag("device.isolated", "isolated", "optionIsolated", "optionSees"),
  tunnel: {
    field: "device.tunnel",
    wish: (d) => d.tunnel ?? undefined,
    say: (value) => sentence("optionTunnel", { tunnel: String(value) }),
    base: sentence("optionStraight"),
  },
  malwareFilter: flag("device.malwareFilter", "malwareFilter", "optionMalware", "optionNoMalware"),
  familyFilter: flag("device.familyFilter", "familyFilter", "optionFamily", "optionNoFamily"),
};

/** The sections a plan becomes, and what of it cannot be had here. Pure. */
export function lower(plan: NetworkPlan, offer: Offer): { sections: Record<string, Section>; omissions: SaidOmission[] } {
  const sections: Record<string, Section> = {};
  const omissions: SaidOmission[] = [];
  for (const { wan, shaper } of plan.lines) {
    sections[`np-line-${wan}`] = { tag: "np", about: wan, options: { shaperDown: shaper.down, shaperUp: shaper.up } };
  }
  for (const device of plan.devices.toSorted((a, b) => (a.device < b.device ? -1 : 1))) {
    const macs = [...new Set(device.macs.map((mac) => mac.toLowerCase()))].sort();
    const options: Record<string, OptionValue> = {};
    for (const [name, rule] of Object.entries(optionRules)) {
      const wish = rule.wish(device);
      if (wish === undefined) continue;
      const omit = (wanted: Sentence, why: Sentence) => omissions.push(omission(rule.field, device.device, wanted, why));
      if (macs.length === 0) {
        omit(rule.say(wish), sentence("noMacKnown"));
        continue;
      }
      const value = available(name, wish, offer, (what, why) => omit(what, why));
      if (value !== undefined) options[name] = value;
    }
    if (Object.keys(options).length > 0)
      sections[`np-device-${device.device}`] = { tag: "np", about: device.device, options: { macs, ...options } };
  }
  return { sections, omissions };
}

/** The part of a wish that refers to things the router knows. */
function available(
  name: string,
  wish: OptionValue,
  offer: Offer,
  omit: (wanted: Sentence, why: Sentence) => void,
): OptionValue | undefined {
  if (name === "tunnel" && !offer.tunnels.includes(String(wish))) {
    omit(sentence("theTunnel", { tunnel: String(wish) }), sentence("hasNoTunnel", { tunnel: String(wish) }));
    return undefined;
  }
  if (!Array.isArray(wish)) return wish;
  const known = wish.filter((id) => offer.applications.has(id));
  for (const id of wish.filter((application) => !offer.applications.has(application)))
    omit(sentence("theApplication", { application: id }), sentence("noCatalogue", { application: id }));
  return known.length > 0 ? known : undefined;
}
