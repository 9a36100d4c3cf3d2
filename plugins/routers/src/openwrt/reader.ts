import { type DriverContext, Rejected, Unsupported } from "@network-personas/engine/driver";
import { z } from "zod";
import { Dump, type RawFacts } from "./facts.ts";
import { agentRights, askFor, GrantedRights, rights, usableQdiscs } from "./rights.ts";
import { ownConfigs, RawConfig, tag } from "./sections.ts";
import { type Reply, type Ubus, type UbusCall, ubusStatus } from "./ubus.ts";

const Access = z.object({ access: z.boolean() });
const Entries = z.object({ entries: z.array(z.object({ name: z.string() })).default([]) });
/** Of what odd hosts say about themselves nothing is taken, so that one does not hide the others. */
const word = z.string().optional().catch(undefined);
const words = z.array(z.string()).catch([]);
const Hint = z.object({ ipaddrs: words, ip6addrs: words, name: word });
const HostHints = z.record(z.string(), Hint.catch({ ipaddrs: [], ip6addrs: [], name: undefined }));
const Lease = z.object({ macaddr: z.string().catch(""), ipaddr: z.string().catch(""), hostname: word });
const Leases = z.object({ dhcp_leases: z.array(Lease.catch({ macaddr: "", ipaddr: "", hostname: undefined })).catch([]) });
const ExecResult = z.object({ code: z.number(), stdout: z.string().default(""), stderr: z.string().default("") });
export type ExecResult = z.infer<typeof ExecResult>;
export type Hints = z.infer<typeof HostHints>;

/** Pending lines per config, as `uci changes` shows them. */
export const Changes = z.object({ changes: z.record(z.string(), z.array(z.array(z.union([z.string(), z.number()])))) });

export const getConfig = (config: string): UbusCall => ({ object: "uci", method: "get", args: { config } });
const dump: UbusCall = { object: "network.interface", method: "dump" };
export const hostHints: UbusCall = { object: "luci-rpc", method: "getHostHints" };
export const dhcpLeases: UbusCall = { object: "luci-rpc", method: "getDHCPLeases" };

/** Reads one router through its login. */
export class Reader {
  readonly ubus: Ubus;
  readonly #router: string;
  readonly #log: DriverContext["log"];
  #rights: { login: number; granted: GrantedRights } | undefined;

  constructor(ubus: Ubus, context: Pick<DriverContext, "router" | "log">) {
    this.ubus = ubus;
    this.#router = context.router;
    this.#log = context.log;
  }

  /** The payload in the shape it must have. */
  parse<T extends z.ZodType>(schema: T, data: unknown, request: string): z.output<T> {
    const parsed = schema.safeParse(data);
    if (parsed.success) return parsed.data;
    throw new Rejected(`the answer is not what OpenWrt sends (${parsed.error.issues[0]?.path.join(".") || "payload"})`, {
      router: this.#router,
      request,
    });
  }

