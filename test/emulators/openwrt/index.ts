import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { pipeline } from "node:stream";
import { objectsOf } from "./objects.ts";
import { OpenWrtRouter, type RouterSeed } from "./router.ts";
import { Rpc, type SeenCall, type Spoiler } from "./rpc.ts";
import { administrator, administratorGroups } from "./seed.ts";
import type { AclGroup } from "./sessions.ts";
import { type RouterTime, scaledTime } from "./time.ts";

export { unsupported } from "./objects.ts";
export type { Interface, OpenWrtRouter } from "./router.ts";
export { type RouterTime, scaledTime, steppedTime } from "./time.ts";

/** What goes wrong on the wire. Delays are real milliseconds. */
export type WireFault =
  | { kind: "delay"; ms: number }
  /** The connection ends before the answer; with `handled` the router did what was asked. */
  | { kind: "cut"; handled?: boolean }
  | { kind: "truncate" }
  | { kind: "garbage"; body?: string; type?: string }
  | { kind: "huge"; bytes: number }
  | { kind: "status"; code: number }
  | { kind: "redirect"; to: string }
  | { kind: "wrong-id" }
  | { kind: "hang" };

export interface OpenWrtOptions extends Partial<RouterSeed> {
  username?: string;
  password?: string;
  /** ACL of the account, in the shape of a file in /usr/share/rpcd/acl.d. An administrator's when absent. */
  acl?: Readonly<Record<string, AclGroup>>;
  /**
   * Real time, this many times as long: 1 is a router's own pace, 0.2 lands a rule after 0.24 s and gives 12 s of a minute to confirm.
   * Logins grow idle in real time all the same, for a driver beside it lives by a real clock.
   */
  timeScale?: number;
  /** Another time altogether, e.g. `steppedTime()`; the driver must use its clock. */
  time?: RouterTime;
  /** Serves https with this key and certificate (PEM). */
  tls?: { key: string; cert: string };
}

export interface OpenWrtEmulator {
  url: string;
  username: string;
  password: string;
  router: OpenWrtRouter;
  time: RouterTime;
  /** Calls so far, in order; logins among them. */
  calls(): readonly SeenCall[];
  logins(): number;
  /** HTTP requests and connections so far. */
  requests(): number;
  connections(): number;
  /** Every following request meets the fault, or the next `times`; null ends it. */
  fault(fault: WireFault | null, times?: number): void;
  /** The next such call is carried out, and the connection ends before its answer. */
  cutAfter(object: string, method: string): void;
  /** Answers single calls in the router's place. */
  spoil(spoiler: Spoiler | undefined): void;
  /** A device with a lease; `connected` also as a reachable neighbour. */
  seedDevice(device: { mac: string; ipv4?: string; ipv6?: string; hostname?: string; connected?: boolean; wifi?: string }): void;
  changePassword(password: string): void;
  /** Refuses connections until `listen` is called. */
  unplug(): Promise<void>;
  listen(): Promise<void>;
  stop(): Promise<void>;
}

const largestBody = 64 * 1024;

