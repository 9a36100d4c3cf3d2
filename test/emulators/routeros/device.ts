import type { RouterTime } from "../shared/time.ts";
import { type MenuSpec, singletons, specs } from "./menus.ts";
import { runScript } from "./script.ts";
import { defaults, type Seed } from "./seed.ts";
import { duration, isName, type Names, Refused, type Row, span } from "./values.ts";

/** What device-mode of home routers leaves off. */
const homeMode = { mode: "home", scheduler: "false", fetch: "false", email: "false", container: "false", "traffic-gen": "false" };
const advancedMode = { mode: "advanced", scheduler: "true", fetch: "true", email: "true", container: "false", "traffic-gen": "false" };

const isList = (menu: string): boolean => menu.endsWith("address-list");

/** A router's configuration and what runs on it. Numbers of objects stay over restarts. */
export class Device implements Names {
  readonly time: RouterTime;
  readonly menus = new Map<string, Row[]>();
  readonly single = new Map<string, Row>();
  /** Lines of its log. */
  readonly log: string[] = [];
  writes = 0;
  #next = new Map<string, number>();
  /** When entries of address lists end that have a time, ms. */
  #ends = new WeakMap<Row, number>();
  #timers = new Map<string, () => void>();

  constructor(time: RouterTime, { version = "7.16.2 (stable)", deviceMode = "advanced", missing = [] }: Seed = {}) {
    this.time = time;
    for (const menu of Object.keys(specs)) if (!missing.some((one) => menu === one || menu.startsWith(`${one}/`))) this.menus.set(menu, []);
    this.single.set("system/resource", {
      "board-name": "hAP ax^2",
      platform: "MikroTik",
      version,
      "architecture-name": "arm64",
      uptime: "1w2d3h",
      "cpu-load": "3",
    });
    this.single.set("system/identity", { name: "MikroTik" });
    if (deviceMode !== "none")
      this.single.set("system/device-mode", {
        ...(deviceMode === "home" ? homeMode : advancedMode),
        flagged: "false",
        "attempt-count": "0",
      });
    for (const [menu, rows] of Object.entries(defaults())) for (const row of rows) this.put(menu, row);
    this.writes = 0;
  }

  /** Puts something there past all checks, as if the router or its owner did. */
  put(menu: string, row: Row): Row {
    const made = { ".id": this.#id(menu), ...specs[menu]?.defaults, ...row };
    this.menus.get(menu)?.push(made);
    if (isList(menu)) this.#dated(made);
    return made;
  }

  /** What a rule does that notes the sender of a packet; one that is noted is noted anew. */
  learn(family: "ip" | "ipv6", list: string, address: string, timeout: string): void {
    const menu = `${family}/firewall/address-list`;
    const entry = family === "ip" ? address : `${address}/128`;
    const known = this.rows(menu).find((row) => row.list === list && row.address === entry);
    if (!known) this.put(menu, { list, address: entry, timeout });
    else if (known.timeout) this.#dated(Object.assign(known, { timeout }));
  }

  has = (menu: string): boolean => this.menus.has(menu) || (singletons.includes(menu) && this.single.has(menu));
  of = (menu: string): string[] => (this.menus.get(menu) ?? []).map((row) => row.name ?? "");
  rows(menu: string): Row[] {
    const rows = this.menus.get(menu);
    if (!rows) throw new Refused("no such command or directory");
    if (isList(menu)) this.#age(rows);
    return rows;
  }
  find(menu: string, id: string): Row {
    const row = this.rows(menu).find((one) => one[".id"] === id);
    if (!row) throw new Refused("no such item", 404);
    return row;
  }

  add(menu: string, body: Row, policies: ReadonlySet<string>): Row {
    const spec = this.#writable(menu);
    const { "place-before": before, ...args } = body;
    if (before !== undefined && !spec.ordered) throw new Refused("unknown parameter place-before");
    const row = this.#checked(menu, spec, { ...spec.defaults }, args);
    for (const name of spec.required ?? []) if (row[name] === undefined) throw new Refused(`missing value(s) of argument(s) ${name}`);
    const rows = this.rows(menu);
    let at = rows.length;
    if (before !== undefined) {
      at = rows.findIndex((one) => one[".id"] === before);
      if (at === -1) throw new Refused("no such item");
      if (rows[at]!.dynamic === "true") throw new Refused("failure: can not place before dynamic item");
    }
    if (menu === "system/scheduler") this.#mayRun(row, policies);
    const made: Row = { ".id": this.#id(menu), ...row };
    if (isList(menu)) this.#dated(made);
    rows.splice(at, 0, made);
    this.writes++;
    this.#started(menu, made);
    return made;
  }

  set(menu: string, id: string, body: Row, policies: ReadonlySet<string>): Row {
    const spec = this.#writable(menu);
    const row = this.find(menu, id);
    // Of what it made itself, or keeps for a while only, it lets nothing be changed but how long and the comment.
    const isKept = isList(menu) && Object.keys(body).every((name) => name === "timeout" || name === "comment");
    if (row.dynamic === "true" && !isKept) throw new Refused("failure: can not change dynamic item");
    if ("place-before" in body) throw new Refused("unknown parameter place-before");
    const next = this.#checked(menu, spec, row, body);
    if (menu === "system/scheduler") this.#mayRun(next, policies);
    Object.assign(row, next);
    if ("timeout" in body) this.#dated(row);
    this.writes++;
    this.#started(menu, row);
    return row;
  }

  remove(menu: string, id: string): void {
    const row = this.find(menu, id);
    const rows = this.rows(menu);
    // Entries of address lists and connections that the router made may be removed; its rules may not.
    if (row.dynamic === "true" && !/address-list$|connection$/.test(menu)) throw new Refused("failure: can not remove dynamic item");
    if (specs[menu]!.readOnly && !menu.endsWith("/connection")) throw new Refused("no such command");
    if (menu === "queue/type" && (row.default === "true" || this.rows("queue/tree").some((queue) => queue.queue === row.name)))
      throw new Refused("failure: queue type is in use");
    if (menu === "queue/tree" && rows.some((queue) => queue.parent === row.name)) throw new Refused("failure: queue has children");
    if (menu === "routing/table" && this.rows("ip/route").some((one) => one["routing-table"] === row.name))
      throw new Refused("failure: routing table is in use");
    rows.splice(rows.indexOf(row), 1);
    if (isList(menu)) this.#forget(menu, row);
    this.#timers.get(`${menu} ${id}`)?.();
    this.writes++;
  }

  /** Power off and on: what lives in memory is gone, the configuration and its numbers stay. */
  reboot(): void {
    for (const [menu, rows] of this.menus)
      this.menus.set(
        menu,
        rows.filter((row) => row.dynamic !== "true" || menu === "ip/firewall/filter" || menu === "interface"),
      );
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
    for (const menu of this.menus.keys()) if (isList(menu)) for (const row of [...this.rows(menu)]) this.#started(menu, row);
    for (const entry of this.rows("system/scheduler")) {
      entry["run-count"] = "0";
      this.#started("system/scheduler", entry);
    }
  }

  #id(menu: string): string {
    const next = (this.#next.get(menu) ?? 0) + 1;
    this.#next.set(menu, next);
    return `*${next.toString(16).toUpperCase()}`;
  }

  /** An entry with a time is kept in memory until it ends. */
  #dated(row: Row): void {
    row["creation-time"] ??= this.#shown(this.time.now());
    if (!row.timeout) return;
    row.dynamic = "true";
    this.#ends.set(row, this.time.now() + span(row.timeout, "timeout"));
  }

  /** Shows what is left of their time, in whole seconds, and drops what has ended. */
  #age(rows: Row[]): void {
    for (const row of [...rows]) {
      const left = (this.#ends.get(row) ?? Number.POSITIVE_INFINITY) - this.time.now();
      if (left <= 0) rows.splice(rows.indexOf(row), 1);
      else if (left < Number.POSITIVE_INFINITY) row.timeout = duration(`${Math.ceil(left / 1000)}s`, "timeout", this);
    }
  }

  #shown = (at: number): string => new Date(at).toISOString().slice(0, 19).replace("T", " ");

  #writable(menu: string): MenuSpec {
    this.rows(menu);
    const spec = specs[menu]!;
    if (spec.readOnly) throw new Refused("no such command");
    return spec;
  }

