import { baseProfile, formatRate } from "@network-personas/personas";
import { type BlendedProfile, type DevicePlan, meanOf, type PlanReason, type Refusal } from "../model/index.ts";
import type { Grant } from "./admission.ts";
import { type Both, type Direction, directions, epsilon, none } from "./both.ts";
import type { Control } from "./controls.ts";
import type { Request, Seated } from "./demands.ts";
import type { Floors } from "./floors.ts";
import type { Household } from "./household.ts";
import { lowestOf, topOf } from "./rungs.ts";
import type { Held } from "./stabilise.ts";

/** Everything that went into one device's plan. */
export interface Causes {
  plan: DevicePlan;
  profile: BlendedProfile | undefined;
  control: Control | undefined;
  grants: readonly Grant[];
  /** All it asked for, rates or not. */
  requests: readonly Request[];
  seated: readonly Seated[];
  floors: Floors;
  held: Held | undefined;
}

const percent = (p: number): string => `${Math.round(p * 100)} %`;
const heldBecause: Record<Held, string> = {
  small: "kept from before, because it changed by less than is worth a write",
  dwell: "kept from before, because predictions change nothing for a while after a change and release slowly",
  cost: "kept from before, because the change would gain less than it costs",
};

/** One reason per number and per restriction of a device's plan. */
export function reasonsFor(causes: Causes, household: Household): PlanReason[] {
  const { plan, held } = causes;
  const reason = (field: string, value: string, rule: string, because: string, from: PlanReason["from"] = []): PlanReason => ({
    device: plan.device,
    field,
    value,
    rule,
    because: held && qosFields.has(field) ? `${because}; ${heldBecause[held]}` : because,
    from,
  });
  const found = directions.map((direction) => {
    const { rule, because, from } = guaranteeCause(causes, direction, household);
    return reason(`guarantee.${direction}`, formatRate(plan.guarantee[direction]), rule, because, from);
  });
  const { seated, requests } = causes;
  const onceEach = [...new Map(seated.map((seat) => [`${seat.subject} ${seat.claim.persona}`, seat.claim] as const)).values()];
  const claims = (value: (claim: Seated["claim"]) => string) =>
    onceEach.map((claim) => ({ persona: claim.persona, probability: claim.probability, value: value(claim) }));
  const ofClass = seated.filter(({ claim }) => claim.class === plan.class && claim.wholeDevice);
  found.push(
    reason(
      "class",
      plan.class,
      "thresholded union",
      ofClass.length > 0 ? `its traffic is ${plan.class} for ${who(ofClass, household)}` : classless(requests, plan),
      ofClass.map(({ claim }) => ({ persona: claim.persona, probability: claim.probability, value: claim.class })),
    ),
  );
  const weight = causes.control?.weight;
  const weightBy = weight !== undefined && plan.weight === weight ? `set by ${causes.control!.sources.join(" and ")}` : undefined;
  const favoured = seated.some(({ claim }) => claim.weight !== baseProfile.qos.weight);
  found.push(
    reason(
      "weight",
      String(plan.weight),
      weightBy === undefined ? meanOf("qos.weight").rule : "constraint",
      weightBy ?? (favoured ? `share of the surplus of ${who(seated, household)}` : "a normal share of the surplus"),
      favoured ? claims((claim) => String(claim.weight)) : [],
    ),
    reason(
      "latencyTarget",
      `${plan.latencyTarget} ms`,
      meanOf("qos.latencyTarget").rule,
      seated.length > 0 ? `delay under load wanted by ${who(seated, household)}` : "the usual delay under load",
      claims((claim) => `${claim.latencyTarget} ms`),
    ),
  );
  for (const direction of directions) {
    const limit = plan.ceiling[direction];
    if (limit === null) continue;
    found.push(reason(`ceiling.${direction}`, formatRate(limit), "ceiling", ceilingBecause(causes, direction)));
  }
  return [...found, ...accessReasons(causes, reason)];
}

const qosFields: ReadonlySet<string> = new Set([
  "guarantee.down",
  "guarantee.up",
  "class",
  "weight",
  "latencyTarget",
  "ceiling.down",
  "ceiling.up",
]);

