import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Application } from "@network-personas/personas";
import { Applier } from "../apply/index.ts";
import {
  type Clock,
  type DriverContext,
  DriverError,
  type Finding,
  type Log,
  type RouterDriver,
  type RouterState,
} from "../driver/index.ts";
import {
  type ApplyOutcome,
  type Capabilities,
  type Client,
  type Counters,
  type Flow,
  type Home,
  type Instant,
  inEnglish,
  meaningOf,
  type NetworkPlan,
  PersonasError,
  type RouterConfig,
  type RouterPreview,
  type RouterStatus,
  type Sentence,
  samePlan,
  secretFields,
  type Trouble,
} from "../model/index.ts";
import type { Store } from "../store/index.ts";
import type { DriverResolver } from "./driver-resolver.ts";
import { idealCapabilities } from "./ideal-router.ts";
import type { Secrets } from "./secrets.ts";

export interface RouterDeskOptions {
  config: RouterConfig;
  home: Home;
  applications: ReadonlyMap<string, Application>;
  dataDir: string;
  store: Store;
  secrets: Secrets;
  resolver: DriverResolver;
  clock: Clock;
  log: Log;
  onStatus(status: RouterStatus): void;
  onOutcome(outcome: ApplyOutcome): void;
}

/** What an edit of the home may change for a router. */
type Edited = Pick<RouterDeskOptions, "config" | "home" | "applications">;
type Ingredients = Pick<DriverContext, "settings" | "applications" | "protectedMacs">;

const placeOf = (config: RouterConfig, home: Home): string => `routers.${home.routers.findIndex((r) => r.id === config.id)}`;

/** What ends an attempt before it has begun. */
const nothingTried: ReadonlySet<string> = new Set(["closing", "no-previous-plan", "called-off"]);
/** A router that failed is asked again after this long, doubling up to the limit. */
const firstRetry = 15_000;
const longestRetry = 15 * 60_000;
/** A plan that did not change is compared with the router this often, to notice what others changed there. */
const compareEvery = 10 * 60_000;
/** Restrictions that run out on a router do so after three of these. */
const renewEvery = 5 * 60_000;

/** One router: opens its driver, keeps its status, and brings it to the newest plan, one at a time. */
export class RouterDesk {
  #options: RouterDeskOptions;
  /** What the driver was opened with. */
  #openedWith: Ingredients | undefined;
  #driver: RouterDriver | undefined;
  #applier: Applier | undefined;
  #opening: Promise<Applier> | undefined;
  #status: RouterStatus;
  #wanted: NetworkPlan | null = null;
  #held: NetworkPlan | null = null;
  #working: Promise<ApplyOutcome> | undefined;
  /** A person asked for the plan that is wanted. */
  #explicit = false;
  /** How often what was wanted has been called off. */
  #callsOff = 0;
  #keepsOurs = false;
  /** Whatever is being done on the router. */
  readonly #attempts = new Set<Promise<unknown>>();
  #closed = false;
  #failedAt = 0;
  #retryAfter = 0;
  #nextRetryAfter = firstRetry;
  #renewedAt = 0;
  #comparedAt = 0;

