import {
  type Change,
  type ChangeSet,
  ConnectionLog,
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
import { normalised } from "../shared/guard.ts";
import { told } from "../shared/told.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { Changer } from "./changer.ts";
import { changesBetween } from "./changes.ts";
import { neighbours, readClients } from "./clients.ts";
import { cutConnections, readConnections } from "./connections.ts";
import { kidControl, readCounters } from "./counters.ts";
import { examine } from "./doctor.ts";
import { guardRouterOs } from "./guard.ts";
import { deviceMode, findLine, foreignFindings, foreignQueues, type Look, lookAt } from "./look.ts";
import { lower, nothing } from "./lower.ts";
import { Rest } from "./rest.ts";
import { readSettings, type Settings } from "./settings.ts";
import { type Contents, inForce, Thing } from "./things.ts";
import { broughtUp } from "./tunnels.ts";
import { isTooOld, tooOld } from "./version.ts";

/** What of ours is on the router. */
const Owned = z.strictObject({
  things: z.array(Thing),
  /** Tunnels that are up, whoever brought them up. */
  tunnelsUp: z.array(z.string()),
  /** Those of them that we brought up. */
  tunnels: z.array(z.string()),
  leftovers: z.number(),
});
type Owned = z.infer<typeof Owned>;

const Payload = z.strictObject({ things: z.array(Thing), tunnels: z.array(z.string()), cut: z.array(z.string()) });

/** A MikroTik router with RouterOS 7. */
export class RouterOsDriver implements RouterDriver {
  readonly #context: DriverContext;
  readonly #settings: Settings;
  readonly #support: SupportFile;
  readonly #rest: Rest;
  readonly #changer: Changer;
  readonly #queue = serialQueue();
  readonly #connections = new ConnectionLog();

  constructor(context: DriverContext, support: SupportFile) {
    this.#context = context;
    this.#support = support;
    this.#settings = readSettings(context.router, context.settings);
    this.#rest = new Rest(this.#settings, context);
    this.#changer = new Changer(this.#rest, context);
  }

  identify(): Promise<RouterIdentity> {
    return this.#queue(async () => {
      const { version, "board-name": board, platform } = await this.#rest.settingsOf("system/resource");
      return { vendor: platform || "MikroTik", model: board || "unknown", firmware: `RouterOS ${version || "unknown"}` };
    });
  }

  capabilities(): Promise<Capabilities> {
    return this.#queue(async () => {
      const look = await this.#look();
      return capabilitiesOf(this.#support, look, {
        deviceMode: await deviceMode(this.#rest),
        foreignQueues: await foreignQueues(this.#rest),
        countsAll: (await kidControl(this.#rest)).size > 0,
      });
    });
  }

  read(): Promise<RouterState> {
    return this.#queue(async () => {
      const contents = await this.#changer.contents();
      const queues = await foreignQueues(this.#rest, contents.get("queue/tree"));
      return { owned: await this.#owned(contents), foreign: foreignFindings(contents, queues) };
    });
  }

  plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    return this.#queue(async () => {
      const owned = Owned.safeParse(current.owned);
      if (!owned.success)
        throw new Rejected("the state to compare with is not one this driver has read", { router: this.#context.router, request: "plan" });
      const { things, tunnels, cut, omissions } = desired === null ? nothing : await this.#lower(desired);
      const changes = [...changesBetween(owned.data.things, things, owned.data.leftovers), ...tunnelChanges(tunnels, owned.data)];
      const already = new Set(owned.data.things.filter(isBlock).map(({ group }) => group));
      const cutNow = cut.filter(({ device }) => !already.has(`${device}/internet`)).flatMap(({ macs }) => macs);
      return { changes, omissions, payload: { things, tunnels, cut: cutNow } };
    });
  }

  apply({ payload }: ChangeSet, { confirmWithin }: { confirmWithin: number }): Promise<void> {
    return this.#queue(async () => {
      const parsed = Payload.safeParse(payload);
      if (!parsed.success)
        throw new Rejected("the change set was not made by this driver", { router: this.#context.router, request: "apply" });
      const { things, tunnels, cut } = parsed.data;
      const { scheduler } = await deviceMode(this.#rest);
      await this.#changer.apply(things, tunnels, { confirmWithin, deadMan: scheduler });
      if (cut.length > 0) await this.#cut(new Set(cut));
    });
  }

  confirm(): Promise<void> {
    return this.#queue(() => this.#changer.confirm());
  }

  rollback(): Promise<void> {
    return this.#queue(() => this.#changer.rollback());
  }

  release(): Promise<void> {
    return this.#queue(() => this.#changer.release());
  }

  renew(): Promise<void> {
    return this.#queue(() => this.#changer.renew());
  }

  async close(): Promise<void> {
    this.#rest.close();
  }

  clients(): Promise<readonly Client[]> {
    return this.#queue(async () => readClients(this.#rest, await this.#line()));
  }

  counters(): Promise<Counters> {
    return this.#queue(async () => readCounters(this.#rest, await this.#line(), this.#context.clock.now()));
  }

  flows(): Promise<readonly Flow[]> {
    return this.#queue(async () => {
      const macs = new Map((await neighbours(this.#rest, await this.#line())).map(({ address, mac }) => [address, mac]));
      return this.#connections.flows(await readConnections(this.#rest), (address) => macs.get(address), this.#context.clock.now());
    });
  }

  doctor(): Promise<readonly Finding[]> {
    return this.#queue(() => examine({ rest: this.#rest, settings: this.#settings, look: () => this.#look() }));
  }

  #line = (): Promise<string | undefined> => findLine(this.#rest, this.#settings.wan);

  async #look(): Promise<Look> {
    return lookAt(this.#rest, this.#changer.tunnels, this.#settings.wan);
  }

  async #owned(contents: ReadonlyMap<string, Contents>): Promise<Owned> {
    const found = [...contents.values()].flatMap((one) => one.found);
    const tunnels = await this.#changer.tunnels.all();
    return {
      things: inForce(found),
      tunnelsUp: tunnels
        .filter(({ disabled }) => !disabled)
        .map(({ name }) => name)
        .sort(),
      tunnels: broughtUp(tunnels),
      leftovers: await this.#changer.leftovers(found),
    };
  }

  /** @throws Unsupported when RouterOS is too old */
  async #lower(desired: NetworkPlan) {
    const look = await this.#look();
    const { router, protectedMacs, applications } = this.#context;
    if (isTooOld(look.version)) throw new Unsupported("RouterOS", tooOld(look.version), { router, request: "system/resource" });
    guardRouterOs(desired, look, { router, protectedMacs });
    return lower(desired, { look, settings: this.#settings, applications, infrastructure: [...normalised(protectedMacs)].sort() });
  }

  /** Ends running connections: refused packets alone leave a film running until its buffer is empty. */
  async #cut(macs: ReadonlySet<string>): Promise<void> {
    const known = await neighbours(this.#rest, await this.#line());
    await cutConnections(this.#rest, new Set(known.filter(({ mac }) => macs.has(mac)).map(({ address }) => address)));
  }
}

/** A chain of one device that refuses everything, running connections too. */
const isBlock = ({ menu, group, props }: Thing): boolean =>
  menu === "ip/firewall/filter" &&
  group.endsWith("/internet") &&
  props.action === "reject" &&
  ["connection-state", "protocol", "dst-port", "out-interface"].every((matcher) => props[matcher] === undefined);

function tunnelChanges(wanted: readonly string[], { tunnels, tunnelsUp }: Owned): Change[] {
  return [
    ...wanted
      .filter((name) => !tunnelsUp.includes(name))
      .map(
        (name): Change => ({
          action: "add",
          target: `tunnel ${name}`,
          before: null,
          after: "up",
          ...told(sentence("tunnelUp", { tunnel: name })),
        }),
      ),
    ...tunnels
      .filter((name) => !wanted.includes(name))
      .map(
        (name): Change => ({
          action: "remove",
          target: `tunnel ${name}`,
          before: "up",
          after: null,
          ...told(sentence("tunnelDown", { tunnel: name })),
        }),
      ),
  ];
}
