import {
  type ChangeSet,
  type DriverContext,
  type Finding,
  findingOf,
  guardPlan,
  loadSupport,
  noted,
  Rejected,
  type RouterDriver,
  type RouterIdentity,
  type RouterState,
  serialQueue,
  supportedFields,
  troubleFinding,
  troubleOf,
} from "@network-personas/engine/driver";
import {
  type Capabilities,
  type Client,
  type Counters,
  type Flow,
  type NetworkPlan,
  type Sentence,
  sentence,
} from "@network-personas/engine/model";
import { trafficClasses } from "@network-personas/personas";
import { z } from "zod";
import { SimulatedClients } from "./clients.ts";
import { Connections } from "./connections.ts";
import { difference } from "./difference.ts";
import { scriptOf } from "./household-script.ts";
import { carry, goodLink, type Link } from "./link.ts";
import { lower } from "./lower.ts";
import { VirtualRouter } from "./router.ts";
import { readSettings, type VirtualSettings } from "./settings.ts";
import { ours, Section } from "./state.ts";
import { Traffic } from "./traffic.ts";

const support = await loadSupport(new URL("./support.yaml", import.meta.url));

const Payload = z.strictObject({ sections: z.record(z.string(), Section) });

/** Looks for arrivals and departures this often, ms. */
const lookEvery = 1_000;

/** A driver for a router that exists only on disk. */
export class VirtualDriver implements RouterDriver {
  readonly #context: DriverContext;
  readonly #settings: VirtualSettings;
  readonly #router: VirtualRouter;
  readonly #clients: SimulatedClients;
  readonly #traffic: Traffic;
  readonly #connections = new Connections();
  readonly #link: Link;
  readonly #queue = serialQueue();
  readonly #closed = new AbortController();

  constructor(context: DriverContext, link: Link = goodLink) {
    this.#context = context;
    this.#settings = readSettings(context.settings);
    const { clock, log, dataDir, router } = context;
    const { clients, household } = this.#settings;
    const timeZone = this.#settings.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    this.#router = new VirtualRouter(router, dataDir, clock);
    this.#clients = new SimulatedClients({
      folder: dataDir,
      clients,
      timeZone,
      clock,
      log,
      script: scriptOf(household, clients, timeZone),
    });
    this.#traffic = new Traffic();
    this.#link = link;
  }

  get #shows(): NonNullable<VirtualSettings["shows"]> {
    return this.#settings.shows ?? (this.#settings.household ? "connections" : "line");
  }

  identify(): Promise<RouterIdentity> {
    return this.#ask("identify", async () => {
      await this.#router.sections();
      return { vendor: "Network Personas", model: "Virtual router", firmware: "1" };
    });
  }

  async capabilities(): Promise<Capabilities> {
    return {
      fields: supportedFields(support),
      classes: [...trafficClasses],
      flowQueueing: true,
      rollback: "router",
      leases: false,
      cutsEstablished: true,
      ...(this.#shows === "connections" ? { flows: { everyMs: 1_000 } } : {}),
      counters: { perDevice: this.#shows !== "line", everyMs: 1_000 },
      applyMs: 10,
      minApplyIntervalMs: 0,
      tunnels: [...this.#settings.tunnels],
      ...noted([sentence("noteVirtual")]),
    };
  }

  read(): Promise<RouterState> {
    return this.#ask("read", async () => ({ owned: ours(await this.#router.sections()), foreign: [] }));
  }

  async plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    const { router, applications, protectedMacs } = this.#context;
    if (desired) guardPlan(desired, { macs: protectedMacs }, router);
    const { sections, omissions } = desired
      ? lower(desired, { applications, tunnels: this.#settings.tunnels })
      : { sections: {}, omissions: [] };
    return { changes: difference(z.record(z.string(), Section).parse(current.owned), sections), omissions, payload: { sections } };
  }

  apply(changes: ChangeSet, { confirmWithin }: { confirmWithin: number }): Promise<void> {
    const payload = Payload.safeParse(changes.payload);
    if (!payload.success)
      return Promise.reject(
        new Rejected("this change set was not made by this driver", { router: this.#context.router, request: "apply" }),
      );
    return this.#tell("apply", () => this.#router.replaceOurs(payload.data.sections, confirmWithin));
  }
  confirm(): Promise<void> {
    return this.#tell("confirm", () => this.#router.confirm());
  }
  rollback(): Promise<void> {
    return this.#tell("rollback", () => this.#router.rollback());
  }
  release(): Promise<void> {
    return this.#tell("release", () => this.#router.removeOurs());
  }
  async close(): Promise<void> {
    this.#closed.abort();
  }

  clients(): Promise<readonly Client[]> {
    return this.#ask("clients", async () =>
      (await this.#clients.now()).map(({ mac, hostname, dhcpFingerprint, connected, via }) => ({
        mac,
        connected,
        via,
        ...(hostname === undefined ? {} : { hostname }),
        ...(dhcpFingerprint === undefined ? {} : { dhcpFingerprint }),
      })),
    );
  }

  counters(): Promise<Counters> {
    return this.#ask("counters", async () => {
      const counted = this.#traffic.count(await this.#clients.now(), ours(await this.#router.sections()), this.#context.clock.now());
      return this.#shows === "line" ? { ...counted, devices: new Map() } : counted;
    });
  }

  flows(): Promise<readonly Flow[]> {
    return this.#ask("flows", async () =>
      this.#connections.look(await this.#clients.now(), ours(await this.#router.sections()), this.#context.clock.now()),
    );
  }

  async events(onChange: () => void, signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#closed.signal]);
    let before = JSON.stringify(await this.clients());
    while (!until.aborted) {
      await this.#context.clock.sleep(lookEvery, until).catch(() => {});
      if (until.aborted) return;
      const now = JSON.stringify(await this.clients());
      if (now !== before) onChange();
      before = now;
    }
  }

  async doctor(): Promise<readonly Finding[]> {
    const check = async (
      name: string,
      message: Sentence,
      remedy: Sentence,
      look: () => Promise<Sentence | undefined>,
    ): Promise<Finding> => {
      try {
        const problem = await look();
        return problem ? findingOf(name, "failed", problem, remedy) : findingOf(name, "ok", message);
      } catch (error) {
        return troubleFinding(name, troubleOf(error), remedy);
      }
    };
    return [
      await check("state", sentence("virtualState"), sentence("mendVirtualState"), async () => {
        await this.read();
        return undefined;
      }),
      await check("clients", sentence("virtualClients"), sentence("mendVirtualClients"), async () => {
        await this.clients();
        const { problem } = this.#clients;
        return problem ? sentence("virtualClientsProblem", { problem }) : undefined;
      }),
    ];
  }

  #ask<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.#request({ name, write: false }, work);
  }
  #tell(name: string, work: () => Promise<void>): Promise<void> {
    return this.#request({ name, write: true }, work);
  }
  #request<T>(request: { name: string; write: boolean }, work: () => Promise<T>): Promise<T> {
    const { clock, router } = this.#context;
    return this.#queue(() => carry(this.#link, clock, router, request, work));
  }
}
