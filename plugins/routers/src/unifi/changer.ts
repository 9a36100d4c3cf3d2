import { type DriverContext, ReadBackMismatch, Rejected } from "@network-personas/engine/driver";
import { z } from "zod";
import { StateFile } from "../shared/state-file.ts";
import type { UnifiApi } from "./api.ts";
import {
  type Family,
  type Found,
  families,
  ownedOf,
  type Policy,
  PolicySchema,
  places,
  readPolicies,
  type Step,
  steps,
} from "./policies.ts";

/** A change that waits for its confirmation, with what to go back to. The console keeps everything else, by its name. */
const Journal = z.strictObject({
  version: z.literal(1),
  pending: z.strictObject({ family: z.enum(families), before: z.array(PolicySchema) }).nullable(),
});

/** Writes our policies one by one, and can go back. */
export class Changer {
  readonly #api: UnifiApi;
  readonly #context: DriverContext;
  readonly #file: StateFile<typeof Journal>;

  constructor(api: UnifiApi, context: DriverContext) {
    this.#api = api;
    this.#context = context;
    this.#file = new StateFile(context, "unifi.json", Journal);
  }

  /** All policies of a family; undefined when this Network has no such thing. */
  async list(family: Family): Promise<Found[] | undefined> {
    const request = places[family].list;
    const list = await this.#api.v2("GET", request);
    if (list === undefined) return undefined;
    if (!Array.isArray(list))
      throw new Rejected("the answer is not one of UniFi's", { router: this.#context.router, request }, { retryable: true });
    return readPolicies(list, family);
  }

  /** Brings our policies to `wanted`, and sees that the console holds them. */
  async apply(family: Family, wanted: readonly Policy[]): Promise<void> {
    const found = (await this.list(family)) ?? [];
    const pending = (await this.#pending()) ?? { family, before: ownedOf(found) };
    await this.#file.save({ version: 1, pending });
    try {
      await this.#bring(family, wanted, found);
    } catch (error) {
      await this.rollback().catch((failure: unknown) =>
        this.#context.log.warn(`${this.#context.router}: could not undo at once, the next rollback will: ${String(failure)}`),
      );
      throw error;
    }
  }

  async confirm(): Promise<void> {
    if (await this.#pending()) await this.#file.save({ version: 1, pending: null });
  }

  async rollback(): Promise<void> {
    const pending = await this.#pending();
    if (!pending) return;
    // A firmware with newer policies keeps the older ones as they are.
    await this.#bring(pending.family, pending.before, (await this.list(pending.family)) ?? []);
    await this.confirm();
  }

  #pending = async () => (await this.#file.load())?.pending ?? null;

  async #bring(family: Family, wanted: readonly Policy[], found: readonly Found[]): Promise<void> {
    const needed = steps(wanted, found);
    for (const step of needed) await this.#carryOut(family, step);
    if (needed.length === 0) return;
    const left = steps(wanted, (await this.list(family)) ?? []);
    // A request that arrived twice left a second one behind.
    for (const step of left) if (step.action === "delete") await this.#carryOut(family, step);
    const missing = left.some((step) => step.action === "delete") ? steps(wanted, (await this.list(family)) ?? []) : left;
    if (missing.length > 0)
      throw new ReadBackMismatch(
        missing.map((step) => `"${step.action === "delete" ? step.found.name : step.policy.name}" is not as written`),
        { router: this.#context.router, request: places[family].list },
      );
  }

  async #carryOut(family: Family, step: Step): Promise<void> {
    const { one } = places[family];
    if (step.action === "create") await this.#api.v2("POST", one, step.policy.body);
    // The whole object goes back, or the console forgets what it alone knows of it.
    else if (step.action === "update") await this.#api.v2("PUT", `${one}/${step.found.id}`, { ...step.found.raw, ...step.policy.body });
    else await this.#api.v2("DELETE", `${one}/${step.found.id}`);
  }
}
