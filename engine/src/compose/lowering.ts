import { baseProfile, classTable, type TrafficClass, trafficClasses } from "@network-personas/personas";
import {
  type Capabilities,
  type DevicePlan,
  type LinePlan,
  type Omission,
  type PlanField,
  type Sentence,
  type SentenceKey,
  sentence,
  verbatim,
} from "../model/index.ts";
import { openAccess } from "./access.ts";
import type { Both } from "./both.ts";
import { omission } from "./words.ts";

/** One field of a device's plan: when it asks for something, in words, and what it is when the router cannot do it. */
interface Lowering {
  field: PlanField;
  asks(plan: DevicePlan): boolean;
  wanted(plan: DevicePlan): Sentence;
  neutral: Partial<DevicePlan>;
  /** What happens where the router cannot. */
  instead: SentenceKey;
}

const rates = ({ down, up }: { down: number | null; up: number | null }): Sentence => sentence("bothRates", { down, up });
const neutralClass = { class: "default", dscp: classTable.default.dscp } as const;
const { firewall, inboundClosed, isolated, malwareFilter, familyFilter, tunnel } = openAccess;

const lowerings: readonly Lowering[] = [
  {
    field: "device.class",
    asks: (p) => p.class !== "default",
    wanted: (p) => sentence("className", { class: p.class }),
    neutral: neutralClass,
    instead: "asUsual",
  },
  {
    field: "device.ceiling",
    asks: (p) => p.ceiling.down !== null || p.ceiling.up !== null,
    wanted: (p) => rates(p.ceiling),
    neutral: { ceiling: { down: null, up: null } },
    instead: "notLimited",
  },
  {
    field: "device.weight",
    asks: (p) => p.weight !== baseProfile.qos.weight,
    wanted: (p) => sentence("weightOf", { weight: p.weight }),
    neutral: { weight: baseProfile.qos.weight },
    instead: "equalShare",
  },
  {
    field: "device.latencyTarget",
    asks: (p) => p.latencyTarget !== baseProfile.qos.latencyTarget,
    wanted: (p) => sentence("delayOf", { ms: p.latencyTarget }),
    neutral: { latencyTarget: baseProfile.qos.latencyTarget },
    instead: "usualQueue",
  },
  {
    field: "device.blocked",
    asks: (p) => p.blocked,
    wanted: () => sentence("noInternet"),
    neutral: { blocked: false },
    instead: "staysOnline",
  },
  {
    field: "device.blockedApplications",
    asks: (p) => p.blockedApplications.length > 0,
    wanted: (p) => sentence("without", { applications: p.blockedApplications }),
    neutral: { blockedApplications: [] },
    instead: "stayReachable",
  },
  {
    field: "device.firewall",
    asks: (p) => p.firewall !== firewall,
    wanted: (p) => sentence("levelName", { level: p.firewall }),
    neutral: { firewall },
    instead: "ownRules",
  },
  {
    field: "device.inboundClosed",
    asks: (p) => p.inboundClosed,
    wanted: () => sentence("inboundClosed"),
    neutral: { inboundClosed },
    instead: "ownForwards",
  },
  {
    field: "device.isolated",
    asks: (p) => p.isolated,
    wanted: () => sentence("isolated"),
    neutral: { isolated },
    instead: "reachesOthers",
  },
  {
    field: "device.malwareFilter",
    asks: (p) => p.malwareFilter,
    wanted: () => sentence("malwareFilter"),
    neutral: { malwareFilter },
    instead: "unfiltered",
  },
  {
    field: "device.familyFilter",
    asks: (p) => p.familyFilter,
    wanted: () => sentence("familyFilter"),
    neutral: { familyFilter },
    instead: "unfiltered",
  },
];

