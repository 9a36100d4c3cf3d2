import {
  AuthFailed,
  type DriverContext,
  type HttpAnswer,
  type HttpTransport,
  LockedOut,
  PermissionMissing,
  Rejected,
  Unsupported,
} from "@network-personas/engine/driver";
import { sentence } from "@network-personas/engine/model";
import { BackOff } from "../shared/back-off.ts";
import { retryAfter, unexpectedStatus } from "../shared/http-status.ts";
import { transportFor } from "../shared/transport.ts";
import { answerChallenge, type Challenge, parseChallenge } from "./digest.ts";
import { endpointOf, type Settings } from "./settings.ts";
import { all, child, type Element, escapeXml, parseXml, textOf } from "./xml.ts";

/** The services this driver speaks to. */
export const services = {
  device: "urn:dslforum-org:service:DeviceInfo:1",
  user: "urn:dslforum-org:service:LANConfigSecurity:1",
  hosts: "urn:dslforum-org:service:Hosts:1",
  filter: "urn:dslforum-org:service:X_AVM-DE_HostFilter:1",
  line: "urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1",
} as const;
export type Service = (typeof services)[keyof typeof services];

/** UPnP errors of FRITZ!OS, as the vendor's "First Steps" lists them. */
const faults = {
  invalidAction: 401,
  failed: 501,
  outOfMemory: 603,
  notAuthorised: 606,
  internal: 820,
  noEntry: [713, 714],
  secondFactor: [866, 867],
  busy: 868,
} as const;

const largestAnswer = 4 * 1024 * 1024;

interface Place {
  control: string;
  description: string;
}

/** One login at one FRITZ!Box, kept and re-used: SOAP calls and the files they point to. */
export class Tr064 {
  readonly #settings: Settings;
  readonly #router: string;
  readonly #base: URL;
  readonly #http: HttpTransport;
  readonly #backOff: BackOff;
  #challenge: Challenge | undefined;
  /** How often the nonce of the challenge was used. */
  #used = 0;
  #refused = false;
  #places: Map<string, Place> | undefined;
  readonly #actions = new Map<string, ReadonlySet<string>>();

  constructor(settings: Settings, context: Pick<DriverContext, "router" | "clock" | "dataDir">) {
    this.#settings = settings;
    this.#router = context.router;
    this.#base = endpointOf(settings);
    this.#backOff = new BackOff(context.clock, { first: 30_000, longest: 15 * 60_000 });
    this.#http = transportFor(settings, context, { sizeLimit: largestAnswer, keepAlive: true });
  }

  close(): void {
    this.#http.close();
  }

  get encrypted(): boolean {
    return this.#base.protocol === "https:";
  }

  /** Host name or address the router is asked at. */
  get host(): string {
    return this.#base.hostname;
  }

