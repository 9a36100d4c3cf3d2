import { type DriverContext, DriverError, ReadBackMismatch, Rejected, Unreachable } from "@network-personas/engine/driver";
import { z } from "zod";
import { StateFile } from "../shared/state-file.ts";
import type { AsusApi } from "./api.ts";
import { Held, heldOf, Notes, noNotes, nothing } from "./held.ts";
import { decisive, type Nvram } from "./nvram.ts";
import type { QosChoice } from "./settings.ts";
import { eitherWay, type Target, targetOf } from "./target.ts";
import { conflict, type View, viewOf } from "./view.ts";

/** What the router has no room to keep, and a change that waits for its confirmation. */
const Journal = z.strictObject({
  version: z.literal(1),
  notes: Notes,
  pending: z.strictObject({ before: Held }).nullable(),
});
type Journal = z.infer<typeof Journal>;

/** Longest time the web server may be away, or a service be restarting. */
const patience = 90_000;
const lookEvery = 2_000;

export interface Found {
  nvram: Nvram;
  notes: Notes;
  held: Held;
  view: View;
}

/** Writes all of a change at once, sees that the router holds it, and can go back. */
export class Changer {
  readonly #api: AsusApi;
  readonly #choice: QosChoice;
  readonly #context: DriverContext;
  readonly #file: StateFile<typeof Journal>;

  constructor(api: AsusApi, choice: QosChoice, context: DriverContext) {
    this.#api = api;
    this.#choice = choice;
    this.#context = context;
    this.#file = new StateFile(context, "asuswrt.json", Journal);
  }

  async look(): Promise<Found> {
    const { notes } = await this.#journal();
    return this.#found(await this.#api.variables(decisive), notes);
  }

  async apply(wanted: Held): Promise<void> {
    const found = await this.#whenIdle();
    const { pending } = await this.#journal();
    const before = pending?.before ?? found.held;
    const obstacle = conflict(wanted, found.view);
    if (obstacle)
      throw new Rejected(`the router is not any more as it was planned for: ${obstacle}`, this.#where("apply"), { retryable: true });
    try {
      await this.#bring(wanted, found, { before });
    } catch (error) {
      await this.rollback().catch((failure: unknown) =>
        this.#context.log.warn(`${this.#context.router}: could not undo at once, the next rollback will: ${String(failure)}`),
      );
      throw error;
    }
  }

  async confirm(): Promise<void> {
    const journal = await this.#journal();
    if (journal.pending) await this.#file.save({ ...journal, pending: null });
  }

  async rollback(): Promise<void> {
    const { pending } = await this.#journal();
    if (!pending) return;
    await this.#bring(pending.before, await this.#whenIdle(), pending);
    await this.confirm();
  }

  async release(): Promise<void> {
    await this.rollback();
    await this.apply(nothing);
    await this.confirm();
  }

  #journal = async (): Promise<Journal> => (await this.#file.load()) ?? { version: 1, notes: noNotes, pending: null };
  #found = (nvram: Nvram, notes: Notes): Found => ({ nvram, notes, held: heldOf(nvram, notes), view: viewOf(nvram, notes, this.#choice) });
  #where = (request: string) => ({ router: this.#context.router, request });

  /** A service that is being restarted makes the router drop the order for the next one without a word. */
  async #whenIdle(): Promise<Found> {
    const until = this.#context.clock.now() + patience;
    for (;;) {
      const found = await this.look();
      const busy = found.nvram.rc_service ?? "";
      if (busy === "") return found;
      if (this.#context.clock.now() >= until)
        throw new Rejected("the router has been restarting a service for a long time; try again later", this.#where("rc_service"), {
          retryable: true,
        });
      await this.#context.clock.sleep(lookEvery);
    }
  }

  async #bring(wanted: Held, { nvram, notes, view }: Found, pending: Journal["pending"]): Promise<void> {
    const target = targetOf(nvram, wanted, notes, view);
    // On disk before the router is told.
    await this.#file.save({ version: 1, notes: eitherWay(nvram, notes, target.notes), pending });
    if (Object.keys(target.set).length > 0) await this.#write(target);
    await this.#file.save({ version: 1, notes: target.notes, pending });
  }

  async #write({ set, services }: Target): Promise<void> {
    let seconds = 1;
    try {
      seconds = (await this.#api.apply(set, services)).seconds;
    } catch (error) {
      // It may have arrived: what the router holds decides.
      if (!(error instanceof Unreachable)) throw error;
    }
    await this.#context.clock.sleep(seconds * 1000);
    const nvram = await this.#settled(Object.keys(set));
    const missing = Object.entries(set).filter(([variable, value]) => (nvram[variable] ?? "") !== value && !optional(variable, nvram));
    if (missing.length > 0)
      throw new ReadBackMismatch(
        missing.map(([variable]) => `${variable} is not as written`),
        this.#where("nvram_get"),
      );
  }

  /** Variables when the router is done. Its web server may be away for some seconds. */
  async #settled(variables: readonly string[]): Promise<Nvram> {
    const until = this.#context.clock.now() + patience;
    for (;;) {
      try {
        const nvram = await this.#api.variables([...new Set(["rc_service", ...variables])]);
        if (nvram.rc_service === "" || this.#context.clock.now() >= until) return nvram;
      } catch (error) {
        if (!(error instanceof DriverError && error.code === "unreachable") || this.#context.clock.now() >= until) throw error;
      }
      await this.#context.clock.sleep(lookEvery);
    }
  }
}

/** Firmware before 384 does not know this one, and blocks without it. */
const optional = (variable: string, nvram: Nvram): boolean => variable === "MULTIFILTER_MACFILTER_DAYTIME_V2" && nvram[variable] === "";