  /** What the account may do; asked once per login. */
  async rights(): Promise<GrantedRights> {
    const { ubus } = this;
    if (this.#rights?.login === ubus.loginNumber && ubus.loginNumber > 0) return this.#rights.granted;
    const asked = [...rights, ...agentRights];
    const replies = await ubus.batch(asked.map(askFor));
    const missing = asked.filter((_, i) => Access.safeParse(replies[i]!.data).data?.access === false);
    this.#rights = { login: ubus.loginNumber, granted: new GrantedRights(missing) };
    return this.#rights.granted;
  }

  /** Everything a plan is lowered with. What was staged and never applied is dropped first: it would be read as if it held. */
  async facts(): Promise<RawFacts> {
    await this.dropStaged();
    const may = await this.rights();
    const wanted: [string, UbusCall, boolean][] = [
      ["dump", dump, true],
      ["firewall", getConfig("firewall"), true],
      ["sqm", getConfig("sqm"), may.has("uci", "sqm", "read")],
      [
        "qdiscs",
        { object: "file", method: "list", args: { path: usableQdiscs } },
        may.has("ubus", "file", "list") && may.has("file", usableQdiscs, "list"),
      ],
    ];
    const asked = wanted.filter(([, , allowed]) => allowed);
    const replies = await this.ubus.batch(asked.map(([, call]) => call));
    const reply = (name: string): Reply | undefined => replies[asked.findIndex(([n]) => n === name)];
    const firewall = reply("firewall")!;
    if (firewall.status === ubusStatus.notFound)
      throw new Unsupported("firewall", "the router has no firewall configuration", { router: this.#router, request: "uci get firewall" });
    const sqm = reply("sqm");
    const qdiscs = reply("qdiscs");
    return {
      dump: this.parse(Dump, this.ubus.expectOk(dump, reply("dump")!), "network.interface dump"),
      firewall: this.parse(RawConfig, this.ubus.expectOk(getConfig("firewall"), firewall), "uci get firewall"),
      sqm: sqm?.status === ubusStatus.ok ? this.parse(RawConfig, sqm.data, "uci get sqm") : undefined,
      qdiscs: qdiscs?.status === ubusStatus.ok ? this.parse(Entries, qdiscs.data, "file list").entries.map((e) => e.name) : undefined,
      mayShape: may.has("uci", "sqm", "write"),
    };
  }

  /** What this login has staged, per config. */
  async staged(options: { keepLogin?: boolean } = {}): Promise<z.infer<typeof Changes>["changes"]> {
    return this.parse(Changes, await this.ubus.call("uci", "changes", {}, options), "uci changes").changes;
  }

  /** Takes back what this login has staged: a change that was rolled back waits there and would be applied with the next one. */
  async dropStaged(): Promise<void> {
    const staged = await this.staged();
    const configs = Object.entries(staged).filter(([, lines]) => lines.length > 0);
    if (configs.length === 0) return;
    this.#refuseForeign(configs);
    this.#log.debug(`${this.#router}: taking back staged changes of ${configs.map(([config]) => config).join(", ")}`);
    const calls = configs.map(([config]): UbusCall => ({ object: "uci", method: "revert", args: { config } }));
    const replies = await this.ubus.batch(calls);
    replies.forEach((reply, i) => {
      // While an apply waits for its confirmation nobody may revert.
      if (reply.status === ubusStatus.permissionDenied)
        throw new Rejected(
          "another change at the router waits for its confirmation",
          { router: this.#router, request: "uci revert" },
          { retryable: true },
        );
      this.ubus.expectOk(calls[i]!, reply);
    });
  }

  /** Staged changes of sections that are not ours come from another program with the same account. */
  #refuseForeign(configs: readonly [string, readonly (readonly (string | number)[])[]][]): void {
    for (const [config, lines] of configs) {
      const strange = lines.find((line) => !String(line[1]).startsWith(tag));
      if (strange || !ownConfigs.some((own) => own === config)) {
        throw new Rejected(
          `another program uses the same account and has staged changes of ${config}${strange ? ` (section ${strange[1]})` : ""}; give each program an account of its own`,
          { router: this.#router, request: "uci changes" },
          { retryable: true },
        );
      }
    }
  }

  /** Fails when anything but our own sections is staged: an apply would carry it out too. */
  async expectOnlyOwnStaged(): Promise<boolean> {
    const configs = Object.entries(await this.staged({ keepLogin: true })).filter(([, lines]) => lines.length > 0);
    this.#refuseForeign(configs);
    return configs.length > 0;
  }

  /** Runs a granted command; undefined when it is not there or not allowed. */
  async run(command: readonly string[], options: { timeLimit?: number } = {}): Promise<ExecResult | undefined> {
    const [path, ...params] = command;
    const call: UbusCall = { object: "file", method: "exec", args: { command: path, params } };
    const [reply] = await this.ubus.batch([call], options);
    if (reply!.status !== ubusStatus.ok) return undefined;
    return this.parse(ExecResult, reply!.data, `file exec ${path}`);
  }

  /** Runs commands in one batch; undefined for those the router has not, or whose output is more than it can hold. */
  async runAll(commands: readonly (readonly string[])[]): Promise<(ExecResult | undefined)[]> {
    const calls = commands.map(([command, ...params]): UbusCall => ({ object: "file", method: "exec", args: { command, params } }));
    const replies = await this.ubus.batch(calls);
    return replies.map((reply, i) =>
      reply.status === ubusStatus.ok ? this.parse(ExecResult, reply.data, `file exec ${commands[i]![0]}`) : undefined,
    );
  }

  /** Whether a command may be run; `example` names what its pattern is granted for. */
  async may(command: readonly string[]): Promise<boolean> {
    return (await this.rights()).canRun(command);
  }

  /** Names, addresses and leases of hosts, as far as the account may read them. */
  async hosts(): Promise<{ hints: Hints; leases: z.infer<typeof Leases>["dhcp_leases"] }> {
    const may = await this.rights();
    const calls = [
      may.has("ubus", "luci-rpc", "getHostHints") ? hostHints : undefined,
      may.has("ubus", "luci-rpc", "getDHCPLeases") ? dhcpLeases : undefined,
    ];
    const asked = calls.filter((c) => c !== undefined);
    const replies = asked.length > 0 ? await this.ubus.batch(asked) : [];
    return {
      hints: okOr(HostHints, replies[asked.indexOf(hostHints)]) ?? {},
      leases: okOr(Leases, replies[asked.indexOf(dhcpLeases)])?.dhcp_leases ?? [],
    };
  }

  /** Addresses per MAC address, as far as the router knows them. */
  async addresses(): Promise<Map<string, string[]>> {
    const { hints, leases } = await this.hosts();
    const known = new Map<string, Set<string>>();
    const add = (mac: string, address: string) => {
      const key = mac.toLowerCase();
      // Link-local addresses are of no use to a rule about the line.
      if (address && !/^fe80:/i.test(address)) known.set(key, (known.get(key) ?? new Set()).add(address));
    };
    for (const [mac, hint] of Object.entries(hints)) for (const address of [...hint.ipaddrs, ...hint.ip6addrs]) add(mac, address);
    for (const lease of leases) add(lease.macaddr, lease.ipaddr);
    return new Map([...known].map(([mac, addresses]) => [mac, [...addresses].sort()]));
  }

  async interfaces(): Promise<z.infer<typeof Dump>["interface"]> {
    return this.parse(Dump, await this.ubus.call("network.interface", "dump"), "network.interface dump").interface;
  }

  /** Tunnels of the given ones that the account may bring up and down. */
  async controllable(tunnels: readonly string[]): Promise<Set<string>> {
    if (tunnels.length === 0) return new Set();
    const replies = await this.ubus.batch(
      tunnels.map((tunnel) =>
        askFor({ scope: "ubus", object: `network.interface.${tunnel}`, function: "up", required: false, purpose: "forLine" }),
      ),
    );
    return new Set(tunnels.filter((_, i) => Access.safeParse(replies[i]!.data).data?.access === true));
  }
}

function okOr<T extends z.ZodType>(schema: T, reply: Reply | undefined): z.output<T> | undefined {
  return reply?.status === ubusStatus.ok ? schema.safeParse(reply.data).data : undefined;
}
