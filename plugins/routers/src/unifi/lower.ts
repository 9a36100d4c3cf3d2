import type { DevicePlan, NetworkPlan, Omission, PlanField } from "@network-personas/engine/model";
import { type Application, formatRate, type TrafficClass } from "@network-personas/personas";
import { macsOf, type Wishes, wishes } from "../shared/wishes.ts";
import { type Family, type Policy, tag } from "./policies.ts";

export interface LowerContext {
  family: Family | undefined;
  applications: ReadonlyMap<string, Application>;
  /** Ids of networks by the name of their tunnel. */
  tunnels: ReadonlyMap<string, string>;
}
export interface Lowered {
  policies: Policy[];
  omissions: Omission[];
}
type Omit = (field: PlanField, why: string, instead?: string, what?: string) => void;

/** Classes that cannot wait: calls and games. */
const urgent: ReadonlySet<TrafficClass> = new Set(["realtime", "interactive"]);

const noShares = "UniFi knows limits and one priority, but no guarantees, shares or delays of devices";
/** What no UniFi Network does for a device, and where its owner can do something like it. */
const impossible: Partial<Record<PlanField, string>> = {
  "device.guarantee": noShares,
  "device.weight": noShares,
  "device.latencyTarget": noShares,
  "device.allowedApplications":
    "an allow list of UniFi also cuts off names it does not know, DNS among them; make one under Settings > Policy Engine",
  "device.firewall": "strict access is a matter of zones: put the device into a network of its own under Settings > Policy Engine > Zones",
  "device.inboundClosed": "UniFi lets in only what port forwards of its owner say; those are not ours to close",
  "device.isolated":
    "isolation by an object cuts the device off from DHCP and DNS, too; use a network with isolation under Settings > Networks",
  "device.malwareFilter": "content filters of UniFi belong to networks; switch one on under Settings > CyberSecure",
  "device.familyFilter": "content filters of UniFi belong to networks; switch one on under Settings > CyberSecure",
};

/** What a plan becomes on a UniFi console: one policy for each device that has something. Pure. */
export function lower(plan: NetworkPlan, context: LowerContext): Lowered {
  const lowered: Lowered = { policies: [], omissions: [] };
  for (const { shaper } of plan.lines)
    lowered.omissions.push({
      field: "line.shaper",
      device: null,
      wanted: `${formatRate(shaper.down)} down, ${formatRate(shaper.up)} up`,
      instead: "",
      why: "Smart Queues are a setting of the WAN itself, and changing it interrupts the line; set their rates under Settings > Internet",
    });
  for (const device of [...plan.devices].sort((a, b) => (a.device < b.device ? -1 : 1))) lowerDevice(device, context, lowered);
  lowered.policies.sort((a, b) => (a.name < b.name ? -1 : 1));
  return lowered;
}

function lowerDevice(device: DevicePlan, context: LowerContext, { policies, omissions }: Lowered): void {
  const wanted = wishes(device);
  const omit: Omit = (field, why, instead = "", what = wanted[field] ?? "") =>
    void omissions.push({ field, device: device.device, wanted: what, instead, why });
  const macs = macsOf(device);
  const obstacle =
    macs.length === 0
      ? "no MAC address of the device is known, so it cannot be told from others"
      : context.family === undefined
        ? "this UniFi Network has no policies for single devices; update it under Settings > Control Plane > Updates"
        : undefined;
  if (obstacle) {
    for (const field of Object.keys(wanted) as PlanField[]) omit(field, obstacle);
    return;
  }
  for (const [field, why] of Object.entries(impossible) as [PlanField, string][]) if (wanted[field] !== undefined) omit(field, why);
  if (device.blocked && device.cutEstablished)
    omit(
      "device.blocked",
      "UniFi does not say whether a policy ends running connections",
      "new connections are refused",
      "running connections end at once",
    );
  if (context.family === "objects") policies.push(...objectOf(device, macs, wanted, context, omit));
  else policies.push(...rulesOf(device, macs, wanted, omit));
}

const off = { enabled: false, values: [] };
const always = { mode: "ALWAYS" };
const noRoute = { enabled: false, apps: off, domains: off, ip_addresses: off, regions: off };
const noSecurity = { enabled: false, internet: { mode: "BLOCKLIST", everything: true } };
const unlimited = { enabled: false, limit: 10_000, burst: "DISABLED" };
const noQos = {
  enabled: false,
  all_traffic: true,
  apps: off,
  domains: off,
  ip_addresses: off,
  regions: off,
  mode: "LIMIT",
  download_limit: unlimited,
  upload_limit: unlimited,
};

/** One object of the policy engine, as Network 9.4 and newer keep it; shaped as the web interface writes it. */
function objectOf(device: DevicePlan, macs: string[], wanted: Wishes, context: LowerContext, omit: Omit): Policy[] {
  const domains = device.blocked ? [] : domainsOf(device, context.applications, omit);
  const secure = device.blocked
    ? { enabled: true, internet: { mode: "TURN_OFF_INTERNET", schedule: always } }
    : domains.length > 0
      ? {
          enabled: true,
          internet: {
            mode: "BLOCKLIST",
            everything: false,
            apps: off,
            domains: { enabled: true, values: domains },
            ip_addresses: off,
            regions: off,
            schedule: always,
          },
        }
      : noSecurity;
  const network = device.tunnel === null ? undefined : context.tunnels.get(device.tunnel);
  if (device.tunnel !== null && network === undefined)
    omit(
      "device.tunnel",
      `the console has no VPN client "${device.tunnel}" that is switched on; it has ${[...context.tunnels.keys()].join(", ") || "none"}`,
    );
  const route = network === undefined ? noRoute : { ...noRoute, enabled: true, all_traffic: true, kill_switch: true, network_id: network };
  const qos = qosOf(device, wanted, omit);
  if (!secure.enabled && !route.enabled && !qos.enabled) return [];
  const name = `${tag}${device.device}`;
  return [{ name, body: { enabled: true, name, target_type: "CLIENTS", targets: macs, secure, route, qos } }];
}

