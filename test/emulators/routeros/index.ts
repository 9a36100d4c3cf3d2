import type { IncomingMessage } from "node:http";
import { type RouterTime, steppedTime } from "../shared/time.ts";
import { type Exchange, startWire, type Wire, type WireFault } from "../shared/wire.ts";
import { Device } from "./device.ts";
import { singletons } from "./menus.ts";
import type { Seed } from "./seed.ts";
import { Refused, type Row } from "./values.ts";

export type { WireFault };

export interface Account {
  username: string;
  password: string;
  policies: string[];
  /** The list of users may be seen. */
  seesUsers: boolean;
}

export interface RouterOsOptions extends Seed {
  account?: Partial<Account>;
  time?: RouterTime;
  tls?: { key: string; cert: string };
}

/** A write in the router's place: what it refuses it with, or undefined to let it through. */
export type Spoiler = (method: string, menu: string, body: Row) => Refused | undefined;

export interface RouterOsEmulator extends Omit<Wire, "requests"> {
  device: Device;
  account: Account;
  time: RouterTime;
  /** Requests behind the login, in order: method, path without its query, status. */
  requests(): readonly string[];
  /** How many objects were shown in all lists. */
  objectsShown(): number;
  /** Logins that were refused. */
  refusals(): number;
  spoil(spoiler: Spoiler | undefined): void;
  /** The connection ends after the next such request was carried out, before its answer. */
  cutAfter(method: string): void;
  /** Answers hold raw control characters in their texts, as some versions do. */
  rawControls: boolean;
  /** What was not given is shown as nothing, or what is nothing is not shown; versions differ. */
  nothings: "as-is" | "shown" | "hidden";
  stop(): Promise<void>;
}

/** Commands that print until they are told to stop. */
const monitors = ["interface/monitor-traffic", "system/device-mode/update", "tool/torch", "interface/wifi/monitor"];
/** How long the router works on one of them when nobody listens any more. */
const longest = 60_000;

/** Of a rule, what most of them do not say. */
const nothings: Row = {
  "address-list": "",
  "address-list-timeout": "0s",
  "connection-state": "",
  "dst-port": "",
  "in-interface": "",
  "jump-target": "",
  "out-interface": "",
  protocol: "",
  "reject-with": "",
  "src-mac-address": "",
};

const reasons: Record<number, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  415: "Unsupported Media Type",
  500: "Internal Server Error",
};