  #checked(menu: string, spec: MenuSpec, before: Row, args: Row): Row {
    const row = { ...before };
    for (const [name, value] of Object.entries(args)) {
      const arg = spec.args[name];
      if (!arg) throw new Refused(`unknown parameter ${name}`);
      row[name] = arg(value, name, this);
    }
    spec.check?.(row);
    const others = spec.together ? this.rows(menu).filter((one) => one[".id"] !== before[".id"]) : [];
    if (others.some((one) => spec.together!.every((name) => one[name] === row[name])))
      throw new Refused("failure: already have such entry");
    if (spec.unique && row.name !== undefined && this.rows(menu).some((one) => one.name === row.name && one[".id"] !== before[".id"]))
      throw new Refused(`failure: already have ${spec.unique} with such name`);
    return row;
  }

  #mayRun(row: Row, policies: ReadonlySet<string>): void {
    if (this.single.get("system/device-mode")?.scheduler === "false") throw new Refused("failure: not allowed by device-mode");
    row.policy ??= "ftp,reboot,read,write,policy,test,password,sniff,sensitive,romon";
    if (row.policy.split(",").some((policy) => !policies.has(policy))) throw new Refused("not enough permissions (9)", 500);
  }

  #started(menu: string, row: Row): void {
    if (isList(menu)) this.#lookUp(menu, row);
    if (menu !== "system/scheduler") return;
    const key = `${menu} ${row[".id"]}`;
    this.#timers.get(key)?.();
    const every = span(row.interval ?? "0s", "interval");
    if (row.disabled === "true" || every === 0) return;
    row["next-run"] = this.#shown(this.time.now() + every);
    this.#timers.set(
      key,
      this.time.after(every, () => this.#run(row)),
    );
  }

  /** Finds the addresses of an entry that is a name. */
  #lookUp(menu: string, row: Row): void {
    this.#forget(menu, row);
    if (!isName(row.address ?? "") || row.dynamic === "true" || row.disabled === "true") return;
    const address = menu.startsWith("ipv6/") ? "2001:db8::99/128" : "203.0.113.99";
    this.put(menu, { list: row.list!, address, dynamic: "true", comment: row.address! });
  }
  #forget(menu: string, { list, address }: Row): void {
    const rows = this.rows(menu);
    const found = rows.filter((one) => one.dynamic === "true" && one.list === list && one.comment === address);
    for (const one of found) rows.splice(rows.indexOf(one), 1);
  }

  #run(entry: Row): void {
    entry["run-count"] = String(Number(entry["run-count"]) + 1);
    const policies = new Set((entry.policy ?? "").split(","));
    try {
      if (this.single.get("system/device-mode")?.scheduler !== "false") runScript(this, entry["on-event"] ?? "", policies);
    } catch (error) {
      this.log.push(`script error: ${error instanceof Error ? error.message : error}`);
    }
    if (this.rows("system/scheduler").includes(entry)) this.#started("system/scheduler", entry);
  }
}
