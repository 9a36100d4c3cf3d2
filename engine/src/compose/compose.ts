import { baseProfile, classTable, formatRate, type TrafficClass } from "@network-personas/personas";
import {
  between,
  type DevicePlan,
  type LinePlan,
  meanOf,
  type NetworkPlan,
  type Omission,
  type PlanReason,
  type Refusal,
  sentence,
  whenRead,
} from "../model/index.ts";
import { accessOf, leasedOf, neverBlocked } from "./access.ts";
import { type AdmissionInput, admit, type Grant } from "./admission.ts";
import { type Both, both, directions, none } from "./both.ts";
import { backgroundShare, capOf, ceilingOf, unlimited } from "./ceilings.ts";
import { checkInput, standing } from "./check.ts";
import { classesOf, inDefaultShare } from "./classes.ts";
import type { ComposeInput, ComposeResult } from "./contract.ts";
import { type Control, controlsOf } from "./controls.ts";
import { type Demanded, demandsOf, type Request, type Seated } from "./demands.ts";
import { type Floors, floorsOf } from "./floors.ts";
import { type Household, householdOf } from "./household.ts";
import { priorityClasses } from "./limits.ts";
import { lowerDevice, lowerHome, lowerLine } from "./lowering.ts";
import { quantiseRate, quantiseRates, quantiseWeight } from "./quantise.ts";
import { reasonsFor, refusalsOf } from "./reasons.ts";
import { isSamePlan } from "./same-plan.ts";
import { type Draft, stabilise } from "./stabilise.ts";
import { caused, refusal } from "./words.ts";

/**
 * What everybody in a home gets from one line, as the router at hand can do it, and why.
 * Pure and deterministic; the order of devices, people, profiles and constraints does not matter.
 * @throws BadInput naming the field
 */
export function compose(input: ComposeInput): ComposeResult {
  checkInput(input);
  const { home, present, capabilities, previous } = input;
  const refusals: Refusal[] = [];
  const omissions: Omission[] = [];
  const household = householdOf(input);
  const controls = controlsOf(standing(input.constraints, input.at), household, refusals);
  const shaper = quantiseRates(both((direction) => home.wan[direction] * home.policy.shaperFraction));
  const floors = floorsOf(household.devices, present, shaper, home.people.length);
  const demanded = demandsOf(household, controls);
  const before = new Map(previous?.devices.map((plan) => [plan.device, lowerDevice(plan, capabilities, undefined)]));
  const { grants, byDevice, promised, classes } = allot({ demanded, shaper, floors: floors.of, incumbents: incumbentsOf(before) }, before);
  refusals.push(...refusalsOf(grants, household));
  const guarantees = inDefaultShare(promised, classes, floors.of, shaper);
  const neverBlock = neverBlocked(home);
  // Where transfers never ride in front with their device, nothing mistaken for urgent can starve anybody.
  const limiting = capabilities.fields["device.class"] === "impossible" || capabilities.urgentApart ? [] : capabilities.classes;
  const drafts = household.devices.map((device): Draft => {
    const subject = household.subjectOf(device.id);
    const asked = byDevice.get(device.id);
    const seatedOn = asked?.seated ?? [];
    const control = device.infrastructure ? undefined : controls.get(subject);
    const overridden = household.profiles.get(subject)?.overridden ?? false;
    const guarantee = guarantees.get(device.id)!;
    const trafficClass = classes.get(device.id) ?? "default";
    const wanted: DevicePlan = {
      device: device.id,
      macs: device.macs.toSorted(),
      class: trafficClass,
      dscp: classTable[trafficClass].dscp,
      guarantee,
      ceiling: device.infrastructure
        ? unlimited
        : ceilingOf({ share: backgroundShare(device, household), trafficClass, control, guarantee, shaper, classes: limiting }),
      ...sharesOf(seatedOn, overridden ? undefined : control),
      ...accessOf(device, { home, household, controls, applications: input.applications, neverBlock, refusals }),
    };
    const floor = floors.of.get(device.id)!;
    const charged = [subject, ...seatedOn.map((seat) => seat.subject)];
    const ordered = charged.some((id) => input.urgent.has(id) || controls.has(id) || household.profiles.get(id)?.overridden);
    return {
      plan: lowerDevice(wanted, capabilities, floor, omissions),
      floor: capabilities.fields["device.guarantee"] === "impossible" ? { down: 0, up: 0 } : floor,
      cap: capOf(control, overridden, guarantee),
      urgent: ordered,
      ordered: charged.some((id) => input.ordered?.has(id) || controls.has(id) || household.profiles.get(id)?.overridden),
      corrected: input.corrected?.has(subject) ?? false,
      fixed: device.infrastructure,
      neverBlocked: neverBlock.has(device.id),
      value: (plan) => expectedUtility(asked, plan),
    };
  });
  lowerHome(capabilities, omissions);
  const line = lowerLine({ wan: home.wan.id, shaper }, home.wan, capabilities, omissions);

  const age = previous === null ? -1 : between(previous.at, input.at);
  const dwell = home.policy.minimumDwell;
  const { settled, waiting } = stabilise(drafts, before, {
    at: input.at,
    dwelling: age >= 0 && age < dwell,
    dwell,
    shaper,
    waiting: input.waiting,
  });
  const devices = settled.map(({ plan: { leased: _, ...plan } }) => {
    const leased = capabilities.leases ? leasedOf(plan, { home, household }) : [];
    return leased.length > 0 ? { ...plan, leased } : plan;
  });
  const fresh: NetworkPlan = { version: 1, home: home.home.id, at: input.at, lines: [line], devices };
  const reasons = () => [
    lineReason(line, home.policy.shaperFraction, capabilities.fields["line.shaper"] !== "impossible"),
    ...settled.flatMap(({ plan, held }) => {
      const subject = household.subjectOf(plan.device);
      const { grants: given = [], requests = [], seated = [] } = byDevice.get(plan.device) ?? {};
      const causes = {
        plan,
        profile: household.profiles.get(subject),
        control: controls.get(subject),
        grants: given,
        requests,
        seated,
        floors,
        held,
      };
      return reasonsFor(causes, household);
    }),
    ...homelessReasons(demanded.homeless, household),
  ];
  refusals.push(...floorRefusals(floors, home.home.id));
  const plan = previous && isSamePlan(previous, fresh) ? previous : fresh;
  return whenRead({ plan, refusals, omissions, waiting }, "reasons", reasons);
}

