import { baseProfile, formatRate } from "@network-personas/personas";
import type { DevicePlan, NetworkPlan, Omission, PlanReason, Refusal } from "../model/index.ts";
import { directions } from "./both.ts";

/** What a description needs of a plan and its causes; a PlanView is one. */
export interface Described {
  plan: NetworkPlan;
  reasons: readonly PlanReason[];
  refusals: readonly Refusal[];
  omissions?: readonly Omission[];
}

/** A plan as the lines a person reads: the line, every device with its causes, what was refused and what the router cannot do. */
export function describePlan({ plan, reasons, refusals, omissions = [] }: Described): string[] {
  const byDevice = Map.groupBy(reasons, (reason) => reason.device);
  const general = byDevice.get(null) ?? [];
  const ordinary = plan.devices.filter((device) => isOrdinary(device, byDevice.get(device.device) ?? []));
  const special = plan.devices.filter((device) => !ordinary.includes(device));
  return [
    ...plan.lines.map((line) => `line ${line.wan}: ${formatRate(line.shaper.down)} down, ${formatRate(line.shaper.up)} up`),
    ...general.map((reason) => `  ${describeReason(reason)}`),
    ...special.flatMap((device) => ["", ...describeDevice(device, byDevice.get(device.device) ?? [])]),
    ...(ordinary.length > 0
      ? ["", `nothing special: ${ordinary.map((device) => `${device.device} (${guaranteed(device)})`).join(", ")}`]
      : []),
    ...(refusals.length > 0 ? ["", "did not fit:", ...refusals.map((refusal) => `  ${describeRefusal(refusal)}`)] : []),
    ...(omissions.length > 0
      ? ["", "not possible on this router:", ...omissions.map((omission) => `  ${describeOmission(omission)}`)]
      : []),
  ];
}

/** One device: a line with what it gets, then a line per cause worth telling. */
export function describeDevice(device: DevicePlan, reasons: readonly PlanReason[]): string[] {
  const told = reasons.filter((reason) => !isUsual(device, reason));
  return [
    `${device.device}: ${[device.class, guaranteed(device), ...extras(device)].join(", ")}`,
    ...told.map((reason) => `  ${describeReason(reason)}`),
  ];
}

/** One number or restriction with its cause, the personas it came from with their weights, and the rule. */
export function describeReason({ field, value, rule, because, from }: PlanReason): string {
  const causes = from.map((share) => `${share.persona} ${percent(share.probability)}: ${share.value}`);
  return `${field} = ${value}: ${because}${causes.length > 0 ? ` [${causes.join("; ")}]` : ""} (${rule})`;
}

export const describeRefusal = ({ what, because }: Refusal): string => `${what}: ${because}`;

export const describeOmission = ({ device, wanted, instead, why }: Omission): string =>
  `${wanted}${device ? ` for ${device}` : ""}: ${why}${instead ? `; instead: ${instead}` : ""}`;

const percent = (p: number): string => `${Math.round(p * 100)} %`;
const guaranteed = ({ guarantee }: DevicePlan): string =>
  guarantee.down === 0 && guarantee.up === 0
    ? "nothing guaranteed"
    : `at least ${formatRate(guarantee.down)} down and ${formatRate(guarantee.up)} up`;

function extras(device: DevicePlan): string[] {
  const limits = directions.flatMap((direction) =>
    device.ceiling[direction] === null ? [] : [`at most ${formatRate(device.ceiling[direction])} ${direction}`],
  );
  return [
    ...limits,
    ...(device.weight === baseProfile.qos.weight ? [] : [`weight ${device.weight}`]),
    ...(device.latencyTarget === baseProfile.qos.latencyTarget ? [] : [`${device.latencyTarget} ms`]),
    ...(device.blocked ? ["no internet"] : []),
    ...(device.blockedApplications.length > 0 ? [`without ${device.blockedApplications.join(", ")}`] : []),
    ...(device.firewall === "open" ? [] : [`firewall ${device.firewall}`]),
    ...(device.inboundClosed ? ["closed from outside"] : []),
    ...(device.isolated ? ["isolated"] : []),
    ...(device.tunnel === null ? [] : [`through ${device.tunnel}`]),
    ...(device.malwareFilter ? ["malware filter"] : []),
    ...(device.familyFilter ? ["family filter"] : []),
  ];
}

const isOrdinary = (device: DevicePlan, reasons: readonly PlanReason[]): boolean =>
  device.class === "default" && extras(device).length === 0 && reasons.every((reason) => isUsual(device, reason));

/** The base layer's own numbers explain themselves. */
const isUsual = (device: DevicePlan, { field, rule }: PlanReason): boolean =>
  (field.startsWith("guarantee.") && rule === "floor") ||
  (field === "class" && device.class === "default") ||
  (field === "weight" && device.weight === baseProfile.qos.weight) ||
  (field === "latencyTarget" && device.latencyTarget === baseProfile.qos.latencyTarget) ||
  (field === "allowedApplications" && device.firewall !== "strict");
