import type { IncomingMessage } from "node:http";
import { type RouterTime, steppedTime } from "../shared/time.ts";
import { type Exchange, startWire, type Wire, type WireFault } from "../shared/wire.ts";
import { type ConsoleOptions, type Json, Refused, Site, type Station } from "./console.ts";
import { type Account, Sessions } from "./sessions.ts";

export type { WireFault };

export interface UnifiOptions extends ConsoleOptions {
  account?: Partial<Account>;
  /** The Network application by itself, without UniFi OS. */
  classic?: boolean;
  apiKey?: string;
  /** The token against forged requests is in the login's cookie and in no header, as with some versions of UniFi OS. */
  csrfInCookieOnly?: boolean;
  time?: RouterTime;
  tls?: { key: string; cert: string };
}

export interface UnifiEmulator extends Omit<Wire, "requests"> {
  site: Site;
  sessions: Sessions;
  time: RouterTime;
  /** Requests behind the login, in order: method, path, status. */
  requests(): readonly string[];
  /** Answers a write in the application's place: a status, or undefined to let it through. */
  spoil(spoiler: ((method: string, path: string) => number | undefined) | undefined): void;
  /** The connection ends after the next such request was carried out, before its answer. */
  cutAfter(method: string): void;
  /** The token against forged requests changes with every answer. */
  rotating: boolean;
  seedStation(station: Partial<Station> & { mac: string }): Station;
  stop(): Promise<void>;
}

const kinds = {
  "object-oriented-network-configs": { kind: "objects", list: true },
  "object-oriented-network-config": { kind: "objects", list: false },
  trafficrules: { kind: "rules", list: true },
} as const;

