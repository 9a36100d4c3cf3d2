import { join } from "node:path";
import { everyday, type PersonaSet } from "@network-personas/personas";
import type { PersonaDatabase } from "@network-personas/personas/load";
import { correctionOf } from "../adapt/index.ts";
import type { Waiting } from "../compose/index.ts";
import type { Clock, Log } from "../driver/port.ts";
import {
  type ApplyOutcome,
  BadInput,
  type Home,
  type Instant,
  later,
  mayBePredicted,
  type PlanView,
  type Signal,
  type SignalInput,
  type Subject,
  type SubjectState,
  subjectsOf,
  type Today,
  unrecorded,
} from "../model/index.ts";
import { scorers } from "../predict/index.ts";
import { stillNeeded } from "../signals/index.ts";
import { handshakeTime } from "../source/index.ts";
import type { Store } from "../store/index.ts";
import { Background } from "./background.ts";
import { CalendarDesk } from "./calendar-desk.ts";
import { ClientDesk } from "./client-desk.ts";
import { DayBook } from "./day-book.ts";
import type { DriverResolver } from "./driver-resolver.ts";
import { EventLog } from "./event-log.ts";
import { Hold } from "./hold.ts";
import type { HomeFile } from "./home-file.ts";
import { HomeWatch } from "./home-watch.ts";
import { idealCapabilities } from "./ideal-router.ts";
import { Learning, learnedHorizons, learningGrid, questionOf } from "./learning.ts";
import type { LineProbe } from "./line-watch.ts";
import { PersonaShelf } from "./persona-shelf.ts";
import { type Decisions, decide, type PipelineInput, planFor, predictSubject } from "./pipeline.ts";
import { planView } from "./plan-view.ts";
import type { Forgetting } from "./port.ts";
import { type Forgotten, forget, keepableOutcome, recorded, taught, unkeptCalendars } from "./privacy.ts";
import { problemsOf } from "./problems.ts";
import { repeat } from "./repeat.ts";
import type { RouterDesk } from "./router-desk.ts";
import { RouterFleet } from "./router-fleet.ts";
import type { Secrets } from "./secrets.ts";
import { StandingOrders } from "./standing-orders.ts";
import { subjectState } from "./state.ts";
import { TrafficDesk } from "./traffic-desk.ts";

/** How far ahead is predicted by default. */
export const defaultHorizon = 15 * 60_000;
/** Without any signal, time itself is looked at this often. */
const tickEvery = 60_000;
const pollClientsEvery = 30_000;
const watchFileEvery = 5_000;
/** Connections are looked at this often, or as often as the router bears. */
const lookAtTrafficEvery = 2_000;

export interface HouseholdOptions {
  file: HomeFile;
  /** Folder of home.yaml. */
  folder: string;
  dataDir: string;
  database: PersonaDatabase;
  store: Store;
  secrets: Secrets;
  resolver: DriverResolver;
  clock: Clock;
  log: Log;
  /** Asks a host beyond the line; a TCP handshake when absent. */
  probe?: LineProbe;
  /** Reads the home's file again, to notice edits by hand; absent where the home has no file. */
  readHome?(): Promise<HomeFile>;
}

/** What is believed, decided and planned for a home now, and the routers and calendars that belong to it. */
export class Household {
  readonly events: EventLog;
  readonly shelf: PersonaShelf;
  readonly orders: StandingOrders;
  readonly hold: Hold;
  /** Who is on the network. */
  readonly clients: ClientDesk;
  readonly #dayBook: DayBook;
  readonly log: Log;
  readonly #o: HouseholdOptions;
  readonly #stop = new AbortController();
  readonly #watch: HomeWatch | undefined;
  #file: HomeFile;
  #learning: Learning;
  #calendars: CalendarDesk;
  readonly #fleet: RouterFleet;
  readonly #background: Background;
  #signals: Signal[] = [];
  /** What was forgotten since the start: nothing that is kept from then on tells of it. */
  readonly #forgotten: Forgotten[] = [];
  /** What routers show of the home's traffic. */
  readonly traffic: TrafficDesk;
  #decisions!: Decisions;
  #plan!: PlanView;
  readonly #told = new Map<string, string>();
  /** Per router: what has been waiting to be changed, and since when. */
  readonly #waiting = new Map<string, Waiting>();
  #running = false;
  /** What repeats until closed. */
  readonly #loops: Promise<void>[] = [];
  /** The home is being exchanged for its edited version. */
  #reloading: { done: Promise<void> } | undefined;
  #lastGrid = 0;