/** Starts a router on 127.0.0.1 that answers as the REST API of RouterOS 7 does. */
export async function startRouterOs(options: RouterOsOptions = {}): Promise<RouterOsEmulator> {
  const time = options.time ?? steppedTime();
  const device = new Device(time, options);
  const account: Account = {
    username: "personas",
    password: "correct horse battery",
    policies: ["read", "write", "api", "rest-api"],
    seesUsers: true,
    ...options.account,
  };
  device.put("user/group", { name: "personas", policy: account.policies.join(",") });
  device.put("user", { name: account.username, group: "personas", address: "192.168.88.0/24" });
  const seen: string[] = [];
  let refusals = 0;
  let objects = 0;
  let spoiler: Spoiler | undefined;
  let cut: string | undefined;
  /** One session for a user and address: a command that hangs makes all others wait. */
  let busy: Promise<unknown> = Promise.resolve();

  const listener = async ({ request, method, body, send: tell, cut: hangUp }: Exchange) => {
    const url = new URL(request.url ?? "/", "http://router");
    const path = decodeURIComponent(url.pathname);
    if (!path.startsWith("/rest/")) return tell(200, "<!doctype html><title>RouterOS</title>", { "content-type": "text/html" });
    const send = (status: number, answer?: unknown) => {
      if (status !== 401) seen.push(`${method} ${path} ${status}`);
      if (cut === method && status < 300) {
        cut = undefined;
        return hangUp();
      }
      const json = answer === undefined ? "" : JSON.stringify(answer);
      const text = emulator.rawControls ? json.replaceAll("\\n", "\n").replaceAll("\\r", "\r") : json;
      tell(status, text, answer === undefined ? {} : { "content-type": "application/json" });
    };
    const refuse = (status: number, detail?: string) =>
      send(status, { ...(detail === undefined ? {} : { detail }), error: status, message: reasons[status] ?? "Error" });
    if (!authorised(request)) {
      refusals++;
      return refuse(401);
    }
    const work = busy.then(() =>
      answer(method, path.slice("/rest/".length).replace(/\/$/, ""), url.searchParams, request, body.toString("utf8")),
    );
    busy = work.catch(() => undefined);
    try {
      const [status, result] = await work;
      send(status, result);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refuse(error.status, error.message);
    }
  };

  const authorised = (request: IncomingMessage): boolean => {
    const expected = `Basic ${Buffer.from(`${account.username}:${account.password}`).toString("base64")}`;
    return request.headers.authorization === expected && account.policies.includes("rest-api") && account.policies.includes("api");
  };
  const need = (right: string) => {
    if (!account.policies.includes(right)) throw new Refused("not enough permissions (9)", 500);
  };

  const answer = async (
    method: string,
    path: string,
    query: URLSearchParams,
    request: IncomingMessage,
    text: string,
  ): Promise<[number, unknown?]> => {
    if (method !== "GET" && text !== "" && request.headers["content-type"] !== "application/json")
      throw new Refused("unsupported content type", 415);
    const body = parse(text);
    if (method === "POST") return command(path, body);
    const [, menu, id] = /^(.*?)(?:\/(\*[0-9A-Fa-f]+))?$/.exec(path)!;
    if (method === "GET") {
      need("read");
      if (menu!.startsWith("user") && !account.seesUsers) throw new Refused("not enough permissions (9)", 500);
      return [200, show(menu!, id, query)];
    }
    if (!device.has(menu!)) throw new Refused("no such command");
    need("write");
    const spoiled = spoiler?.(method, menu!, body);
    if (spoiled) throw spoiled;
    const policies = new Set(account.policies);
    if (method === "PUT" && id === undefined) return [201, shown(device.add(menu!, body, policies))];
    if (method === "PATCH" && id !== undefined) return [200, shown(device.set(menu!, id, body, policies))];
    if (method === "DELETE" && id !== undefined) {
      device.remove(menu!, id);
      return [204];
    }
    throw new Refused("missing =.id=", 400);
  };

  const shown = (row: Row): Row => {
    // What is secret is not shown to whoever may not see it.
    const { "private-key": secret, ...rest } = row;
    const seen = secret === undefined || !account.policies.includes("sensitive") ? rest : row;
    if (emulator.nothings === "shown" && row.chain !== undefined) return { ...nothings, ...seen };
    if (emulator.nothings === "hidden") return Object.fromEntries(Object.entries(seen).filter(([name, value]) => value || name === "fib"));
    return seen;
  };

  const show = (path: string, id: string | undefined, query: URLSearchParams): unknown => {
    const props = query.get(".proplist")?.split(",");
    const picked = (row: Row) => (props ? Object.fromEntries(props.flatMap((name) => (name in row ? [[name, row[name]]] : []))) : row);
    if (singletons.includes(path) && device.single.has(path)) return picked(device.single.get(path)!);
    if (!device.has(path)) throw new Refused("no such command or directory", 400);
    if (id !== undefined) return picked(shown(device.find(path, id)));
    const filters = [...query].filter(([name]) => !name.startsWith("."));
    const found = device.rows(path).filter((row) => filters.every(([name, value]) => row[name] === value));
    objects += found.length;
    return found.map((row) => picked(shown(row)));
  };

  const command = async (path: string, body: Row): Promise<[number, unknown?]> => {
    const [, menu, name] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    if (monitors.includes(path)) {
      need("test");
      if (!("once" in body)) await time.clock.sleep("duration" in body ? 1_000 : longest);
      return [200, [{ name: body.interface ?? "", "rx-bits-per-second": "0", "tx-bits-per-second": "0" }]];
    }
    if (!menu || !device.has(menu) || name !== "print") throw new Refused("no such command");
    if (singletons.includes(menu)) throw new Refused("unexpected", 500);
    need("read");
    return [200, device.rows(menu).map(shown)];
  };

  const wire = await startWire({ tls: options.tls, garbage: "<!doctype html><html><body>WebFig is starting</body></html>" }, listener);
  const emulator: RouterOsEmulator = {
    ...wire,
    device,
    account,
    time,
    requests: () => seen,
    objectsShown: () => objects,
    refusals: () => refusals,
    spoil(next) {
      spoiler = next;
    },
    cutAfter(method) {
      cut = method;
    },
    rawControls: false,
    nothings: "as-is",
    async stop() {
      time.stop();
      await wire.unplug();
    },
  };
  return emulator;
}

/** Values may be sent as text, number or truth value. */
function parse(text: string): Row {
  if (text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused("malformed JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Refused("malformed JSON");
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => {
      if (!["string", "number", "boolean"].includes(typeof one) && one !== null) throw new Refused(`invalid value for argument ${name}`);
      return [name, one === null ? "" : String(one)];
    }),
  );
}
