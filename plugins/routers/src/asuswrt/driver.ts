import {
  type ChangeSet,
  type DriverContext,
  type Finding,
  Rejected,
  type RouterDriver,
  type RouterIdentity,
  type RouterState,
  type SupportFile,
  serialQueue,
} from "@network-personas/engine/driver";
import { type Capabilities, type Client, type Counters, MacAddress, type NetworkPlan } from "@network-personas/engine/model";
import { z } from "zod";
import { guardInfrastructure, normalised, ownTunnel } from "../shared/guard.ts";
import { AsusApi } from "./api.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { Changer, type Found } from "./changer.ts";
import { changesOf } from "./changes.ts";
import { clientsOf, lineBytes, nodeMacs, readSeen, type Seen } from "./clients.ts";
import { examine, foreignFindings } from "./doctor.ts";
import { Held, nothing } from "./held.ts";
import { lower } from "./lower.ts";
import { readSettings, type Settings } from "./settings.ts";

const Owned = z.strictObject({ held: Held });
const Payload = z.strictObject({ held: Held });

/** The router is asked to look anew who is here this often at most, ms. */
const refreshEvery = 30_000;

/** One ASUS router: rules of single devices in the lists of its web interface. */
export class AsusDriver implements RouterDriver {
  readonly #context: DriverContext;
  readonly #settings: Settings;
  readonly #support: SupportFile;
  readonly #api: AsusApi;
  readonly #changer: Changer;
  readonly #queue = serialQueue();
  #refreshed = Number.NEGATIVE_INFINITY;

  constructor(context: DriverContext, support: SupportFile) {
    this.#context = context;
    this.#support = support;
    this.#settings = readSettings(context.router, context.settings);
    this.#api = new AsusApi(this.#settings, context);
    this.#changer = new Changer(this.#api, this.#settings.qos, context);
  }

  identify(): Promise<RouterIdentity> {
    return this.#queue(async () => {
      const about = await this.#api.variables(["productid", "odmpid", "firmver", "buildno", "extendno"]);
      const version = [about.firmver, about.buildno].filter(Boolean).join(".");
      return {
        vendor: "ASUS",
        model: about.odmpid || about.productid || "ASUS router",
        firmware: version === "" ? "unknown" : `${version}${about.extendno ? `_${about.extendno}` : ""}`,
      };
    });
  }

  capabilities(): Promise<Capabilities> {
    return this.#queue(async () => capabilitiesOf(this.#support, (await this.#changer.look()).view));
  }

  read(): Promise<RouterState> {
    return this.#queue(async () => {
      const found = await this.#changer.look();
      return { owned: { held: found.held }, foreign: foreignFindings(found) };
    });
  }

  plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    return this.#queue(async () => {
      const owned = Owned.safeParse(current.owned);
      if (!owned.success)
        throw new Rejected("the state to compare with is not one this driver has read", { router: this.#context.router, request: "plan" });
      if (desired === null) return { changes: changesOf(nothing, owned.data.held), omissions: [], payload: { held: nothing } };
      await this.#guard(desired);
      const { wanted, omissions } = lower(desired, (await this.#changer.look()).view);
      return { changes: changesOf(wanted, owned.data.held), omissions, payload: { held: wanted } };
    });
  }

  apply({ payload }: ChangeSet): Promise<void> {
    return this.#queue(async () => {
      const parsed = Payload.safeParse(payload);
      if (!parsed.success)
        throw new Rejected("the change set was not made by this driver", { router: this.#context.router, request: "apply" });
      await this.#changer.apply(parsed.data.held);
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

  async close(): Promise<void> {
    await this.#api.close();
  }

  clients(): Promise<readonly Client[]> {
    return this.#queue(async () => {
      const now = this.#context.clock.now();
      if (now - this.#refreshed >= refreshEvery) {
        await this.#api.refreshClients();
        this.#refreshed = now;
      }
      const { get_clientlist } = await this.#api.hooks(["get_clientlist()"], "get_clientlist");
      return clientsOf(await this.#seen(get_clientlist));
    });
  }

  counters(): Promise<Counters> {
    return this.#queue(async () => {
      const wan = lineBytes((await this.#api.hooks(["netdev(appobj)"], "netdev")).netdev);
      return { at: new Date(this.#context.clock.now()).toISOString(), devices: new Map(), ...(wan ? { wan } : {}) };
    });
  }

  doctor(): Promise<readonly Finding[]> {
    return this.#queue(() => examine({ api: this.#api, settings: this.#settings, look: (): Promise<Found> => this.#changer.look() }));
  }

  /** Devices of the network map, which older firmware shows elsewhere. */
  #seen = async (map: unknown): Promise<Seen[]> => readSeen(map ?? (await this.#api.clientScript()));

  /** The router, its mesh nodes, and what the engine says. */
  async #guard(desired: NetworkPlan): Promise<void> {
    const { lan_hwaddr, get_cfg_clientlist, get_clientlist } = await this.#api.hooks(
      ["nvram_get(lan_hwaddr)", "get_cfg_clientlist()", "get_clientlist()"],
      "infrastructure",
    );
    const seen = (await this.#seen(get_clientlist))
      .filter((one) => one.infrastructure || one.ipv4 === this.#api.host)
      .map((one) => one.mac);
    const own = MacAddress.safeParse(lan_hwaddr).data;
    const macs = [...this.#context.protectedMacs, ...nodeMacs(get_cfg_clientlist), ...seen, ...(own ? [own] : [])];
    guardInfrastructure(desired, normalised(macs), this.#context.router, [ownTunnel]);
  }
}