/** Starts a UniFi console on 127.0.0.1 with one site. */
export async function startUnifi(options: UnifiOptions = {}): Promise<UnifiEmulator> {
  const time = options.time ?? steppedTime();
  const site = new Site(options, time);
  const account = { username: "personas", password: "correct horse battery", admin: true, mfa: false, ...options.account };
  const sessions = new Sessions(account, time);
  const prefix = options.classic ? "" : "/proxy/network";
  const cookie = options.classic ? "unifises" : "TOKEN";
  const seen: string[] = [];
  let spoiler: ((method: string, path: string) => number | undefined) | undefined;
  let cut: string | undefined;

  const listener = async ({ request, method, body: sent, send: answer, cut: hangUp }: Exchange) => {
    const path = new URL(request.url ?? "/", "http://console").pathname;
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) => {
      seen.push(`${method} ${path} ${status}`);
      answer(status, JSON.stringify(body), { "content-type": "application/json; charset=utf-8", ...headers });
    };
    const oldError = (status: number, msg: string) => send(status, { meta: { rc: "error", msg }, data: [] });
    if (path === "/") {
      if (options.classic) return answer(302, "", { location: "/manage" });
      return answer(200, "<!doctype html><title>UniFi OS</title>", { "content-type": "text/html" });
    }
    const text = sent.toString("utf8");
    if (text !== "" && !String(request.headers["content-type"]).startsWith("application/json"))
      return oldError(400, "api.err.InvalidPayload");
    const body = parse(text);
    if (body === undefined) return oldError(400, "api.err.InvalidPayload");

    if (method === "POST" && path === (options.classic ? "/api/login" : "/api/auth/login")) {
      const session = sessions.login(body);
      if ("token" in session)
        return send(200, options.classic ? { meta: { rc: "ok" }, data: [] } : { unique_id: "x", username: account.username }, {
          "set-cookie": `${cookie}=${session.token}; Path=/; HttpOnly; Secure`,
          ...(options.csrfInCookieOnly ? {} : { "x-csrf-token": session.csrf }),
        });
      if (options.classic && session.status === 403) return oldError(400, "api.err.Invalid");
      return send(session.status, {
        code: session.code,
        message: "Login failed",
        ...(session.status === 499 ? { data: { mfaCookie: "UBIC_2FA=x" } } : {}),
      });
    }
    if (path.startsWith(`${prefix}/integration/v1/`) && !options.classic) return official(path.slice(prefix.length + 16), request, send);

    const obstacle = sessions.check(request, cookie);
    if (obstacle) return obstacle.startsWith("api.") ? oldError(401, obstacle) : send(403, { message: obstacle });
    const token: string | undefined = emulator.rotating ? sessions.rotate(request, cookie) : undefined;
    const headers: Record<string, string> = token === undefined ? {} : { "x-updated-csrf-token": token };

    if (path === `${prefix}/api/self/sites` && method === "GET")
      return send(
        200,
        { meta: { rc: "ok" }, data: [{ _id: "1", name: "default", desc: "Home", role: account.admin ? "admin" : "readonly" }] },
        headers,
      );
    const old = /^\/api\/s\/([^/]+)\/(.+)$/.exec(path.slice(prefix.length));
    if (path.startsWith(`${prefix}/`) && old) {
      if (old[1] !== "default") return oldError(options.classic ? 200 : 403, "api.err.NoSiteContext");
      const data = method === "GET" ? site.v1(old[2]!) : undefined;
      return data ? send(200, { meta: { rc: "ok" }, data }, headers) : oldError(404, "api.err.NotFound");
    }
    const newer = /^\/v2\/api\/site\/default\/([\w-]+)(?:\/([0-9a-f]{24}))?$/.exec(path.slice(prefix.length));
    const place = newer && kinds[newer[1] as keyof typeof kinds];
    if (!place || !site.collections[place.kind]) return send(404, { errorCode: 404, message: "Not Found" }, headers);
    if (method === "GET") return place.list ? send(200, site.collections[place.kind], headers) : send(405, { errorCode: 405 }, headers);
    if (place.kind === "objects" && place.list) return send(405, { errorCode: 405, message: "Method Not Allowed" }, headers);
    if (!account.admin) return send(403, { code: "api.err.NoPermission", errorCode: 403, message: "Forbidden" }, headers);
    const spoiled = spoiler?.(method, path);
    if (spoiled !== undefined) return send(spoiled, { code: "api.err.Spoiled", errorCode: spoiled, message: "Spoiled" }, headers);
    try {
      const result = write(place.kind, method, newer![2], body);
      if (cut === method) {
        cut = undefined;
        return hangUp();
      }
      // Traffic rules answer 201 to everything.
      send(place.kind === "rules" ? 201 : 200, result, headers);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      send(error.status, { code: error.message, errorCode: error.status, message: "refused" }, headers);
    }
  };

  const write = (kind: "objects" | "rules", method: string, id: string | undefined, body: Json): unknown => {
    if (method === "POST" && id === undefined) return site.create(kind, body);
    if (method === "PUT" && id !== undefined) return site.replace(kind, id, body);
    if (method === "DELETE" && id !== undefined) {
      site.delete(kind, id);
      return {};
    }
    throw new Refused(405, "api.err.MethodNotAllowed");
  };

  const siteUuid = "88f7af54-98f8-306a-a1c7-c9349722b1f6";
  const official = (path: string, request: IncomingMessage, send: (status: number, body: unknown) => void) => {
    const problem = (status: number, code: string) =>
      send(status, {
        statusCode: status,
        statusName: code,
        code: `api.${code.toLowerCase()}`,
        message: code,
        timestamp: "2026-01-05T09:00:00Z",
        requestPath: path,
        requestId: siteUuid,
      });
    if (options.apiKey === undefined || request.headers["x-api-key"] !== options.apiKey) return problem(401, "UNAUTHORIZED");
    const query = new URL(request.url ?? "", "http://console").searchParams;
    const [offset, limit] = [Number(query.get("offset") ?? 0), Number(query.get("limit") ?? 25)];
    if (!(limit >= 0 && limit <= 200)) return problem(400, "BAD_REQUEST");
    const lists: Record<string, readonly Json[]> = {
      sites: [{ id: siteUuid, internalReference: "default", name: "Home" }],
      [`sites/${siteUuid}/clients`]: site.stations.map(({ mac, ip, name, hostname, is_wired }) => ({
        type: is_wired ? "WIRED" : "WIRELESS",
        id: "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
        name: name ?? hostname,
        connectedAt: "2026-01-05T08:00:00Z",
        ...(ip ? { ipAddress: ip } : {}),
        macAddress: mac,
        uplinkDeviceId: siteUuid,
        access: { type: "DEFAULT" },
      })),
    };
    const all = lists[path];
    if (!all || request.method !== "GET") return problem(404, "NOT_FOUND");
    // A page is never larger than the application likes.
    const data = all.slice(offset, offset + Math.min(limit, 2));
    send(200, { offset, limit, count: data.length, totalCount: all.length, data });
  };

  const wire = await startWire({ tls: options.tls, garbage: "<!doctype html><html><body>UniFi OS is starting up</body></html>" }, listener);
  const emulator: UnifiEmulator = {
    ...wire,
    site,
    sessions,
    time,
    requests: () => seen,
    spoil(next) {
      spoiler = next;
    },
    cutAfter(method) {
      cut = method;
    },
    rotating: false,
    seedStation(station) {
      const made = { is_wired: false, last_seen: Math.floor(time.now() / 1000), ...station };
      site.stations.push(made);
      return made;
    },
    async stop() {
      time.stop();
      await wire.unplug();
    },
  };
  return emulator;
}

function parse(text: string): Json | undefined {
  if (text === "") return {};
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
