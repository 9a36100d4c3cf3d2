import type { Capabilities, Client, Counters, DriverOffer, Flow, NetworkPlan, Omission, Sentence } from "../model/index.ts";
import type { HttpAnswer, HttpRequest } from "./transport.ts";

/** What a router says it is. Never contains addresses or secrets. */
export interface RouterIdentity {
  vendor: string;
  model: string;
  firmware: string;
}

/** Everything on the router that is ours (tagged `np`), in the driver's own words. Comparable by JSON. */
export interface RouterState {
  owned: unknown;
  /** Things we found that are not ours and would defeat a plan (foreign shaper, flow offload). */
  foreign: readonly Sentence[];
}

/** One step from what the router has to what it should have. */
export interface Change {
  action: "add" | "set" | "remove";
  /** The router's own name of the object or option. */
  target: string;
  before: string | null;
  after: string | null;
  /** A sentence a person understands. */
  summary: string;
  /** The same as a key with what is filled in: said in the language of who reads. */
  said: Sentence;
}

/** The difference between a plan and a router, ready to apply. `changes` empty means there is nothing to do. */
export interface ChangeSet {
  changes: readonly Change[];
  omissions: readonly SaidOmission[];
  /** What the driver needs to carry it out; plain JSON. */
  payload: unknown;
}

/** A router family behind one interface. One serial queue and one login per instance; methods reject with DriverError. */
export interface RouterDriver {
  identify(): Promise<RouterIdentity>;
  capabilities(): Promise<Capabilities>;
  /** The tagged state as it really is, never from memory. */
  read(): Promise<RouterState>;
  /** Pure difference: no writes. `desired` null means everything of ours goes away. Refuses what could cut our own path. */
  plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet>;
  /**
   * Carries out a change set and resolves when it is live. Unless `confirm` follows within `confirmWithin` ms the router
   * (capability `rollback: router`) or the next `rollback` undoes it.
   */
  apply(changes: ChangeSet, options: { confirmWithin: number }): Promise<void>;
  confirm(): Promise<void>;
  /** Undoes what is applied and not confirmed; harmless when there is nothing. */
  rollback(): Promise<void>;
  /** Removes everything of ours. */
  release(): Promise<void>;
  /** Gives restrictions that run out their full time again (capability `leases`); what has run out stays so. */
  renew?(): Promise<void>;
  close(): Promise<void>;

  clients?(): Promise<readonly Client[]>;
  counters?(): Promise<Counters>;
  flows?(): Promise<readonly Flow[]>;
  /** Calls back on arrivals and departures until aborted. */
  events?(onChange: () => void, signal: AbortSignal): Promise<void>;
  /** Checks each right it needs and says how to grant what is missing. */
  doctor?(): Promise<readonly Finding[]>;
}

/** What is left out, in English and as sentences. */
export type SaidOmission = Omission & { said: NonNullable<Omission["said"]> };

/** One line of `doctor`. */
export interface Finding {
  /** What was looked at, in English. Its words are among the sentences: `check-way-back` for "way back"; "right: NAME" is a right. */
  check: string;
  status: "ok" | "warning" | "failed";
  message: string;
  /** What the owner should do; "" when ok. */
  remedy: string;
  /** The same as keys with what is filled in. Of an error it is what its code means; its message is the whole of it. */
  said: { message: Sentence; remedy?: Sentence };
}

/** What a driver may use: its settings, a way to get secrets, time, and a log. Nothing else of the engine. */
export interface DriverContext {
  /** The router's entry of home.yaml, with the password already resolved. */
  settings: Readonly<Record<string, unknown>>;
  router: string;
  home: { id: string };
  /** Folder that belongs to this router, for what must survive restarts. */
  dataDir: string;
  clock: Clock;
  log: Log;
  /** Application catalogue, for rules by port and domain. */
  applications: ReadonlyMap<string, import("@network-personas/personas").Application>;
  /** MAC and IP addresses that must always stay reachable: the host we run on, the gateway, other infrastructure. */
  protectedMacs: ReadonlySet<string>;
}

/** What the module of a driver exports as `driver`. */
export interface DriverModule {
  create(context: DriverContext): Promise<RouterDriver>;
  /** For pages that set a home up. Absent: the usual questions are asked, and nothing is found by itself. */
  welcome?: DriverWelcome;
}

/** How a family of routers is found, and what it asks of its owner. */
export interface DriverWelcome extends Omit<DriverOffer, "driver"> {
  /** Names and addresses such routers usually answer at. */
  usualHosts: readonly string[];
  /** The router's `url` when what answers there looks like this family, else null. Asks without a login and changes nothing. */
  detect?(place: RouterPlace, probe: Probe): Promise<string | null>;
}

/** Where a router may be: a name or an address, or a whole URL when its owner gave one. */
export interface RouterPlace {
  host: string;
  url: URL | null;
}

/** One short request without any secret, whatever certificate is shown; null without an answer. */
export type Probe = (url: URL, request?: Omit<HttpRequest, "what" | "timeLimit">) => Promise<HttpAnswer | null>;

/** Time as a port: the engine never reads the clock itself. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`, or rejects when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Log as a port: hosts bring their own. Values registered as secrets are redacted before they get here. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
