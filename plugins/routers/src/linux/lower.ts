import type { SaidOmission } from "@network-personas/engine/driver";
import { type DevicePlan, type NetworkPlan, type PlanField, type Sentence, sentence } from "@network-personas/engine/model";
import { type Application, classTable, trafficClasses } from "@network-personas/personas";
import { major, markOf, minorsFor, quantumOf, queueFor, queueing, ratesOf, usualQuantum } from "../shared/htb.ts";
import { omission, type Wanted } from "../shared/omission.ts";
import { macsOf, type Wishes, wishes } from "../shared/wishes.ts";
import { transferQueue } from "./classes.ts";
import { Filling } from "./filling.ts";
import { type ClassSpec, type Held, leastRate, restOf, urgentOf } from "./held.ts";
import { type Layout, namesSet, setTypes } from "./layout.ts";
import { allNames, runningOf } from "./names.ts";
import type { Look } from "./reader.ts";
import { restrict, tunnelOf } from "./restrict.ts";
import { waysThrough } from "./ways.ts";

/** What this router has to offer a plan. */
export type Offer = Pick<Look, "queueKind" | "bridge" | "shaperObstacle" | "carries" | "tellsNames"> & {
  layout: Layout;
  applications: ReadonlyMap<string, Application>;
};

/** Notes what of a device is left out, why, and what is done instead. */
export type Omit = (field: PlanField, why: Sentence, instead?: Sentence | "", wanted?: Wanted) => void;

/** What a plan becomes on this router, and what of it does not. Devices keep the classes they have, so that no flow moves. Pure. */
export function lower(plan: NetworkPlan, held: Held, offer: Offer): { held: Held; omissions: SaidOmission[] } {
  const omissions: SaidOmission[] = [];
  const filling = new Filling([...Object.keys(setTypes(offer.layout)), "isolated"]);
  const [line] = plan.lines;
  const shaped = line && offer.shaperObstacle === undefined;
  const treeOf = (way: "down" | "up") =>
    shaped ? { rate: Math.round(line.shaper[way] * shareUsed(plan, way, offer)), classes: {} as Record<string, ClassSpec> } : null;
  const [down, up] = [treeOf("down"), treeOf("up")];
  const ways = new Set<string>();
  if (line && !shaped) omissions.push(omission("line.shaper", null, sentence("aShaper"), offer.shaperObstacle!, sentence("nothingShaped")));
  const devices = plan.devices.toSorted((a, b) => (a.device < b.device ? -1 : 1));
  const minors = minorsFor(devices, held.sets?.mark_of ?? []);
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
    filling.put("mark_of", macs, { value: markOf(minor) });
    if (down && up) {
      filling.put(device.class === "default" ? "small_of" : "urgent_of", [markOf(minor)], { value: `${major}:${urgentOf(minor)}` });
      filling.put("rest_of", [markOf(minor)], { value: `${major}:${restOf(minor)}` });
      down.classes[minor] = classOf(device, "down", down.rate, offer);
      up.classes[minor] = classOf(device, "up", up.rate, offer);
    } else omitQueueing(wanted, omit, offer.shaperObstacle ?? sentence("planNoLine"));
    restrict(device, macs, minor, filling, offer, omit);
    const tunnel = tunnelOf(device, offer.layout);
    if (tunnel) for (const way of waysThrough(tunnel, offer.carries.get(tunnel.id)!)) ways.add(way);
  }
  const { isolated, ...sets } = filling.elements();
  const asked = allNames(offer.layout)
    .map(({ key }) => key)
    .filter((key) => !filling.isEmpty(namesSet(key)));
  const names = runningOf(asked, offer.layout);
  return { held: { sets, isolated: offer.bridge ? isolated! : null, down, up, ways: [...ways].sort(), names }, omissions };
}

/**
 * A device's guarantee is for what it is used for; the other queue has a quarter of it, or as much of the line as acknowledges what
 * comes the other way.
 */
const lesser = (guarantee: number, line: number): number => Math.min(guarantee / 4, line * 0.03);
const goesFirst = (device: DevicePlan): boolean => priorities.indexOf(device.class) < priorities.indexOf("streaming");
const priorities: readonly string[] = trafficClasses;

/**
 * Plain queues cannot keep the modem's queue empty at nearly its rate: downloads arrive in bursts, which it takes seconds to get rid of.
 * While somebody does what must not wait, all together leave so much more of the line free; uploads, which we send ourselves, only
 * where every millisecond counts.
 */
const headroom = 0.9;
const needsHeadroom = { down: ["realtime", "interactive"], up: ["realtime"] };
const shareUsed = ({ devices }: NetworkPlan, way: "down" | "up", { queueKind }: Offer): number =>
  queueKind === "bfifo" && devices.some((device) => needsHeadroom[way].includes(device.class)) ? headroom : 1;

/**
 * Where a class goes first, its priority and weight are for what must not wait; the device's transfers stay with everybody else's, else
 * they would ride in front of those.
 * UDP of an ordinary device may be a call nobody knows of yet: in small packets it goes before transfers, within the share of calls.
 */
function classOf(device: DevicePlan, way: "down" | "up", line: number, { queueKind }: Offer): ClassSpec {
  const { rate, ceil } = ratesOf(device, way, line);
  const weighted = quantumOf(device);
  const prio = priorities.indexOf(device.class);
  const first = goesFirst(device);
  // Who watches uploads acknowledgements only, which the guarantee is for.
  const watches = device.class === "streaming" && way === "up";
  const ordinary = device.class === "default";
  const most = first || ordinary ? Math.min(ceil, Math.round(line * classTable[first ? device.class : "interactive"].ceiling)) : ceil;
  const less = Math.max(1, Math.round(lesser(rate, line)));
  const main = Math.max(1, rate - less);
  return {
    // Transfers have all of what was promised for them; what was promised for a call that is over is everybody's, not their own transfers'.
    rate: first ? leastRate : rate,
    ceil,
    urgent: {
      rate: Math.min(first ? main : less, most),
      ceil: most,
      prio: ordinary ? priorities.indexOf("streaming") : prio,
      quantum: weighted,
      queue: queueFor(queueKind, most, device.latencyTarget),
    },
    rest: {
      rate: first ? less : main,
      ceil,
      prio: first || watches ? priorities.indexOf("default") : prio,
      quantum: first || watches ? usualQuantum : weighted,
      queue: transferQueue(queueKind, ceil),
    },
  };
}

function omitQueueing(wanted: Wishes, omit: Omit, why: Sentence): void {
  for (const field of queueing) if (wanted[field] !== undefined) omit(field, why);
}