/** A plan as this router can carry it out. What it cannot is reported once, into `omissions` when given. */
export function lowerDevice(plan: DevicePlan, capabilities: Capabilities, floor: Both | undefined, omissions?: Omission[]): DevicePlan {
  const lowered: DevicePlan = { ...plan };
  const omit: Omit = (field, wanted, instead, why) =>
    omissions?.push(
      omission(
        field,
        plan.device,
        wanted,
        typeof instead === "string" ? sentence(instead) : instead,
        typeof why === "string" ? sentence(why) : why,
      ),
    );
  if (capabilities.fields["device.class"] !== "impossible") {
    const nearest = nearestClass(plan.class, capabilities.classes);
    if (nearest !== plan.class)
      omit("device.class", sentence("className", { class: plan.class }), sentence("className", { class: nearest }), "classUnknown");
    Object.assign(lowered, { class: nearest, dscp: classTable[nearest].dscp });
  }
  for (const { field, asks, wanted, neutral, instead } of lowerings) {
    const support = capabilities.fields[field];
    if (support === "lowered" || !asks(plan)) continue;
    if (support === "substituted") omit(field, wanted(plan), "nearest", "ownWay");
    else {
      omit(field, wanted(plan), instead, "cannot");
      Object.assign(lowered, neutral);
    }
  }
  lowerGuarantee(lowered, capabilities, floor, omit);
  lowerAllowed(lowered, capabilities, omit);
  lowerTunnel(lowered, capabilities, omit);
  if (!lowered.blocked && lowered.blockedApplications.length === 0) lowered.cutEstablished = false;
  if (lowered.cutEstablished && !capabilities.cutsEstablished) {
    const field = lowered.blocked ? "device.blocked" : "device.blockedApplications";
    omit(field, sentence("cutAtOnce"), "endThemselves", "refusesNew");
    lowered.cutEstablished = false;
  }
  return lowered;
}

type Omit = (field: PlanField, wanted: Sentence, instead: SentenceKey | Sentence, why: SentenceKey | Sentence) => void;

/** Everybody's floor is reported once for the home; here only what goes beyond it. */
function lowerGuarantee(plan: DevicePlan, { fields }: Capabilities, floor: Both | undefined, omit: Omit): void {
  const support = fields["device.guarantee"];
  if (support === "lowered") return;
  const beyond = floor && (plan.guarantee.down > floor.down || plan.guarantee.up > floor.up);
  if (support === "substituted") {
    if (beyond) omit("device.guarantee", rates(plan.guarantee), "nearest", "ownWay");
    return;
  }
  if (beyond) omit("device.guarantee", rates(plan.guarantee), "weightOnly", "cannot");
  plan.guarantee = { down: 0, up: 0 };
}

/** A list of exceptions means something only behind a strict firewall. */
function lowerAllowed(plan: DevicePlan, { fields }: Capabilities, omit: Omit): void {
  const strict = plan.firewall === "strict";
  const support = fields["device.allowedApplications"];
  if (support === "lowered") return;
  const { allowedApplications: applications } = plan;
  const wanted = applications.length > 0 ? sentence("onlyApplications", { applications }) : sentence("onlyNothing");
  if (support === "substituted") {
    if (strict) omit("device.allowedApplications", wanted, "nearest", "ownWay");
    return;
  }
  if (strict) {
    // Strict without its exceptions would cut the device off.
    omit("device.allowedApplications", wanted, "staysStandard", "noExceptions");
    plan.firewall = "standard";
  }
  plan.allowedApplications = [];
}

function lowerTunnel(plan: DevicePlan, { fields, tunnels }: Capabilities, omit: Omit): void {
  if (plan.tunnel === null) return;
  const support = fields["device.tunnel"];
  const wanted = verbatim(plan.tunnel);
  if (support === "impossible") omit("device.tunnel", wanted, "direct", "noTunnelRouting");
  else if (!tunnels.includes(plan.tunnel))
    omit("device.tunnel", wanted, "direct", tunnels.length > 0 ? sentence("otherTunnels", { tunnels: [...tunnels] }) : "noSuchTunnel");
  else {
    if (support === "substituted") omit("device.tunnel", wanted, "nearest", "ownWay");
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
  const [instead, why] = support === "substituted" ? (["nearest", "ownWay"] as const) : (["unshaped", "cannotShape"] as const);
  omissions.push(omission("line.shaper", null, rates(line.shaper), sentence(instead), sentence(why)));
  const whole = { down: Math.max(1, Math.floor(wan.down)), up: Math.max(1, Math.floor(wan.up)) };
  return support === "substituted" ? line : { ...line, shaper: whole };
}

/** What the router cannot do for anybody. */
export function lowerHome({ fields }: Capabilities, omissions: Omission[]): void {
  if (fields["device.guarantee"] !== "impossible") return;
  omissions.push(omission("device.guarantee", null, sentence("floorForAll"), sentence("nothing"), sentence("cannotGuarantee")));
}