/** Starts an OpenWrt router on 127.0.0.1 that behaves as the recorded one. */
export async function startOpenWrt(options: OpenWrtOptions = {}): Promise<OpenWrtEmulator> {
  const username = options.username ?? "personas";
  const password = options.password ?? "correct horse battery";
  const time = options.time ?? scaledTime(options.timeScale ?? 1);
  const acl = options.acl ?? administratorGroups;
  const account = { username, password, read: Object.keys(acl), write: Object.keys(acl) };
  const router = new OpenWrtRouter(
    {
      ...options,
      groups: { ...administratorGroups, ...acl, ...options.groups },
      accounts: options.accounts ?? [account, administrator],
      ...(options.time ? {} : { idleClock: Date.now }),
    },
    time,
  );
  const rpc = new Rpc(router, () => objectsOf(router));
  const sockets = new Set<Socket>();
  const counts = { requests: 0, connections: 0 };
  let fault: { what: WireFault; left: number } | undefined;

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    counts.requests++;
    const met = fault?.what;
    if (fault && --fault.left <= 0) fault = undefined;
    handle(rpc, request, response, met).catch(() => request.socket.destroy());
  };
  const kept = { keepAliveTimeout: 20_000 };
  const server = options.tls ? createSecureServer({ ...kept, ...options.tls }, listener) : createServer(kept, listener);
  server.on("connection", (socket: Socket) => {
    counts.connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  let port = 0;
  const listen = async () => {
    if (server.listening) return;
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
  };
  const unplug = async () => {
    if (!server.listening) return;
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  await listen();
  return {
    url: `${options.tls ? "https" : "http"}://127.0.0.1:${port}`,
    username,
    password,
    router,
    time,
    calls: () => rpc.calls,
    logins: () => router.sessions.logins,
    requests: () => counts.requests,
    connections: () => counts.connections,
    fault(what, times = Number.POSITIVE_INFINITY) {
      fault = what ? { what, left: times } : undefined;
    },
    cutAfter(object, method) {
      rpc.afterCall = (call) => {
        if (call.object !== object || call.method !== method) return false;
        rpc.afterCall = undefined;
        return true;
      };
    },
    spoil(spoiler) {
      rpc.spoil = spoiler;
    },
    seedDevice({ mac, ipv4, ipv6, hostname, connected = true, wifi }) {
      if (ipv4) router.leases.push({ macaddr: mac, ipaddr: ipv4, expires: 43_200, ...(hostname ? { hostname } : {}) });
      const state = connected ? "REACHABLE" : "STALE";
      for (const address of [ipv4, ipv6]) if (address) router.neighbours.push({ mac, address, state });
      if (wifi) router.accessPoints.set(wifi, (router.accessPoints.get(wifi) ?? new Map()).set(mac, { rx: 0, tx: 0 }));
    },
    changePassword(next) {
      router.sessions.accounts.find((a) => a.username === username)!.password = next;
    },
    unplug,
    listen,
    async stop() {
      time.stop();
      await unplug();
    },
  };
}

async function handle(rpc: Rpc, request: IncomingMessage, response: ServerResponse, fault: WireFault | undefined): Promise<void> {
  if (fault?.kind === "hang") return;
  if (fault?.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.ms));
  const body = await bodyOf(request);
  if (fault && (await refuse(request, response, fault))) return;
  const path = (request.url ?? "").replace(/\?.*$/, "").replace(/\/$/, "");
  if (path !== "/ubus") return page(response, 404, `<h1>Not Found</h1>The requested URL ${request.url} was not found on this server.`);
  if (request.method === "GET") return page(response, 404, "");
  if (request.method === "OPTIONS") return page(response, 200, "");
  if (request.method !== "POST") return page(response, 400, "<h1>Bad Request</h1>Invalid Request");
  const tooLarge = body.length > largestBody;
  const answer = await rpc.answer(tooLarge ? "" : body.toString("utf8"));
  if (fault?.kind === "cut" || rpc.cutNow()) return void request.socket.destroy();
  const renumber = (one: unknown) => ({ ...(one as Record<string, unknown>), id: 987_654 });
  const text = JSON.stringify(fault?.kind !== "wrong-id" ? answer : Array.isArray(answer) ? answer.map(renumber) : renumber(answer));
  response.writeHead(200, { "content-type": "application/json", ...(tooLarge ? { connection: "close" } : {}) });
  response.end(fault?.kind === "truncate" ? text.slice(0, Math.floor(text.length / 2)) : text);
}

/** Answers in the fault's way; false when the request is to be handled first. */
async function refuse(request: IncomingMessage, response: ServerResponse, fault: WireFault): Promise<boolean> {
  switch (fault.kind) {
    case "cut":
      if (fault.handled) return false;
      request.socket.destroy();
      return true;
    case "garbage":
      response.writeHead(200, { "content-type": fault.type ?? "text/html" });
      response.end(fault.body ?? "<!doctype html><html><body>Please sign in to the hotspot</body></html>");
      return true;
    case "huge":
      response.writeHead(200, { "content-type": "application/json" });
      pipeline(endless(fault.bytes), response, () => {});
      return true;
    case "status":
      page(response, fault.code, "<h1>Error</h1>");
      return true;
    case "redirect":
      response.writeHead(307, { location: fault.to });
      response.end();
      return true;
    default:
      return false;
  }
}

function* endless(bytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(largestBody, "x");
  for (let sent = 0; sent < bytes; sent += chunk.length) yield chunk;
}

function page(response: ServerResponse, code: number, html: string): void {
  response.writeHead(code, html ? { "content-type": "text/html" } : {});
  response.end(html);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
