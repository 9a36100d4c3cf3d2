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
import { type Capabilities, type Client, type Counters, type NetworkPlan, type Sentence, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { guardInfrastructure, normalised } from "../shared/guard.ts";
import { told } from "../shared/told.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { Changer, MarkSchema } from "./changer.ts";
import { examine } from "./doctor.ts";
import { clientsOf, type Host, idOf, infrastructure, type Mark, marksOf, readHosts, sorted, without } from "./hosts.ts";
import { type Able, lower } from "./lower.ts";
import { readSettings, type Settings } from "./settings.ts";
import { services, Tr064 } from "./tr064.ts";

/** What of ours is on the box, and what its owner has set: that is his and counts as held. */
const Owned = z.strictObject({ marks: z.array(MarkSchema), others: z.array(MarkSchema) });
type Owned = z.infer<typeof Owned>;
const Payload = z.strictObject({ marks: z.array(MarkSchema) });

/** The host list is asked for changes this often, ms. */
const lookEvery = 10_000;

/** One FRITZ!Box over TR-064: internet access and upload priority of single devices. */
export class FritzBoxDriver implements RouterDriver {
  readonly #context: DriverContext;
  readonly #settings: Settings;
  readonly #support: SupportFile;
  readonly #tr064: Tr064;
  readonly #changer: Changer;
  readonly #queue = serialQueue();
  readonly #closed = new AbortController();

  constructor(context: DriverContext, support: SupportFile) {
    this.#context = context;
    this.#support = support;
    this.#settings = readSettings(context.router, context.settings);
    this.#tr064 = new Tr064(this.#settings, context);
    this.#changer = new Changer(this.#tr064, () => this.#hosts(), context);
  }

  identify(): Promise<RouterIdentity> {
    return this.#queue(async () => {
      const info = await this.#tr064.call(services.device, "GetInfo");
      return {
        vendor: info.get("NewManufacturerName") || "FRITZ!",
        model: info.get("NewModelName") || "FRITZ!Box",
        firmware: info.get("NewSoftwareVersion") || "unknown",
      };
    });
  }

  capabilities(): Promise<Capabilities> {
    return this.#queue(async () =>
      capabilitiesOf(this.#support, await this.#able(), await this.#tr064.has(services.line, "GetAddonInfos")),
    );
  }

  read(): Promise<RouterState> {
    return this.#queue(async () => {
      const hosts = await this.#hosts();
      const marks = await this.#changer.held(hosts);
      const others = sorted(without(marksOf(hosts), marks));
      return { owned: { marks, others } satisfies Owned, foreign: foreignFindings(hosts, marks) };
    });
  }

  plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    return this.#queue(async () => {
      const owned = Owned.safeParse(current.owned);
      if (!owned.success)
        throw new Rejected("the state to compare with is not one this driver has read", { router: this.#context.router, request: "plan" });
      if (desired === null) return { changes: difference([], owned.data, []), omissions: [], payload: { marks: [] } };
      const hosts = await this.#hosts();
      this.#guard(desired, hosts);
      const { marks, omissions } = lower(desired, hosts, await this.#able());
      return { changes: difference(marks, owned.data, hosts), omissions, payload: { marks } };
    });
  }

  apply({ payload }: ChangeSet): Promise<void> {
    return this.#queue(async () => {
      const parsed = Payload.safeParse(payload);
      if (!parsed.success)
        throw new Rejected("the change set was not made by this driver", { router: this.#context.router, request: "apply" });
      await this.#changer.apply(parsed.data.marks);
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
      await this.#changer.apply([]);
      await this.#changer.confirm();
    });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#tr064.close();
  }

  clients(): Promise<readonly Client[]> {
    return this.#queue(async () => clientsOf(await this.#hosts()));
  }

  counters(): Promise<Counters> {
    return this.#queue(async () => {
      const counted = await this.#tr064.call(services.line, "GetAddonInfos");
      const bytes = (name: string) => {
        const text = counted.get(name) ?? "";
        return /^\d+$/.test(text) ? Number(text) : undefined;
      };
      // The 32 bit counters beside them wrap every few minutes on a fast line.
      const [downBytes, upBytes] = [bytes("NewX_AVM_DE_TotalBytesReceived64"), bytes("NewX_AVM_DE_TotalBytesSent64")];
      const at = new Date(this.#context.clock.now()).toISOString();
      return { at, devices: new Map(), ...(downBytes === undefined || upBytes === undefined ? {} : { wan: { downBytes, upBytes } }) };
    });
  }

  async events(onChange: () => void, signal: AbortSignal): Promise<void> {
    const until = AbortSignal.any([signal, this.#closed.signal]);
    let before: string | undefined;
    while (!until.aborted) {
      const now = await this.#queue(() => this.#changeCounter());
      if (before !== undefined && now !== before) onChange();
      before = now;
      await this.#context.clock.sleep(lookEvery, until).catch(() => {});
    }
  }

  doctor(): Promise<readonly Finding[]> {
    return this.#queue(() =>
      examine({
        tr064: this.#tr064,
        settings: this.#settings,
        hosts: () => this.#hosts(),
        foreign: async (hosts) => foreignFindings(hosts, await this.#changer.held(hosts)),
      }),
    );
  }

  async #hosts(): Promise<Host[]> {
    const answer = await this.#tr064.call(services.hosts, "X_AVM-DE_GetHostListPath");
    const what = "device host list";
    const text = await this.#tr064.file(answer.get("NewX_AVM-DE_HostListPath") ?? "", what);
    return readHosts(text, { router: this.#context.router, request: what });
  }

  async #changeCounter(): Promise<string> {
    const action = "X_AVM-DE_GetChangeCounter";
    if (!(await this.#tr064.has(services.hosts, action)))
      throw new Unsupported(action, "this FRITZ!OS does not tell when devices come and go", {
        router: this.#context.router,
        request: action,
      });
    return (await this.#tr064.call(services.hosts, action)).get("NewX_AVM-DE_ChangeCounter") ?? "";
  }

  async #able(): Promise<Able> {
    return {
      blocked: await this.#tr064.has(services.filter, "DisallowWANAccessByIP"),
      priority: await this.#tr064.has(services.hosts, "X_AVM-DE_SetPrioritizationByIP"),
    };
  }

  #guard(desired: NetworkPlan, hosts: readonly Host[]): void {
    const ours = infrastructure(hosts, this.#tr064.host).map((host) => host.mac);
    guardInfrastructure(desired, normalised([...this.#context.protectedMacs, ...ours]), this.#context.router);
  }
}

/** What would defeat a plan, or compete with it. */
function foreignFindings(hosts: readonly Host[], ours: readonly Mark[]): Sentence[] {
  const own = new Set(ours.map(idOf));
  const names = (those: readonly Host[]) => those.map((host) => host.name || host.mac).join(", ");
  const open = hosts.filter((host) => host.blocked && host.active && host.access === "granted");
  const rivals = hosts.filter((host) => host.priority && !own.has(idOf({ mac: host.mac, bit: "priority" })));
  return [
    ...(open.length > 0 ? [sentence("blockedButOut", { names: names(open) })] : []),
    ...(rivals.length > 0 ? [sentence("rivalPriority", { names: names(rivals) })] : []),
  ];
}

/** What leads from what is held to what is wanted. What the owner has set himself counts as held. */
function difference(wanted: readonly Mark[], { marks, others }: Owned, hosts: readonly Host[]): Change[] {
  const nameOf = ({ mac }: Mark) => hosts.find((host) => host.mac === mac)?.name || mac;
  const target = ({ mac, bit }: Mark) => `${bit === "blocked" ? "internet access" : "upload priority"} of ${mac}`;
  const words = {
    blocked: { on: "internetOff", off: "internetBack", value: "refused" },
    priority: { on: "uploadFirst", off: "uploadUsual", value: "real-time" },
  } as const;
  return [
    ...without(marks, wanted).map(
      (mark): Change => ({
        action: "remove",
        target: target(mark),
        before: words[mark.bit].value,
        after: null,
        ...told(sentence(words[mark.bit].off, { device: nameOf(mark) })),
      }),
    ),
    ...without(wanted, [...marks, ...others]).map(
      (mark): Change => ({
        action: "add",
        target: target(mark),
        before: null,
        after: words[mark.bit].value,
        ...told(sentence(words[mark.bit].on, { device: nameOf(mark) })),
      }),
    ),
  ];
}
