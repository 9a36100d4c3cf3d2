import type { DevicePlan, NetworkPlan, Omission, PlanField } from "@network-personas/engine/model";
import type { Application } from "@network-personas/personas";
import { macsOf, type Wishes, wishes } from "../shared/wishes.ts";
import type { Facts } from "./facts.ts";
import { applicationRules, blockRules, inboundRules, isolationRules, markRules, type RuleContext, strictRules } from "./rules.ts";
import { idOf, type WantedSection } from "./sections.ts";
import type { Settings } from "./settings.ts";
import { lowerLines, queueingOf, shaperObstacle } from "./shaper.ts";

/** What a plan becomes on this router. */
export interface Lowered {
  sections: WantedSection[];
  omissions: Omission[];
  /** MAC addresses of blocked devices whose running connections are to end. */
  cut: string[];
  /** Tunnels that are to be up. */
  tunnels: string[];
}

export interface LowerContext {
  facts: Facts;
  settings: Settings;
  applications: ReadonlyMap<string, Application>;
  /** conntrack may be run. */
  canCut: boolean;
  /** Tunnels we may bring up and down. */
  controllable: ReadonlySet<string>;
}

/** The sections that bring a plan about, and what of it this router cannot do. Pure. */
export function lower(plan: NetworkPlan, context: LowerContext): Lowered {
  const lines = lowerLines(plan.lines, context.facts);
  const result: Lowered = { sections: lines.sections, omissions: lines.omissions, cut: [], tunnels: [] };
  for (const device of [...plan.devices].sort((a, b) => (a.device < b.device ? -1 : 1))) lowerDevice(device, context, result);
  result.sections = withUniqueNames(result.sections);
  result.tunnels = [...new Set(result.tunnels)].sort();
  return result;
}

function lowerDevice(device: DevicePlan, context: LowerContext, result: Lowered): void {
  const wanted = wishes(device);
  const omit = (field: PlanField, instead: string, why: string, what = wanted[field] ?? "") =>
    void result.omissions.push({ field, device: device.device, wanted: what, instead, why });
  const macs = macsOf(device);
  if (macs.length === 0) {
    for (const field of Object.keys(wanted) as PlanField[])
      omit(field, "", "no MAC address of the device is known, so no rule could tell it from others");
    return;
  }
  const rules: RuleContext = { device, macs, facts: context.facts, settings: context.settings };
  const add = (sections: readonly WantedSection[]) => void result.sections.push(...sections);

  omitRates(wanted, context.facts, omit);
  if (device.blocked) add(blockRules(rules));
  cutRunning(device, macs, context, result, omit);
  lowerApplications(rules, context, add, omit);
  if (device.firewall === "strict") add(strictRules(rules));
  if (device.isolated) {
    add(isolationRules(rules));
    omit(
      "device.isolated",
      "it is kept from the router's other networks",
      "devices of the same network reach each other past the router's firewall; use a network of its own or Wi-Fi client isolation",
    );
  }
  if (device.inboundClosed) lowerInbound(rules, add, omit);
  if (wanted["device.class"]) {
    add(markRules(rules));
    omit(
      "device.class",
      "what it sends is marked and sorted by the marks",
      "what it receives is queued before the router knows for whom it is",
    );
  }
  if (device.tunnel !== null) lowerTunnel(device.tunnel, context, result, omit);
  for (const field of ["device.malwareFilter", "device.familyFilter"] as const) {
    if (wanted[field])
      omit(
        field,
        "",
        "a filter per device needs a second resolver on the router; choose a filtering resolver for the whole home under Network > DHCP and DNS",
      );
  }
}

type Omit = (field: PlanField, instead: string, why: string, what?: string) => void;

/** Rates, weights and delays of single devices: sqm has none of them, but its queues may help. */
function omitRates(wanted: Wishes, facts: Facts, omit: Omit): void {
  const queueing = shaperObstacle(facts) ? "fifo" : queueingOf(facts);
  const why = "sqm shapes the line as a whole and knows no rates of single devices";
  if (wanted["device.guarantee"])
    omit("device.guarantee", queueing === "cake" ? "cake gives every device an equal share when the line is full" : "", why);
  if (wanted["device.ceiling"]) omit("device.ceiling", "", why);
  if (wanted["device.weight"]) omit("device.weight", "", "cake and fq_codel share equally; they know no weights of devices");
  if (wanted["device.latencyTarget"]) {
    omit(
      "device.latencyTarget",
      queueing === "fifo" ? "" : `${queueing} keeps every queue near 5 ms and lets sparse traffic pass`,
      "the delay cannot be set per device",
    );
  }
}

