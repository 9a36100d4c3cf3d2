import { randomBytes } from "node:crypto";
import type { RouterTime } from "../shared/time.ts";

export type Json = Record<string, unknown>;

export interface Station {
  mac: string;
  ip?: string;
  hostname?: string;
  name?: string;
  is_wired: boolean;
  /** Seconds since 1970. */
  last_seen: number;
  rx_bytes?: number;
  tx_bytes?: number;
  "wired-rx_bytes"?: number;
  "wired-tx_bytes"?: number;
}

export interface ConsoleOptions {
  version?: string;
  /** Policy objects (Network 9.4 and newer). */
  objects?: boolean;
  /** Traffic rules (before the zone-based firewall). */
  rules?: boolean;
}

/** A request the application refuses, with the code it gives. */
export class Refused extends Error {
  readonly status: number;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

/** What the Network application keeps of one site: its database, over restarts. */
export class Site {
  readonly version: string;
  readonly collections: { objects: Json[] | undefined; rules: Json[] | undefined };
  readonly stations: Station[] = [];
  readonly devices: Json[] = [{ mac: "02:00:00:0a:0a:01", type: "udm", model: "UDMPRO", name: "Gateway" }];
  readonly networks: Json[] = [
    { _id: hex(), name: "Default", purpose: "corporate", enabled: true },
    { _id: hex(), name: "Internet 1", purpose: "wan", wan_smartq_enabled: true, wan_smartq_up_rate: 19_000, wan_smartq_down_rate: 95_000 },
    {
      _id: hex(),
      name: "Office",
      purpose: "vpn-client",
      vpn_type: "wireguard-client",
      enabled: true,
      x_wireguard_private_key: "not-to-be-shown",
    },
    { _id: hex(), name: "Switched off", purpose: "vpn-client", enabled: false },
  ];
  writes = 0;

  constructor(options: ConsoleOptions, time: RouterTime) {
    this.version = options.version ?? "10.1.85";
    this.collections = {
      objects: (options.objects ?? true) ? [ownersObject()] : undefined,
      rules: options.rules ? [ownersRule()] : undefined,
    };
    this.#time = time;
  }
  readonly #time: RouterTime;

  /** Lists of the first generation. */
  v1(path: string): unknown[] | undefined {
    switch (path) {
      case "stat/sysinfo":
        return [
          {
            version: this.version,
            ubnt_device_type: "UDMPRO",
            hostname: "UDMP",
            name: "UDMP",
            console_display_version: "4.3.6",
            udm_version: "4.3.6.1",
          },
        ];
      case "stat/sta":
        return this.stations.map((station) => ({ ...station, _id: hex(), site_id: siteId, "tx_bytes-r": 1.5, rssi: 44 }));
      case "stat/device-basic":
        return this.devices;
      case "rest/networkconf":
        return this.networks.map((network) => ({ ...network, site_id: siteId }));
      default:
        return undefined;
    }
  }