function guaranteeCause(
  { plan, grants, floors }: Causes,
  direction: Direction,
  household: Household,
): Pick<PlanReason, "rule" | "because" | "from"> {
  const floor = floors.of.get(plan.device)![direction];
  if (plan.guarantee[direction] < floor) return { rule: "omitted", because: "the router cannot guarantee rates", from: [] };
  const giving = grants.filter((grant) => grant.rates[direction] > 0);
  if (giving.length === 0 || giving.reduce((sum, grant) => sum + grant.rates[direction], 0) <= floor) {
    const degraded = floors.degraded[direction] ? ", cut to what half the line can carry for all" : "";
    return {
      rule: "floor",
      because: `what every device can rely on${direction === "up" ? ", acknowledgements of downloads included" : ""}${degraded}`,
      from: [],
    };
  }
  const because = giving.map(({ request, rates, verdicts }) => {
    const insured = Math.max(...verdicts.filter((verdict) => verdict.rung).map((verdict) => verdict.alternative.insured));
    const share = insured < 1 ? ` (${percent(insured)} of the need is insured)` : "";
    return `${formatRate(rates[direction])} ${request.class}${share}`;
  });
  const from = giving.flatMap(({ verdicts }) =>
    verdicts.map(({ alternative, rung }) => ({
      persona: alternative.cause,
      probability: alternative.probability,
      value: rung
        ? `${formatRate(rung[direction])} of ${alternative.need[direction].map((rate) => formatRate(rate)).join(" or ") || "acknowledgements"}`
        : "refused",
    })),
  );
  return {
    rule: "demands: highest rung that fits, insured, weighted max-min",
    because: `${because.join(" and ")} for ${personsOf(giving, household)}`,
    from,
  };
}

const personsOf = (grants: readonly Grant[], household: Household): string =>
  [
    ...new Set(
      grants.flatMap(({ verdicts }) => verdicts.filter(({ rung }) => rung).map(({ alternative }) => household.nameOf(alternative.subject))),
    ),
  ].join(" and ");

const who = (seated: readonly Seated[], household: Household): string =>
  [...new Set(seated.map(({ subject, claim }) => `${household.nameOf(subject)} as ${claim.persona} (${percent(claim.probability)})`))].join(
    " and ",
  );

function classless(requests: readonly Request[], plan: DevicePlan): string {
  const wished = requests.filter((request) => request.wholeUtility > 0 && request.class !== plan.class && request.class !== "default");
  return wished.length === 0 ? "nothing urgent is expected of it" : `${wished[0]!.class} is not available for it on this line or router`;
}

function ceilingBecause({ plan, profile, control }: Causes, direction: Direction): string {
  const limit = plan.ceiling[direction]!;
  if (control && control.cap[direction] < limit)
    return `${control.sources.join(" and ")} caps it lower, but never below what it is promised`;
  if (control?.cap[direction] === limit) return `capped by ${control.sources.join(" and ")}`;
  const field = profile?.explanation.find(
    (entry) => entry.path === (direction === "down" ? "bandwidth.ceilingDown" : "bandwidth.ceilingUp"),
  );
  if (field && field.from.length > 0)
    return `${field.from.map((share) => `${share.persona} (${percent(share.probability)})`).join(" and ")} is a background activity`;
  return `so that a bulk transfer mistaken for ${plan.class} traffic starves nobody`;
}

type Make = (field: string, value: string, rule: string, because: string, from?: PlanReason["from"]) => PlanReason;

const accessPaths: readonly [
  keyof DevicePlan,
  string,
  "inboundClosed" | "isolated" | "malwareFilter" | "familyFilter" | "firewallStrict" | undefined,
][] = [
  ["firewall", "security.firewall", "firewallStrict"],
  ["inboundClosed", "security.inboundClosed", "inboundClosed"],
  ["isolated", "security.isolated", "isolated"],
  ["malwareFilter", "dns.malwareFilter", "malwareFilter"],
  ["familyFilter", "dns.familyFilter", "familyFilter"],
  ["tunnel", "vpn.tunnel", undefined],
  ["allowedApplications", "applications.allowed", undefined],
];

