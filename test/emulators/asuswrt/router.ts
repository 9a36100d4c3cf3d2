import type { RouterTime } from "../shared/time.ts";

export interface RouterOptions {
  model?: string;
  firmver?: string;
  buildno?: string;
  extendno?: string;
  /** Words of `rc_support` beside the usual ones. */
  features?: readonly string[];
  /** Without these. */
  without?: readonly string[];
  nvram?: Readonly<Record<string, string>>;
  /** Takes changes as a form only, as firmware before 384. */
  formsOnly?: boolean;
  /** Seconds a restart of services takes, and for which the web server is away after the answer. */
  restartTime?: number;
  awayTime?: number;
}

/** A device of the network map. */
export interface Station {
  mac: string;
  name: string;
  nickName: string;
  ip: string;
  isWL: string;
  isOnline: string;
  isGateway: string;
  amesh_isRe: string;
}

/** What the firewall, the queues and the resolver really do: from the variables as they were when the service was last restarted. */
export interface Effect {
  /** Devices without internet. */
  blocked: string[];
  /** Traditional QoS: level by device, and rates of the line. */
  levels: Record<string, number>;
  line: { down: number; up: number } | null;
  /** Bandwidth Limiter. */
  limits: Record<string, { down: number; up: number }>;
  /** DNS Director: number of the resolver by device. */
  resolvers: Record<string, number>;
  /** VPN Director: VPN client by address. */
  routes: Record<string, string>;
}

const factoryRules = "<Web Surf>>80>tcp>0~512>0<HTTPS>>443>tcp>0~512>0<File Transfer>>80>tcp>512~>3<File Transfer>>443>tcp>512~>3";
const usual =
  "2.4G 5G update usbX2 switchctrl manual_stb pwrctrl WIFI_LOGO PARENTAL2 pptpd openvpnd ipv6 bwdpi vpnc wireguard amas dnsfilter hnd";

/** Variables the web server takes, with the characters they may have. Others are ignored without a word. */
const writable: Readonly<Record<string, number>> = {
  qos_enable: 2,
  qos_type: 2,
  qos_obw: 12,
  qos_ibw: 12,
  qos_rulelist: 8_192,
  qos_bw_rulelist: 2_048,
  MULTIFILTER_ALL: 2,
  MULTIFILTER_BLOCK_ALL: 2,
  MULTIFILTER_ENABLE: 256,
  MULTIFILTER_MAC: 2_048,
  MULTIFILTER_DEVICENAME: 2_048,
  MULTIFILTER_MACFILTER_DAYTIME: 8_192,
  MULTIFILTER_MACFILTER_DAYTIME_V2: 8_192,
  dnsfilter_enable_x: 2,
  dnsfilter_mode: 3,
  dnsfilter_rulelist: 255,
  ...Object.fromEntries([1, 2, 3, 4, 5].map((i) => [`dnsfilter_rulelist${i}`, 255])),
  vpndirector_rulelist: 7_999,
};

const everything = ["restart_firewall", "restart_qos", "restart_dnsmasq", "restart_vpnrouting0"];

/** What an ASUS router keeps and does. */
export class AsusRouter {
  readonly nvram: Record<string, string>;
  readonly stations: Station[] = [];
  readonly nodes: string[] = [];
  readonly formsOnly: boolean;
  restartTime: number;
  awayTime: number;
  writes = 0;
  /** Services that were really restarted. */
  readonly restarted: string[] = [];
  /** Orders to restart that were dropped because another was under way. */
  dropped = 0;
  effect: Effect = { blocked: [], levels: {}, line: null, limits: {}, resolvers: {}, routes: {} };
  /** The network map is as it was when it was last looked at. */
  #shown: Station[] = [];
  readonly #time: RouterTime;
  #awayUntil = Number.NEGATIVE_INFINITY;

  constructor(options: RouterOptions, time: RouterTime) {
    this.#time = time;
    this.formsOnly = options.formsOnly ?? false;
    this.restartTime = options.restartTime ?? 5;
    this.awayTime = options.awayTime ?? 3;
    const words = [...usual.split(" "), ...(options.features ?? [])].filter((word) => !options.without?.includes(word));
    this.nvram = {
      ...Object.fromEntries(Object.keys(writable).map((name) => [name, ""])),
      productid: options.model ?? "RT-AX88U",
      odmpid: "",
      firmver: options.firmver ?? "3.0.0.4",
      buildno: options.buildno ?? "388.8",
      extendno: options.extendno ?? "2",
      lan_hwaddr: "04:D4:C4:00:00:01",
      sw_mode: "1",
      rc_support: words.join(" "),
      rc_service: "",
      ipv6_service: "disabled",
      qos_enable: "0",
      qos_type: "1",
      qos_obw: "0",
      qos_ibw: "0",
      qos_rulelist: factoryRules,
      qos_bw_rulelist: "",
      MULTIFILTER_ALL: "0",
      MULTIFILTER_BLOCK_ALL: "0",
      dnsfilter_enable_x: "0",
      dnsfilter_mode: "0",
      http_passwd: "not to be shown",
      ...options.nvram,
    };
    this.#takeEffect(everything);
  }

  get away(): boolean {
    return this.#time.now() < this.#awayUntil;
  }

  reboot(): void {
    this.nvram.rc_service = "";
    this.#awayUntil = this.#time.now() + 4_000;
    this.#takeEffect(everything);
  }

