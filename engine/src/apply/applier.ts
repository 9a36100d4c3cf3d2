import {
  type ChangeSet,
  type Clock,
  type Finding,
  findingOf,
  guardPlan,
  type Log,
  type Protection,
  type RouterDriver,
  type RouterState,
  serialQueue,
} from "../driver/index.ts";
import {
  type ApplyOutcome,
  type Home,
  meaningOf,
  type NetworkPlan,
  PersonasError,
  type RouterPreview,
  samePlan,
  sentence,
  type Trouble,
} from "../model/index.ts";
import { type Bench, carryOut, forget, recover, releaseAll, settle, takeBack } from "./change.ts";
import type { Journal, JournalEntry } from "./journal.ts";
import { protectionOf } from "./protection.ts";
import { Rest, Resting } from "./rest.ts";
import { tryWayBack } from "./way-back.ts";

export interface ApplierOptions {
  router: string;
  /** preview: nothing is ever written. */
  mode: "preview" | "live";
  driver: RouterDriver;
  journal: Journal;
  home: Home;
  clock: Clock;
  log: Log;
}

export interface ApplyOptions {
  /** The router undoes what is not confirmed within this many ms. */
  confirmWithin: number;
  /** A person asked for it: ends a rest. */
  explicit?: boolean;
  /** Whether it is not wanted any more. Asked before the first write: what waits for the router may have been called off meanwhile. */
  isOff?: () => boolean;
}

/** Time to confirm for changes that undo or finish others, ms. */
const confirmRepairWithin = 60_000;
const repair: ApplyOptions = { confirmWithin: confirmRepairWithin };

/** The only one who writes to a router: one change at a time, noted before, read back after, undone when anything is not as it should be. */
export class Applier {
  readonly #options: ApplierOptions;
  readonly #bench: Bench;
  #protection: Protection;
  readonly #queue = serialQueue();
  readonly #rest = new Rest();
  readonly #closed = new AbortController();

  constructor(options: ApplierOptions) {
    this.#options = options;
    this.#bench = { router: options.router, driver: options.driver, journal: options.journal };
    this.#protection = protectionOf(options.home);
  }

  /** From now on nothing is done that this home forbids. */
  protect(home: Home): void {
    this.#protection = protectionOf(home);
  }

  /** When changes are made again after too many had to be undone, or null. */
  get restingUntil(): number | null {
    return this.#rest.until(this.#options.clock.now());
  }

  /**
   * What a plan would change on the router now. Writes nothing.
   * @throws DriverError when the router cannot be asked or the plan is refused
   */
  preview(plan: NetworkPlan): Promise<RouterPreview> {
    return this.#queue(async () => {
      const { changes, omissions } = (await this.#difference(plan)).set;
      return { router: this.#options.router, mode: this.#options.mode, changes: [...changes], omissions: [...omissions] };
    });
  }