/** Devices of a priority class with what they are promised now. */
const incumbentsOf = (before: ReadonlyMap<string, DevicePlan>): Map<string, Both> =>
  new Map(
    [...before.values()]
      .filter(({ class: trafficClass, guarantee }) => priorityClasses.includes(trafficClass) && (guarantee.down > 0 || guarantee.up > 0))
      .map((plan) => [plan.device, plan.guarantee]),
  );

/** What everybody is promised, and in which class. */
interface Allotted {
  grants: readonly Grant[];
  byDevice: ReadonlyMap<string, Asked>;
  promised: ReadonlyMap<string, Both>;
  classes: ReadonlyMap<string, TrafficClass>;
}

function allot(input: AdmissionInput, before: ReadonlyMap<string, DevicePlan>): Allotted {
  const grants = admit(input);
  const byDevice = gather(input.demanded, grants);
  const promised = new Map([...input.floors].map(([id, floor]) => [id, guaranteeOf(byDevice.get(id)?.grants ?? [], floor)]));
  const classes = classesOf(input.demanded, promised, input.shaper, before);
  const stays = [...input.incumbents].filter(([id]) => priorityClasses.includes(classes.get(id) ?? "default"));
  if (stays.length === input.incumbents.size) return { grants, byDevice, promised, classes };
  // Who leaves the priority classes has no first claim any more: else it would lose it one plan later, with nothing else changed.
  return allot({ ...input, incumbents: new Map(stays) }, before);
}

/** What one device asks for and gets. */
interface Asked {
  requests: Request[];
  grants: Grant[];
  seated: readonly Seated[];
}

function gather({ requests, seated }: Demanded, grants: readonly Grant[]): Map<string, Asked> {
  const asked = new Map<string, Asked>();
  for (const request of [...requests.values()].flat()) {
    const { device } = request;
    if (!asked.has(device)) asked.set(device, { requests: [], grants: [], seated: seated.get(device) ?? [] });
    asked.get(device)!.requests.push(request);
  }
  for (const grant of grants) asked.get(grant.request.device)!.grants.push(grant);
  return asked;
}

