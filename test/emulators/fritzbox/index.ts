import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { type RouterTime, steppedTime } from "../openwrt/time.ts";
import { type BoxOptions, type Device, Fault, FritzBox } from "./box.ts";
import { type Account, Login } from "./login.ts";
import { description, type Right, type Service, scpd, servicesOf } from "./services.ts";

export type WireFault =
  | { kind: "hang" }
  | { kind: "cut" }
  | { kind: "garbage"; body?: string; type?: string }
  | { kind: "truncate" }
  | { kind: "huge"; bytes: number }
  | { kind: "status"; code: number }
  | { kind: "redirect"; to: string };

export interface FritzBoxOptions extends BoxOptions {
  username?: string;
  password?: string;
  rights?: readonly Right[];
  hostFilter?: boolean;
  /** Shows its status over UPnP. */
  upnpStatus?: boolean;
  /** Lets applications speak to it. */
  tr064?: boolean;
  time?: RouterTime;
  tls?: { key: string; cert: string };
}

export interface FritzBoxEmulator {
  url: string;
  box: FritzBox;
  login: Login;
  time: RouterTime;
  /** Actions that were asked for, in order, with the status of the answer. */
  actions(): readonly { action: string; status: number }[];
  requests(): number;
  connections(): number;
  fault(fault: WireFault | null): void;
  /** Answers an action in the box's place: a UPnP error number, or undefined to let it through. */
  spoil(spoiler: ((action: string) => number | undefined) | undefined): void;
  /** The connection ends when such an action was carried out, before its answer; once. */
  cutAfter(action: string): void;
  seedDevice(device: Partial<Device> & { mac: string }): Device;
  /** Goes dark at the given request from now on: before it is carried out, or after, without an answer. `listen` ends it. */
  goDarkAt(request: number, when: "before" | "after"): void;
  unplug(): Promise<void>;
  listen(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a FRITZ!Box on 127.0.0.1 that speaks TR-064 as FRITZ!OS 7.57 does. */
export async function startFritzBox(options: FritzBoxOptions = {}): Promise<FritzBoxEmulator> {
  const time = options.time ?? steppedTime();
  const box = new FritzBox(options, time);
  const account: Account = {
    username: options.username ?? "personas",
    password: options.password ?? "correct horse battery",
    rights: options.rights ?? ["BoxAdmin"],
  };
  const login = new Login([account], time);
  const services = servicesOf({ priority: options.priority ?? true, hostFilter: options.hostFilter ?? true }).filter(
    (service) => service.listedIn !== "/igddesc.xml" || (options.upnpStatus ?? true),
  );
  const seen: { action: string; status: number }[] = [];
  const counts = { requests: 0, connections: 0 };
  const sockets = new Set<Socket>();
  let fault: WireFault | null = null;
  let dark: { left: number; when: "before" | "after" } | undefined;
  let spoiler: ((action: string) => number | undefined) | undefined;
  let cut: string | undefined;

  const file = (path: string): string | undefined => {
    if (path === "/tr64desc.xml" && options.tr064 === false) return undefined;
    if (path === "/tr64desc.xml" || path === "/igddesc.xml") {
      const listed = services.filter((service) => service.listedIn === path);
      return listed.length > 0 ? description(listed, box.model) : undefined;
    }
    const service = services.find((one) => one.scpd === path);
    return service && scpd(service);
  };

  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    counts.requests++;
    if (fault?.kind === "hang") return;
    if (dark && --dark.left === 0 && dark.when === "before") return void unplug();
    const body = await bodyOf(request);
    if (fault?.kind === "cut") return void request.socket.destroy();
    if (fault && answerFault(fault, response)) return;
    const send = (status: number, text: string, headers: Record<string, string> = {}) => {
      if (dark?.left === 0) return void unplug();
      response.writeHead(status, { "content-type": 'text/xml; charset="utf-8"', ...headers });
      response.end(fault?.kind === "truncate" ? text.slice(0, text.length / 2) : text);
    };
    const url = new URL(request.url ?? "/", "http://box");
    if (request.method === "GET" && url.pathname === "/devicehostlist.lua") {
      const list = box.hostList(url.searchParams.get("sid") ?? "");
      return list ? send(200, list) : send(403, html("403 Forbidden"));
    }
    if (request.method === "GET") {
      const text = file(url.pathname);
      return text ? send(200, text) : send(404, html("404 Not Found"), { "content-type": "text/html" });
    }
    const service = services.find((one) => one.control === request.url);
    if (request.method !== "POST" || !service) return send(404, html("404 Not Found"), { "content-type": "text/html" });
    const call = readCall(service, request, body);
    const note = (status: number) => seen.push({ action: call instanceof Fault ? "?" : call.action, status });
    const action = call instanceof Fault ? undefined : service.actions[call.action];
    let user: Account = { username: "", password: "", rights: [] };
    if (!action?.open) {
      const state = login.check(request.headers.authorization, { method: "POST", uri: request.url ?? "" });
      if (typeof state === "string") {
        const status = state === "busy" ? 503 : 401;
        note(status);
        const headers = { "content-type": "text/html", ...(status === 401 ? { "www-authenticate": login.challenge() } : {}) };
        return send(status, html(status === 401 ? "401 Unauthorized" : "503 Service Unavailable"), headers);
      }
      user = state;
    }
    try {
      if (call instanceof Fault) throw call;
      const spoiled = spoiler?.(call.action);
      if (spoiled !== undefined) throw new Fault(spoiled, "Action Failed");
      if (action!.rights.length > 0 && !action!.rights.some((right) => user.rights.includes(right)))
        throw new Fault(606, "Action Not Authorized");
      const result = box.run(call.action, call.args, user);
      if (cut === call.action) {
        cut = undefined;
        return void request.socket.destroy();
      }
      note(200);
      const out = action!.out.map((name) => `<${name}>${encoded(result[name] ?? "")}</${name}>`).join("\n");
      send(200, soap(`<u:${call.action}Response xmlns:u="${service.type}">${out}</u:${call.action}Response>`));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      note(500);
      send(
        500,
        soap(
          `<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns="urn:dslforum-org:control-1-0"><errorCode>${error.code}</errorCode><errorDescription>${error.message}</errorDescription></UPnPError></detail></s:Fault>`,
        ),
      );
    }
  };
  const guarded = (request: IncomingMessage, response: ServerResponse) =>
    void listener(request, response).catch(() => request.socket.destroy());
  const server = options.tls ? createSecureServer(options.tls, guarded) : createServer(guarded);
  server.on(options.tls ? "secureConnection" : "connection", () => void counts.connections++);
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  let port = 0;
  const listen = async () => {
    dark = undefined;
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
    box,
    login,
    time,
    actions: () => seen,
    requests: () => counts.requests,
    connections: () => counts.connections,
    fault(what) {
      fault = what;
    },
    spoil(next) {
      spoiler = next;
    },
    goDarkAt(request, when) {
      dark = { left: request, when };
    },
    cutAfter(action) {
      cut = action;
    },
    seedDevice(device) {
      const made = {
        ipv4: "",
        hostname: "",
        active: true,
        wifi: true,
        model: "",
        blocked: false,
        priority: false,
        profileWins: false,
        asking: false,
        ...device,
      };
      box.devices.push(made);
      return made;
    },
    unplug,
    listen,
    async stop() {
      time.stop();
      await unplug();
    },
  };
}

/** The action a request asks for, or the fault of a request no FRITZ!Box would take. */
function readCall(service: Service, request: IncomingMessage, body: string): { action: string; args: Map<string, string> } | Fault {
  // FRITZ!OS 8.25 insists on the quotes.
  const named = /^"(.+)#([\w-]+)"$/.exec(String(request.headers.soapaction ?? ""));
  const envelope =
    /^<\?xml version="1\.0" encoding="utf-8"\?>\s*<s:Envelope s:encodingStyle="http:\/\/schemas\.xmlsoap\.org\/soap\/encoding\/" xmlns:s="http:\/\/schemas\.xmlsoap\.org\/soap\/envelope\/"><s:Body><u:([\w-]+) xmlns:u="([^"]+)">(.*)<\/u:\1><\/s:Body><\/s:Envelope>\s*$/s.exec(
      body,
    );
  if (!/^text\/xml; charset="utf-8"$/.test(String(request.headers["content-type"])) || !named || !envelope)
    return new Fault(401, "Invalid Action");
  const [, action, type, inner] = envelope;
  if (named[1] !== service.type || type !== service.type || named[2] !== action || !service.actions[action!])
    return new Fault(401, "Invalid Action");
  const args = new Map([...inner!.matchAll(/<([\w-]+)>([^<]*)<\/\1>/g)].map((m) => [m[1]!, decoded(m[2]!)] as const));
  const left = inner!.replace(/<([\w-]+)>[^<]*<\/\1>/g, "").trim();
  const expected = service.actions[action!]!.in;
  if (left !== "" || args.size !== expected.length || expected.some((name) => !args.has(name))) return new Fault(402, "Invalid Args");
  return { action: action!, args };
}

/** False when the request is to be handled. */
function answerFault(fault: WireFault, response: ServerResponse): boolean {
  switch (fault.kind) {
    case "garbage":
      response.writeHead(200, { "content-type": fault.type ?? "text/html" });
      response.end(fault.body ?? "<!doctype html><html><body>Please sign in to the hotspot</body></html>");
      return true;
    case "huge":
      response.writeHead(200, { "content-type": "text/xml" });
      response.on("error", () => {});
      for (let sent = 0; sent < fault.bytes; sent += 1 << 20) response.write(Buffer.alloc(1 << 20, "x"));
      response.end();
      return true;
    case "status":
      response.writeHead(fault.code, { "content-type": "text/html" });
      response.end(html(String(fault.code)));
      return true;
    case "redirect":
      response.writeHead(307, { location: fault.to });
      response.end();
      return true;
    default:
      return false;
  }
}

const html = (title: string): string => `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
const soap = (body: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">\n<s:Body>\n${body}\n</s:Body>\n</s:Envelope>\n`;
const encoded = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const decoded = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&amp;", "&");

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
