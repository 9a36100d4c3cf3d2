import { type Application, baseProfile } from "@network-personas/personas";
import { type Device, type DevicePlan, type Home, type Refusal, type Sentence, sentence } from "../model/index.ts";
import type { Control } from "./controls.ts";
import type { Household } from "./household.ts";
import { refusal } from "./words.ts";

/** The part of a device's plan that says what it may reach and who may reach it. */
export type Access = Pick<
  DevicePlan,
  | "blocked"
  | "cutEstablished"
  | "blockedApplications"
  | "allowedApplications"
  | "firewall"
  | "inboundClosed"
  | "isolated"
  | "tunnel"
  | "malwareFilter"
  | "familyFilter"
>;

export const openAccess: Access = {
  blocked: false,
  cutEstablished: false,
  blockedApplications: [],
  allowedApplications: [],
  firewall: baseProfile.security.firewall,
  inboundClosed: baseProfile.security.inboundClosed,
  isolated: baseProfile.security.isolated,
  tunnel: baseProfile.vpn.tunnel,
  malwareFilter: baseProfile.dns.malwareFilter,
  familyFilter: baseProfile.dns.familyFilter,
};

/** Devices that may never be blocked: those the policy names, itself or by its owner. */
export const neverBlocked = (home: Home): ReadonlySet<string> =>
  new Set([
    ...home.policy.neverBlock,
    ...home.people.filter((person) => home.policy.neverBlock.includes(person.id)).flatMap((person) => person.devices),
  ]);

export interface AccessInput {
  home: Home;
  household: Household;
  controls: ReadonlyMap<string, Control>;
  applications: ReadonlyMap<string, Application>;
  neverBlock: ReadonlySet<string>;
  refusals: Refusal[];
}

/** Settles a device's restrictions: safety, then the owner's override, the policy, third parties, personas. */
export function accessOf(device: Device, input: AccessInput): Access {
  if (device.infrastructure) return refuseOnInfrastructure(device, input);
  const { home, household, controls, refusals } = input;
  const subject = household.subjectOf(device.id);
  const given = household.profiles.get(subject);
  const { security, applications, vpn, dns } = given?.profile ?? baseProfile;
  const overridden = given?.overridden ?? false;
  const control = controls.get(subject);
  const tightened = (what: "inboundClosed" | "isolated" | "malwareFilter" | "familyFilter" | "firewallStrict") =>
    control?.tighten.has(what) ?? false;
  const never = input.neverBlock.has(device.id);
  const ruled = home.policy.blockedApplications.filter((rule) => rule.device === device.id).flatMap((rule) => rule.applications);

  const permitted = overridden ? applications.allowed : [];
  const imposed = [...ruled, ...(control?.blockApplications ?? [])].filter((id) => !permitted.includes(id));
  const blocking = known([...applications.blocked, ...imposed], device, input);
  if (never && blocking.length > 0) refuse(refusals, subject, device, sentence("whatBlocking", { applications: blocking }));
  const blockedApplications = never ? [] : blocking;
  const blocked = !never && home.policy.blockedDevices.includes(device.id);
  if (never && home.policy.blockedDevices.includes(device.id)) refuse(refusals, subject, device, sentence("whatBlockingDevice"));

  const byOwner = (id: string) => ruled.includes(id) || (overridden && applications.blocked.includes(id));
  const wished = tightened("firewallStrict") ? "strict" : security.firewall;
  const firewall = never && wished === "strict" ? "standard" : wished;
  const kinds = given?.deviceKinds ?? [];
  return {
    blocked,
    cutEstablished: blocked || (blockedApplications.length > 0 && blockedApplications.every(byOwner)),
    blockedApplications,
    // Exceptions from nothing would only be noise.
    allowedApplications:
      firewall === "strict" ? known(applications.allowed, device, input, true).filter((id) => !blockedApplications.includes(id)) : [],
    firewall,
    inboundClosed: security.inboundClosed || tightened("inboundClosed"),
    isolated: security.isolated || tightened("isolated"),
    tunnel: kinds.length === 0 || kinds.includes(device.kind) ? vpn.tunnel : null,
    malwareFilter: dns.malwareFilter || tightened("malwareFilter"),
    familyFilter: dns.familyFilter || tightened("familyFilter"),
  };
}

/**
 * Restrictions of a device that nobody ordered himself, by override or policy: those of personas and of third parties, and those
 * kept for a while after them. They must end when the engine does.
 */
export function leasedOf(plan: DevicePlan, { home, household }: Pick<AccessInput, "home" | "household">): string[] {
  const given = household.profiles.get(household.subjectOf(plan.device));
  const { security, applications, dns } = given?.overridden ? given.profile : baseProfile;
  const ordered: Omit<Access, "tunnel" | "allowedApplications" | "cutEstablished" | "blocked"> = {
    ...security,
    ...dns,
    blockedApplications: [
      ...applications.blocked,
      ...home.policy.blockedApplications.filter(({ device }) => device === plan.device).flatMap((rule) => rule.applications),
    ],
  };
  return [
    ...plan.blockedApplications.filter((id) => !ordered.blockedApplications.includes(id)).map((id) => `blockedApplications.${id}`),
    ...(plan.firewall === "strict" && ordered.firewall !== "strict" ? ["firewall"] : []),
    ...(["familyFilter", "inboundClosed", "isolated", "malwareFilter"] as const).filter((field) => plan[field] && !ordered[field]),
  ];
}

/** Catalogue applications in order; what no catalogue has cannot be recognised, and blocking it is refused aloud. */
function known(ids: readonly string[], device: Device, { applications, household, refusals }: AccessInput, silent = false): string[] {
  const unique = [...new Set(ids)].sort();
  const unknown = unique.filter((id) => !applications.has(id));
  if (unknown.length > 0 && !silent) {
    const whose = { subject: household.subjectOf(device.id), device: device.id };
    refusals.push(refusal(whose, sentence("whatBlocking", { applications: unknown }), sentence("notRecognisable")));
  }
  return unique.filter((id) => applications.has(id));
}

function refuse(refusals: Refusal[], subject: string, device: Device, what: Sentence): void {
  refusals.push(refusal({ subject, device: device.id }, what, sentence("neverBlocked")));
}

function refuseOnInfrastructure(device: Device, { home, household, controls, refusals }: AccessInput): Access {
  const ordered =
    home.policy.blockedDevices.includes(device.id) || home.policy.blockedApplications.some((rule) => rule.device === device.id);
  if (ordered || controls.has(device.id)) {
    const whose = { subject: household.subjectOf(device.id), device: device.id };
    refusals.push(refusal(whose, sentence("whatRestriction"), sentence("infrastructure")));
  }
  return openAccess;
}
