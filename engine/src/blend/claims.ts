import { baseProfile, type Demand, trafficClasses } from "@network-personas/personas";
import type { Claim } from "../model/index.ts";
import type { Share } from "./rules/rule.ts";
import { insured, membership, suspicion } from "./thresholds.ts";

const nothing: Demand = { applications: [], need: { down: [], up: [] }, want: { down: undefined, up: undefined } };

/** What each likely persona asks for, kept apart so that it can be charged to the device that persona happens on. */
export function claimsOf(acting: readonly Share[]): Claim[] {
  return acting.flatMap(({ persona, p }) => {
    const { qos } = persona.profile;
    const asked = trafficClasses.filter((trafficClass) => qos.demands[trafficClass]);
    // A persona without demands may still ask for a weight.
    return (asked.length === 0 ? (["default"] as const) : asked).flatMap((trafficClass): Claim[] => {
      const { need, applications } = qos.demands[trafficClass] ?? nothing;
      if (p < membership[trafficClass]) return [];
      const asksRates = need.down.length > 0 || need.up.length > 0;
      const ordinary = qos.weight === baseProfile.qos.weight && qos.latencyTarget === baseProfile.qos.latencyTarget;
      if (trafficClass === "default" && !asksRates && ordinary) return [];
      return [
        {
          persona: persona.id,
          probability: p,
          class: trafficClass,
          need,
          insured: insured(p),
          wholeDevice: applications.length === 0,
          weight: qos.weight,
          latencyTarget: qos.latencyTarget,
          utility: p * qos.utility,
          kinds: persona.deviceKinds,
        },
      ];
    });
  });
}

/** Kinds of device the plausible personas happen on, the likeliest persona's first. */
export const kindsOf = (shares: readonly Share[]): string[] => [
  ...new Set(shares.filter((share) => share.p >= suspicion).flatMap((share) => share.persona.deviceKinds)),
];