/** Needs cover the floor; a promise is rounded down, a floor is not. */
const guaranteeOf = (grants: readonly Grant[], floor: Both): Both =>
  both((direction) => Math.max(floor[direction], quantiseRate(grants.reduce((sum, grant) => sum + grant.rates[direction], 0))));

const means = { weight: meanOf("qos.weight").mean, latencyTarget: meanOf("qos.latencyTarget").mean };

/** Weight and latency target of a device: the mean of the personas likely there; the rest of the probability is ordinary. */
function sharesOf(seated: readonly Seated[], control: Control | undefined): Pick<DevicePlan, "weight" | "latencyTarget"> {
  const { weight: normal, latencyTarget: usual } = baseProfile.qos;
  const people = [...Map.groupBy(seated, (seat) => seat.subject).values()].map((mine) => {
    const personas = [...new Map(mine.map(({ claim }) => [claim.persona, claim] as const)).values()];
    const rest = 1 - personas.reduce((sum, claim) => sum + claim.probability, 0);
    const parts = (of: (claim: Seated["claim"]) => number, ordinary: number) => [
      ...personas.map((claim) => [claim.probability, of(claim)] as const),
      [rest, ordinary] as const,
    ];
    return {
      weight: means.weight(parts((claim) => claim.weight, normal)),
      latencyTarget: means.latencyTarget(parts((claim) => claim.latencyTarget, usual)),
    };
  });
  const weight = control?.weight ?? (people.length === 0 ? normal : Math.max(...people.map((share) => share.weight)));
  const latencyTarget = people.length === 0 ? usual : Math.min(...people.map((share) => share.latencyTarget));
  return { weight: quantiseWeight(weight), latencyTarget: Math.max(1, Math.round(latencyTarget)) };
}

/** Expected utility of the likely activities of a device under a plan: how far their needs are met, and in their class. */
function expectedUtility(asked: Asked | undefined, plan: DevicePlan): number {
  return (asked?.requests ?? []).reduce((sum, request) => {
    const rates = asked!.grants.find((grant) => grant.request === request)?.rates ?? none;
    const needed = directions.filter((direction) => rates[direction] > 0);
    const met = Math.min(1, ...needed.map((direction) => plan.guarantee[direction] / rates[direction]));
    return sum + request.utility * met * (plan.class === request.class || request.wholeUtility === 0 ? 1 : 0.5);
  }, 0);
}

const lineReason = ({ shaper }: LinePlan, fraction: number, shaped: boolean): PlanReason => ({
  device: null,
  field: "line.shaper",
  value: `${formatRate(shaper.down)} down, ${formatRate(shaper.up)} up`,
  rule: "base layer",
  ...caused(shaped ? sentence("lineShare", { share: fraction }) : sentence("lineWhole")),
  from: [],
});

/** Likely activities without a device: said only when they are more likely than not. */
const homelessReasons = (homeless: readonly Seated[], household: Household): PlanReason[] =>
  homeless
    .filter(({ claim }) => claim.probability >= 0.5)
    .map(({ subject, claim }) => ({
      device: null,
      field: `needs of ${subject}`,
      value: "nothing reserved",
      rule: "a need is charged to a present device",
      ...caused(
        sentence("noDeviceFor", {
          kinds: claim.kinds.length > 0 ? [...claim.kinds] : ["any"],
          who: household.nameOf(subject),
          class: claim.class,
          persona: claim.persona,
        }),
      ),
      from: [{ persona: claim.persona, probability: claim.probability, value: claim.class }],
    }));

function floorRefusals({ degraded, of, target }: Floors, home: string): Refusal[] {
  return directions
    .filter((direction) => degraded[direction])
    .map((direction) => {
      const most = Math.max(...[...of.values()].map((floor) => floor[direction]));
      const because = sentence(direction === "up" ? "floorUp" : "floorDown", { target: target[direction], most, count: of.size });
      return refusal({ subject: home, device: null }, sentence("whatFloor", { way: direction }), because);
    });
}