  /** Brings the router to a plan. What goes wrong is in the outcome; never rejects. */
  apply(plan: NetworkPlan, options: ApplyOptions): Promise<ApplyOutcome> {
    return this.#queue(() => {
      if (options.explicit) this.#rest.end();
      return this.#change(async () => plan, options);
    });
  }

  /** Back to the plan before the last change; once more, and it is forward again. */
  rollbackToPrevious(): Promise<ApplyOutcome> {
    return this.#queue(() => {
      this.#rest.end();
      return this.#change(async () => {
        const last = await this.#options.journal.load(this.#options.router);
        if (!last) throw new PersonasError("no-previous-plan", `${this.#options.router}: there is no earlier plan to go back to`);
        return last.previous;
      }, repair);
    });
  }

  /**
   * Tries once, with a change that harms nobody, that what is not confirmed goes away again. Writes nothing in preview.
   * @throws DriverError when the router cannot be asked
   */
  tryWayBack(): Promise<readonly Finding[]> {
    return this.#queue(async () => {
      const { router, mode, home, clock } = this.#options;
      if (mode === "preview")
        return [
          findingOf("test change", "warning", sentence("trialPreview"), sentence("setLive", { router, control: "{ control: flow }" })),
        ];
      await this.#recover();
      await this.#waited();
      return tryWayBack(this.#bench, {
        home,
        clock: { now: () => clock.now(), sleep: (ms) => this.#sleep(ms, "stopped before the router took the test back; we do now") },
      });
    });
  }
  /** Removes everything of ours from the router. In preview nothing is written, so what is left there is an error. */
  release(): Promise<ApplyOutcome> {
    return this.#queue(async () => {
      const outcome = await this.#change(async () => null, repair);
      if (outcome.result !== "previewed" || outcome.changes.length === 0) return outcome;
      const { router } = this.#options;
      const error = new PersonasError(
        "left-in-preview",
        `${router}: is in preview, where nothing is written, and still has what was made there while it was live; set its mode to live, and remove it again`,
        { responsible: "owner" },
      );
      return { ...outcome, result: "failed", error: describe(error) };
    });
  }

  /**
   * Ends what a crash interrupted. Call before anything else.
   * @throws DriverError when the router cannot be asked; the note stays for the next attempt
   */
  recover(): Promise<"nothing" | "finished" | "undone"> {
    return this.#queue(() => this.#recover());
  }

  /** Lets nothing wait any more; a change that is being written is finished. */
  close(): void {
    this.#closed.abort();
  }

  async #recover(): Promise<"nothing" | "finished" | "undone"> {
    const { router, log } = this.#options;
    const result = await recover(this.#bench, confirmRepairWithin);
    if (result === "finished") log.info(`${router}: a change that was interrupted is in place`);
    if (result === "undone") log.warn(`${router}: a change that was interrupted has been undone`);
    return result;
  }

  /** What leads from the router as it is to a plan; refuses what is not safe. */
  async #difference(plan: NetworkPlan | null): Promise<{ set: ChangeSet; found: RouterState }> {
    const { driver, router } = this.#options;
    if (plan) guardPlan(plan, this.#protection, router);
    const found = await driver.read();
    return { set: await driver.plan(plan, found), found };
  }

  async #change(target: () => Promise<NetworkPlan | null>, { confirmWithin, isOff }: ApplyOptions): Promise<ApplyOutcome> {
    const { router, clock, mode } = this.#options;
    const started = clock.now();
    let set: ChangeSet | undefined;
    const outcome = (result: ApplyOutcome["result"], error?: unknown): ApplyOutcome => ({
      router,
      at: new Date(started).toISOString(),
      result,
      changes: [...(set?.changes ?? [])],
      omissions: [...(set?.omissions ?? [])],
      ...(error === undefined ? {} : { error: describe(error) }),
      took: clock.now() - started,
    });
    try {
      if (mode === "live") await this.#recover();
      const plan = await target();
      let difference = await this.#difference(plan);
      set = difference.set;
      if (mode === "preview") return outcome("previewed");
      if (set.changes.length > 0) {
        const rest = this.restingUntil;
        // Removing everything is what an owner does about trouble, so it never rests.
        if (rest !== null && plan !== null) throw new Resting(router, rest);
        if (await this.#waited()) difference = await this.#difference(plan);
        set = difference.set;
      }
      if (set.changes.length === 0) {
        await this.#noteUnchanged(plan);
        return outcome("unchanged");
      }
      if (isOff?.()) throw new PersonasError("called-off", `${router}: was called off before it began; nothing was changed`);
      const failure = await this.#write(plan, difference, confirmWithin);
      return failure ? outcome(failure.undone ? "rolled-back" : "failed", failure.error) : outcome("confirmed");
    } catch (error) {
      return outcome("failed", error);
    }
  }

  /** Notes, writes, proves and confirms one change; on failure says whether it was undone. Rejects only before the first write. */
  async #write(
    plan: NetworkPlan | null,
    { set, found }: { set: ChangeSet; found: RouterState },
    confirmWithin: number,
  ): Promise<Failure | undefined> {
    const { router, journal, clock, log } = this.#options;
    const last = await journal.load(router);
    const entry: JournalEntry = {
      router,
      previous: await journal.confirmed(router),
      desired: plan,
      phase: "pending",
      at: new Date(clock.now()).toISOString(),
      ...(last ? { before: { previous: last.previous, desired: last.desired } } : {}),
    };
    await journal.save(entry);
    try {
      if (plan === null) await releaseAll(this.#bench);
      else await carryOut(this.#bench, plan, set, confirmWithin);
    } catch (error) {
      return this.#undo(entry, found, error);
    }
    this.#rest.end();
    // From here the router holds the new plan; a note that cannot be written is made up for by recover().
    await settle(this.#bench, entry).catch((error) =>
      log.error(`${router}: the change is in place but could not be noted: ${describe(error).message}`),
    );
    return undefined;
  }

  async #undo(entry: JournalEntry, found: RouterState, error: unknown): Promise<Failure> {
    const { router, clock, log } = this.#options;
    const { code, message } = describe(error);
    const failed = (more: string): Failure => ({
      error: new PersonasError(code, `${message}; ${more}`, { responsible: "retry", cause: error }),
      undone: false,
    });
    // Putting rules back that the owner wanted gone would be worse than rules that go later.
    if (entry.desired === null) return failed("what is left is removed before the next change");
    this.#rest.undone(clock.now());
    log.warn(`${router}: a change failed and is undone: ${message}`);
    try {
      await forget(this.#bench, entry, await takeBack(this.#bench, found, entry.previous, confirmRepairWithin));
      return { error, undone: true };
    } catch (second) {
      log.error(`${router}: undoing a change failed; it is tried again before the next one: ${describe(second).message}`);
      return failed(`undoing it failed too: ${describe(second).message}`);
    }
  }

  async #noteUnchanged(plan: NetworkPlan | null): Promise<void> {
    const { journal, router } = this.#options;
    const confirmed = await journal.confirmed(router);
    const same = plan && confirmed ? samePlan(plan, confirmed) : plan === confirmed;
    if (!same) await journal.saveConfirmed(router, plan);
  }

  /** Waits until the router may be written again; true when that took time. */
  async #waited(): Promise<boolean> {
    const { driver, journal, router, clock } = this.#options;
    const { minApplyIntervalMs } = await driver.capabilities();
    const last = await journal.load(router);
    const wait = last ? Date.parse(last.at) + minApplyIntervalMs - clock.now() : 0;
    if (wait <= 0) return false;
    // A clock that was set back must not make us wait longer than the interval.
    await this.#sleep(Math.min(wait, minApplyIntervalMs), "stopped before the router could be written again; nothing was changed");
    return true;
  }

  /** @throws PersonasError "closing" when we are closed meanwhile */
  async #sleep(ms: number, closing: string): Promise<void> {
    const { router, clock } = this.#options;
    await clock.sleep(ms, this.#closed.signal).catch(() => {
      throw new PersonasError("closing", `${router}: ${closing}`, { responsible: "retry" });
    });
  }
}

/** A change that did not stay. */
interface Failure {
  error: unknown;
  undone: boolean;
}

/** An error as it is told; those of drivers contain no secrets. */
function describe(error: unknown): Trouble {
  const code = error instanceof PersonasError ? error.code : "internal";
  const said = meaningOf(error);
  return { code, message: error instanceof Error ? error.message : String(error), ...(said ? { said } : {}) };
}
