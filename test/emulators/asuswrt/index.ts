import { type RouterTime, steppedTime } from "../shared/time.ts";
import { type Exchange, startWire, type Wire, type WireFault } from "../shared/wire.ts";
import { AsusRouter, type RouterOptions, type Station } from "./router.ts";
import { type Account, errors, type Refusal, Sessions } from "./sessions.ts";

export type { WireFault };

export interface AsusOptions extends RouterOptions {
  account?: Partial<Account>;
  /** Speaks https only: whoever comes without it is sent there by a page. */
  httpsOnly?: boolean;
  /** Answers without a line break, as the maker's firmware does. */
  oneLine?: boolean;
  time?: RouterTime;
  tls?: { key: string; cert: string };
}

export interface AsusEmulator extends Omit<Wire, "requests"> {
  router: AsusRouter;
  sessions: Sessions;
  time: RouterTime;
  /** Requests in order: path, and what was asked. */
  requests(): readonly string[];
  /** Decides about a change in the router's place: a number cuts it off after that many variables and answers HTTP 500. */
  spoil(spoiler: (() => number | undefined) | undefined): void;
  /** Variables of the last change that was asked for, in order. */
  lastChange(): readonly string[];
  /** The connection ends after the next change was carried out, before its answer. */
  cutAfterApply(): void;
  /** The connection ends after the next login was taken, before its answer. */
  cutAfterLogin(): void;
  /** The connection of the next request ends before it is looked at. */
  resetNext(): void;
  /** Shows no more than that many characters of a variable. */
  cutAt: number;
  seedStation(station: Partial<Station> & { mac: string }): Station;
  stop(): Promise<void>;
}