function qosOf(device: DevicePlan, wanted: Wishes, omit: Omit): typeof noQos & { schedule?: typeof always } {
  const prefer = urgent.has(device.class);
  if (wanted["device.class"] !== undefined)
    omit("device.class", "UniFi knows one priority, for what cannot wait", prefer ? "the device goes first" : "");
  const limit = (rate: number | null) => (rate === null ? unlimited : { enabled: true, limit: rate, burst: "DISABLED" });
  const limited = device.ceiling.down !== null || device.ceiling.up !== null;
  if (!prefer && !limited) return noQos;
  return {
    ...noQos,
    enabled: true,
    mode: prefer ? (limited ? "LIMIT_AND_PRIORITIZE" : "PRIORITIZE") : "LIMIT",
    download_limit: limit(device.ceiling.down),
    upload_limit: limit(device.ceiling.up),
    schedule: always,
  };
}

function domainsOf(device: DevicePlan, applications: LowerContext["applications"], omit: Omit): string[] {
  const domains = new Set<string>();
  for (const id of [...new Set(device.blockedApplications)].sort()) {
    const application = applications.get(id);
    if (!application) omit("device.blockedApplications", `no application "${id}" is in the catalogue`, "", id);
    else if (application.domains.length === 0)
      omit("device.blockedApplications", `${application.name} is known by its ports only, and UniFi blocks by name`, "", id);
    else {
      // A name stands for everything below it, too.
      for (const domain of application.domains) domains.add(domain.replace(/^\*\./, ""));
      omit(
        "device.blockedApplications",
        "what resolves names past the console is not seen",
        `${application.name} is told by its names`,
        id,
      );
    }
  }
  return [...domains].sort();
}

/** Rules of Network before 9.4: no internet, or slower. */
function rulesOf(device: DevicePlan, macs: string[], wanted: Wishes, omit: Omit): Policy[] {
  const newer = "this UniFi Network has no policy objects; 9.4 and newer have";
  if (device.tunnel !== null) omit("device.tunnel", newer);
  if (wanted["device.class"] !== undefined) omit("device.class", newer);
  if (wanted["device.blockedApplications"] !== undefined && !device.blocked) omit("device.blockedApplications", newer);
  const limited = device.ceiling.down !== null || device.ceiling.up !== null;
  if (!device.blocked && !limited) return [];
  const name = `${tag}${device.device}`;
  const body = {
    enabled: true,
    description: name,
    action: "BLOCK",
    matching_target: "INTERNET",
    target_devices: macs.map((mac) => ({ client_mac: mac, type: "CLIENT" })),
    bandwidth_limit: { enabled: false, download_limit_kbps: 1024, upload_limit_kbps: 1024 },
    schedule: { mode: "ALWAYS", repeat_on_days: [], time_all_day: false },
    app_category_ids: [],
    app_ids: [],
    domains: [],
    ip_addresses: [],
    ip_ranges: [],
    network_ids: [],
    regions: [],
  };
  if (device.blocked) return [{ name, body }];
  const { down, up } = device.ceiling;
  // Both ways are limited or none: where there is no ceiling the limit is out of reach.
  const limit = { enabled: true, download_limit_kbps: down ?? outOfReach, upload_limit_kbps: up ?? outOfReach };
  return [{ name, body: { ...body, action: "ALLOW", bandwidth_limit: limit } }];
}
const outOfReach = 100_000_000;

/** What a policy does, for people. */
export function inWords(body: Readonly<Record<string, unknown>>): string {
  const at = (...path: string[]) => path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);
  const rate = (value: unknown) => formatRate(typeof value === "number" ? value : 0);
  const words: string[] = [];
  if (body.enabled !== true) words.push("switched off");
  if (at("secure", "enabled") === true && at("secure", "internet", "mode") === "TURN_OFF_INTERNET") words.push("no internet");
  else if (at("secure", "enabled") === true) words.push(`names refused: ${String(at("secure", "internet", "domains", "values"))}`);
  if (body.action === "BLOCK") words.push("no internet");
  if (at("qos", "enabled") === true) {
    if (String(at("qos", "mode")).includes("PRIORITIZE")) words.push("goes first");
    for (const [way, key] of [
      ["down", "download_limit"],
      ["up", "upload_limit"],
    ] as const)
      if (at("qos", key, "enabled") === true) words.push(`at most ${rate(at("qos", key, "limit"))} ${way}`);
  }
  if (at("bandwidth_limit", "enabled") === true)
    words.push(
      `at most ${rate(at("bandwidth_limit", "download_limit_kbps"))} down, ${rate(at("bandwidth_limit", "upload_limit_kbps"))} up`,
    );
  if (at("route", "enabled") === true) words.push("through a tunnel or not at all");
  const macs = Array.isArray(body.targets)
    ? body.targets
    : ((body.target_devices ?? []) as { client_mac?: string }[]).map((one) => one.client_mac);
  return `${words.join(", ") || "nothing"} [${macs.join(" ")}]`;
}
