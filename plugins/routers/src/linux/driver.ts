import { join } from "node:path";
import {
  type ChangeSet,
  ConnectionLog,
  type DriverContext,
  type Finding,
  guardPlan,
  parseConntrack,
  ReadBackMismatch,
  Rejected,
  type RouterDriver,
  type RouterIdentity,
  type RouterState,
  type SupportFile,
  serialQueue,
  UnsafePlan,
  Unsupported,
} from "@network-personas/engine/driver";
import { type Capabilities, type Client, type Counters, type Flow, type NetworkPlan, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { capabilitiesOf } from "./capabilities.ts";
import { changesBetween } from "./changes.ts";
import { addressesOf, parseNeighbours, readClients } from "./clients.ts";
import { readCounters } from "./counters.ts";
import { examine } from "./doctor.ts";
import { Held, nothing } from "./held.ts";
import { type Layout, layoutOf } from "./layout.ts";
import { lower } from "./lower.ts";
import { type Look, Reader } from "./reader.ts";
import { renewal } from "./ruleset.ts";
import { readSettings, type Settings } from "./settings.ts";
import { localShell, type Shell } from "./shell.ts";
import { SshShell } from "./ssh.ts";
import { argvOf, DeadMan, firstLine, runOn, type Step, stepTo, wayBack } from "./undo.ts";

const Payload = z.strictObject({ wanted: Held });

/** A Linux machine that routes: nftables for who may do what, HTB classes by device for who gets how much. */
export class LinuxDriver implements RouterDriver {
  readonly #context: DriverContext;
  readonly #settings: Settings;
  readonly #layout: Layout;
  readonly #support: SupportFile;
  readonly #shell: Shell;
  readonly #reader: Reader;
  readonly #deadMan: DeadMan;
  readonly #queue = serialQueue();
  readonly #connections = new ConnectionLog();
  /** What the last `read` saw: a plan for that state needs no look of its own. */
  #seen: Look | undefined;
  /** We applied something that nobody confirmed yet. */
  #unconfirmed = false;

  /** `lease`: how long what is not renewed stays, seconds. */
  constructor(context: DriverContext, support: SupportFile, shell?: Shell, lease?: number) {
    this.#context = context;
    this.#support = support;
    this.#settings = readSettings(context.router, context.settings);
    this.#layout = layoutOf(this.#settings, context.router, context.applications, lease);
    this.#shell = shell ?? shellFor(this.#settings, context);
    this.#reader = new Reader(this.#shell, this.#layout, context.router);
    this.#deadMan = new DeadMan(this.#shell, this.#settings.runDir, context.router);
  }

  identify(): Promise<RouterIdentity> {
    return this.#queue(async () => {
      const kernel = (await this.#reader.ask(["uname", "-sr"])).trim();
      if (!/^Linux \S+$/.test(kernel)) throw new Rejected("this is no Linux", { router: this.#context.router, request: "uname -sr" });
      const release = (await this.#reader.run(["cat", "/etc/os-release"])).stdout;
      const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(release)?.[1];
      return { vendor: "Linux", model: name ?? "unknown distribution", firmware: kernel };
    });
  }

  capabilities(): Promise<Capabilities> {
    return this.#queue(async () =>
      capabilitiesOf(this.#support, {
        ...(await this.#reader.look({ afresh: true })),
        layout: this.#layout,
        connections: (await this.#tracked()) !== undefined,
      }),
    );
  }

  read(): Promise<RouterState> {
    return this.#queue(async () => {
      this.#seen = await this.#reader.look();
      const { held, shaperObstacle, offloads } = this.#seen;
      return { owned: held, foreign: [...(shaperObstacle ? [shaperObstacle] : []), ...(offloads ? [sentence("offloadOn")] : [])] };
    });
  }

  plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    return this.#queue(async () => {
      const held = Held.safeParse(current.owned);
      if (!held.success)
        throw new Rejected("the state to compare with is not one this driver has read", { router: this.#context.router, request: "plan" });
      const look = desired && (this.#seen?.held === current.owned ? this.#seen : await this.#reader.look());
      if (look) this.#guard(desired, look.own);
      const { held: wanted, omissions } = look
        ? lower(desired, held.data, { ...look, layout: this.#layout, applications: this.#context.applications })
        : { held: nothing, omissions: [] };
      return { changes: changesBetween(held.data, wanted, desired), omissions, payload: { wanted } };
    });
  }

  apply({ payload }: ChangeSet, { confirmWithin }: { confirmWithin: number }): Promise<void> {
    return this.#queue(async () => {
      const parsed = Payload.safeParse(payload);
      if (!parsed.success)
        throw new Rejected("the change set was not made by this driver", { router: this.#context.router, request: "apply" });
      const { wanted } = parsed.data;
      const { held, queueKind: kind } = await this.#reader.look();
      // The way back leads from whatever may be half done: nothing of the new state is taken for granted.
      await this.#deadMan.arm(wayBack(held, wanted, this.#layout, kind), confirmWithin);
      this.#unconfirmed = true;
      try {
        await this.#carryOut(stepTo(held, wanted, this.#layout, kind));
        const left = changesBetween((await this.#reader.look()).held, wanted, null);
        if (left.length > 0)
          throw new ReadBackMismatch(
            left.map(({ target, before, after }) => `${target} is ${before ?? "absent"} instead of ${after ?? "absent"}`),
            { router: this.#context.router, request: "read back" },
          );
      } catch (error) {
        await this.#deadMan
          .rollback()
          .catch((failure: unknown) =>
            this.#context.log.warn(`${this.#context.router}: could not undo at once, the timer will: ${String(failure)}`),
          );
        throw error;
      }
    });
  }

  confirm(): Promise<void> {
    return this.#queue(async () => {
      const confirmed = await this.#deadMan.confirm();
      const late = this.#unconfirmed && !confirmed;
      this.#unconfirmed = false;
      if (late) throw new Rejected("the change was undone before it was confirmed", { router: this.#context.router, request: "confirm" });
    });
  }

  rollback(): Promise<void> {
    return this.#queue(async () => {
      await this.#deadMan.rollback();
      this.#unconfirmed = false;
    });
  }

  release(): Promise<void> {
    return this.#queue(async () => {
      await this.#deadMan.rollback();
      this.#unconfirmed = false;
      const { held, queueKind } = await this.#reader.look();
      await this.#carryOut(stepTo(held, nothing, this.#layout, queueKind));
      await this.#deadMan.remove();
    });
  }

  renew(): Promise<void> {
    return this.#queue(async () => {
      for (let attempt = 1; ; attempt++) {
        const lines = renewal((await this.#reader.look()).held, this.#layout);
        if (lines.length === 0) return;
        const { code, stderr } = await this.#reader.run(["nft", "-f", "-"], `${lines.join("\n")}\n`);
        if (code === 0) return;
        // Something may have run out since it was looked at.
        if (attempt === 2) throw new Rejected(`nft refused: ${firstLine(stderr)}`, { router: this.#context.router, request: "renew" });
      }
    });
  }

  async close(): Promise<void> {
    await this.#shell.close?.();
  }

  clients(): Promise<readonly Client[]> {
    return this.#queue(() => readClients(this.#reader, this.#settings));
  }

  counters(): Promise<Counters> {
    return this.#queue(() => readCounters(this.#reader, this.#settings, this.#context.clock.now()));
  }

  flows(): Promise<readonly Flow[]> {
    return this.#queue(async () => {
      const tracked = await this.#tracked();
      if (!tracked)
        throw new Unsupported("flows", "connections are not counted; run: sysctl -w net.netfilter.nf_conntrack_acct=1", {
          router: this.#context.router,
          request: "conntrack -L",
        });
      const macs = addressesOf(parseNeighbours(await this.#neighbours()));
      return this.#connections.flows(tracked, (address) => macs.get(address), this.#context.clock.now());
    });
  }

  doctor(): Promise<readonly Finding[]> {
    return this.#queue(() => examine(this.#reader, this.#settings));
  }

  async #carryOut({ raise, rules, drop }: Step): Promise<void> {
    for (const { program, input } of [...raise, ...rules, ...drop]) {
      const argv = argvOf(program);
      const { code, stderr } = await runOn(this.#shell, this.#context.router, argv, input);
      if (code !== 0)
        throw new Rejected(`${argv[0]} refused: ${firstLine(stderr)}`, { router: this.#context.router, request: argv.join(" ") });
    }
  }

  /** Without any connection yet only the setting says whether they are counted. */
  async #tracked() {
    const counting = await this.#reader.run(["cat", "/proc/sys/net/netfilter/nf_conntrack_acct"]);
    if (counting.stdout.trim() === "0") return undefined;
    const { code, stdout } = await this.#reader.run(["conntrack", "-L"]).catch(() => ({ code: 1, stdout: "" }));
    return code === 0 ? parseConntrack(stdout) : undefined;
  }
  #neighbours = (): Promise<string> => this.#reader.ask(["ip", "-j", "neigh", "show", "dev", this.#settings.lan]);

  /** Besides what no plan may do anywhere: the router itself, and the way to it. */
  #guard(desired: NetworkPlan, own: string): void {
    const macs = new Set([...[...this.#context.protectedMacs].map((mac) => mac.toLowerCase().replaceAll("-", ":")), own]);
    guardPlan(desired, { macs }, this.#context.router);
    for (const device of desired.devices) {
      if (!device.macs.some((mac) => macs.has(mac.toLowerCase()))) continue;
      const field =
        device.firewall === "strict"
          ? "firewall"
          : device.blockedApplications.length > 0
            ? "blockedApplications"
            : device.tunnel !== null
              ? "tunnel"
              : undefined;
      if (field)
        throw new UnsafePlan(
          `the plan restricts "${device.device}", which belongs to the infrastructure (devices.${device.device}.${field}); nothing was written`,
          { router: this.#context.router },
        );
    }
  }
}

/** On this machine, or by SSH on another one. */
function shellFor({ url, username, identityFile, requestTimeout }: Settings, { router, dataDir, clock }: DriverContext): Shell {
  if (url === undefined) return localShell(requestTimeout);
  const { hostname, port } = new URL(url);
  return new SshShell(
    {
      router,
      host: hostname.replace(/^\[|\]$/g, ""),
      port: port === "" ? 22 : Number(port),
      username,
      identityFile,
      knownHosts: join(dataDir, "ssh_known_hosts"),
      timeLimit: requestTimeout,
    },
    clock,
  );
}