/** Starts an ASUS router on 127.0.0.1 that speaks with its app as ASUSWRT 388 does. */
export async function startAsus(options: AsusOptions = {}): Promise<AsusEmulator> {
  const time = options.time ?? steppedTime();
  const router = new AsusRouter(options, time);
  const sessions = new Sessions({ username: "admin", password: "correct horse battery", ...options.account }, time);
  const seen: string[] = [];
  let spoiler: (() => number | undefined) | undefined;
  let cut = false;
  let cutLogin = false;
  let asked: string[] = [];
  let reset = false;

  const listener = async ({ request, body: sent, send: answer, cut: hangUp }: Exchange) => {
    if (reset || router.away) {
      reset = false;
      return hangUp();
    }
    const body = sent.toString("utf8");
    const path = new URL(request.url ?? "/", "http://router").pathname.slice(1);
    const send = (status: number, text: string, headers: Record<string, string> = {}) =>
      answer(status, text, { server: "httpd/2.0", "content-type": "text/html", connection: "close", ...headers });
    const refuse = ({ error, lockedFor }: Refusal) =>
      // The time comes behind the end of the object: the firmware writes it there.
      send(200, `{\n"error_status":"${error}"\n}\n${lockedFor === undefined ? "" : `,"remaining_lock_time":"${lockedFor}"`}`);
    seen.push(`${path} ${path === "login.cgi" ? "" : decodeURIComponent(body).slice(0, 200)}`.trim());
    if (request.headers["transfer-encoding"]) return send(400, page("400 Bad Request"));
    if (options.httpsOnly)
      return send(307, '<HTML><HEAD><meta http-equiv="refresh" content="0; url=https://192.168.50.1:8443/"></HEAD></HTML>');
    const app = /^asusrouter-[^-]*-DUTUtil-./.test(request.headers["user-agent"] ?? "");
    // Whoever is not the app is sent to the page people log in at.
    const login = (error: number) =>
      app ? refuse({ error }) : send(200, `<script>top.location.href='/Main_Login.asp?error_status=${error}&page=${path}';</script>`);
    if (path === "login.cgi") {
      if (request.method !== "POST") return login(errors.noToken);
      const result = sessions.login(body);
      if (!app) return send(200, '<HTML><HEAD><meta http-equiv="refresh" content="0; url=index.asp"></HEAD></HTML>');
      if (cutLogin) {
        cutLogin = false;
        return hangUp();
      }
      if ("error" in result) return refuse(result);
      return send(200, `{\n"asus_token":"${result.token}"\n}\n`, { "set-cookie": `asus_token=${result.token}; HttpOnly;` });
    }
    if (!app) return login(errors.noToken);
    const obstacle = sessions.check(request.headers.cookie);
    if (obstacle !== undefined) return refuse({ error: obstacle });
    switch (path) {
      case "Logout.asp":
        sessions.logout();
        return refuse({ error: errors.loggedOut });
      case "appGet.cgi":
        return send(200, hooks(body));
      case "update_clients.asp":
        return send(
          200,
          `\ufefforiginDataTmp = originData;\noriginData = {\nfromNetworkmapd : [${JSON.stringify(mapOf())}],\nnmpClient : []\n};\n`,
        );
      case "applyapp.cgi":
        if (router.formsOnly) return send(404, page("404 Not Found"));
        return applied(body, send);
      case "start_apply.htm":
        return appliedByForm(new URLSearchParams(body), send);
      default:
        return send(404, page("404 Not Found"));
    }
  };

  const mapOf = () =>
    Object.fromEntries(router.map.map((station) => [station.mac, { ...station, rssi: "-43", totalTx: "", internetState: 1 }]));

  /** Answers of hooks. One the firmware does not know leaves nothing but its comma. */
  function hooks(body: string): string {
    const calls = (/^hook=(.*)$/s.exec(body)?.[1] ?? "").split(";").filter((call) => call !== "");
    const parts = calls.map((call) => {
      const [, name, argument] = /^(\w+)\(([^()]*)\)$/.exec(call) ?? [];
      if (name === "nvram_get" && argument === "vpndirector_rulelist") return `"${argument}":""`;
      if (name === "nvram_get") return `"${argument}":"${escaped((router.nvram[argument!] ?? "").slice(0, emulator.cutAt))}"`;
      // The list of VPN Director is a file that only this hook shows.
      const hidden = argument === ",vpndirector_rulelist" && router.nvram.buildno?.includes(".") !== true;
      if (name === "nvram_char_to_ascii" && !hidden)
        return `"${argument!.slice(1)}":"${[...Buffer.from(router.nvram[argument!.slice(1)] ?? "")]
          .map((byte) =>
            /[\w.-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, "0")}`,
          )
          .join("")}"`;
      if (name === "netdev")
        return '"netdev":{ "BRIDGE_rx":"0x30a0b6bba","BRIDGE_tx":"0x134ce06712","INTERNET_rx":"0xe5d193f41","INTERNET_tx":"0x2000941dd","INTERNET_rx":"0xeb9a134fe","INTERNET_tx":"0x227d6b665"}';
      if (name === "get_clientlist" && !router.formsOnly)
        return `"get_clientlist":${JSON.stringify({ maclist: router.map.map((one) => one.mac), ...mapOf(), ClientAPILevel: "2" })}`;
      if (name === "get_cfg_clientlist")
        return `"get_cfg_clientlist":${JSON.stringify(router.nodes.map((mac) => ({ mac, ip: "192.168.50.9" })))}`;
      return "";
    });
    return options.oneLine ? `{ ${parts.join(", ")} }` : `{\n${parts.join(",\n")}\n}\n`;
  }

  type Send = (status: number, text: string) => unknown;
  function applied(body: string, send: Send): unknown {
    const values = jsonObject(body);
    if (!values) return send(200, '{\n"error_status":"4002"\n}\n');
    if (values.action_mode === "update_client_list") {
      router.refresh();
      return send(200, '{ "modify":"0" }');
    }
    if (values.action_mode !== "apply") return send(200, '{ "modify":"0" }');
    asked = Object.keys(values).slice(2);
    const spoiled = spoiler?.();
    if (spoiled !== undefined) {
      router.apply(Object.fromEntries(Object.entries(values).slice(0, spoiled + 2)), "");
      return send(500, page("500 Internal Error"));
    }
    const service = String(values.rc_service ?? "");
    const modified = router.apply(values, service);
    if (cut) {
      cut = false;
      return wire.hangUp();
    }
    return send(200, `{"modify":"${modified ? 1 : 0}","run_service":"${service}","restart_needed_time":"${router.restartTime}"}`);
  }

  function appliedByForm(form: URLSearchParams, send: Send): unknown {
    if (form.get("action_mode") !== "apply" || !form.has("current_page")) return send(200, page("no_changes"));
    const modified = router.apply(Object.fromEntries(form), form.get("action_script") ?? "");
    const done = modified ? "done_committing()" : "no_changes_and_no_committing()";
    return send(200, `<script>${done};</script>\n<script>restart_needed_time(${form.get("action_wait") ?? 5});</script>\n`);
  }

  const wire = await startWire({ tls: options.tls, page: (code) => page(String(code)) }, listener);
  const emulator: AsusEmulator = {
    ...wire,
    router,
    sessions,
    time,
    requests: () => seen,
    cutAt: Number.POSITIVE_INFINITY,
    spoil(next) {
      spoiler = next;
    },
    lastChange: () => asked,
    cutAfterApply() {
      cut = true;
    },
    cutAfterLogin() {
      cutLogin = true;
    },
    resetNext() {
      reset = true;
    },
    seedStation(station) {
      const made = { name: "", nickName: "", ip: "", isWL: "2", isOnline: "1", isGateway: "0", amesh_isRe: "0", ...station };
      router.stations.push({ ...made, mac: made.mac.toUpperCase() });
      router.refresh();
      return router.stations.at(-1)!;
    },
    async stop() {
      time.stop();
      await wire.unplug();
    },
  };
  return emulator;
}

/** As the firmware shows a variable: bytes that mean something in HTML, and those beyond ASCII, without a semicolon behind them. */
const escaped = (value: string): string =>
  [...Buffer.from(value, "utf8")]
    .map((byte) => (byte < 0x20 || byte > 0x7e || '"&<>\\'.includes(String.fromCharCode(byte)) ? `&#${byte}` : String.fromCharCode(byte)))
    .join("");

function jsonObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const page = (title: string): string => `<HTML><HEAD><TITLE>${title}</TITLE></HEAD><BODY><H4>${title}</H4></BODY></HTML>`;
