import type { DevicePlan, NetworkPlan, Omission, PlanField } from "@network-personas/engine/model";
import { type Application, formatRate } from "@network-personas/personas";
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
  say(value: OptionValue): string;
  /** What holds without the option, in words. */
  base: string;
}

const rate = (field: PlanField, words: string, base: string, wish: (device: DevicePlan) => number | null): OptionRule => ({
  field,
  wish: (device) => wish(device) ?? undefined,
  say: (value) => words.replace("#", formatRate(Number(value))),
  base,
});
const flag = (
  field: PlanField,
  name: "blocked" | "cutEstablished" | "inboundClosed" | "isolated" | "malwareFilter" | "familyFilter",
  on: string,
  off: string,
): OptionRule => ({
  field,
  wish: (device) => device[name] || undefined,
  say: () => on,
  base: off,
});
const applications = (field: PlanField, name: "blockedApplications" | "allowedApplications", words: string, base: string): OptionRule => ({
  field,
  wish: (device) => (device[name].length > 0 ? [...new Set(device[name])].sort() : undefined),
  say: (value) => `${words} ${(value as string[]).join(", ")}`,
  base,
});

/** Every option a device's section can have. The order is the order in which changes are told. */
export const optionRules: Readonly<Record<string, OptionRule>> = {
  class: {
    field: "device.class",
    wish: (d) => (d.class === "default" ? undefined : d.class),
    say: (value) => `class ${value}`,
    base: "class default",
  },
  dscp: { field: "device.class", wish: (d) => d.dscp || undefined, say: (value) => `marked with DSCP ${value}`, base: "not marked" },
  guaranteeDown: rate("device.guarantee", "at least # down", "no guarantee down", (d) => d.guarantee.down || null),
  guaranteeUp: rate("device.guarantee", "at least # up", "no guarantee up", (d) => d.guarantee.up || null),
  ceilingDown: rate("device.ceiling", "at most # down", "no limit down", (d) => d.ceiling.down),
  ceilingUp: rate("device.ceiling", "at most # up", "no limit up", (d) => d.ceiling.up),
  weight: {
    field: "device.weight",
    wish: (d) => (d.weight === 1 ? undefined : d.weight),
    say: (value) => `weight ${value} for what is left over`,
    base: "weight 1",
  },
  latencyTarget: {
    field: "device.latencyTarget",
    wish: (d) => (d.latencyTarget === 60 ? undefined : d.latencyTarget),
    say: (value) => `latency target ${value} ms`,
    base: "latency target 60 ms",
  },
  blocked: flag("device.blocked", "blocked", "no internet", "internet allowed"),
  cutEstablished: flag("device.blocked", "cutEstablished", "running connections are cut", "running connections go on"),
  blockedApplications: applications("device.blockedApplications", "blockedApplications", "refused:", "no application refused"),
  allowedApplications: applications("device.allowedApplications", "allowedApplications", "let through:", "no application singled out"),
  firewall: {
    field: "device.firewall",
    wish: (d) => (d.firewall === "open" ? undefined : d.firewall),
    say: (value) => `firewall ${value}`,
    base: "firewall open",
  },
  inboundClosed: flag(
    "device.inboundClosed",
    "inboundClosed",
    "closed to connections from the internet",
    "reachable from the internet as the owner set it",
  ),
  isolated: flag("device.isolated", "isolated", "cut off from other devices of the home", "sees other devices of the home"),
  tunnel: {
    field: "device.tunnel",
    wish: (d) => d.tunnel ?? undefined,
    say: (value) => `through the tunnel ${value}`,
    base: "straight to the internet",
  },
  malwareFilter: flag(
    "device.malwareFilter",
    "malwareFilter",
    "names of known malware are not answered",
    "names of known malware are answered",
  ),
  familyFilter: flag("device.familyFilter", "familyFilter", "names of adult sites are not answered", "names of adult sites are answered"),
};

/** The sections a plan becomes, and what of it cannot be had here. Pure. */
export function lower(plan: NetworkPlan, offer: Offer): { sections: Record<string, Section>; omissions: Omission[] } {
  const sections: Record<string, Section> = {};
  const omissions: Omission[] = [];
  for (const { wan, shaper } of plan.lines) {
    sections[`np-line-${wan}`] = { tag: "np", about: wan, options: { shaperDown: shaper.down, shaperUp: shaper.up } };
  }
  for (const device of plan.devices.toSorted((a, b) => (a.device < b.device ? -1 : 1))) {
    const macs = [...new Set(device.macs.map((mac) => mac.toLowerCase()))].sort();
    const options: Record<string, OptionValue> = {};
    for (const [name, rule] of Object.entries(optionRules)) {
      const wish = rule.wish(device);
      if (wish === undefined) continue;
      const omit = (wanted: string, why: string) => omissions.push({ field: rule.field, device: device.device, wanted, instead: "", why });
      if (macs.length === 0) {
        omit(rule.say(wish), "no MAC address of this device is known");
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
function available(name: string, wish: OptionValue, offer: Offer, omit: (wanted: string, why: string) => void): OptionValue | undefined {
  if (name === "tunnel" && !offer.tunnels.includes(String(wish))) {
    omit(`the tunnel ${wish}`, `this router has no tunnel "${wish}"`);
    return undefined;
  }
  if (!Array.isArray(wish)) return wish;
  const known = wish.filter((id) => offer.applications.has(id));
  for (const id of wish.filter((application) => !offer.applications.has(application)))
    omit(`the application ${id}`, `no catalogue describes "${id}"`);
  return known.length > 0 ? known : undefined;
}
