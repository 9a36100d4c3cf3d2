import type { IncomingMessage } from "node:http";
import { type RouterTime, steppedTime } from "../shared/time.ts";
import { type Exchange, startWire, type Wire, type WireFault } from "../shared/wire.ts";
import { type BoxOptions, type Device, Fault, FritzBox } from "./box.ts";
import { type Account, Login } from "./login.ts";
import { description, type Right, type Service, scpd, servicesOf } from "./services.ts";

export type { WireFault };

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
  /** Descriptions it lists and does not have. */
  missing?: readonly string[];
}

export interface FritzBoxEmulator extends Wire {
  box: FritzBox;
  login: Login;
  time: RouterTime;
  /** Actions that were asked for, in order, with the status of the answer. */
  actions(): readonly { action: string; status: number }[];
  /** Answers an action in the box's place: a UPnP error number, or undefined to let it through. */
  spoil(spoiler: ((action: string) => number | undefined) | undefined): void;
  /** The connection ends when such an action was carried out, before its answer; once. */
  cutAfter(action: string): void;
  seedDevice(device: Partial<Device> & { mac: string }): Device;
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
  let spoiler: ((action: string) => number | undefined) | undefined;
  let cut: string | undefined;

  const file = (path: string): string | undefined => {
    if ((path === "/tr64desc.xml" && options.tr064 === false) || options.missing?.includes(path)) return undefined;
    if (path === "/tr64desc.xml" || path === "/igddesc.xml") {
      const listed = services.filter((service) => service.listedIn === path);
      return listed.length > 0 ? description(listed, box.model) : undefined;
    }
    const service = services.find((one) => one.scpd === path);
    return service && scpd(service);
  };

  const listener = ({ request, body, send: answer, cut: hangUp }: Exchange) => {
    const send = (status: number, text: string, headers: Record<string, string> = {}) =>
      answer(status, text, { "content-type": 'text/xml; charset="utf-8"', ...headers });
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
    const call = readCall(service, request, body.toString("utf8"));
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
        return hangUp();
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
  const wire = await startWire({ tls: options.tls, page: (code) => html(String(code)) }, listener);
  return {
    ...wire,
    box,
    login,
    time,
    actions: () => seen,
    spoil(next) {
      spoiler = next;
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
    async stop() {
      time.stop();
      await wire.unplug();
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

const html = (title: string): string => `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`;
const soap = (body: string): string =>
  `<?xml version="1.0" encoding="utf-8"?>\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">\n<s:Body>\n${body}\n</s:Body>\n</s:Envelope>\n`;
const encoded = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const decoded = (text: string): string =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&apos;", "'").replaceAll("&amp;", "&");
