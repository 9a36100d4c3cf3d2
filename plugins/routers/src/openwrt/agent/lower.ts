import type { SaidOmission } from "@network-personas/engine/driver";
import { type DevicePlan, type LinePlan, type NetworkPlan, type PlanField, type Sentence, sentence } from "@network-personas/engine/model";
import type { Application } from "@network-personas/personas";
import { major, markOf, minorsFor, type QueueKind, queueing } from "../../shared/htb.ts";
import { dscps, elementText } from "../../shared/nft.ts";
import { omission, type Wanted } from "../../shared/omission.ts";
import { merged, without } from "../../shared/ports.ts";
import { macsOf, wishes } from "../../shared/wishes.ts";
import type { Facts } from "../facts.ts";
import type { Settings } from "../settings.ts";
import { classOf, type Tree } from "./classes.ts";
import { emptySets, type Held } from "./held.ts";
import { type AgentPlan, type AgentState, planOf, type Resolvers } from "./wire.ts";

type Omit = (field: PlanField, why: Sentence, instead?: Sentence | "", wanted?: Wanted) => void;

export interface AgentContext {
  facts: Facts;
  settings: Settings;
  state: Pick<AgentState, "features" | "roots" | "queues">;
  /** What of ours is there now, so that devices keep their classes. */
  held: Held;
  /** Root queues of the line that go away with this change. */
  leaving: boolean;
  applications: ReadonlyMap<string, Application>;
  /** What nobody ordered himself may run out. */
  leases: boolean;
}

/** Interfaces of the home's networks: whatever is behind others is outside. */
export const insideOf = ({ zones, interfaces }: Facts): string[] => {
  const home = new Set(zones.filter((zone) => !zone.outward).flatMap((zone) => zone.networks));
  const devices = interfaces.filter((i) => i.up && home.has(i.interface)).flatMap((i) => i.l3_device ?? i.device ?? []);
  return [...new Set(devices)].filter((device) => device !== "lo").sort();
};

/** Why the agent cannot shape the line; undefined when it can. */
export function obstacleOf({ facts, state, leaving }: Pick<AgentContext, "facts" | "state" | "leaving">): Sentence | undefined {
  if (!facts.wanDevice) return sentence("noWanDevice");
  if (facts.foreignQueue) return sentence("sqmShapes", { queue: facts.foreignQueue, device: facts.wanDevice });
  for (const device of [facts.wanDevice, ...insideOf(facts)]) {
    const root = state.roots[device] ?? "";
    if (root !== "" && !(device in state.queues) && !(leaving && device === facts.wanDevice))
      return sentence("queueNotOurs", { device, queue: root });
  }
  return undefined;
}

/** What a plan becomes through the agent: the state to be read back, the request for it, and what is left out. Pure. */
export function lowerForAgent(plan: NetworkPlan, context: AgentContext): { held: Held; request: AgentPlan; omissions: SaidOmission[] } {
  const { facts, state } = context;
  const obstacle = obstacleOf(context);
  const [line] = plan.lines;
  const shaped = line !== undefined && obstacle === undefined;
  const queueKind: QueueKind = state.features.fq_codel ? "fq_codel" : "bfifo";
  const resolvers = resolversOf(context.settings);
  const sets = emptySets();
  const [down, up]: [Tree, Tree] = [
    { rate: line?.shaper.down ?? 0, classes: {} },
    { rate: line?.shaper.up ?? 0, classes: {} },
  ];
  const omissions: SaidOmission[] = [];
  const devices = plan.devices.toSorted((a, b) => (a.device < b.device ? -1 : 1));
  const minors = minorsFor(devices, context.held.sets?.mark_of ?? []);
  for (const device of devices) {
    const wanted = wishes(device);
    const omit: Omit = (field, why, instead = "", what = wanted[field]!) =>
      void omissions.push(omission(field, device.device, what, why, instead));
    const macs = macsOf(device);
    if (macs.length === 0) {
      for (const field of Object.keys(wanted) as PlanField[]) omit(field, sentence("cannotTell"));
      continue;
    }
    const minor = minors.get(device.device)!;
    sets.mark_of!.push(...macs.map((mac) => `${mac} : ${markOf(minor)}`));
    if (shaped) {
      sets.class_of!.push(`${markOf(minor)} : ${major}:${minor}`);
      down.classes[minor] = classOf(device, "down", down.rate, queueKind);
      up.classes[minor] = classOf(device, "up", up.rate, queueKind);
    } else for (const field of queueing) if (wanted[field] !== undefined) omit(field, obstacle ?? sentence("planNoLine"));
    restrict(device, macs, markOf(minor), sets, context, omit);
  }
  const apart = sorted(sets.apart!);
  const held: Held = {
    sets: {
      ...Object.fromEntries(Object.entries(sets).map(([name, elements]) => [name, sorted(elements)])),
      ...Object.fromEntries(Object.entries(resolvers).map(([name, address]) => [name, [address]])),
      inside: insideOf(facts),
    },
    isolated: state.features.bridge && apart.length > 0 ? apart : null,
    down: shaped ? down : null,
    up: shaped ? up : null,
    line: shaped ? [facts.wanDevice!] : [],
  };
  const closedAt = sorted(held.sets!.closed!.flatMap((mac) => facts.addresses.get(mac) ?? []));
  const request = planOf(held, { inside: insideOf(facts), wan: facts.wanDevice, queue: queueKind, closedAt, resolvers });
  return { held, request, omissions: [...lineOmissions(plan.lines, obstacle), ...omissions] };
}

