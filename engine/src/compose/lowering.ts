import { baseProfile, classTable, formatRate, type TrafficClass, trafficClasses } from "@network-personas/personas";
import type { Capabilities, DevicePlan, LinePlan, Omission, PlanField } from "../model/index.ts";
import { openAccess } from "./access.ts";
import { type Both, directions } from "./both.ts";

/** One field of a device's plan: when it asks for something, in words, and what it is when the router cannot do it. */
interface Lowering {
  field: PlanField;
  asks(plan: DevicePlan): boolean;
  wanted(plan: DevicePlan): string;
  neutral: Partial<DevicePlan>;
  /** What happens where the router cannot. */
  instead: string;
}

const rates = (of: { down: number | null; up: number | null }): string =>
  directions.map((direction) => `${of[direction] === null ? "no limit" : formatRate(of[direction])} ${direction}`).join(", ");
const neutralClass = { class: "default", dscp: classTable.default.dscp } as const;
const { firewall, inboundClosed, isolated, malwareFilter, familyFilter, tunnel } = openAccess;

const lowerings: readonly Lowering[] = [
  {
    field: "device.class",
    asks: (p) => p.class !== "default",
    wanted: (p) => p.class,
    neutral: neutralClass,
    instead: "treated like everything else",
  },
  {
    field: "device.ceiling",
    asks: (p) => p.ceiling.down !== null || p.ceiling.up !== null,
    wanted: (p) => rates(p.ceiling),
    neutral: { ceiling: { down: null, up: null } },
    instead: "not limited",
  },
  {
    field: "device.weight",
    asks: (p) => p.weight !== baseProfile.qos.weight,
    wanted: (p) => `weight ${p.weight}`,
    neutral: { weight: baseProfile.qos.weight },
    instead: "an equal share of the surplus",
  },
  {
    field: "device.latencyTarget",
    asks: (p) => p.latencyTarget !== baseProfile.qos.latencyTarget,
    wanted: (p) => `${p.latencyTarget} ms`,
    neutral: { latencyTarget: baseProfile.qos.latencyTarget },
    instead: "the router's usual queue length",
  },
  { field: "device.blocked", asks: (p) => p.blocked, wanted: () => "no internet", neutral: { blocked: false }, instead: "stays online" },
  {
    field: "device.blockedApplications",
    asks: (p) => p.blockedApplications.length > 0,
    wanted: (p) => `without ${p.blockedApplications.join(", ")}`,
    neutral: { blockedApplications: [] },
    instead: "these stay reachable",
  },
  {
    field: "device.firewall",
    asks: (p) => p.firewall !== firewall,
    wanted: (p) => p.firewall,
    neutral: { firewall },
    instead: "the router's own rules",
  },
  {
    field: "device.inboundClosed",
    asks: (p) => p.inboundClosed,
    wanted: () => "inbound closed",
    neutral: { inboundClosed },
    instead: "the router's own port forwards stay",
  },
  {
    field: "device.isolated",
    asks: (p) => p.isolated,
    wanted: () => "isolated",
    neutral: { isolated },
    instead: "reaches the other devices of the home",
  },
  {
    field: "device.malwareFilter",
    asks: (p) => p.malwareFilter,
    wanted: () => "malware DNS filter",
    neutral: { malwareFilter },
    instead: "unfiltered names",
  },
  {
    field: "device.familyFilter",
    asks: (p) => p.familyFilter,
    wanted: () => "family DNS filter",
    neutral: { familyFilter },
    instead: "unfiltered names",
  },
];

/** A plan as this router can carry it out. What it cannot is reported once, into `omissions` when given. */
export function lowerDevice(plan: DevicePlan, capabilities: Capabilities, floor: Both | undefined, omissions?: Omission[]): DevicePlan {
  const lowered: DevicePlan = { ...plan };
  const omit = (field: PlanField, wanted: string, instead: string, why: string) =>
    omissions?.push({ field, device: plan.device, wanted, instead, why });
  if (capabilities.fields["device.class"] !== "impossible") {
    const nearest = nearestClass(plan.class, capabilities.classes);
    if (nearest !== plan.class) omit("device.class", plan.class, nearest, "the router does not tell this class apart");
    Object.assign(lowered, { class: nearest, dscp: classTable[nearest].dscp });
  }
  for (const { field, asks, wanted, neutral, instead } of lowerings) {
    const support = capabilities.fields[field];
    if (support === "lowered" || !asks(plan)) continue;
    if (support === "substituted") omit(field, wanted(plan), "the nearest thing the router has", "the router does this in its own way");
    else {
      omit(field, wanted(plan), instead, "the router cannot do this");
      Object.assign(lowered, neutral);
    }
  }
  lowerGuarantee(lowered, capabilities, floor, omit);
  lowerAllowed(lowered, capabilities, omit);
  lowerTunnel(lowered, capabilities, omit);
  if (!lowered.blocked && lowered.blockedApplications.length === 0) lowered.cutEstablished = false;
  if (lowered.cutEstablished && !capabilities.cutsEstablished) {
    const field = lowered.blocked ? "device.blocked" : "device.blockedApplications";
    omit(field, "running connections end at once", "they end by themselves", "the router only refuses new connections");
    lowered.cutEstablished = false;
  }
  return lowered;
}

