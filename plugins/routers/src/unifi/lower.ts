import type { SaidOmission } from "@network-personas/engine/driver";
import { type DevicePlan, type NetworkPlan, type PlanField, type Sentence, sentence } from "@network-personas/engine/model";
import type { Application, TrafficClass } from "@network-personas/personas";
import { omission, type Wanted } from "../shared/omission.ts";
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
  omissions: SaidOmission[];
}
type Omit = (field: PlanField, why: Sentence, instead?: Sentence | "", what?: Wanted) => void;

/** Classes that cannot wait: calls and games. */
const urgent: ReadonlySet<TrafficClass> = new Set(["realtime", "interactive"]);

const noShares = sentence("unifiNoShares");
/** What no UniFi Network does for a device, and where its owner can do something like it. */
const impossible: Partial<Record<PlanField, Sentence>> = {
  "device.guarantee": noShares,
  "device.weight": noShares,
  "device.latencyTarget": noShares,
  "device.allowedApplications": sentence("unifiAllowList"),
  "device.firewall": sentence("unifiStrict"),
  "device.inboundClosed": sentence("unifiInbound"),
  "device.isolated": sentence("unifiIsolated"),
  "device.malwareFilter": sentence("unifiFilters"),
  "device.familyFilter": sentence("unifiFilters"),
};

/** What a plan becomes on a UniFi console: one policy for each device that has something. Pure. */
export function lower(plan: NetworkPlan, context: LowerContext): Lowered {
  const lowered: Lowered = { policies: [], omissions: [] };
  for (const { shaper } of plan.lines)
    lowered.omissions.push(
      omission("line.shaper", null, sentence("ratesOf", { down: shaper.down, up: shaper.up }), sentence("unifiShaper")),
    );
  for (const device of [...plan.devices].sort((a, b) => (a.device < b.device ? -1 : 1))) lowerDevice(device, context, lowered);
  lowered.policies.sort((a, b) => (a.name < b.name ? -1 : 1));
  return lowered;
}

function lowerDevice(device: DevicePlan, context: LowerContext, { policies, omissions }: Lowered): void {
  const wanted = wishes(device);
  const omit: Omit = (field, why, instead = "", what = wanted[field] ?? "") =>
    void omissions.push(omission(field, device.device, what, why, instead));
  const macs = macsOf(device);
  const obstacle = macs.length === 0 ? sentence("cannotTell") : context.family === undefined ? sentence("unifiNoPolicies") : undefined;
  if (obstacle) {
    for (const field of Object.keys(wanted) as PlanField[]) omit(field, obstacle);
    return;
  }
  for (const [field, why] of Object.entries(impossible) as [PlanField, Sentence][]) if (wanted[field] !== undefined) omit(field, why);
  if (device.blocked && device.cutEstablished)
    omit("device.blocked", sentence("unifiRunning"), sentence("newRefused"), sentence("cutAtOnce"));
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
      sentence("consoleNoVpn", {
        tunnel: device.tunnel,
        tunnels: context.tunnels.size > 0 ? [...context.tunnels.keys()] : sentence("none"),
      }),
    );
  const route = network === undefined ? noRoute : { ...noRoute, enabled: true, all_traffic: true, kill_switch: true, network_id: network };
  const qos = qosOf(device, wanted, omit);
  if (!secure.enabled && !route.enabled && !qos.enabled) return [];
  const name = `${tag}${device.device}`;
  return [{ name, body: { enabled: true, name, target_type: "CLIENTS", targets: macs, secure, route, qos } }];
}

function qosOf(device: DevicePlan, wanted: Wishes, omit: Omit): typeof noQos & { schedule?: typeof always } {
  const prefer = urgent.has(device.class);
  if (wanted["device.class"] !== undefined) omit("device.class", sentence("unifiOnePriority"), prefer ? sentence("deviceFirst") : "");
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
    if (!application) omit("device.blockedApplications", sentence("notInCatalogue", { application: id }), "", id);
    else if (application.domains.length === 0)
      omit("device.blockedApplications", sentence("unifiPorts", { application: application.name }), "", id);
    else {
      // A name stands for everything below it, too.
      for (const domain of application.domains) domains.add(domain.replace(/^\*\./, ""));
      omit("device.blockedApplications", sentence("unifiPast"), sentence("byNames", { application: application.name }), id);
    }
  }
  return [...domains].sort();
}

/** Rules of Network before 9.4: no internet, or slower. */
function rulesOf(device: DevicePlan, macs: string[], wanted: Wishes, omit: Omit): Policy[] {
  const newer = sentence("unifiNoObjects");
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
export function inWords(body: Readonly<Record<string, unknown>>): Sentence {
  const at = (...path: string[]) => path.reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], body);
  const rate = (value: unknown) => (typeof value === "number" ? value : 0);
  const words: Sentence[] = [];
  if (body.enabled !== true) words.push(sentence("switchedOff"));
  if (at("secure", "enabled") === true && at("secure", "internet", "mode") === "TURN_OFF_INTERNET") words.push(sentence("noInternet"));
  else if (at("secure", "enabled") === true)
    words.push(sentence("namesRefused", { names: String(at("secure", "internet", "domains", "values")) }));
  if (body.action === "BLOCK") words.push(sentence("noInternet"));
  if (at("qos", "enabled") === true) {
    if (String(at("qos", "mode")).includes("PRIORITIZE")) words.push(sentence("goesFirst"));
    for (const [way, key] of [
      ["down", "download_limit"],
      ["up", "upload_limit"],
    ] as const)
      if (at("qos", key, "enabled") === true) words.push(sentence("optionAtMost", { rate: rate(at("qos", key, "limit")), way }));
  }
  if (at("bandwidth_limit", "enabled") === true)
    words.push(
      sentence("atMostBoth", {
        down: rate(at("bandwidth_limit", "download_limit_kbps")),
        up: rate(at("bandwidth_limit", "upload_limit_kbps")),
      }),
    );
  if (at("route", "enabled") === true) words.push(sentence("tunnelOrNot"));
  const macs = Array.isArray(body.targets)
    ? body.targets
    : ((body.target_devices ?? []) as { client_mac?: string }[]).map((one) => one.client_mac);
  return sentence("policyWords", { words: words.length > 0 ? words : sentence("nothing"), macs: macs.join(" ") });
}
