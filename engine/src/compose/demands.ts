import { type Demands, type TrafficClass, trafficClasses } from "@network-personas/personas";
import type { BlendedProfile, Claim } from "../model/index.ts";
import { type Both, directions, epsilon, everyWay } from "./both.ts";
import type { Control } from "./controls.ts";
import type { Household } from "./household.ts";

/** One possible cause of a need: a likely persona of one subject, or a third party's floor. */
export interface Alternative {
  subject: string;
  /** Persona, or the third party. */
  cause: string;
  probability: number;
  /** Rates in kbit/s, best first. */
  need: { down: readonly number[]; up: readonly number[] };
  insured: number;
  utility: number;
  /** Any amount up to the rate helps; there are no rungs. */
  elastic: boolean;
  /** Ordered by the owner: a third party's cap does not bind it. */
  ordered: boolean;
}

/**
 * What one device asks of one traffic class. The alternatives exclude each other (a person does one thing, a TV plays
 * one film), so the largest of them is charged, not their sum.
 */
export interface Request {
  device: string;
  class: TrafficClass;
  alternatives: Alternative[];
  weight: number;
  utility: number;
  /** Utility of the claims that are about all traffic of the device; zero when none is. */
  wholeUtility: number;
  /** Third parties' cap. */
  cap: Both;
}

/** A claim that happens on a device, as its weight and latency target see it. */
export interface Seated {
  subject: string;
  claim: Claim;
}

export interface Demanded {
  /** By class in order of admission. */
  requests: ReadonlyMap<TrafficClass, Request[]>;
  seated: ReadonlyMap<string, readonly Seated[]>;
  /** Likely activities that no present device fits. */
  homeless: readonly Seated[];
}

const unlimited: Both = { down: Number.POSITIVE_INFINITY, up: Number.POSITIVE_INFINITY };

/** Charges every need once, to the present device it happens on. */
export function demandsOf(household: Household, controls: ReadonlyMap<string, Control>): Demanded {
  const requests = new Map<string, Request>();
  const seated = new Map<string, Seated[]>();
  const homeless: Seated[] = [];
  const request = (device: string, trafficClass: TrafficClass): Request => {
    const key = `${trafficClass} ${device}`;
    let found = requests.get(key);
    if (!found) {
      const cap = controls.get(household.subjectOf(device))?.cap ?? unlimited;
      found = { device, class: trafficClass, alternatives: [], weight: 0, utility: 0, wholeUtility: 0, cap };
      requests.set(key, found);
    }
    return found;
  };
  for (const [subject, profile] of household.profiles) {
    for (const claim of claimsOf(profile)) {
      const device = household.seat(subject, claim.kinds);
      if (!device) {
        homeless.push({ subject, claim });
        continue;
      }
      seated.set(device.id, [...(seated.get(device.id) ?? []), { subject, claim }]);
      const asked = request(device.id, claim.class);
      asked.weight = Math.max(asked.weight, claim.weight);
      asked.utility += claim.utility;
      if (claim.wholeDevice) asked.wholeUtility += Math.max(claim.utility, Number.MIN_VALUE);
      const need = { down: rungs(claim.need.down), up: rungs(claim.need.up) };
      if (need.down.length === 0 && need.up.length === 0) continue;
      const { persona: cause, probability, insured, utility } = claim;
      asked.alternatives.push({ subject, cause, probability, need, insured, utility, elastic: false, ordered: profile.overridden });
    }
  }
  for (const [subject, { floor, sources }] of controls) {
    const device = household.seat(subject, []);
    if (!device || directions.every((direction) => floor[direction] === 0)) continue;
    const asked = request(device.id, "default");
    asked.weight = Math.max(asked.weight, 1);
    asked.utility += thirdPartyUtility;
    const need = { down: rungs([floor.down]), up: rungs([floor.up]) };
    asked.alternatives.push({
      subject,
      cause: sources.join(" and "),
      probability: 1,
      need,
      insured: 1,
      utility: thirdPartyUtility,
      elastic: true,
      ordered: false,
    });
  }
  const all = [...requests.values()];
  for (const { alternatives } of all)
    alternatives.sort((a, b) => b.utility - a.utility || (`${a.subject} ${a.cause}` < `${b.subject} ${b.cause}` ? -1 : 1));
  const grouped = Map.groupBy(all, (asked) => asked.class);
  return { requests: new Map(trafficClasses.map((trafficClass) => [trafficClass, grouped.get(trafficClass) ?? []])), seated, homeless };
}

/** What a third party's floor is worth next to a persona's need when not everything fits. */
const thirdPartyUtility = 0.5;

const rungs = (ladder: readonly number[]): number[] => ladder.filter((rate) => rate > 0).sort((a, b) => b - a);

/** What a profile asks for, persona by persona where it was blended; a profile given by hand is charged as it stands. */
function claimsOf({ profile, deviceKinds, claims }: BlendedProfile): readonly Claim[] {
  const { demands, weight, latencyTarget, utility } = profile.qos;
  if (claims && addUp(claims, demands)) return claims;
  const asked = trafficClasses.filter((trafficClass) => demands[trafficClass]);
  return (asked.length === 0 ? (["default"] as const) : asked).map((trafficClass) => ({
    persona: "profile",
    probability: 1,
    class: trafficClass,
    need: demands[trafficClass]?.need ?? { down: [], up: [] },
    insured: 1,
    wholeDevice: (demands[trafficClass]?.applications ?? []).length === 0,
    weight,
    latencyTarget,
    utility,
    kinds: deviceKinds,
  }));
}

/** Claims speak for the profile they were blended into; one put in its place by a flow has other demands. */
const addUp = (claims: readonly Claim[], demands: Demands): boolean =>
  trafficClasses.every((trafficClass) =>
    everyWay((direction) => {
      const claimed = claims
        .filter((claim) => claim.class === trafficClass)
        .map((claim) => (claim.need[direction][0] ?? 0) * claim.insured);
      return Math.abs(Math.max(0, ...claimed) - (demands[trafficClass]?.need[direction][0] ?? 0)) < epsilon;
    }),
  );
