import { type DriverContext, ReadBackMismatch, Rejected, Unreachable } from "@network-personas/engine/driver";
import { z } from "zod";
import { StateFile } from "../shared/state-file.ts";
import type { AsusApi } from "./api.ts";
import { Held, heldOf, Notes, noNotes, nothing } from "./held.ts";
import { isWhole, joined, parentalRows, tag } from "./lists.ts";
import { decisive, directorList, dnsList, type Nvram, servicesFor } from "./nvram.ts";
import type { QosChoice } from "./settings.ts";
import { eitherWay, targetOf } from "./target.ts";
import { hasDirector, tunnelVariables } from "./tunnels.ts";
import { conflict, type View, viewOf } from "./view.ts";

/** What the router has no room to keep, and a change that waits for its confirmation. */
const Journal = z.strictObject({
  version: z.literal(1),
  notes: Notes,
  pending: z.strictObject({ before: Held }).nullable(),
  /** Variables that were being set, until they were seen to be: the router sets them one by one, so that some may have arrived. */
  writing: z.record(z.string(), z.strictObject({ was: z.string(), maybe: z.array(z.string()) })).optional(),
});
type Journal = z.infer<typeof Journal>;

/** Longest time the web server may be away, or a service be restarting. */
const patience = 90_000;
const lookEvery = 2_000;

export interface Found {
  /** What the router shows. */
  shown: Nvram;
  /** The same, with what arrived in part as it was before: what decisions are made from. */
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

  /** @throws Rejected when a list is cut off, since writing it back would lose the rest */
  async look(): Promise<Found> {
    const { notes, writing } = await this.#journal();
    const basic = await this.#api.variables(decisive);
    const nvram = hasDirector(basic) ? { ...basic, ...(await this.#api.variables([...tunnelVariables, directorList])) } : basic;
    for (const [list, text, fields] of [
      ["qos_rulelist", nvram.qos_rulelist, [6]],
      ["qos_bw_rulelist", nvram.qos_bw_rulelist, [5]],
      [dnsList, joined(nvram, dnsList), [3, 4]],
      [directorList, nvram[directorList], [5, 6]],
    ] as const)
      if (!isWhole(text ?? "", fields))
        throw new Rejected(`the router shows ${list} cut off, and nothing may be written then`, this.#where("nvram_get"), {
          retryable: true,
        });
    return this.#found(nvram, mended(nvram, writing), notes);
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
      await this.#undo().catch((failure: unknown) =>
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
    await this.#undo({ patient: true });
  }

  async release(): Promise<void> {
    await this.rollback();
    await this.apply(nothing);
    await this.confirm();
  }

  #journal = async (): Promise<Journal> => (await this.#file.load()) ?? { version: 1, notes: noNotes, pending: null };
  #found = (shown: Nvram, nvram: Nvram, notes: Notes): Found => ({
    shown,
    nvram,
    notes,
    held: heldOf(nvram, notes),
    view: viewOf(nvram, notes, this.#choice),
  });
  #where = (request: string) => ({ router: this.#context.router, request });

