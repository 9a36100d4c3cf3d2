import { trafficClasses } from "@network-personas/personas";
import {
  type Change,
  type ChangeSet,
  guardPlan,
  noted,
  Rejected,
  type RouterDriver,
  type RouterIdentity,
  type RouterState,
  type SaidOmission,
  SupportFile,
  serialQueue,
  supportedFields,
} from "../driver/index.ts";
import {
  type Capabilities,
  type DevicePlan,
  inEnglish,
  type NetworkPlan,
  planFields,
  type Sentence,
  sentence,
  verbatim,
} from "../model/index.ts";

/** What a memory router makes of a plan: it has no application filter and replaces weights by guarantees. */
export const memorySupport: SupportFile = SupportFile.parse({
  driver: "memory",
  router: "A router in memory, for tests",
  leases: { support: "impossible", how: "what is in memory stays until it is removed", hardware: "needs none" },
  fields: Object.fromEntries(
    planFields.map((field) => {
      const support = field === "device.weight" ? "substituted" : field.endsWith("Applications") ? "impossible" : "lowered";
      return [field, { support, how: `kept in memory (${support})`, hardware: "needs none" }];
    }),
  ),
});

/** What is on a memory router. It outlives its drivers, as a real one does. */
export class MemoryRouter {
  /** Ours: text by name. */
  owned: Readonly<Record<string, string>> = {};
  /** What to go back to, kept by the driver on disk: this router does not undo anything by itself. */
  undo: Readonly<Record<string, string>> | null = null;
  writes = 0;
}

export interface MemoryDriverOptions {
  router?: string;
  protectedMacs?: ReadonlySet<string>;
  minApplyIntervalMs?: number;
  /** Called before and after each call takes effect; what it throws is what the call rejects with. */
  trouble?: (call: string, when: "before" | "after") => void | Promise<void>;
}

/** A small complete driver whose router cannot roll back by itself. */
export class MemoryDriver implements RouterDriver {
  readonly #memory: MemoryRouter;
  readonly #options: MemoryDriverOptions;
  readonly #queue = serialQueue();
  constructor(memory: MemoryRouter, options: MemoryDriverOptions = {}) {
    this.#memory = memory;
    this.#options = options;
  }
  get #router(): string {
    return this.#options.router ?? "main";
  }

  identify(): Promise<RouterIdentity> {
    return this.#call("identify", () => ({ vendor: "Network Personas", model: "Memory", firmware: "1" }));
  }
  async capabilities(): Promise<Capabilities> {
    return {
      fields: supportedFields(memorySupport),
      classes: [...trafficClasses],
      flowQueueing: false,
      rollback: "engine",
      leases: false,
      cutsEstablished: false,
      counters: null,
      applyMs: 1,
      minApplyIntervalMs: this.#options.minApplyIntervalMs ?? 0,
      tunnels: ["office"],
      ...noted([]),
    };
  }
  read(): Promise<RouterState> {
    return this.#call("read", () => ({ owned: { ...this.#memory.owned }, foreign: [] }));
  }
  async plan(desired: NetworkPlan | null, current: RouterState): Promise<ChangeSet> {
    if (desired) guardPlan(desired, { macs: this.#options.protectedMacs ?? new Set() }, this.#router);
    const { wanted, omissions } = lower(desired);
    return { changes: difference(current.owned as Record<string, string>, wanted), omissions, payload: wanted };
  }
  apply(changes: ChangeSet): Promise<void> {
    return this.#call("apply", () => {
      this.#memory.undo ??= this.#memory.owned;
      this.#memory.owned = changes.payload as Record<string, string>;
      this.#memory.writes++;
    });
  }
  confirm(): Promise<void> {
    return this.#call("confirm", () => {
      if (!this.#memory.undo) throw new Rejected("there is nothing to confirm", { router: this.#router, request: "confirm" });
      this.#memory.undo = null;
    });
  }
  rollback(): Promise<void> {
    return this.#call("rollback", () => {
      if (this.#memory.undo) this.#memory.owned = this.#memory.undo;
      this.#memory.undo = null;
    });
  }
  release(): Promise<void> {
    return this.#call("release", () => {
      this.#memory.owned = {};
      this.#memory.undo = null;
      this.#memory.writes++;
    });
  }
  async close(): Promise<void> {}

  #call<T>(name: string, work: () => T): Promise<T> {
    return this.#queue(async () => {
      await this.#options.trouble?.(name, "before");
      const result = work();
      await this.#options.trouble?.(name, "after");
      return result;
    });
  }
}

function lower(plan: NetworkPlan | null): { wanted: Record<string, string>; omissions: SaidOmission[] } {
  const wanted: Record<string, string> = {};
  const omissions: SaidOmission[] = [];
  for (const { wan, shaper } of plan?.lines ?? []) wanted[`np ${wan}`] = `${shaper.down}/${shaper.up}`;
  for (const device of plan?.devices ?? []) {
    const omit = (field: SaidOmission["field"], what: string | Sentence, why: Sentence, instead = verbatim("")) => {
      const said = { wanted: typeof what === "string" ? verbatim(what) : what, instead, why };
      const { wanted, instead: done, why: reason } = said;
      omissions.push({ field, device: device.device, wanted: inEnglish(wanted), instead: inEnglish(done), why: inEnglish(reason), said });
    };
    if (device.macs.length === 0) {
      omit("device.class", device.class, sentence("cannotTell"));
      continue;
    }
    if (device.weight !== 1)
      omit("device.weight", sentence("weightOf", { weight: device.weight }), sentence("cannot"), sentence("nearest"));
    if (device.blockedApplications.length > 0) omit("device.blockedApplications", device.blockedApplications.join(" "), sentence("cannot"));
    if (device.allowedApplications.length > 0) omit("device.allowedApplications", device.allowedApplications.join(" "), sentence("cannot"));
    const noTunnel = device.tunnel !== null && device.tunnel !== "office";
    if (noTunnel) omit("device.tunnel", `tunnel ${device.tunnel}`, sentence("noSuchTunnel"));
    wanted[`np ${device.device}`] = JSON.stringify(kept({ ...device, tunnel: noTunnel ? null : device.tunnel }));
  }
  return { wanted, omissions };
}

/** A device's plan without what this router does not do. */
function kept({ weight, blockedApplications: _, allowedApplications: __, macs, ...rest }: DevicePlan): object {
  return { ...rest, macs: macs.map((mac) => mac.toLowerCase()).sort(), share: weight };
}

function difference(current: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): Change[] {
  return [...new Set([...Object.keys(current), ...Object.keys(wanted)])].sort().flatMap((target): Change[] => {
    const [before, after] = [current[target] ?? null, wanted[target] ?? null];
    if (before === after) return [];
    const none = sentence("nothing");
    const said = sentence("fromTo", { about: target, now: after ?? none, before: before ?? none });
    return [
      {
        action: before === null ? "add" : after === null ? "remove" : "set",
        target,
        before,
        after,
        summary: inEnglish(said),
        said,
      },
    ];
  });
}
