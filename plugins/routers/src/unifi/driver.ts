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
import { type Capabilities, type Client, type Counters, type NetworkPlan, type Sentence, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { guardInfrastructure, normalised, ownTunnel } from "../shared/guard.ts";
import { slug } from "../shared/slug.ts";
import { UnifiApi } from "./api.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { Changer } from "./changer.ts";
import { readClients, readCounters, readOfficialClients } from "./clients.ts";
import { examine } from "./doctor.ts";
import { inWords, lower } from "./lower.ts";
import { changesOf, type Family, type Found, families, isOurs, ownedOf, PolicySchema } from "./policies.ts";
import { readSettings, type Settings } from "./settings.ts";

const Owned = z.strictObject({ policies: z.array(PolicySchema) });
const Payload = z.strictObject({ family: z.enum(families).nullable(), policies: z.array(PolicySchema) });

const System = z.object({ version: z.string().optional(), ubnt_device_type: z.string().optional() });
const Network = z.object({ _id: z.string(), name: z.string(), purpose: z.string().optional(), enabled: z.boolean().optional() });
const Device = z.object({ mac: z.string() });

/** One site of a UniFi console: a policy of our own for each device that has something. */
export class UnifiDriver implements RouterDriver {
  readonly #context: DriverContext;
  readonly #settings: Settings;
  readonly #support: SupportFile;
  readonly #api: UnifiApi;
  readonly #changer: Changer;
  readonly #queue = serialQueue();

  constructor(context: DriverContext, support: SupportFile) {
    this.#context = context;
    this.#support = support;
    this.#settings = readSettings(context.router, context.settings);
    this.#api = new UnifiApi(this.#settings, context);
    this.#changer = new Changer(this.#api, context);
  }

  identify(): Promise<RouterIdentity> {
    return this.#queue(async () => {
      const system = System.safeParse((await this.#api.v1("stat/sysinfo"))[0]).data;
      return { vendor: "Ubiquiti", model: system?.ubnt_device_type || "UniFi Network", firmware: system?.version || "unknown" };
    });
  }

  capabilities(): Promise<Capabilities> {
    return this.#queue(async () => capabilitiesOf(this.#support, (await this.#policies()).family, [...(await this.#tunnels()).keys()]));
  }

  read(): Promise<RouterState> {
    return this.#queue(async () => {
      const { found } = await this.#policies();
      return { owned: { policies: ownedOf(found) }, foreign: foreignFindings(found) };
    });
  }

  plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    return this.#queue(async () => {
      const owned = Owned.safeParse(current.owned);
      if (!owned.success)
        throw new Rejected("the state to compare with is not one this driver has read", { router: this.#context.router, request: "plan" });
      const { family } = await this.#policies();
      if (desired) await this.#guard(desired);
      const { policies, omissions } = desired
        ? lower(desired, { family, applications: this.#context.applications, tunnels: await this.#tunnels() })
        : { policies: [], omissions: [] };
      return { changes: changesOf(policies, owned.data.policies, inWords), omissions, payload: { family: family ?? null, policies } };
    });
  }

  apply({ payload }: ChangeSet): Promise<void> {
    return this.#queue(async () => {
      const parsed = Payload.safeParse(payload);
      if (!parsed.success)
        throw new Rejected("the change set was not made by this driver", { router: this.#context.router, request: "apply" });
      const { family, policies } = parsed.data;
      if (family !== null) await this.#changer.apply(family, policies);
    });
  }

  confirm(): Promise<void> {
    return this.#queue(() => this.#changer.confirm());
  }

  rollback(): Promise<void> {
    return this.#queue(() => this.#changer.rollback());
  }

  release(): Promise<void> {
    return this.#queue(async () => {
      await this.#changer.rollback();
      // An update may have brought a newer family: what we made in the older one goes, too.
      for (const family of families) {
        if ((await this.#changer.list(family)) === undefined) continue;
        await this.#changer.apply(family, []);
        await this.#changer.confirm();
      }
    });
  }

  async close(): Promise<void> {
    this.#api.close();
  }

  clients(): Promise<readonly Client[]> {
    return this.#queue(() =>
      this.#settings.apiKey === undefined
        ? readClients(this.#api, this.#context.clock)
        : readOfficialClients(this.#api, { site: this.#settings.site, router: this.#context.router }),
    );
  }

  counters(): Promise<Counters> {
    return this.#queue(() => readCounters(this.#api, this.#context.clock));
  }

  doctor(): Promise<readonly Finding[]> {
    return this.#queue(() =>
      examine({
        api: this.#api,
        settings: this.#settings,
        tunnels: async () => [...(await this.#tunnels()).keys()],
        policies: async () => {
          const { family, found } = await this.#policies();
          return { family, foreign: foreignFindings(found) };
        },
      }),
    );
  }

  /** The newest family this Network has, and its policies. */
  async #policies(): Promise<{ family: Family | undefined; found: Found[] }> {
    for (const family of families) {
      const found = await this.#changer.list(family);
      if (found) return { family, found };
    }
    return { family: undefined, found: [] };
  }

  /** VPN clients that are switched on, by a name a plan can use. */
  async #tunnels(): Promise<Map<string, string>> {
    const networks = (await this.#api.v1("rest/networkconf")).flatMap((entry) => Network.safeParse(entry).data ?? []);
    const usable = networks.filter((network) => network.purpose === "vpn-client" && network.enabled !== false);
    return new Map(usable.map(({ name, _id }) => [slug(name), _id] as const).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  async #guard(desired: NetworkPlan): Promise<void> {
    const devices = (await this.#api.v1("stat/device-basic")).flatMap((entry) => Device.safeParse(entry).data?.mac ?? []);
    guardInfrastructure(desired, normalised([...this.#context.protectedMacs, ...devices]), this.#context.router, [ownTunnel]);
  }
}

/** Policies of the owner that decide about rates, too. */
function foreignFindings(found: readonly Found[]): Sentence[] {
  const names = found
    .filter((policy) => !isOurs(policy) && policy.body.enabled === true && decidesRates(policy.body))
    .map((policy) => policy.name);
  return names.length > 0 ? [sentence("policiesBeside", { names })] : [];
}
const decidesRates = ({ qos, bandwidth_limit }: Found["body"]): boolean =>
  [qos, bandwidth_limit].some((part) => (part as { enabled?: unknown } | undefined)?.enabled === true);
