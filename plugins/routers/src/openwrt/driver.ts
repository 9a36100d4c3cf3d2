import {
  type Change,
  type ChangeSet,
  type DriverContext,
  type Finding,
  Rejected,
  type RouterDriver,
  type RouterIdentity,
  type RouterState,
  type SupportFile,
  serialQueue,
  Unsupported,
} from "@network-personas/engine/driver";
import { type Capabilities, type Client, type Counters, type Flow, type NetworkPlan, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { told } from "../shared/told.ts";
import { Agent } from "./agent/agent.ts";
import { changesBetween } from "./agent/changes.ts";
import { Held, nothing as nothingHeld } from "./agent/held.ts";
import { lowerForAgent } from "./agent/lower.ts";
import type { AgentPlan } from "./agent/wire.ts";
import { canCut, canLease, capabilitiesOf, capabilitiesWithAgent } from "./capabilities.ts";
import { Changer } from "./changer.ts";
import { readAccounting, readClients, readCounters } from "./clients.ts";
import { Connections, readConnections } from "./connections.ts";
import { examine } from "./doctor.ts";
import { type Facts, foreignFindings, ownOf, type RawFacts, understand } from "./facts.ts";
import { guardOpenWrt } from "./guard.ts";
import { LiveView } from "./live.ts";
import { type Lowered, lower, lowerTunnels } from "./lower.ts";
import { Reader } from "./reader.ts";
import { cutConnections } from "./rights.ts";
import { cutTitle } from "./rules.ts";
import { difference, OwnSection } from "./sections.ts";
import { readSettings, type Settings } from "./settings.ts";
import { shaperName } from "./shaper.ts";
import { Tunnels } from "./tunnels.ts";
import { Ubus } from "./ubus.ts";

const Board = z.object({
  model: z.string().optional(),
  system: z.string().optional(),
  release: z.object({ distribution: z.string().optional(), version: z.string().optional() }).default({}),
});

/** What of ours is on the router. */
const Owned = z.strictObject({
  sections: z.array(OwnSection),
  /** Tunnels we brought up. */
  tunnels: z.array(z.string()),
  /** Tunnels that are up, whoever brought them up. */
  tunnelsUp: z.array(z.string()),
  /** The configuration has our shaper, the kernel does not. */
  shaperLost: z.boolean(),
  /** What the agent keeps in the kernel; null without an agent. */
  agent: Held.nullable(),
});
type Owned = z.infer<typeof Owned>;

/** What `apply` carries out. */
type Payload = z.infer<typeof Payload>;
const Payload = z.strictObject({
  sections: z.array(OwnSection),
  tunnels: z.array(z.string()),
  cut: z.array(z.string()),
  /** null: there is no agent, or was none when it was planned. */
  agent: z
    .strictObject({
      /** The agent checks it itself; null takes everything away. */
      request: z.custom<AgentPlan>((value) => typeof value === "object").nullable(),
      wanted: Held,
      /** It has something to do. */
      changes: z.boolean(),
      /** Sections from before there was an agent are to go. */
      retire: z.boolean(),
    })
    .nullable(),
});

/**
 * One OpenWrt router over ubus: named sections of our own in firewall and sqm, applied under the router's own rollback; or, where our
 * agent is installed, rules and queues of our own in the kernel, under the agent's.
 */
export class OpenWrtDriver implements RouterDriver {
  readonly #context: DriverContext;
  readonly #settings: Settings;
  readonly #support: SupportFile;
  readonly #agentSupport: SupportFile;
  readonly #ubus: Ubus;
  readonly #reader: Reader;
  readonly #live: LiveView;
  readonly #changer: Changer;
  readonly #agent: Agent;
  readonly #tunnels: Tunnels;
  readonly #connections: Connections;
  readonly #queue = serialQueue();

  constructor(context: DriverContext, support: SupportFile, agentSupport: SupportFile) {
    this.#context = context;
    this.#support = support;
    this.#agentSupport = agentSupport;
    this.#settings = readSettings(context.router, context.settings);
    this.#ubus = new Ubus(this.#settings, context);
    this.#reader = new Reader(this.#ubus, context);
    this.#live = new LiveView(this.#reader, context);
    this.#changer = new Changer(this.#reader, this.#live, context);
    this.#agent = new Agent(this.#reader, context);
    this.#tunnels = new Tunnels(this.#reader, context);
    this.#connections = new Connections(this.#reader, context.clock);
  }

  identify(): Promise<RouterIdentity> {
    return this.#queue(async () => {
      const board = this.#reader.parse(Board, await this.#ubus.call("system", "board"), "system board");
      return {
        vendor: board.release.distribution || "OpenWrt",
        model: board.model || board.system || "unknown",
        firmware: board.release.version || "unknown",
      };
    });
  }

  capabilities(): Promise<Capabilities> {
    return this.#queue(async () => {
      const { raw, facts } = await this.#facts();
      const may = await this.#reader.rights();
      const accounting = (await readAccounting(this.#reader)) !== undefined;
      const connections = (await readConnections(this.#reader)) !== undefined;
      const controllable = await this.#reader.controllable(facts.tunnels);
      const means = { accounting, connections, controllable };
      if (!(await this.#agent.present())) return capabilitiesOf(this.#support, facts, may, means);
      const leaving = shapes(ownOf(raw));
      return capabilitiesWithAgent(this.#agentSupport, facts, may, await this.#agent.state(), { ...means, leaving });
    });
  }

  read(): Promise<RouterState> {
    return this.#queue(async () => {
      const { raw, facts } = await this.#facts();
      const sections = ownOf(raw);
      const state = (await this.#agent.present()) ? await this.#agent.state() : undefined;
      const missing = state && sections.length === 0 ? nothingMissing : await this.#live.missing(sections);
      const owned: Owned = {
        sections,
        tunnels: await this.#tunnels.started(),
        tunnelsUp: tunnelsUp(facts),
        shaperLost: missing.shaper.length > 0,
        agent: state ? this.#agent.heldOf(state) : null,
      };
      const loaded = missing.firewall.length > 0 ? [sentence("rulesDiffer", { rule: missing.firewall[0]! })] : [];
      return {
        owned,
        foreign: [...foreignFindings(facts), ...(state?.features.mwan3 ? [sentence("mwan3Marks")] : []), ...loaded],
      };
    });
  }

  plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    return this.#queue(() => this.#plan(desired, current));
  }

  apply(changes: ChangeSet, { confirmWithin }: { confirmWithin: number }): Promise<void> {
    return this.#queue(() => this.#apply(changes, confirmWithin));
  }

  confirm(): Promise<void> {
    return this.#queue(() => this.#confirm());
  }

  rollback(): Promise<void> {
    return this.#queue(() => this.#rollback());
  }

  release(): Promise<void> {
    return this.#queue(async () => {
      await this.#rollback();
      const owned: Owned = {
        sections: await this.#changer.current(),
        tunnels: await this.#tunnels.started(),
        tunnelsUp: [],
        shaperLost: false,
        agent: (await this.#agent.present()) ? this.#agent.heldOf(await this.#agent.state()) : null,
      };
      const changes = await this.#plan(null, { owned, foreign: [] });
      await this.#apply(changes, this.#settings.confirmWithin);
      await this.#confirm();
    });
  }

  renew(): Promise<void> {
    return this.#queue(async () => {
      if (!(await this.#agent.present())) return;
      if (canLease(await this.#agent.surroundings(), await this.#reader.rights())) await this.#agent.renew();
    });
  }

  async close(): Promise<void> {
    this.#ubus.close();
  }

  clients(): Promise<readonly Client[]> {
    return this.#queue(() => readClients(this.#reader));
  }

  counters(): Promise<Counters> {
    return this.#queue(async () => readCounters(this.#reader, (await this.#facts()).facts.wanDevice, this.#context.clock));
  }

  flows(): Promise<readonly Flow[]> {
    return this.#queue(async () => {
      const flows = await this.#connections.look();
      if (flows) return flows;
      throw new Unsupported("flows", "the router cannot tell its connections now", {
        router: this.#context.router,
        request: "conntrack -L",
      });
    });
  }

  doctor(): Promise<readonly Finding[]> {
    return this.#queue(() =>
      examine({ reader: this.#reader, agent: this.#agent, live: this.#live, settings: this.#settings, own: () => this.#changer.current() }),
    );
  }

  async #facts(): Promise<{ raw: RawFacts; facts: Facts }> {
    const raw = await this.#reader.facts();
    return { raw, facts: understand(raw, this.#settings) };
  }

  async #plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    const owned = Owned.safeParse(current.owned);
    if (!owned.success)
      throw new Rejected("the state to compare with is not one this driver has read", { router: this.#context.router, request: "plan" });
    if (owned.data.agent) return this.#planForAgent(desired, owned.data, owned.data.agent);
    const wanted = desired === null ? nothing : await this.#lower(desired);
    const { changes } = difference(wanted.sections, owned.data.sections);
    changes.push(...tunnelChanges(wanted.tunnels, owned.data));
    if (
      owned.data.shaperLost &&
      wanted.sections.some((s) => s.name === shaperName) &&
      !changes.some((c) => c.target === `sqm.${shaperName}`)
    ) {
      changes.push({
        action: "set",
        target: `sqm.${shaperName}`,
        before: "not running",
        after: "running",
        ...told(sentence("shaperStart")),
      });
    }
    const cut = new Set(owned.data.sections.filter(isCut).flatMap((s) => s.options.src_mac ?? []));
    const sections: OwnSection[] = wanted.sections.map(({ config, name, type, options }) => ({ config, name, type, options }));
    return {
      changes,
      omissions: wanted.omissions,
      payload: { sections, tunnels: wanted.tunnels, cut: wanted.cut.filter((mac) => !cut.has(mac)), agent: null } satisfies Payload,
    };
  }

  /** Sections that were written before there was an agent go: what they did the agent does. */
  async #planForAgent(desired: NetworkPlan | null, owned: Owned, held: Held): Promise<ChangeSet> {
    const leaving = shapes(owned.sections);
    const wanted = desired === null ? undefined : await this.#lowerForAgent(desired, held, leaving);
    const tunnels = wanted?.tunnels ?? [];
    const after = wanted?.held ?? nothingHeld;
    const inKernel = changesBetween(held, after, desired);
    const payload: Payload = {
      sections: [],
      tunnels,
      cut: [],
      agent: { request: wanted?.request ?? null, wanted: after, changes: inKernel.length > 0, retire: owned.sections.length > 0 },
    };
    return {
      changes: [...difference([], owned.sections).changes, ...inKernel, ...tunnelChanges(tunnels, owned)],
      omissions: wanted?.omissions ?? [],
      payload,
    };
  }

  async #lowerForAgent(desired: NetworkPlan, held: Held, leaving: boolean) {
    const { facts, controllable } = await this.#understand(desired);
    const { applications } = this.#context;
    const state = await this.#agent.surroundings();
    const leases = canLease(state, await this.#reader.rights());
    const lowered = lowerForAgent(desired, { facts, settings: this.#settings, state, held, leaving, applications, leases });
    const { tunnels, omissions } = lowerTunnels(desired, { facts, controllable });
    return { ...lowered, tunnels, omissions: [...lowered.omissions, ...omissions] };
  }

  async #lower(desired: NetworkPlan): Promise<Lowered> {
    const understood = await this.#understand(desired);
    const { applications } = this.#context;
    return lower(desired, { ...understood, settings: this.#settings, applications, canCut: canCut(await this.#reader.rights()) });
  }

  /** What a plan is lowered with, if it is one that cuts nobody off. */
  async #understand(desired: NetworkPlan): Promise<{ facts: Facts; controllable: ReadonlySet<string> }> {
    const facts = understand(await this.#reader.facts(), this.#settings, await this.#reader.addresses());
    guardOpenWrt(desired, facts, { settings: this.#settings, router: this.#context.router, protectedMacs: this.#context.protectedMacs });
    const canControl = desired.devices.some((device) => device.tunnel !== null);
    return { facts, controllable: canControl ? await this.#reader.controllable(facts.tunnels) : new Set() };
  }

  async #apply({ payload }: ChangeSet, confirmWithin: number): Promise<void> {
    const parsed = Payload.safeParse(payload);
    if (!parsed.success)
      throw new Rejected("the change set was not made by this driver", { router: this.#context.router, request: "apply" });
    const { sections, agent } = parsed.data;
    if (!agent || agent.retire) await this.#changer.apply(sections, confirmWithin);
    try {
      if (agent?.changes) await this.#agent.apply(agent.request, agent.wanted, confirmWithin);
      await this.#tunnels.bring(parsed.data.tunnels);
      await this.#cut(parsed.data.cut);
    } catch (error) {
      await this.#rollback().catch((failure: unknown) =>
        this.#context.log.warn(`${this.#context.router}: could not undo at once, the router will by itself: ${String(failure)}`),
      );
      throw error;
    }
  }

  async #confirm(): Promise<void> {
    await this.#agent.confirm();
    await this.#changer.confirm();
    this.#tunnels.confirm();
  }

  async #rollback(): Promise<void> {
    await this.#tunnels.rollback();
    if (await this.#agent.present()) await this.#agent.rollback();
    await this.#changer.rollback();
  }

  /** Ends running connections: a new rule stops new ones only. */
  async #cut(macs: readonly string[]): Promise<void> {
    if (macs.length === 0) return;
    const addresses = await this.#reader.addresses();
    for (const address of macs.flatMap((mac) => addresses.get(mac) ?? [])) {
      const result = await this.#reader.run(cutConnections(address));
      // Exit code 1 says that there was nothing to delete.
      if (!result || result.code > 1)
        this.#context.log.warn(`${this.#context.router}: running connections of ${address} could not be ended`);
    }
  }
}

const isCut = (section: OwnSection): boolean => String(section.options.name).startsWith(`np ${cutTitle} `);

const nothingMissing = { firewall: [], shaper: [] };
/** Our own queue of sqm is among the sections. */
const shapes = (sections: readonly OwnSection[]): boolean => sections.some(({ name }) => name === shaperName);
const nothing: Lowered = { sections: [], omissions: [], cut: [], tunnels: [] };

const tunnelsUp = (facts: Facts): string[] =>
  facts.interfaces
    .filter((i) => i.up && facts.tunnels.includes(i.interface))
    .map((i) => i.interface)
    .sort();

function tunnelChanges(wanted: readonly string[], { tunnels: ours, tunnelsUp: up }: Owned): Change[] {
  return [
    ...wanted
      .filter((t) => !up.includes(t))
      .map(
        (t): Change => ({ action: "add", target: `tunnel.${t}`, before: null, after: "up", ...told(sentence("tunnelUp", { tunnel: t })) }),
      ),
    ...ours
      .filter((t) => !wanted.includes(t))
      .map(
        (t): Change => ({
          action: "remove",
          target: `tunnel.${t}`,
          before: "up",
          after: null,
          ...told(sentence("tunnelDown", { tunnel: t })),
        }),
      ),
  ];
}