  create(kind: "objects" | "rules", body: Json): Json {
    this.#check(kind, body);
    if ("_id" in body || "id" in body) throw new Refused(400, "api.err.IdInvalid");
    const made = { ...body, ...this.#additions(kind) };
    this.collections[kind]!.push(made);
    this.writes++;
    return made;
  }

  replace(kind: "objects" | "rules", id: string, body: Json): Json {
    const at = this.#find(kind, id);
    this.#check(kind, body);
    // What is not sent is gone.
    const made = { ...body, [idKey(kind)]: id };
    this.collections[kind]![at] = made;
    this.writes++;
    return made;
  }

  delete(kind: "objects" | "rules", id: string): void {
    this.collections[kind]!.splice(this.#find(kind, id), 1);
    this.writes++;
  }

  #find(kind: "objects" | "rules", id: string): number {
    const at = this.collections[kind]!.findIndex((one) => one[idKey(kind)] === id);
    if (at === -1) throw new Refused(404, "api.err.NotFound");
    return at;
  }

  /** What the application adds by itself to what it is given. */
  #additions(kind: "objects" | "rules"): Json {
    return { [idKey(kind)]: hex(), site_id: siteId, created_at: this.#time.now(), ...(kind === "objects" ? { origin: "USER" } : {}) };
  }

  #check(kind: "objects" | "rules", body: Json): void {
    const problem = kind === "objects" ? objectProblem(body, this.networks) : ruleProblem(body);
    if (problem !== undefined) throw new Refused(400, problem);
  }
}

const siteId = "5f00000000000000000000aa";
const idKey = (kind: "objects" | "rules") => (kind === "objects" ? "id" : "_id");
function hex(): string {
  return randomBytes(12).toString("hex");
}

const mac = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;
const is = {
  flag: (value: unknown) => typeof value === "boolean",
  rate: (value: unknown) => Number.isInteger(value) && (value as number) > 0,
  macs: (value: unknown) => Array.isArray(value) && value.length > 0 && value.every((one) => mac.test(String(one))),
};
const part = (value: unknown): Json => (typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {});
const selector = (value: unknown) =>
  is.flag(part(value).enabled) && Array.isArray(part(value).values) && (!part(value).enabled || (part(value).values as []).length > 0);
const unknownKey = (body: Json, known: readonly string[]) => Object.keys(body).find((key) => !known.includes(key));

function objectProblem(body: Json, networks: readonly Json[]): string | undefined {
  const known = ["id", "site_id", "created_at", "origin", "enabled", "name", "target_type", "targets", "secure", "route", "qos"];
  if (unknownKey(body, known)) return "api.err.UnknownField";
  if (!is.flag(body.enabled) || typeof body.name !== "string" || body.name.length === 0 || body.name.length > 128)
    return "api.err.InvalidName";
  if (body.target_type !== "CLIENTS" || !is.macs(body.targets)) return "api.err.InvalidTargets";
  const [secure, route, qos] = [part(body.secure), part(body.route), part(body.qos)];
  if (![secure, route, qos].every((one) => is.flag(one.enabled))) return "api.err.InvalidPayload";
  const internet = part(secure.internet);
  if (!["BLOCKLIST", "ALLOWLIST", "TURN_OFF_INTERNET"].includes(String(internet.mode))) return "api.err.InvalidSecureMode";
  if (secure.enabled) {
    if (part(internet.schedule).mode !== "ALWAYS") return "api.err.InvalidSchedule";
    const lists = ["apps", "domains", "ip_addresses", "regions"].map((key) => internet[key]);
    if (internet.mode !== "TURN_OFF_INTERNET" && (!is.flag(internet.everything) || !lists.every(selector)))
      return "api.err.InvalidSelectors";
    if (internet.mode !== "TURN_OFF_INTERNET" && !internet.everything && !lists.some((one) => part(one).enabled))
      return "api.err.NothingSelected";
    const names = (part(internet.domains).values ?? []) as unknown[];
    if (names.some((name) => !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(String(name)))) return "api.err.InvalidDomain";
  }
  if (!["apps", "domains", "ip_addresses", "regions"].every((key) => selector(route[key]) && selector(qos[key])))
    return "api.err.InvalidSelectors";
  if (
    route.enabled &&
    (!is.flag(route.kill_switch) || !is.flag(route.all_traffic) || !networks.some((one) => one._id === route.network_id))
  )
    return "api.err.InvalidNetwork";
  if (!["LIMIT", "PRIORITIZE", "LIMIT_AND_PRIORITIZE"].includes(String(qos.mode)) || !is.flag(qos.all_traffic))
    return "api.err.InvalidQosMode";
  const limits = [part(qos.download_limit), part(qos.upload_limit)];
  if (!limits.every((one) => is.flag(one.enabled) && is.rate(one.limit) && one.burst === "DISABLED")) return "api.err.InvalidLimit";
  if (qos.enabled && part(qos.schedule).mode !== "ALWAYS") return "api.err.InvalidSchedule";
  if (qos.enabled && qos.mode !== "PRIORITIZE" && !limits.some((one) => one.enabled)) return "api.err.InvalidLimit";
  return secure.enabled || route.enabled || qos.enabled ? undefined : "api.err.NothingSelected";
}

function ruleProblem(body: Json): string | undefined {
  const lists = ["app_category_ids", "app_ids", "domains", "ip_addresses", "ip_ranges", "network_ids", "regions"];
  const known = [
    "_id",
    "site_id",
    "created_at",
    "enabled",
    "description",
    "action",
    "matching_target",
    "target_devices",
    "bandwidth_limit",
    "schedule",
    ...lists,
  ];
  if (unknownKey(body, known)) return "api.err.UnknownField";
  if (!is.flag(body.enabled) || typeof body.description !== "string") return "api.err.InvalidPayload";
  if (!["BLOCK", "ALLOW"].includes(String(body.action)) || body.matching_target !== "INTERNET") return "api.err.InvalidMatchingTarget";
  const targets = body.target_devices;
  if (!Array.isArray(targets) || targets.length === 0 || !targets.every((one) => one.type === "CLIENT" && mac.test(String(one.client_mac))))
    return "api.err.InvalidTargets";
  const limit = part(body.bandwidth_limit);
  if (!is.flag(limit.enabled) || !is.rate(limit.download_limit_kbps) || !is.rate(limit.upload_limit_kbps)) return "api.err.InvalidLimit";
  if (part(body.schedule).mode !== "ALWAYS" || !lists.every((key) => Array.isArray(body[key]))) return "api.err.InvalidPayload";
  return undefined;
}

/** A policy the owner made, with a name that looks a little like ours, and with what only newer versions know. */
function ownersObject(): Json {
  const none = { enabled: false, values: [] };
  const limit = { enabled: true, limit: 5_000, burst: "DISABLED" };
  return {
    id: hex(),
    site_id: siteId,
    enabled: true,
    name: "np-lookalike",
    target_type: "GROUPS",
    targets: ["69b3500d203564b3e98f4410"],
    secure: { enabled: false, internet: { mode: "BLOCKLIST", everything: true } },
    route: { enabled: false, apps: none, domains: none, ip_addresses: none, regions: none },
    qos: { enabled: true, all_traffic: true, mode: "LIMIT", download_limit: limit, upload_limit: limit, schedule: { mode: "ALWAYS" } },
    something_newer: { answer: 42 },
  };
}

function ownersRule(): Json {
  return {
    _id: hex(),
    site_id: siteId,
    description: "Kids at night",
    enabled: true,
    action: "BLOCK",
    matching_target: "INTERNET",
    target_devices: [{ type: "ALL_CLIENTS" }],
  };
}