  private constructor(options: HouseholdOptions) {
    this.#o = options;
    this.#file = options.file;
    this.log = options.secrets.guard(options.log);
    this.#background = new Background(this.log);
    this.events = new EventLog(options.clock.now());
    this.#watch = options.readHome && new HomeWatch(options.readHome);
    this.#learning = this.#newLearning();
    this.shelf = new PersonaShelf(options.database, options.folder, options.file.home.personas);
    this.orders = new StandingOrders(options.store, options.clock);
    this.hold = new Hold(options.store, options.clock, (hold) => this.events.emit({ type: "hold", data: { hold } }, this.now()));
    this.clients = new ClientDesk({
      home: options.file.home,
      store: options.store,
      now: () => this.now(),
      routers: () => this.routers,
      submit: (signals) => this.submit(signals),
      onHome: () => this.#background.run(this.evaluate({ write: true })),
    });
    this.#dayBook = new DayBook(options.store, () => this.home.home.timeZone);
    this.#calendars = this.#openCalendars();
    this.#fleet = new RouterFleet({
      ...options,
      log: this.log,
      onStatus: (status) => this.events.emit({ type: "router", data: status }, this.now()),
      onOutcome: (outcome) => this.#noteOutcome(outcome),
    });
    this.#fleet.man(this.home, this.shelf.applications);
    this.traffic = new TrafficDesk({
      clock: options.clock,
      probe: options.probe ?? handshakeTime,
      home: () => this.home,
      personas: () => this.personas,
      belief: () => this.#decisions.belief,
      routers: () => this.routers,
      submit: (signals) => this.submit(signals),
      onActivity: (data) => this.events.emit({ type: "activity", data }, this.now()),
      onLine: (data) => {
        this.events.emit({ type: "line", data }, this.now());
        this.#background.run(this.evaluate({ write: true }));
      },
    });
  }

  /** Loads what is remembered, reads calendars and reaches for the routers once. Nothing happens by itself until `run`. */
  static async open(options: HouseholdOptions): Promise<Household> {
    const household = new Household(options);
    for (const problem of household.shelf.problems) household.log.warn(problem);
    await household.#recall();
    await household.#reach();
    await household.evaluate({ write: false });
    return household;
  }

  async #recall(): Promise<void> {
    const at = this.now();
    await this.#learning.load(at);
    this.#learning.hush(unrecorded(this.home));
    this.#learning.welcome(taught(this.home));
    this.#signals = stillNeeded(await this.#o.store.signalsAfter(at), at);
    await this.orders.load();
    await this.hold.load();
    this.clients.known.recall();
    await this.#dayBook.load(at);
  }

  /** Keeps the home up to date until closed. */
  run(): void {
    const { clock } = this.#o;
    const { signal } = this.#stop;
    this.#running = true;
    this.#calendars.run();
    const repeated = (ms: number, work: () => Promise<void>) => repeat(ms, clock, this.log, signal, () => this.#background.counted(work()));
    const every = (ms: number, work: () => Promise<void>) => this.#loops.push(repeated(ms, work));
    // A plan made before knowing who is here would be changed again at once.
    const known = Promise.withResolvers<void>();
    every(pollClientsEvery, () => this.clients.look().finally(known.resolve));
    every(lookAtTrafficEvery, () => this.traffic.look());
    this.#loops.push(known.promise.then(() => repeated(tickEvery, () => this.step())));
    if (this.#watch) every(watchFileEvery, () => this.#noticeEdit());
  }

  get file(): HomeFile {
    return this.#file;
  }
  get home(): Home {
    return this.clients.home;
  }
  get learning(): Learning {
    return this.#learning;
  }
  get calendars(): CalendarDesk {
    return this.#calendars;
  }
  get routers(): readonly RouterDesk[] {
    return this.#fleet.all;
  }
  get decisions(): Decisions {
    return this.#decisions;
  }
  get plan(): PlanView {
    return this.#plan;
  }
  now(): Instant {
    return new Date(this.#o.clock.now()).toISOString();
  }
  /** The personas that may be predicted here. */
  get personas(): PersonaSet {
    return new Map([...this.shelf.personas].filter(([id]) => mayBePredicted(this.home.policy, id)));
  }

  /** Everything a decision at `at` depends on. */
  input(at: Instant = this.now(), extra: Partial<PipelineInput> = {}): PipelineInput {
    return {
      at,
      horizon: defaultHorizon,
      home: this.traffic.withLine(this.home),
      personas: this.personas,
      known: this.shelf.personas,
      applications: this.shelf.applications,
      signals: this.#signals,
      occurrences: this.#calendars.occurrences,
      labels: this.learning.labels,
      scorer: this.learning.scorer,
      states: this.learning.states(questionOf({ horizon: extra.horizon ?? defaultHorizon, ...(extra.starting ? { starting: true } : {}) })),
      constraints: this.orders.constraints(at),
      proposals: this.orders.proposals(at),
      before: this.#decisions?.subjects ?? new Map(),
      ...extra,
    };
  }

  /** Decides anew, brings the routers to the plan, and tells what changed. Resolves when the routers are done. */
  evaluate(options: { write: boolean; explicit?: boolean }): Promise<readonly ApplyOutcome[]> {
    // The routers of the old home are closed and those of the new one are not open yet.
    if (this.#reloading) return this.#reloading.done.then(() => this.evaluate(options));
    const input = this.input();
    const decisions = decide(input);
    this.#decisions = decisions;
    this.#noteCorrections(input, decisions);
    const composed = this.routers.map((router) => {
      const result = planFor(input, decisions, router.capabilities(), router.previous, this.#waiting.get(router.id) ?? new Map());
      this.#waiting.set(router.id, result.waiting);
      return { router, result };
    });
    const primary = composed[0]?.result ?? planFor(input, decisions, idealCapabilities, this.#plan?.plan ?? null);
    const before = this.#plan;
    this.#plan = planView(primary, before?.routers ?? []);
    // The routers first: what people see may wait for a millisecond, the first byte should not.
    const work = options.write && !this.hold.holds ? composed : [];
    const outcomes = work.map(({ router, result: { plan } }) =>
      options.explicit || router.isNews(plan) ? router.bringTo(plan, options.explicit) : router.working,
    );
    const done = Promise.all(outcomes).then((all) => all.filter((outcome) => outcome !== undefined));
    const told = (view: PlanView) => JSON.stringify([{ ...view.plan, at: "" }, view.refusals]);
    if (!before || told(before) !== told(this.#plan)) this.events.emit({ type: "plan", data: { ...this.#plan } }, input.at);
    for (const subject of subjectsOf(this.home)) this.#tellSubject(input, subject);
    return done;
  }

  today(): Today {
    const subjects = recorded(subjectsOf(this.home), this.home).map((subject) => subject.id);
    return this.#dayBook.today(subjects, this.learning.labels, this.now());
  }
  subjectStates(input = this.input()): SubjectState[] {
    return subjectsOf(this.home).map((subject) => subjectState(input, this.#decisions, subject));
  }
  #noteCorrections({ before, at }: PipelineInput, { subjects, belief }: Decisions): void {
    for (const [id, decision] of subjects) {
      const correction = correctionOf(before.get(id), decision, belief.subjects.get(id)!, at);
      if (!correction || unrecorded(this.home).has(id)) continue;
      if (!this.#dayBook.correct(correction)) continue;
      this.events.emit({ type: "corrected", data: correction }, at);
      this.#background.run(this.#o.store.addCorrection(correction));
    }
  }
  /** Only what is in force is news; what comes next is looked up along with it. */
  #tellSubject(input: PipelineInput, subject: Subject): void {
    const told = JSON.stringify(subjectState(input, this.#decisions, subject, { withoutNext: true }));
    if (this.#told.get(subject.id) === told) return;
    this.#told.set(subject.id, told);
    this.events.emit({ type: "subject", data: subjectState(input, this.#decisions, subject) }, input.at);
  }

  /** One look at the time: decides anew, learns what is over, and now and then compares with the routers. */
  async step(): Promise<void> {
    const now = this.#o.clock.now();
    const at = this.now();
    this.#signals = stillNeeded(this.#signals, at);
    await this.hold.look();
    await this.orders.expire(at);
    for (const { subject, persona, source } of await this.learning.observe(recorded(this.#signals, this.home), at))
      this.events.emit({ type: "label", data: { subject, persona, source } }, at);
    await this.evaluate({ write: true });
    await this.learning.learn(this.shelf.personas, at);
    if (Math.floor(now / learningGrid) !== this.#lastGrid) {
      this.#lastGrid = Math.floor(now / learningGrid);
      this.learning.welcome(taught(this.home));
      const predictions = learnedHorizons.flatMap((horizon) => this.#predictionsFor(horizon));
      await this.learning.remember(predictions);
      this.#dayBook.expect(predictions.map(({ prediction }) => prediction));
      this.#tellToday(at);
      await this.#o.store.prune(later(at, -this.home.policy.keepHistory));
    }
    if (this.hold.isReleased) await Promise.all(this.routers.map((router) => router.finishRelease()));
    else await Promise.all(this.routers.map((router) => router.tend({ asItIs: this.hold.holds })));
  }
  /** Of whom more is known than before of how the day went. */
  #tellToday(at: Instant): void {
    for (const day of this.today().subjects) {
      const [key, told] = [`today ${day.subject}`, JSON.stringify(day)];
      if (day.known === 0 || this.#told.get(key) === told) continue;
      this.#told.set(key, told);
      this.events.emit({ type: "today", data: day }, at);
    }
  }

  /** Everybody's predictions at one horizon, with the inputs they were made from. */
  #predictionsFor(horizon: number): ReturnType<typeof predictSubject>[] {
    const input = this.input(this.now(), { horizon });
    return recorded(subjectsOf(this.home), this.home).map((subject) => predictSubject(input, this.#decisions.belief, subject));
  }
  /** Keeps signals on disk, but for those about people who are not recorded. */
  keep = (signals: readonly Signal[]): Promise<void> => {
    const retold = (signal: Signal) => this.#forgotten.reduce((one, forgotten) => forgotten.retold(one), signal);
    return this.#o.store.addSignals(recorded(signals, this.home).map(retold));
  };

  async forget(what: Forgetting): Promise<void> {
    const forgotten = await forget(what, { store: this.#o.store, learning: this.learning, home: this.home, at: this.now() });
    this.#forgotten.push(forgotten);
    this.#dayBook.forget(what);
    this.events.forget();
    if (what.subject === undefined) for (const router of this.routers) router.forgetOutcome(what);
    await this.clients.known.forget(what, this.home);
    this.#signals = forgotten.believed(this.#signals);
    await this.evaluate({ write: true });
  }

  /** Takes in signals that were kept, and acts on them without making the sender wait. */
  accept(signals: readonly Signal[]): void {
    const at = this.now();
    const known = new Set(this.#signals.map((s) => s.id));
    const fresh = signals.filter((s) => !known.has(s.id));
    this.#signals.push(...fresh);
    for (const s of fresh) {
      if (s.kind !== "presence" || !this.home.devices.some((d) => d.id === s.subject)) continue;
      if (this.#decisions.belief.devices.get(s.subject)?.present === s.present) continue;
      this.events.emit({ type: "presence", data: { device: s.subject, present: s.present } }, at);
    }
    for (const s of fresh) if (s.kind === "activity") this.#noteStart(s.subject, s.persona, s.weight * s.confidence);
    this.#background.run(this.evaluate({ write: true }));
  }

  /** An activity that was recognised or confirmed, and was not what went on before, has just started. */
  #noteStart(subject: string, persona: string, weight: number): void {
    const features = unrecorded(this.home).has(subject) ? undefined : this.#decisions.subjects.get(subject)?.features;
    if (!features || persona === everyday || features.recent[0]?.persona === persona) return;
    this.#background.run(this.learning.started(features, persona, weight, this.shelf.personas));
  }

  /** Signals of routers about who is here, as everybody else's go through `submit`. */
  submit: (signals: readonly SignalInput[]) => Promise<unknown> = async () => {};

  /** Takes a new version of the home into force. One after the other; nothing is decided in between. */
  async reload(file: HomeFile): Promise<void> {
    if (file.home.home.id !== this.home.home.id)
      throw new BadInput(
        "home.id",
        `cannot become "${file.home.home.id}" while the home runs: all it remembers is kept for "${this.home.home.id}"`,
      );
    await this.#inTurn(() => this.#exchange(file));
  }
  /** Takes into force what `replace` put in the place of the home and of all it remembers. */
  restore(replace: () => Promise<HomeFile>): Promise<void> {
    return this.#inTurn(async () => this.#exchange(await replace(), { recall: true }));
  }
  async #inTurn(exchange: () => Promise<void>): Promise<void> {
    const exchanged = (this.#reloading?.done ?? Promise.resolve()).then(exchange);
    const reloading = { done: exchanged.catch(() => {}) };
    this.#reloading = reloading;
    await exchanged.finally(() => {
      if (this.#reloading === reloading) this.#reloading = undefined;
    });
    // Whose device is whose was said anew, so who is here is looked at anew before anything is planned.
    if (this.#running) await this.clients.look();
    await this.evaluate({ write: true });
  }
  async #exchange(file: HomeFile, { recall = false } = {}): Promise<void> {
    if (this.#stop.signal.aborted) return;
    await this.shelf.reload(file.home.personas);
    await this.#calendars.close();
    await this.#fleet.retire(file.home, this.shelf.applications);
    const newPredictor = file.home.predictor !== this.home.predictor;
    this.#file = file;
    this.clients.rewrite(file.home);
    if (newPredictor || recall) this.#learning = this.#newLearning();
    if (recall) await this.#recall();
    else if (newPredictor) await this.#learning.load(this.now());
    this.#learning.hush(unrecorded(this.home));
    this.traffic.forget();
    this.#told.clear();
    this.#calendars = this.#openCalendars();
    this.#fleet.man(this.home, this.shelf.applications);
    const named = new Set(this.home.routers.map((r) => r.id));
    this.#plan = { ...this.#plan, routers: this.#plan.routers.filter((r) => named.has(r.router)) };
    await this.#reach();
    if (this.#running) this.#calendars.run();
    this.events.emit({ type: "home", data: { reason: "the home was edited" } }, this.now());
  }
  #newLearning(): Learning {
    return new Learning(this.#o.store, scorers.get(this.#file.home.predictor)!, this.log);
  }

  async #noticeEdit(): Promise<void> {
    const before = this.#watch!.problem;
    const edited = await this.#watch!.look(this.#file.etag);
    const { problem } = this.#watch!;
    if (problem && problem !== before) this.log.warn(problem);
    if (!edited) return;
    await this.reload(edited);
    this.log.info("home.yaml was edited and is in force");
  }

  problems = (): ReturnType<typeof problemsOf> =>
    problemsOf({ edit: this.#watch?.problem, shelf: this.shelf, calendars: this.#calendars, routers: this.routers, hold: this.hold });

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#reloading?.done;
    await this.#calendars.close();
    await this.#fleet.close();
    await Promise.all(this.#loops);
    await this.settled();
    await this.#o.store.close();
  }

  async #reach(): Promise<void> {
    await Promise.all([this.#calendars.open(), this.#fleet.reach()]);
  }

  #openCalendars(): CalendarDesk {
    const { clock, secrets, folder, dataDir } = this.#o;
    return new CalendarDesk({
      calendars: this.home.calendars,
      unkept: unkeptCalendars(this.home),
      timeZone: this.home.home.timeZone,
      conferenceHosts: [...this.shelf.personas.values()].flatMap((p) => p.signs.calendar.conferenceHosts),
      folder,
      dataDir: join(dataDir, "calendars"),
      secrets,
      clock,
      log: this.log,
      onChange: (status) => {
        this.events.emit({ type: "calendar", data: status }, this.now());
        if (this.#decisions) this.#background.run(this.evaluate({ write: true }));
      },
    });
  }

  #noteOutcome(outcome: ApplyOutcome): void {
    if (outcome.result === "unchanged") return;
    this.events.emit({ type: "applied", data: outcome }, outcome.at);
    const keepable = keepableOutcome(outcome, this.home);
    if (keepable) this.#background.run(this.#o.store.addOutcome(keepable));
    const { router, changes, omissions, error } = outcome;
    const status = this.#fleet.find(router)?.status();
    const mode = status?.mode ?? "preview";
    const others = this.#plan.routers.filter((r) => r.router !== router);
    this.#plan = { ...this.#plan, routers: [...others, { router, mode, changes, omissions }] };
    const what = changes.length === 1 ? "1 change" : `${changes.length} changes`;
    // A router that cannot be reached or opened has said so itself.
    if (error && error.message === status?.error?.message) return;
    this.log[error ? "warn" : "info"](`router ${router}: ${outcome.result}, ${what}${error ? ` (${error.message})` : ""}`);
  }

  /** Resolves when nothing is on its way from or to a router, or to memory. */
  settled = (): Promise<void> => this.#background.settled();
}