function cutRunning(device: DevicePlan, macs: readonly string[], { canCut }: LowerContext, result: Lowered, omit: Omit): void {
  if (!device.cutEstablished) return;
  const what = "running connections end at once";
  if (device.blocked && canCut) result.cut.push(...macs);
  if (device.blocked && !canCut) {
    omit(
      "device.blocked",
      "new connections are refused; running ones go on until they end",
      "the account may not run conntrack, or it is not installed",
      what,
    );
  }
  if (!device.blocked && device.blockedApplications.length > 0) {
    omit(
      "device.blockedApplications",
      "new connections are refused; running ones go on until they end",
      "connections are told apart by device here, not by application",
      what,
    );
  }
}

function lowerApplications(
  rules: RuleContext,
  { applications }: LowerContext,
  add: (sections: readonly WantedSection[]) => void,
  omit: Omit,
): void {
  const { device } = rules;
  const lists = [
    ["device.blockedApplications", device.blockedApplications, "REJECT"],
    ["device.allowedApplications", device.firewall === "strict" ? device.allowedApplications : [], "ACCEPT"],
  ] as const;
  for (const [field, ids, target] of lists) {
    for (const id of [...new Set(ids)].sort()) {
      const application = applications.get(id);
      if (!application) {
        omit(field, "", `no application "${id}" is in the catalogue`, id);
        continue;
      }
      add(applicationRules(rules, application, target));
      if (application.domains.length === 0 && application.ports.length > 0) continue;
      const instead = application.ports.length > 0 ? `${application.name} is told by its ports only` : "";
      omit(field, instead, "telling it by name needs dnsmasq-full and the right to change DNS, which this driver does not ask for", id);
    }
  }
}

function lowerInbound(rules: RuleContext, add: (sections: readonly WantedSection[]) => void, omit: Omit): void {
  const addresses = [...new Set(rules.macs.flatMap((mac) => rules.facts.addresses.get(mac) ?? []))].sort();
  add(inboundRules(rules, addresses));
  const why = "the firewall knows no MAC address of a destination, and rules of your own that accept come first";
  if (addresses.length > 0) omit("device.inboundClosed", `connections to its present addresses (${addresses.join(", ")}) are refused`, why);
  else omit("device.inboundClosed", "only what the firewall refuses by default is refused, until the device has an address", why);
}

/** Tunnels are brought up and down, whatever else brings a plan about. */
export function lowerTunnels(
  plan: NetworkPlan,
  context: Pick<LowerContext, "facts" | "controllable">,
): Pick<Lowered, "tunnels" | "omissions"> {
  const result: Pick<Lowered, "tunnels" | "omissions"> = { tunnels: [], omissions: [] };
  for (const device of plan.devices) {
    if (device.tunnel === null || device.macs.length === 0) continue;
    const wanted = wishes(device)["device.tunnel"]!;
    lowerTunnel(device.tunnel, context, result, (field, instead, why) => {
      result.omissions.push({ field, device: device.device, wanted, instead, why });
    });
  }
  result.tunnels = [...new Set(result.tunnels)].sort();
  return result;
}

function lowerTunnel(
  tunnel: string,
  { facts, controllable }: Pick<LowerContext, "facts" | "controllable">,
  result: Pick<Lowered, "tunnels">,
  omit: Omit,
): void {
  const why = "choosing the route of one device needs the package pbr";
  if (!facts.tunnels.includes(tunnel))
    omit("device.tunnel", "", `the router has no tunnel "${tunnel}"; it has ${facts.tunnels.join(", ") || "none"}`);
  else if (!controllable.has(tunnel)) omit("device.tunnel", "", `${why}, and the account may not bring "${tunnel}" up`);
  else {
    result.tunnels.push(tunnel);
    omit("device.tunnel", `the tunnel "${tunnel}" is brought up; who uses it is decided by the router's routes`, why);
  }
}

/** Ids may differ only where uci names cannot ("a-b", "a--b"). */
function withUniqueNames(sections: readonly WantedSection[]): WantedSection[] {
  const seen = new Map<string, number>();
  return sections.map((section) => {
    const times = (seen.get(idOf(section)) ?? 0) + 1;
    seen.set(idOf(section), times);
    return times === 1 ? section : { ...section, name: `${section.name}_${times}` };
  });
}