  /** A rule the owner makes, or anything else he sets: in force at once. */
  own(values: Readonly<Record<string, string>>): void {
    Object.assign(this.nvram, values);
    this.#takeEffect(everything);
  }

  /** A service somebody else restarts. */
  busyWith(service: string, seconds: number): void {
    this.#run(service, seconds);
  }

  refresh(): void {
    this.#shown = structuredClone(this.stations);
  }

  get map(): readonly Station[] {
    return this.#shown;
  }

  /** Sets what may be set and has services restarted; whether anything changed. */
  apply(values: Readonly<Record<string, unknown>>, service: string): boolean {
    let modified = false;
    for (const [name, most] of Object.entries(writable)) {
      const value = values[name];
      if (typeof value !== "string" && typeof value !== "number") continue;
      if (String(value).length > most || (this.nvram[name] ?? "") === String(value)) continue;
      this.nvram[name] = String(value);
      modified = true;
    }
    this.writes++;
    if (service !== "") {
      // Dropped after a while in the log only: "skip the event".
      if (this.nvram.rc_service !== "") this.dropped++;
      else this.#run(service, this.restartTime);
      this.#awayUntil = this.#time.now() + this.awayTime * 1000;
    }
    return modified;
  }

  #run(service: string, seconds: number): void {
    this.nvram.rc_service = service;
    this.#time.after(seconds * 1000, () => {
      if (this.nvram.rc_service !== service) return;
      this.nvram.rc_service = "";
      this.restarted.push(...service.split(";"));
      this.#takeEffect(service.split(";"));
    });
  }

  #takeEffect(services: readonly string[]): void {
    if (services.includes("restart_firewall")) {
      this.effect.blocked = this.#blocked();
      this.effect.resolvers = this.#resolvers();
    }
    if (services.includes("restart_vpnrouting0")) this.effect.routes = this.#routes();
    if (services.includes("restart_qos")) Object.assign(this.effect, this.#queues());
  }

  /** A column that has fewer entries leaves the rest of the rules without that part, as the firmware reads them. */
  #blocked(): string[] {
    const cells = (name: string) => (this.nvram[name] ?? "").split(">");
    const [enable, mac] = [cells("MULTIFILTER_ENABLE"), cells("MULTIFILTER_MAC")];
    if (this.nvram.MULTIFILTER_ALL !== "1") return [];
    return enable.flatMap((value, i) => (value === "2" && mac[i] ? [mac[i]!.toLowerCase()] : [])).sort();
  }

  #resolvers(): Record<string, number> {
    if (this.nvram.dnsfilter_enable_x !== "1") return {};
    const list = ["", 1, 2, 3, 4, 5].map((i) => this.nvram[`dnsfilter_rulelist${i}`] ?? "").join("");
    return Object.fromEntries(
      list
        .split("<")
        .map((row) => row.split(">"))
        .filter(([, mac, mode, enable]) => isMac(mac) && Number(mode) > 0 && enable !== "0")
        .map(([, mac, mode]) => [mac!.toLowerCase(), Number(mode)]),
    );
  }

  /** Rules for clients that are up and listen to them; the first for an address counts. */
  #routes(): Record<string, string> {
    const routes: Record<string, string> = {};
    for (const [enable, , address, , via = ""] of (this.nvram.vpndirector_rulelist ?? "").split("<").map((row) => row.split(">"))) {
      const [, kind, unit] = /^(WGC|OVPN)([1-5])$/.exec(via) ?? [];
      const up = kind === "WGC" ? this.nvram[`wgc${unit}_enable`] === "1" : this.nvram[`vpn_client${unit}_rgw`] === "2";
      if (enable === "1" && address && kind && up) routes[address] ??= via;
    }
    return routes;
  }

  #queues(): Pick<Effect, "levels" | "line" | "limits"> {
    const { qos_enable, qos_type, qos_ibw, qos_obw, qos_rulelist = "", qos_bw_rulelist = "" } = this.nvram;
    const none = { levels: {}, line: null, limits: {} };
    if (qos_enable !== "1") return none;
    const rows = (list: string) => list.split("<").map((row) => row.split(">"));
    if (qos_type === "0") {
      // Without rates of the line the queues are not made at all.
      if (!Number(qos_ibw) || !Number(qos_obw)) return none;
      const levels: Record<string, number> = {};
      for (const [, mac, port, proto, bytes, level] of rows(qos_rulelist).filter((row) => row.length === 6))
        if (isMac(mac) && port === "" && proto === "any" && bytes === "" && /^[0-4]$/.test(level!))
          levels[mac!.toLowerCase()] ??= Number(level);
      return { ...none, levels, line: { down: Number(qos_ibw), up: Number(qos_obw) } };
    }
    if (qos_type !== "2") return none;
    const limits: Record<string, { down: number; up: number }> = {};
    const marks = new Set<string>();
    for (const [enable, mac, down, up, index] of rows(qos_bw_rulelist).filter((row) => row.length === 5)) {
      if (enable === "0" || !isMac(mac) || Number(down) < 1 || Number(up) < 1) continue;
      // Two limits with one number are one class, and the marks of guest networks are not for devices.
      if (marks.has(index!) || (Number(index) >= 20 && Number(index) < 32)) continue;
      marks.add(index!);
      limits[mac!.toLowerCase()] = { down: Number(down), up: Number(up) };
    }
    return { ...none, limits };
  }
}

const isMac = (text: string | undefined): boolean => /^([0-9A-F]{2}:){5}[0-9A-F]{2}$/i.test(text ?? "");
