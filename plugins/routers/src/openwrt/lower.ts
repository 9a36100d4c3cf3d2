import type { SaidOmission } from "@network-personas/engine/driver";
import { type DevicePlan, type NetworkPlan, type PlanField, type Sentence, sentence } from "@network-personas/engine/model";
import type { Application } from "@network-personas/personas";
import { omission, type Wanted } from "../shared/omission.ts";
import { macsOf, type Wishes, wishes } from "../shared/wishes.ts";
import type { Facts } from "./facts.ts";
import { applicationRules, blockRules, inboundRules, isolationRules, markRules, type RuleContext, strictRules } from "./rules.ts";
import { idOf, type WantedSection } from "./sections.ts";
import type { Settings } from "./settings.ts";
import { lowerLines, queueingOf, shaperObstacle } from "./shaper.ts";

/** What a plan becomes on this router. */
export interface Lowered {
  sections: WantedSection[];
  omissions: SaidOmission[];
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
  const omit: Omit = (field, instead, why, what = wanted[field] ?? "") =>
    void result.omissions.push(omission(field, device.device, what, why, instead));
  const macs = macsOf(device);
  if (macs.length === 0) {
    for (const field of Object.keys(wanted) as PlanField[]) omit(field, "", sentence("cannotTellRule"));
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
    omit("device.isolated", sentence("keptApart"), sentence("sameNetwork"));
  }
  if (device.inboundClosed) lowerInbound(rules, add, omit);
  if (wanted["device.class"]) {
    add(markRules(rules));
    omit("device.class", sentence("sortedByMarks"), sentence("queuedBefore"));
  }
  if (device.tunnel !== null) lowerTunnel(device.tunnel, context, result, omit);
  for (const field of ["device.malwareFilter", "device.familyFilter"] as const) {
    if (wanted[field]) omit(field, "", sentence("secondResolver"));
  }
}

type Omit = (field: PlanField, instead: Sentence | "", why: Sentence, what?: Wanted) => void;

/** Rates, weights and delays of single devices: sqm has none of them, but its queues may help. */
function omitRates(wanted: Wishes, facts: Facts, omit: Omit): void {
  const queueing = shaperObstacle(facts) ? "fifo" : queueingOf(facts);
  const why = sentence("sqmWhole");
  if (wanted["device.guarantee"]) omit("device.guarantee", queueing === "cake" ? sentence("cakeEqual") : "", why);
  if (wanted["device.ceiling"]) omit("device.ceiling", "", why);
  if (wanted["device.weight"]) omit("device.weight", "", sentence("noWeights"));
  if (wanted["device.latencyTarget"]) {
    omit("device.latencyTarget", queueing === "fifo" ? "" : sentence("nearFive", { queue: queueing }), sentence("delayPerDevice"));
  }
}

function cutRunning(device: DevicePlan, macs: readonly string[], { canCut }: LowerContext, result: Lowered, omit: Omit): void {
  if (!device.cutEstablished) return;
  const what = sentence("cutAtOnce");
  if (device.blocked && canCut) result.cut.push(...macs);
  if (device.blocked && !canCut) {
    omit("device.blocked", sentence("newRefusedOnly"), sentence("noConntrack"), what);
  }
  if (!device.blocked && device.blockedApplications.length > 0) {
    omit("device.blockedApplications", sentence("newRefusedOnly"), sentence("byDeviceOnly"), what);
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
        omit(field, "", sentence("notInCatalogue", { application: id }), id);
        continue;
      }
      add(applicationRules(rules, application, target));
      if (application.domains.length === 0 && application.ports.length > 0) continue;
      const instead = application.ports.length > 0 ? sentence("byPortsOnly", { application: application.name }) : "";
      omit(field, instead, sentence("dnsmasqFull"), id);
    }
  }
}

function lowerInbound(rules: RuleContext, add: (sections: readonly WantedSection[]) => void, omit: Omit): void {
  const addresses = [...new Set(rules.macs.flatMap((mac) => rules.facts.addresses.get(mac) ?? []))].sort();
  add(inboundRules(rules, addresses));
  const why = sentence("noMacOfDestination");
  if (addresses.length > 0) omit("device.inboundClosed", sentence("presentAddresses", { addresses }), why);
  else omit("device.inboundClosed", sentence("refusedByDefault"), why);
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
      result.omissions.push(omission(field, device.device, wanted, why, instead));
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
  const why = sentence("needsPbr");
  if (!facts.tunnels.includes(tunnel))
    omit("device.tunnel", "", sentence("noTunnelBut", { tunnel, tunnels: facts.tunnels.length > 0 ? facts.tunnels : sentence("none") }));
  else if (!controllable.has(tunnel)) omit("device.tunnel", "", sentence("mayNotBringUp", { why, tunnel }));
  else {
    result.tunnels.push(tunnel);
    omit("device.tunnel", sentence("broughtUp", { tunnel }), why);
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