  /** `patient`: who comes after a crash may find the web server away, because of what was under way then. */
  async #undo({ patient = false } = {}): Promise<void> {
    const { pending } = await this.#journal();
    if (!pending) return;
    await this.#bring(pending.before, await this.#whenIdle(patient), pending);
    await this.confirm();
  }

  /** A service that is being restarted makes the router drop the order for the next one without a word. */
  async #whenIdle(patient = false): Promise<Found> {
    const until = this.#context.clock.now() + patience;
    for (;;) {
      let found: Found;
      try {
        found = await this.look();
      } catch (error) {
        if (!patient || !(error instanceof Unreachable) || this.#context.clock.now() >= until) throw error;
        await this.#context.clock.sleep(lookEvery);
        continue;
      }
      const busy = found.nvram.rc_service ?? "";
      if (busy === "") return found;
      if (this.#context.clock.now() >= until)
        throw new Rejected("the router has been restarting a service for a long time; try again later", this.#where("rc_service"), {
          retryable: true,
        });
      await this.#context.clock.sleep(lookEvery);
    }
  }

  async #bring(wanted: Held, { shown, nvram, notes, view }: Found, pending: Journal["pending"]): Promise<void> {
    if (parentalRows(nvram) === undefined && nvram.MULTIFILTER_DEVICENAME?.includes(tag))
      throw new Rejected(
        "the lists of parental control do not fit together, and rules of ours are among them; save them once under Parental Controls > Time Scheduling",
        this.#where("MULTIFILTER_DEVICENAME"),
      );
    const target = targetOf(nvram, wanted, notes, view);
    const half = Object.keys(nvram).filter((variable) => nvram[variable] !== shown[variable]);
    const set = { ...Object.fromEntries(half.map((variable) => [variable, nvram[variable]!])), ...target.set };
    const writing = { ...(await this.#journal()).writing };
    for (const [variable, value] of Object.entries(set)) {
      const was = nvram[variable] ?? "";
      writing[variable] = { was, maybe: [shown[variable] ?? "", value].filter((one) => one !== was) };
    }
    // On disk before the router is told.
    await this.#file.save({ version: 1, notes: eitherWay(nvram, notes, target.notes), pending, writing });
    if (Object.keys(set).length > 0) await this.#write(set);
    await this.#file.save({ version: 1, notes: target.notes, pending });
  }

  async #write(set: Nvram): Promise<void> {
    const services = servicesFor(Object.keys(set));
    let nvram: Nvram = {};
    for (let left = 3; left > 0; left--) {
      let seconds = 1;
      try {
        seconds = await this.#api.apply(set, services);
      } catch (error) {
        // It may have arrived: what the router holds decides.
        if (!(error instanceof Unreachable)) throw error;
      }
      await this.#context.clock.sleep(seconds * 1000);
      const settled = await this.#settled(Object.keys(set), services.join(";"));
      nvram = settled.nvram;
      // An order that met another one was dropped, though the variables are set.
      if (!settled.met) break;
    }
    const missing = Object.entries(set).filter(([variable, value]) => (nvram[variable] ?? "") !== value && !optional(variable, nvram));
    if (missing.length > 0)
      throw new ReadBackMismatch(
        missing.map(([variable]) => `${variable} is not as written`),
        this.#where("nvram_get"),
      );
  }

  /** Variables when the router is done, and whether it restarted something else meanwhile. Its web server may be away for some seconds. */
  async #settled(variables: readonly string[], service: string): Promise<{ nvram: Nvram; met: boolean }> {
    const until = this.#context.clock.now() + patience;
    let met = false;
    for (;;) {
      try {
        const nvram = await this.#api.variables([...new Set(["rc_service", ...variables])]);
        const busy = nvram.rc_service ?? "";
        if (busy === "" || this.#context.clock.now() >= until) return { nvram, met };
        met ||= busy !== service;
      } catch (error) {
        if (!(error instanceof Unreachable) || this.#context.clock.now() >= until) throw error;
      }
      await this.#context.clock.sleep(lookEvery);
    }
  }
}

/** Variables that mean nothing one without the others. */
const groups = ["qos_", "dnsfilter_", "MULTIFILTER_"];

/** What a router shows, with groups that arrived in part as they were before. What somebody else changed meanwhile is as he wants it. */
function mended(nvram: Nvram, writing: Journal["writing"] = {}): Nvram {
  const back: Record<string, string> = {};
  for (const group of groups) {
    const written = Object.entries(writing).filter(([variable, { maybe }]) => variable.startsWith(group) && maybe.length > 0);
    const arrived = written.filter(([variable, { maybe }]) => maybe.includes(nvram[variable] ?? ""));
    const missing = written.filter(([variable, { was }]) => was === (nvram[variable] ?? ""));
    if (missing.length === 0 || arrived.length + missing.length < written.length) continue;
    for (const [variable, { was }] of arrived) back[variable] = was;
  }
  return { ...nvram, ...back };
}

/** Firmware before 384 does not know this one, and blocks without it. */
const optional = (variable: string, nvram: Nvram): boolean => variable === "MULTIFILTER_MACFILTER_DAYTIME_V2" && nvram[variable] === "";