function restrict(
  device: DevicePlan,
  macs: readonly string[],
  mark: string,
  sets: Record<string, string[]>,
  { applications, state, leases }: AgentContext,
  omit: Omit,
): void {
  const leased = new Set<string>(leases ? device.leased : []);
  const put = (set: string, { elements = macs, forAWhile = false }: { elements?: readonly string[]; forAWhile?: boolean } = {}) =>
    void sets[set]!.push(...elements.map((key) => elementText({ key, leased: forAWhile })));
  if (dscps.includes(device.dscp)) put(`dscp_${device.dscp}`);
  if (device.blocked) put("blocked");
  if (device.blocked && device.cutEstablished) {
    put("blocked_cut");
    put("marks_cut", { elements: [mark] });
  }
  if (device.firewall === "strict") put("strict", { forAWhile: leased.has("firewall") });
  // Addresses of closed devices are remembered for a day, so this does not run out.
  if (device.inboundClosed) put("closed");
  if (device.familyFilter) put("dns_family", { forAWhile: leased.has("familyFilter") });
  if (device.malwareFilter) put("dns_malware", { forAWhile: leased.has("malwareFilter") });
  if (device.isolated) {
    put("apart", { forAWhile: leased.has("isolated") });
    if (!state.features.bridge) omit("device.isolated", sentence("sameNetworkBridge"), sentence("keptApart"));
  }
  const ports = (field: PlanField, ids: readonly string[], into: readonly string[]) => {
    const told = ids.flatMap((id) => {
      const application = applications.get(id);
      if (!application) omit(field, sentence("notInCatalogue", { application: id }), "", id);
      else if (application.domains.length > 0)
        omit(
          field,
          sentence("takeOverDns"),
          application.ports.length > 0 ? sentence("byPortsOnly", { application: application.name }) : "",
          id,
        );
      const forAWhile = leased.has(`blockedApplications.${id}`) && field === "device.blockedApplications";
      return (application?.ports ?? []).map((one) => ({ ...one, forAWhile }));
    });
    for (const protocol of ["tcp", "udp"] as const) {
      const rangesOf = (forAWhile: boolean) =>
        merged(told.filter((one) => one.protocol === protocol && one.forAWhile === forAWhile).flatMap((one) => one.ports));
      const stays = rangesOf(false);
      for (const [ranges, forAWhile] of [
        [stays, false],
        [without(rangesOf(true), stays), true],
      ] as const) {
        const elements = ranges.flatMap((range) => macs.map((mac) => `${mac} . ${protocol} . ${range}`));
        for (const set of into) put(set, { elements, forAWhile });
      }
    }
  };
  ports("device.blockedApplications", device.blockedApplications, device.cutEstablished ? ["app_blocked", "app_cut"] : ["app_blocked"]);
  if (device.firewall === "strict") ports("device.allowedApplications", device.allowedApplications, ["app_allowed"]);
}

/** One line per router is shaped, if any. */
function lineOmissions([first, ...others]: readonly LinePlan[], obstacle: Sentence | undefined): SaidOmission[] {
  const left = ({ wan, shaper }: LinePlan, why: Sentence): SaidOmission =>
    omission("line.shaper", null, sentence("ratesOfLine", { line: wan, down: shaper.down, up: shaper.up }), why);
  return [...(first && obstacle ? [left(first, obstacle)] : []), ...others.map((line) => left(line, sentence("oneLinePerRouter")))];
}

const sorted = (list: readonly string[]): string[] => [...new Set(list)].sort();

function resolversOf({ dns }: Settings): Resolvers {
  const of = (kind: "family" | "malware") =>
    ([4, 6] as const).flatMap((family) => {
      const address = dns[kind].find((one) => one.includes(":") === (family === 6));
      return address ? [[`${kind}${family}`, address.toLowerCase()] as const] : [];
    });
  return Object.fromEntries([...of("family"), ...of("malware")]);
}
