import { baseProfile, formatRate } from "@network-personas/personas";
import {
  type BlendedProfile,
  type DevicePlan,
  meanOf,
  type PlanReason,
  type Refusal,
  type Sentence,
  type SentenceKey,
  type SentencePart,
  sentence,
} from "../model/index.ts";
import type { Grant } from "./admission.ts";
import { type Both, type Direction, directions, epsilon, none } from "./both.ts";
import type { Control } from "./controls.ts";
import type { Request, Seated } from "./demands.ts";
import type { Floors } from "./floors.ts";
import type { Household } from "./household.ts";
import { lowestOf, topOf } from "./rungs.ts";
import type { Held } from "./stabilise.ts";
import { caused, refusal } from "./words.ts";

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

const heldBecause = { small: "heldSmall", dwell: "heldDwell", cost: "heldCost" } as const satisfies Record<Held, SentenceKey>;

/** One reason per number and per restriction of a device's plan. */
export function reasonsFor(causes: Causes, household: Household): PlanReason[] {
  const { plan, held } = causes;
  const reason: Make = (field, value, rule, because, from = []) => ({
    device: plan.device,
    field,
    value,
    rule,
    ...caused(held && qosFields.has(field) ? sentence("heldBecause", { because, held: sentence(heldBecause[held]) }) : because),
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
      ofClass.length > 0 ? sentence("classOf", { class: plan.class, who: who(ofClass, household) }) : classless(requests, plan),
      ofClass.map(({ claim }) => ({ persona: claim.persona, probability: claim.probability, value: claim.class })),
    ),
  );
  const weight = causes.control?.weight;
  const weightBy =
    weight !== undefined && plan.weight === weight ? sentence("setBy", { sources: [...causes.control!.sources] }) : undefined;
  const favoured = seated.some(({ claim }) => claim.weight !== baseProfile.qos.weight);
  found.push(
    reason(
      "weight",
      String(plan.weight),
      weightBy === undefined ? meanOf("qos.weight").rule : "constraint",
      weightBy ?? (favoured ? sentence("surplusOf", { who: who(seated, household) }) : sentence("surplusNormal")),
      favoured ? claims((claim) => String(claim.weight)) : [],
    ),
    reason(
      "latencyTarget",
      `${plan.latencyTarget} ms`,
      meanOf("qos.latencyTarget").rule,
      seated.length > 0 ? sentence("delayWanted", { who: who(seated, household) }) : sentence("delayUsual"),
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
): { rule: string; because: Sentence; from: PlanReason["from"] } {
  const floor = floors.of.get(plan.device)![direction];
  if (plan.guarantee[direction] < floor) return { rule: "omitted", because: sentence("cannotGuarantee"), from: [] };
  const giving = grants.filter((grant) => grant.rates[direction] > 0);
  if (giving.length === 0 || giving.reduce((sum, grant) => sum + grant.rates[direction], 0) <= floor) {
    const acknowledgements = direction === "up" ? sentence("floorAcknowledgements") : "";
    const cut = floors.degraded[direction] ? sentence("floorCut") : "";
    return { rule: "floor", because: sentence("floor", { acknowledgements, cut }), from: [] };
  }
  const granted = giving.map(({ request, rates, verdicts }) => {
    const insured = Math.max(...verdicts.filter((verdict) => verdict.rung).map((verdict) => verdict.alternative.insured));
    const given = { rate: rates[direction], class: request.class };
    return insured < 1 ? sentence("grantInsured", { ...given, share: insured }) : sentence("grant", given);
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
    because: sentence("granted", { grants: granted, who: personsOf(giving, household) }),
    from,
  };
}

const personsOf = (grants: readonly Grant[], household: Household): string[] => [
  ...new Set(
    grants.flatMap(({ verdicts }) => verdicts.filter(({ rung }) => rung).map(({ alternative }) => household.nameOf(alternative.subject))),
  ),
];

/** Who the activities are of; what reads the same is said once. */
const who = (seated: readonly Seated[], household: Household): Sentence[] => {
  const said = new Map<string, Sentence>();
  for (const { subject, claim } of seated) {
    const [name, share] = [household.nameOf(subject), Math.round(claim.probability * 100)];
    said.set(`${name} ${claim.persona} ${share}`, sentence("who", { name, persona: claim.persona, share: claim.probability }));
  }
  return [...said.values()];
};
const shares = (from: PlanReason["from"]): Sentence[] =>
  from.map((share) => sentence("personaShare", { persona: share.persona, share: share.probability }));

function classless(requests: readonly Request[], plan: DevicePlan): Sentence {
  const wished = requests.filter((request) => request.wholeUtility > 0 && request.class !== plan.class && request.class !== "default");
  return wished.length === 0 ? sentence("nothingUrgent") : sentence("classMissing", { class: wished[0]!.class });
}

function ceilingBecause({ plan, profile, control }: Causes, direction: Direction): Sentence {
  const limit = plan.ceiling[direction]!;
  if (control && control.cap[direction] < limit) return sentence("capLower", { sources: [...control.sources] });
  if (control?.cap[direction] === limit) return sentence("capped", { sources: [...control.sources] });
  const field = profile?.explanation.find(
    (entry) => entry.path === (direction === "down" ? "bandwidth.ceilingDown" : "bandwidth.ceilingUp"),
  );
  if (field && field.from.length > 0) return sentence("background", { personas: shares([...field.from]) });
  return sentence("bulkGuard", { class: plan.class });
}

type Make = (field: string, value: string, rule: string, because: Sentence, from?: PlanReason["from"]) => PlanReason;

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
  if (plan.blocked) found.push(reason("blocked", "no internet", "policy", sentence("policyBlocks")));
  if (plan.blockedApplications.length > 0) {
    const entry = profile?.explanation.find(({ path }) => path === "applications.blocked");
    const asking = control?.blockApplications ?? [];
    const own = profile?.profile.applications.blocked ?? [];
    const ruled = plan.blockedApplications.some((id) => !asking.includes(id) && !own.includes(id));
    const by: SentencePart[] = [
      ...(entry?.from.map(({ persona }) => sentence("personaNamed", { persona })) ?? []),
      ...(asking.length > 0 ? control!.sources : []),
      ...(ruled ? [sentence("homePolicy")] : []),
    ];
    found.push(
      reason(
        "blockedApplications",
        plan.blockedApplications.join(", "),
        "interrupting",
        sentence("blockedBy", { by: by.length > 0 ? by : [sentence("profileInForce")] }),
        [...(entry?.from ?? [])],
      ),
    );
  }
  for (const [field, path, tightening] of accessPaths) {
    const value = plan[field];
    if (value === false || value === null || value === "open" || (Array.isArray(value) && value.length === 0)) continue;
    const entry = profile?.explanation.find((candidate) => candidate.path === path);
    const asked =
      tightening !== undefined && control?.tighten.has(tightening) ? sentence("askedBy", { sources: [...control.sources] }) : undefined;
    const wanted = entry && entry.from.length > 0 ? sentence("wantedBy", { personas: shares([...entry.from]) }) : undefined;
    const because = asked && wanted ? sentence("bothCauses", { first: asked, more: wanted }) : (asked ?? wanted ?? sentence("keptBefore"));
    const shown = Array.isArray(value) ? value.join(", ") : String(value);
    found.push(reason(field, shown, entry?.rule ?? "profile", because, [...(entry?.from ?? [])]));
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
      // A film that would fit is lowered as well when its acknowledgements do not: what is said is what stands in the way.
      const missing = (way: Direction) => asked[way] > Math.min(room[way], request.cap[way]) + epsilon;
      const lowered = (way: Direction) => given[way] < asked[way] - epsilon;
      const direction = directions.find(missing) ?? directions.find(lowered) ?? "down";
      const capped = !alternative.ordered && request.cap[direction] < asked[direction];
      const left = Math.max(given[direction], capped ? Math.min(room[direction], request.cap[direction]) : room[direction]);
      const because = sentence("tooMuch", {
        what: naming(request, asked, direction),
        needs: sentence(rung ? "exactly" : "atLeast", { rate: asked[direction] }),
        leaves: sentence(capped ? "capLeaves" : "promised", { rate: Math.floor(left) }),
        outcome: rung ? sentence("betterLater", { outcome: outcomeOf(request, rung, direction) }) : sentence("nothingKept"),
      });
      const what = sentence("whatNeed", { persona: cause, device: household.nameOf(request.device) });
      return [refusal({ subject, device: request.device }, what, because)];
    }),
  );
}

/** What streaming at a rate looks like; other traffic is called by what it does. */
function naming({ class: trafficClass }: Request, rates: Both, direction: Direction): Sentence {
  if (trafficClass === "streaming" && direction === "down") return sentence("picture", { rate: rates.down });
  if (trafficClass === "realtime" || trafficClass === "interactive")
    return sentence(direction === "down" ? "itsClassDownload" : "itsClassUpload", { class: trafficClass });
  return sentence(direction === "down" ? "itsDownload" : "itsUpload");
}

function outcomeOf({ class: trafficClass }: Request, rung: Both, direction: Direction): Sentence {
  const rate = Math.floor(rung[direction]);
  return sentence(trafficClass === "streaming" && direction === "down" ? "playsIn" : "sureOf", { rate });
}