type Omit = (field: PlanField, wanted: string, instead: string, why: string) => void;

/** Everybody's floor is reported once for the home; here only what goes beyond it. */
function lowerGuarantee(plan: DevicePlan, { fields }: Capabilities, floor: Both | undefined, omit: Omit): void {
  const support = fields["device.guarantee"];
  if (support === "lowered") return;
  const beyond = floor && (plan.guarantee.down > floor.down || plan.guarantee.up > floor.up);
  if (support === "substituted") {
    if (beyond) omit("device.guarantee", rates(plan.guarantee), "the nearest thing the router has", "the router does this in its own way");
    return;
  }
  if (beyond) omit("device.guarantee", rates(plan.guarantee), "a share of the line by weight only", "the router cannot do this");
  plan.guarantee = { down: 0, up: 0 };
}

/** A list of exceptions means something only behind a strict firewall. */
function lowerAllowed(plan: DevicePlan, { fields }: Capabilities, omit: Omit): void {
  const strict = plan.firewall === "strict";
  const support = fields["device.allowedApplications"];
  if (support === "lowered") return;
  const wanted = `only ${plan.allowedApplications.join(", ") || "nothing"}`;
  if (support === "substituted") {
    if (strict) omit("device.allowedApplications", wanted, "the nearest thing the router has", "the router does this in its own way");
    return;
  }
  if (strict) {
    // Strict without its exceptions would cut the device off.
    omit("device.allowedApplications", wanted, "the firewall stays at standard", "the router cannot make exceptions by application");
    plan.firewall = "standard";
  }
  plan.allowedApplications = [];
}

function lowerTunnel(plan: DevicePlan, { fields, tunnels }: Capabilities, omit: Omit): void {
  if (plan.tunnel === null) return;
  const support = fields["device.tunnel"];
  const direct = "its traffic leaves directly, outside any tunnel";
  if (support === "impossible") omit("device.tunnel", plan.tunnel, direct, "the router cannot route one device through a tunnel");
  else if (!tunnels.includes(plan.tunnel))
    omit(
      "device.tunnel",
      plan.tunnel,
      direct,
      `the router has no tunnel of this name${tunnels.length > 0 ? `; it has ${tunnels.join(", ")}` : ""}`,
    );
  else {
    if (support === "substituted")
      omit("device.tunnel", plan.tunnel, "the nearest thing the router has", "the router does this in its own way");
    return;
  }
  plan.tunnel = tunnel;
}

/** The class itself, or the next less urgent one the router has; bulk becomes default. Every router has default. */
export function nearestClass(wanted: TrafficClass, classes: readonly TrafficClass[]): TrafficClass {
  const later = trafficClasses.slice(trafficClasses.indexOf(wanted));
  return later.find((c) => c === "default" || classes.includes(c)) ?? "default";
}

/** The shaper as this router can do it. */
export function lowerLine(line: LinePlan, wan: Both, { fields }: Capabilities, omissions: Omission[]): LinePlan {
  const support = fields["line.shaper"];
  if (support === "lowered") return line;
  const instead =
    support === "substituted" ? "the nearest thing the router has" : "the line runs unshaped; delay under load is up to the modem";
  const why = support === "substituted" ? "the router does this in its own way" : "the router cannot shape the line";
  omissions.push({ field: "line.shaper", device: null, wanted: rates(line.shaper), instead, why });
  const whole = { down: Math.max(1, Math.floor(wan.down)), up: Math.max(1, Math.floor(wan.up)) };
  return support === "substituted" ? line : { ...line, shaper: whole };
}

/** What the router cannot do for anybody. */
export function lowerHome({ fields }: Capabilities, omissions: Omission[]): void {
  if (fields["device.guarantee"] !== "impossible") return;
  omissions.push({
    field: "device.guarantee",
    device: null,
    wanted: "a floor for every device",
    instead: "nothing",
    why: "the router cannot guarantee rates",
  });
}