  constructor(options: RouterDeskOptions) {
    this.#options = options;
    const { id, driver, mode } = options.config;
    this.#status = {
      router: id,
      driver,
      mode,
      reachable: null,
      identity: null,
      capabilities: null,
      foreign: [],
      lastOutcome: null,
      error: null,
    };
  }

  get id(): string {
    return this.#options.config.id;
  }
  status(): RouterStatus {
    return this.#status;
  }
  capabilities(): Capabilities {
    return this.#status.capabilities ?? idealCapabilities;
  }
  /** The plan the router was last brought to, or shown in preview. */
  get previous(): NetworkPlan | null {
    return this.#held;
  }

  /** Opens the driver, finishes or undoes what a crash left, and learns what the router can do. */
  async open(): Promise<Applier> {
    if (this.#closed) throw new PersonasError("closing", `${this.id}: the home is being closed or edited`, { responsible: "retry" });
    if (this.#applier) return this.#applier;
    if (!this.#opening && this.#isWaiting())
      throw new PersonasError(this.#status.error?.code ?? "unreachable", this.#status.error?.message ?? "not reachable", {
        responsible: "retry",
      });
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  /** A clock that was set back must not make us wait longer. */
  #isWaiting(): boolean {
    const waited = this.#options.clock.now() - this.#failedAt;
    return this.#retryAfter === Number.POSITIVE_INFINITY || (waited >= 0 && waited < this.#retryAfter);
  }

  async #open(): Promise<Applier> {
    const { config, home, dataDir, resolver, clock, log, store } = this.#options;
    let driver: RouterDriver | undefined;
    try {
      const module = await resolver(config.driver, `${placeOf(config, home)}.driver`);
      const ingredients = await this.#ingredients(this.#options);
      driver = await module.create({
        ...ingredients,
        router: config.id,
        home: { id: home.home.id },
        dataDir: join(dataDir, "routers", config.id),
        clock,
        log,
      });
      const identity = await driver.identify();
      const applier = new Applier({ router: config.id, mode: config.mode, driver, journal: store.journal, home, clock, log });
      if (config.mode === "live") await applier.recover();
      const [capabilities, state] = [await driver.capabilities(), await driver.read()];
      this.#held = await store.journal.confirmed(config.id);
      this.#driver = driver;
      this.#applier = applier;
      this.#openedWith = ingredients;
      this.#retryAfter = 0;
      this.#nextRetryAfter = firstRetry;
      this.#update({ reachable: true, identity, capabilities, ...foreignOf(state), error: null });
      return applier;
    } catch (error) {
      await driver?.close().catch(() => {});
      this.#failed(error);
      throw error;
    }
  }

  /** @throws PersonasError "secret-missing" */
  async #ingredients({ config, home, applications }: Edited): Promise<Ingredients> {
    const settings: Record<string, unknown> = { ...config };
    for (const field of secretFields) {
      const reference = config[field];
      if (reference !== undefined) settings[field] = await this.#options.secrets.resolve(reference, `${placeOf(config, home)}.${field}`);
    }
    const protectedMacs = new Set(home.devices.filter((d) => d.infrastructure).flatMap((d) => d.macs));
    return { settings, applications, protectedMacs };
  }

  /**
   * Goes on under an edited home with the login it has, where nothing that the driver was opened with has changed: routers count
   * logins. What waits is not begun. False when it must be opened anew.
   */
  async adopt(edited: Edited): Promise<boolean> {
    this.#callOff();
    await Promise.all(this.#attempts);
    if (!this.#applier || this.#status.error) return false;
    const ingredients = await this.#ingredients(edited).catch(() => undefined);
    if (!isDeepStrictEqual(ingredients, this.#openedWith)) return false;
    this.#options = { ...this.#options, ...edited };
    this.#applier.protect(edited.home);
    return true;
  }

  #failed(error: unknown): void {
    const { clock, secrets } = this.#options;
    const permanent = error instanceof PersonasError && !(error instanceof DriverError && error.retryable);
    // What only the owner can mend is not tried again by itself: repeated logins lock accounts.
    this.#failedAt = clock.now();
    this.#retryAfter = permanent ? Number.POSITIVE_INFINITY : this.#nextRetryAfter;
    this.#nextRetryAfter = Math.min(this.#nextRetryAfter * 2, longestRetry);
    this.#update({
      reachable: error instanceof DriverError && error.code === "unreachable" ? false : this.#status.reachable,
      error: describe(error, secrets),
    });
  }

  /** An owner who asks expects a fresh look, whatever failed before. */
  retryNow(): void {
    this.#retryAfter = 0;
  }

  async preview(plan: NetworkPlan): Promise<RouterPreview> {
    try {
      return await (await this.open()).preview(plan);
    } catch (error) {
      return {
        router: this.id,
        mode: this.#options.config.mode,
        changes: [],
        omissions: [],
        ...untold(describe(error, this.#options.secrets)),
      };
    }
  }

  /** Brings the router to a plan. While one is being applied only the newest one waits. `explicit`: a person asked. Never rejects. */
  async bringTo(plan: NetworkPlan, explicit = false): Promise<ApplyOutcome> {
    this.#wanted = plan;
    this.#explicit ||= explicit;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
    return this.#working;
  }
  /** Now and then: what would run out on the router goes on, and what others changed there is put right, unless it is to stay as it is. */
  async tend({ asItIs = false } = {}): Promise<void> {
    const now = this.#options.clock.now();
    if (now - this.#renewedAt >= renewEvery) {
      this.#renewedAt = now;
      await this.#renew();
    }
    if (!asItIs && now - this.#comparedAt >= compareEvery) {
      this.#comparedAt = now;
      // Back to the plan in force, unless a newer one is on its way.
      if (this.#held && !this.#working) await this.bringTo(this.#held);
    }
  }
  /** What has run out already comes back with the next comparison. */
  async #renew(): Promise<void> {
    if (this.#options.config.mode !== "live" || this.#working || !this.#status.capabilities?.leases) return;
    if (!this.#held?.devices.some(({ leased }) => leased)) return;
    try {
      await this.open();
      await this.#driver!.renew?.();
    } catch (error) {
      this.noteFailure(error);
    }
  }
  /** How what is being applied ends, if anything is. */
  get working(): Promise<ApplyOutcome> | undefined {
    return this.#working;
  }
  /** Whether bringing the router to this plan could change anything. */
  isNews(plan: NetworkPlan): boolean {
    const reference = this.#wanted ?? this.#held;
    return reference === null || !samePlan(reference, plan);
  }

  async #work(): Promise<ApplyOutcome> {
    for (;;) {
      const plan = this.#wanted!;
      const explicit = this.#explicit;
      this.#explicit = false;
      const calls = this.#callsOff;
      const isOff = () => calls !== this.#callsOff;
      const outcome = await this.#attempt((applier) => applier.apply(plan, { confirmWithin: 60_000, explicit, isOff }));
      if (outcome.result !== "failed" && outcome.result !== "rolled-back") this.#held = plan;
      if (this.#wanted === plan) this.#wanted = null;
      // Nothing newer, or what was to come has been called off.
      if (this.#wanted === null) return outcome;
    }
  }
  /** The plans that wait, for another or for the router, are not applied any more; the one being written is finished. */
  #callOff(): void {
    this.#callsOff++;
    this.#wanted = null;
    this.#explicit = false;
  }

  /** It is to stay as it is: nothing that has not begun begins. */
  leaveAsItIs(): void {
    this.#callOff();
  }
  /** Back to the plan before the last change. */
  rollback(): Promise<ApplyOutcome> {
    this.#callOff();
    return this.#attempt(async (applier) => {
      const outcome = await applier.rollbackToPrevious();
      this.#held = await this.#options.store.journal.confirmed(this.id);
      return outcome;
    });
  }
  /** Removes everything of ours; wins over every plan given before. */
  release(): Promise<ApplyOutcome> {
    this.#callOff();
    return this.#attempt(async (applier) => {
      const outcome = await applier.release();
      this.#held = null;
      return outcome;
    }).then((outcome) => {
      this.#keepsOurs = outcome.error !== undefined;
      return outcome;
    });
  }

  /** What could not be removed when everything was to go is removed as soon as the router answers. What only its owner can mend waits. */
  async finishRelease(): Promise<void> {
    const { config, store } = this.#options;
    const { error } = this.#status.lastOutcome ?? {};
    if (config.mode !== "live" || this.#attempts.size > 0 || (error && error.code !== "unreachable")) return;
    const isPending = (await store.journal.load(this.id))?.phase === "pending";
    this.#keepsOurs = isPending || (await store.journal.confirmed(this.id)) !== null;
    if (!this.#keepsOurs || !(await this.open().catch(() => undefined))) return;
    await this.release();
  }
  /** Everything of ours was to be removed, and is not yet. */
  get keepsOurs(): boolean {
    return this.#keepsOurs;
  }

  #attempt(work: (applier: Applier) => Promise<ApplyOutcome>): Promise<ApplyOutcome> {
    const attempt = this.#try(work).finally(() => this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
    return attempt;
  }

  async #try(work: (applier: Applier) => Promise<ApplyOutcome>): Promise<ApplyOutcome> {
    const started = this.#options.clock.now();
    let outcome: ApplyOutcome;
    try {
      outcome = await work(await this.open());
    } catch (error) {
      outcome = {
        router: this.id,
        at: new Date(started).toISOString(),
        result: "failed",
        changes: [],
        omissions: [],
        error: describe(error, this.#options.secrets),
        took: this.#options.clock.now() - started,
      };
    }
    // Nothing was tried, so nothing failed.
    if (outcome.error && nothingTried.has(outcome.error.code)) return outcome;
    const last = this.#status.lastOutcome;
    const unreachable = outcome.error?.code === "unreachable" ? { reachable: false, error: outcome.error } : {};
    this.#update({ lastOutcome: outcome, ...(outcome.error ? unreachable : { error: null }) });
    // A failure that only goes on is no news.
    if (!outcome.error || last?.error?.message !== outcome.error.message) this.#options.onOutcome(outcome);
    return outcome;
  }

  /** Tells no more of a change that was made in a stretch of time; what went wrong last is told until it is over. */
  forgetOutcome({ from = "", to = "9999" }: { from?: Instant; to?: Instant }): void {
    const { lastOutcome } = this.#status;
    if (lastOutcome && !lastOutcome.error && lastOutcome.at >= from && lastOutcome.at < to) this.#update({ lastOutcome: null });
  }

  /** Who is on the network; undefined when this router cannot tell. */
  async clients(): Promise<readonly Client[] | undefined> {
    await this.open();
    const clients = await this.#driver!.clients?.();
    if (this.#status.reachable !== true) this.#update({ reachable: true, error: null });
    return clients;
  }
  /** Every connection the router forwards; undefined when it cannot show them. */
  async flows(): Promise<readonly Flow[] | undefined> {
    await this.open();
    return this.#status.capabilities?.flows && (await this.#driver!.flows?.());
  }
  /** What devices and the line have carried; undefined when the router does not count. */
  async counters(): Promise<Counters | undefined> {
    await this.open();
    return this.#status.capabilities?.counters ? await this.#driver!.counters?.() : undefined;
  }
  /** Notes that asking failed; status only changes when the answer does. */
  noteFailure(error: unknown): void {
    if (this.#closed) return;
    const told = describe(error, this.#options.secrets);
    if (told.message !== this.#status.error?.message) this.#update({ reachable: false, error: told });
  }
  async doctor(): Promise<readonly Finding[]> {
    this.retryNow();
    await this.open();
    const driver = this.#driver!;
    const findings = (await driver.doctor?.()) ?? [];
    // Whoever asks may have granted a right or installed something meanwhile.
    const [capabilities, state] = [await driver.capabilities(), await driver.read()];
    this.#update({ capabilities, ...foreignOf(state) });
    return findings;
  }

  /** Tries the way back once; a plan that comes meanwhile waits. @throws DriverError when the router cannot be asked */
  async testRollback(): Promise<readonly Finding[]> {
    this.retryNow();
    const test = this.open().then((applier) => applier.tryWayBack());
    const attempt: Promise<unknown> = test.catch(() => {}).finally(() => this.#attempts.delete(attempt));
    this.#attempts.add(attempt);
    const { secrets } = this.#options;
    return (await test).map((f) => ({ ...f, message: secrets.redact(f.message) }));
  }

  #update(change: Partial<RouterStatus>): void {
    const before = this.#status.error?.message ?? null;
    this.#status = { ...this.#status, ...change };
    this.#tell(before, this.#status.error?.message ?? null);
    this.#options.onStatus(this.#status);
  }
  /** One line when something is wrong and one when it is over; seconds that count down are no news. */
  #tell(before: string | null, now: string | null): void {
    const { log } = this.#options;
    if (now === null) {
      if (before !== null) log.info(aboutRouter(this.id, "answers again"));
    } else if (now.replace(/\d+/g, "") !== before?.replace(/\d+/g, "")) log.warn(aboutRouter(this.id, now));
  }
  /** A change that is being written is finished; what waits is not begun. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#callOff();
    await this.#opening?.catch(() => {});
    this.#applier?.close();
    await Promise.all(this.#attempts);
    await this.#driver?.close();
  }
}

/** A message with whom it is about; drivers name their router themselves. */
export const aboutRouter = (id: string, message: string): string => `router ${message.startsWith(`${id}: `) ? "" : `${id}: `}${message}`;

/** Why there is nothing to show, as it stands beside what there would be. */
export const untold = ({ message, said }: Trouble): { error: string; errorSaid?: Sentence } => ({
  error: message,
  ...(said ? { errorSaid: said } : {}),
});

/** What is there and not ours, in English and as sentences. */
const foreignOf = ({ foreign }: RouterState) => ({
  foreign: foreign.map((found) => inEnglish(found)),
  foreignSaid: [...foreign],
});

/** An error as it is told, without secrets. */
export function describe(error: unknown, secrets: Secrets): Trouble {
  const code = error instanceof PersonasError ? error.code : "internal";
  const said = error instanceof PersonasError ? meaningOf(error) : undefined;
  return { code, message: secrets.redact(error instanceof Error ? error.message : String(error)), ...(said ? { said } : {}) };
}
