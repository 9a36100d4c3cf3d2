import { type RouterTime, scaledTime } from "../shared/time.ts";
import { type Exchange, startWire, type Wire, type WireFault } from "../shared/wire.ts";
import { objectsOf } from "./objects.ts";
import { OpenWrtRouter, type RouterSeed } from "./router.ts";
import { Rpc, type SeenCall, type Spoiler } from "./rpc.ts";
import { administrator, administratorGroups } from "./seed.ts";
import type { AclGroup } from "./sessions.ts";

export { type RouterTime, scaledTime, steppedTime } from "../shared/time.ts";
export { unsupported } from "./objects.ts";
export type { Interface, OpenWrtRouter } from "./router.ts";

export type { WireFault };

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

export interface OpenWrtEmulator extends Wire {
  username: string;
  password: string;
  router: OpenWrtRouter;
  time: RouterTime;
  /** Calls so far, in order; logins among them. */
  calls(): readonly SeenCall[];
  logins(): number;
  /** The next such call is carried out, and the connection ends before its answer. */
  cutAfter(object: string, method: string): void;
  /** Answers single calls in the router's place. */
  spoil(spoiler: Spoiler | undefined): void;
  /** A device with a lease; `connected` also as a reachable neighbour. */
  seedDevice(device: { mac: string; ipv4?: string; ipv6?: string; hostname?: string; connected?: boolean; wifi?: string }): void;
  changePassword(password: string): void;
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
  const wire = await startWire({ tls: options.tls, keepAliveTimeout: 20_000 }, (exchange) => handle(rpc, exchange));
  return {
    ...wire,
    username,
    password,
    router,
    time,
    calls: () => rpc.calls,
    logins: () => router.sessions.logins,
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
    async stop() {
      time.stop();
      await wire.unplug();
    },
  };
}

async function handle(rpc: Rpc, { request, method, body, fault, send, cut }: Exchange): Promise<void> {
  const page = (code: number, html: string) => send(code, html, html ? { "content-type": "text/html" } : {});
  const path = (request.url ?? "").replace(/\?.*$/, "").replace(/\/$/, "");
  if (path !== "/ubus") return page(404, `<h1>Not Found</h1>The requested URL ${request.url} was not found on this server.`);
  if (method === "GET") return page(404, "");
  if (method === "OPTIONS") return page(200, "");
  if (method !== "POST") return page(400, "<h1>Bad Request</h1>Invalid Request");
  const tooLarge = body.length > largestBody;
  const answer = await rpc.answer(tooLarge ? "" : body.toString("utf8"));
  if (rpc.cutNow()) return cut();
  const renumber = (one: unknown) => ({ ...(one as Record<string, unknown>), id: 987_654 });
  const text = JSON.stringify(fault?.kind !== "wrong-id" ? answer : Array.isArray(answer) ? answer.map(renumber) : renumber(answer));
  send(200, text, { "content-type": "application/json", ...(tooLarge ? { connection: "close" } : {}) });
}