function accessReasons({ plan, profile, control }: Causes, reason: Make): PlanReason[] {
  const found: PlanReason[] = [];
  if (plan.blocked) found.push(reason("blocked", "no internet", "policy", "the home's policy blocks this device"));
  if (plan.blockedApplications.length > 0) {
    const entry = profile?.explanation.find(({ path }) => path === "applications.blocked");
    const asking = control?.blockApplications ?? [];
    const own = profile?.profile.applications.blocked ?? [];
    const ruled = plan.blockedApplications.some((id) => !asking.includes(id) && !own.includes(id));
    const by = [
      ...(entry?.from.map((share) => share.persona) ?? []),
      ...(asking.length > 0 ? control!.sources : []),
      ...(ruled ? ["the home's policy"] : []),
    ];
    found.push(
      reason(
        "blockedApplications",
        plan.blockedApplications.join(", "),
        "interrupting",
        `blocked by ${by.join(" and ") || "the profile in force"}`,
        [...(entry?.from ?? [])],
      ),
    );
  }
  for (const [field, path, tightening] of accessPaths) {
    const value = plan[field];
    if (value === false || value === null || value === "open" || (Array.isArray(value) && value.length === 0)) continue;
    const entry = profile?.explanation.find((candidate) => candidate.path === path);
    const asked =
      tightening !== undefined && control?.tighten.has(tightening) ? `asked for by ${control.sources.join(" and ")}` : undefined;
    const personas =
      entry && entry.from.length > 0
        ? `wanted by ${entry.from.map((share) => `${share.persona} (${percent(share.probability)})`).join(" and ")}`
        : undefined;
    const shown = Array.isArray(value) ? value.join(", ") : String(value);
    found.push(
      reason(field, shown, entry?.rule ?? "profile", [asked, personas].filter(Boolean).join(", ") || "kept from before", [
        ...(entry?.from ?? []),
      ]),
    );
  }
  return found;
}

/** Needs that were refused or met on a lower rung, in words. */
export function refusalsOf(grants: readonly Grant[], household: Household): Refusal[] {
  return grants.flatMap(({ request, verdicts, room }) =>
    verdicts.flatMap(({ alternative, rung }): Refusal[] => {
      const top = topOf(alternative);
      if (rung && directions.every((direction) => rung[direction] >= top[direction] - epsilon)) return [];
      const { subject, cause } = alternative;
      const asked = rung ? top : lowestOf(alternative);
      const given = rung ?? none;
      const missing = (way: Direction) =>
        rung ? given[way] < top[way] - epsilon : asked[way] > Math.min(room[way], request.cap[way]) + epsilon;
      const direction = directions.find(missing) ?? "down";
      const capped = !alternative.ordered && request.cap[direction] < asked[direction];
      const left = Math.max(0, capped ? Math.min(room[direction], request.cap[direction]) : room[direction]);
      const needs = `${rung ? "" : "at least "}${formatRate(asked[direction])}`;
      const leaves = `${formatRate(Math.floor(left))} ${capped ? "is all a cap leaves" : "can be promised"}`;
      const outcome = rung
        ? `${outcomeOf(request, rung, direction)}, and better while others leave room`
        : "nothing is kept for it, it takes what others leave";
      return [
        {
          subject,
          device: request.device,
          what: `${cause} on ${household.nameOf(request.device)}`,
          because: `${naming(request, asked, direction)} needs ${needs}, ${leaves}: ${outcome}`,
        },
      ];
    }),
  );
}

/** What streaming at a rate looks like; other traffic is called by what it does. */
function naming({ class: trafficClass }: Request, rates: Both, direction: Direction): string {
  if (trafficClass === "streaming" && direction === "down") return pictureAt(rates.down);
  const way = direction === "down" ? "download" : "upload";
  return trafficClass === "realtime" || trafficClass === "interactive" ? `its ${trafficClass} ${way}` : `its ${way}`;
}

function outcomeOf({ class: trafficClass }: Request, rung: Both, direction: Direction): string {
  const rate = formatRate(Math.floor(rung[direction]));
  return trafficClass === "streaming" && direction === "down"
    ? `it will play in ${pictureAt(rung.down)} (${rate})`
    : `it is sure of ${rate}`;
}

const pictureAt = (rate: number): string =>
  rate >= 20_000 ? "4K" : rate >= 12_000 ? "1440p" : rate >= 7_000 ? "1080p" : rate >= 4_000 ? "720p" : "standard definition";