  /** Whether this FRITZ!OS has the action: its own description tells, needs no login, and is asked once. */
  async has(service: Service, action: string): Promise<boolean> {
    const place = (await this.#services()).get(service);
    if (!place) return false;
    let actions = this.#actions.get(service);
    if (!actions) {
      const answer = await this.#send(place.description, { what: place.description });
      // A service without a description has nothing to offer.
      const found = answer.status === 404 ? [] : [...all(this.#parse(answer, place.description), "action")];
      actions = new Set(found.map((one) => textOf(one, "name")));
      this.#actions.set(service, actions);
    }
    return actions.has(action);
  }

  /** Carries out an action. `right` is what the account needs for it, in the words of the FRITZ!Box. */
  async call(
    service: Service,
    action: string,
    args: Readonly<Record<string, string>> = {},
    right = settingsRight,
  ): Promise<Map<string, string>> {
    const request = `${service.split(":").at(-2)} ${action}`;
    const where = { router: this.#router, request };
    const place = (await this.#services()).get(service);
    if (!place || !(await this.has(service, action)))
      throw new Unsupported(action, "this FRITZ!OS does not have it; update it under System > Update", where);
    const answer = await this.#authorised(place.control, {
      method: "POST",
      what: request,
      headers: { "content-type": 'text/xml; charset="utf-8"', soapaction: `"${service}#${action}"` },
      body: envelope(service, action, args),
    });
    if (answer.status !== 200 && answer.status !== 500) throw unexpectedStatus(answer, this.#base, where);
    const body = child(parseXml(answer.text, where), "Body");
    const fault = child(body, "Fault");
    if (fault) throw this.#fault(fault, { action, right, where });
    const response = child(body, `${action}Response`);
    if (answer.status !== 200 || !response)
      throw new Rejected("the answer belongs to another question, or is not one of a FRITZ!Box", where, { retryable: true });
    return new Map(response.children.map(({ name, text }) => [name, text.trim()]));
  }

  /** A file an action pointed to. Its path holds a session id, so it is never shown. */
  async file(path: string, what: string): Promise<string> {
    const where = { router: this.#router, request: what };
    const url = URL.canParse(path, this.#base.href) ? new URL(path, this.#base) : undefined;
    if (!url || url.origin !== this.#base.origin) throw new Rejected("the router points to another address", where);
    const answer = await this.#send(url.pathname + url.search, { what });
    if (answer.status !== 200) throw unexpectedStatus(answer, this.#base, where);
    return answer.text;
  }

  async #services(): Promise<Map<string, Place>> {
    if (this.#places) return this.#places;
    const places = new Map<string, Place>();
    // The second one is there only while the box shows its status over UPnP.
    for (const file of ["/tr64desc.xml", "/igddesc.xml"]) {
      const answer = await this.#send(file, { what: file });
      if (answer.status === 404 && file !== "/tr64desc.xml") continue;
      if (answer.status === 404)
        throw new Unsupported(
          "TR-064",
          "there is no TR-064 at this address; enable it under Home Network > Network > Network Settings > Access Settings in the Home Network",
          { router: this.#router, request: file },
        );
      for (const one of all(this.#parse(answer, file), "service"))
        places.set(textOf(one, "serviceType"), { control: textOf(one, "controlURL"), description: textOf(one, "SCPDURL") });
    }
    this.#places = places;
    return places;
  }

  #parse(answer: HttpAnswer, file: string): Element {
    const where = { router: this.#router, request: file };
    if (answer.status !== 200) throw unexpectedStatus(answer, this.#base, where);
    return parseXml(answer.text, where);
  }

  /** Sends with the nonce we have, and once more with the one the box wants instead. */
  async #authorised(path: string, request: Sent): Promise<HttpAnswer> {
    if (this.#refused) throw this.#authFailed(request.what);
    const answer = await this.#send(path, request, this.#challenge);
    if (answer.status !== 401) return answer;
    const asked = parseChallenge(answer.headers["www-authenticate"]);
    // The same nonce again: it is the password that is refused, not the nonce.
    if (!asked || (asked.nonce === this.#challenge?.nonce && !asked.stale)) throw this.#refuse(request.what);
    this.#challenge = asked;
    this.#used = 0;
    const again = await this.#send(path, request, asked);
    if (again.status !== 401) return again;
    this.#challenge = undefined;
    if (parseChallenge(again.headers["www-authenticate"])?.stale)
      throw new Rejected("the router wants another nonce than the one it has just given", this.#at(request.what), { retryable: true });
    // FRITZ!OS makes everybody wait longer after every wrong password, so there is no second try.
    throw this.#refuse(request.what);
  }

  async #send(path: string, request: Sent, challenge?: Challenge): Promise<HttpAnswer> {
    const where = { router: this.#router, request: request.what };
    const wait = this.#backOff.waitFor();
    if (wait > 0) throw new LockedOut(sentence("login-alone", { seconds: Math.ceil(wait / 1000) }), where);
    const url = new URL(path, this.#base);
    if (url.origin !== this.#base.origin) throw new Rejected("the router points to another address", where);
    const authorization = challenge
      ? { authorization: answerChallenge(challenge, this.#settings, { method: request.method ?? "GET", uri: path }, ++this.#used) }
      : {};
    const answer = await this.#http.send(url, { ...request, headers: { ...request.headers, ...authorization } });
    if (answer.status === 503) {
      this.#backOff.refused(retryAfter(answer));
      // Whether it was the nonce or the password is open: the next login starts with a question, not with an answer.
      this.#challenge = undefined;
      throw new LockedOut(sentence("login-shut"), where);
    }
    this.#backOff.served();
    return answer;
  }

  #refuse(request: string): AuthFailed {
    this.#refused = true;
    this.#challenge = undefined;
    return this.#authFailed(request);
  }

  #at = (request: string) => ({ router: this.#router, request });
  #authFailed = (request: string) =>
    new AuthFailed(sentence("login-wrong", { account: this.#settings.username }), { router: this.#router, request });

  #fault(fault: Element, { action, right, where }: { action: string; right: string; where: { router: string; request: string } }): Error {
    const code = Number(textOf(child(child(fault, "detail"), "UPnPError"), "errorCode"));
    if (code === faults.notAuthorised)
      return new PermissionMissing(
        right,
        `the user "${this.#settings.username}" lacks the right "${right}"; grant it under System > FRITZ!Box Users`,
        where,
      );
    if (code === faults.invalidAction) {
      // The firmware was changed under us: look again what it can do.
      this.#actions.clear();
      this.#places = undefined;
      return new Unsupported(action, "this FRITZ!OS does not have it; update it under System > Update", where);
    }
    if ((faults.secondFactor as readonly number[]).includes(code)) return new Rejected(sentence("login-confirmed"), where);
    if ((faults.noEntry as readonly number[]).includes(code))
      return new Rejected(`the router knows no device there any more (error ${code})`, where, { retryable: true });
    const passing = [faults.failed, faults.outOfMemory, faults.internal, faults.busy] as readonly number[];
    return new Rejected(`the router refused it with error ${Number.isFinite(code) ? code : "unknown"}`, where, {
      retryable: passing.includes(code),
    });
  }
}

/** The right most actions need, as the FRITZ!Box names it. */
export const settingsRight = "FRITZ!Box settings";

interface Sent {
  what: string;
  method?: "POST";
  headers?: Record<string, string>;
  body?: string;
}

function envelope(service: string, action: string, args: Readonly<Record<string, string>>): string {
  const given = Object.entries(args)
    .map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`)
    .join("");
  return `<?xml version="1.0" encoding="utf-8"?>
<s:Envelope s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/" xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:${action} xmlns:u="${service}">${given}</u:${action}></s:Body></s:Envelope>`;
}
