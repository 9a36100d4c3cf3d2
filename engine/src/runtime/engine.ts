import { join } from "node:path";
import type { PersonaSet } from "@network-personas/personas";
import { parsePersona, type PersonaDatabase } from "@network-personas/personas/load";
import { blend } from "../blend/index.ts";
import type { Clock, Log } from "../driver/port.ts";
import {
  type ApplyOutcome, BadInput, type BlendedProfile, type Constraint, type Distribution, type DoctorFinding, type EngineEvent, type EngineState, type HistoryEntry, type Instant,
  later, type PlanView, type Prediction, type Proposal, type RouterClients, type RouterStatus, type Signal, type SignalInput, subjectsOf, type UpcomingEvent,
} from "../model/index.ts";
import { isRandomised, type PresenceMemory, presenceFrom } from "../observe/index.ts";
import { scorers } from "../predict/index.ts";
import { admit } from "../signals/index.ts";
import type { Store } from "../store/index.ts";
import { CalendarDesk } from "./calendar-desk.ts";
import { doctor } from "./doctor.ts";
import type { DriverResolver } from "./driver-resolver.ts";
import { EventLog } from "./event-log.ts";
import type { HomeFile } from "./home-file.ts";
import { idealCapabilities } from "./ideal-router.ts";
import { Learning, learningGrid } from "./learning.ts";
import { PersonaShelf } from "./persona-shelf.ts";
import { type Decision, type Decisions, decide, type PipelineInput, planFor, predictSubject } from "./pipeline.ts";
import type { EngineService, PersonaEntry } from "./port.ts";
import { repeat } from "./repeat.ts";
import { describe, RouterDesk } from "./router-desk.ts";
import type { Secrets } from "./secrets.ts";
import { StandingOrders } from "./standing-orders.ts";
import { subjectState } from "./state.ts";
import { upcomingEvents } from "./upcoming.ts";

/** How far ahead is predicted by default. */
export const defaultHorizon = 15 * 60_000;
/** Without any signal, time itself is looked at this often. */
const tickEvery = 60_000;
const pollClientsEvery = 30_000;
/** A plan that did not change is compared with the routers this often, to notice what others changed there. */
const reconcileEvery = 10 * 60_000;
const keepHistory = 90 * 24 * 60 * 60_000;

export interface EngineOptions {
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
  /** Writes the home and returns what is now in force; absent where the home has no file. */
  saveHome?(text: string, etag?: string): Promise<HomeFile>;
}

/** A running home: believes, predicts, blends, composes, applies, and learns from what really happens. */
export class Engine implements EngineService {
  readonly #o: EngineOptions;
  readonly #log: Log;
  readonly #events: EventLog;
  readonly #learning: Learning;
  readonly #shelf: PersonaShelf;
  readonly #orders: StandingOrders;
  #calendars: CalendarDesk;
  #routers: RouterDesk[];
  readonly #stop = new AbortController();
  #signals: Signal[] = [];
  #memory = new Map<string, PresenceMemory>();
  #decisions: Decisions | null = null;
  #plan: PlanView | null = null;
  #released = false;
  #count = 0;
  #lastGrid = 0;
  #lastReconcile = 0;

  private constructor(options: EngineOptions) {
    this.#o = options;
    this.#log = options.secrets.guard(options.log);
    this.#events = new EventLog(options.clock.now());
    this.#learning = new Learning(options.store, scorers.get(options.file.home.predictor)!, this.#log);
    this.#shelf = new PersonaShelf(options.database, options.folder, options.file.home.personas);
    this.#orders = new StandingOrders(options.store, options.clock);
    this.#calendars = this.#openCalendars();
    this.#routers = this.#openRouters();
  }

  /** Loads what is remembered, reads calendars and reaches for the routers once. Nothing runs by itself until `run`. */
  static async open(options: EngineOptions): Promise<Engine> {
    const engine = new Engine(options);
    const { store } = options;
    await engine.#learning.load(engine.#now());
    engine.#signals = [...(await store.signalsAfter(engine.#now()))];
    await engine.#orders.load();
    engine.#released = (await store.fact("released")) === "yes";
    await Promise.all([engine.#calendars.open(), ...engine.#routers.map((r) => r.open().catch(() => {}))]);
    await engine.#evaluate({ write: false });
    return engine;
  }

  /** Keeps the home up to date until closed. */
  run(): void {
    const { clock } = this.#o;
    const { signal } = this.#stop;
    this.#calendars.run();
    void repeat(pollClientsEvery, clock, this.#log, signal, () => this.#pollClients());
    void repeat(tickEvery, clock, this.#log, signal, () => this.step());
  }
  /** What is decided for everybody now. */
  decisions = (): readonly Decision[] => [...this.#decisions!.subjects.values()];
  get personaSet(): PersonaSet {
    return this.#shelf.personas;
  }

  get homeId(): string {
    return this.#home.home.id;
  }
  get #home() {
    return this.#o.file.home;
  }
  #now(): Instant {
    return new Date(this.#o.clock.now()).toISOString();
  }

  // ---- deciding ----

  #input(at: Instant, extra: Partial<PipelineInput> = {}): PipelineInput {
    return {
      at,
      horizon: defaultHorizon,
      home: this.#home,
      personas: this.#shelf.personas,
      applications: this.#shelf.applications,
      signals: this.#signals,
      occurrences: this.#calendars.occurrences,
      labels: this.#learning.labels,
      scorer: this.#learning.scorer,
      states: this.#learning.states,
      constraints: this.#orders.constraints(at),
      proposals: this.#orders.proposals(at),
      before: this.#decisions?.subjects ?? new Map(),
      ...extra,
    };
  }

  /** Decides anew, tells what changed, and brings the routers to the plan. */
  async #evaluate(options: { write: boolean; explicit?: boolean }): Promise<readonly ApplyOutcome[]> {
    const at = this.#now();
    const input = this.#input(at);
    const before = this.#decisions;
    const decisions = decide(input);
    this.#decisions = decisions;
    for (const subject of subjectsOf(this.#home)) {
      const next = subjectState(input, decisions, subject);
      const previous = before && subjectState({ ...input, at: before.belief.at }, before, subject, { withoutNext: true });
      if (!previous || JSON.stringify({ ...next, next: null }) !== JSON.stringify(previous)) this.#events.emit({ type: "subject", data: next }, at);
    }
    const work: Promise<ApplyOutcome>[] = [];
    const primary = this.#routers[0];
    for (const router of this.#routers) {
      const composed = planFor(input, decisions, router.capabilities(), router.previous);
      if (options.write && !this.#released && router.isNews(composed.plan)) work.push(router.bringTo(composed.plan, options.explicit));
      if (router === primary) this.#tellPlan(composed);
    }
    if (!primary) this.#tellPlan(planFor(input, decisions, idealCapabilities, this.#plan?.plan ?? null));
    return Promise.all(work);
  }

  #tellPlan(composed: ReturnType<typeof planFor>): void {
    const routers = this.#plan?.routers ?? [];
    const { plan, reasons, refusals } = composed;
    const before = this.#plan;
    const routersNow = routers.map((r) => (r.router === this.#routers[0]?.id ? { ...r, omissions: [...composed.omissions] } : r));
    this.#plan = { plan, reasons: [...reasons], refusals: [...refusals], routers: routersNow };
    const told = (view: PlanView) => JSON.stringify([{ ...view.plan, at: "" }, view.refusals]);
    if (!before || told(before) !== told(this.#plan)) this.#events.emit({ type: "plan", data: this.#plan }, plan.at);
  }

  /** One look at the time: learns what is over, decides anew, and brings the routers to the plan. */
  async step(): Promise<void> {
    const now = this.#o.clock.now();
    const at = this.#now();
    this.#signals = this.#signals.filter((s) => s.expiresAt > at);
    await this.#orders.expire(at);
    for (const { subject, persona, source } of await this.#learning.observe(this.#signals, at)) this.#events.emit({ type: "label", data: { subject, persona, source } }, at);
    await this.#learning.learn(this.#shelf.personas, at);
    await this.#evaluate({ write: true });
    if (Math.floor(now / learningGrid) !== this.#lastGrid) {
      this.#lastGrid = Math.floor(now / learningGrid);
      await this.#learning.remember([...this.#decisions!.subjects.values()].map(({ prediction, features }) => ({ prediction, features })));
      await this.#o.store.prune(later(at, -keepHistory));
    }
    if (now - this.#lastReconcile >= reconcileEvery) {
      this.#lastReconcile = now;
      await this.#reconcile();
    }
  }

  /** Somebody else may have changed our objects: bring routers back to the plan in force. */
  async #reconcile(): Promise<void> {
    if (this.#released) return;
    await Promise.all(this.#routers.map((r) => (r.previous ? r.bringTo(r.previous) : undefined)));
  }

  async #pollClients(): Promise<void> {
    await Promise.all(
      this.#routers.map(async (router) => {
        try {
          const clients = await router.clients();
          if (!clients) return;
          const { signals, memory } = presenceFrom(clients, this.#memory.get(router.id) ?? {}, this.#home, router.id, this.#now());
          this.#memory.set(router.id, memory);
          if (signals.length > 0) await this.submit(signals);
        } catch (error) {
          router.noteFailure(error);
        }
      }),
    );
  }

  // ---- what the API asks ----

  state(): EngineState {
    const at = this.#now();
    const input = this.#input(at);
    const { home } = this.#home;
    return {
      home: { id: home.id, name: home.name, timeZone: home.timeZone },
      at,
      sequence: this.#events.sequence,
      control: this.#home.policy.control,
      subjects: subjectsOf(this.#home).map((s) => subjectState(input, this.#decisions!, s)),
      plan: this.#plan,
      routers: this.#routers.map((r) => r.status()),
      calendars: this.#calendars.statuses(),
      problems: this.#problems(),
    };
  }
  #problems(): string[] {
    return [
      ...this.#shelf.problems,
      ...this.#calendars.statuses().filter((c) => c.status === "failed" || c.status === "stale").map((c) => `calendar ${c.calendar}: ${c.problems[0] ?? c.status}`),
      ...this.#routers.flatMap((r) => (r.status().error ? [`router ${r.id}: ${r.status().error!.message}`] : [])),
      ...(this.#released ? ["nothing is applied since the routers were released; apply to start again"] : []),
    ];
  }

  home = () => this.#o.file;
  async putHome(text: string, etag?: string) {
    if (!this.#o.saveHome) throw new BadInput("", "this home has no file to write to");
    this.#o.file = await this.#o.saveHome(text, etag);
    await this.#calendars.close();
    await Promise.all(this.#routers.map((r) => r.close()));
    await this.#shelf.reload(this.#o.file.home.personas);
    this.#calendars = this.#openCalendars();
    this.#routers = this.#openRouters();
    await Promise.all([this.#calendars.open(), ...this.#routers.map((r) => r.open().catch(() => {}))]);
    this.#calendars.run();
    this.#events.emit({ type: "home", data: { reason: "the home was edited" } }, this.#now());
    await this.#evaluate({ write: true });
    return this.#o.file;
  }

  personas = (): readonly PersonaEntry[] => this.#shelf.entries();
  async putPersona(id: string, text: string): Promise<PersonaEntry> {
    const entry = await this.#shelf.put(parsePersona(text, `${id}.yaml`), text);
    await this.#evaluate({ write: true });
    return entry;
  }
  async deletePersona(id: string): Promise<void> {
    await this.#shelf.remove(id);
    await this.#evaluate({ write: true });
  }

  async clients(): Promise<readonly RouterClients[]> {
    const owner = new Map(this.#home.devices.flatMap((d) => d.macs.map((mac) => [mac, d.id] as const)));
    return Promise.all(
      this.#routers.map(async (router): Promise<RouterClients> => {
        try {
          const clients = (await router.clients()) ?? [];
          return {
            router: router.id,
            clients: clients.map((c) => ({
              mac: c.mac,
              device: owner.get(c.mac) ?? null,
              hostname: c.hostname ?? null,
              addresses: [...(c.ipv4 ? [c.ipv4] : []), ...(c.ipv6 ?? [])],
              connected: c.connected,
              randomised: isRandomised(c.mac),
            })),
          };
        } catch (error) {
          return { router: router.id, clients: [], error: describe(error, this.#o.secrets).message };
        }
      }),
    );
  }

  predictions = (): readonly Prediction[] => [...this.#decisions!.subjects.values()].map((d) => d.prediction);
  async predict(query: { subject?: string; at?: Instant; horizon?: number }): Promise<readonly Prediction[]> {
    const input = this.#input(query.at ?? this.#now(), { horizon: query.horizon ?? defaultHorizon });
    const { belief } = decide(input);
    const subjects = subjectsOf(this.#home).filter((s) => query.subject === undefined || s.id === query.subject);
    if (subjects.length === 0 && query.subject) this.#requireSubject(query.subject);
    return subjects.map((subject) => predictSubject(input, belief, subject).prediction);
  }
  blend(query: { subject: string; distribution: Distribution }): BlendedProfile {
    this.#requireSubject(query.subject);
    return blend({
      subject: query.subject,
      distribution: query.distribution,
      personas: this.#shelf.personas,
      confidenceFloor: this.#home.policy.confidenceFloor,
      overridden: false,
      atStart: true,
    });
  }
  async plan(query: { at?: Instant; distributions?: Readonly<Record<string, Distribution>> }): Promise<PlanView> {
    for (const subject of Object.keys(query.distributions ?? {})) this.#requireSubject(subject, `distributions.${subject}`);
    const input = this.#input(query.at ?? this.#now(), query.distributions ? { distributions: query.distributions } : {});
    const decisions = decide(input);
    const composed = this.#routers.map((router) => ({ router, ...planFor(input, decisions, router.capabilities(), router.previous) }));
    const routers = await Promise.all(
      composed.map(async ({ router, plan, omissions }) => {
        const preview = await router.preview(plan);
        return { ...preview, omissions: [...omissions, ...preview.omissions] };
      }),
    );
    const { plan, reasons, refusals } = composed[0] ?? planFor(input, decisions, idealCapabilities, null);
    return { plan, reasons: [...reasons], refusals: [...refusals], routers };
  }
  currentPlan = (): PlanView | null => this.#plan;
  history = (query: Parameters<EngineService["history"]>[0]): Promise<readonly HistoryEntry[]> => this.#o.store.history({ ...query, limit: query.limit ?? 200 });
  routers = (): readonly RouterStatus[] => this.#routers.map((r) => r.status());
  doctor = (): Promise<readonly DoctorFinding[]> => doctor({ home: this.#home, shelf: this.#shelf, routers: this.#routers, calendars: this.#calendars, clock: this.#o.clock, secrets: this.#o.secrets });

  upcoming(query: { subject?: string; hours?: number }): readonly UpcomingEvent[] {
    const subjects = subjectsOf(this.#home).filter((s) => query.subject === undefined || s.id === query.subject);
    return upcomingEvents(this.#input(this.#now()), this.#decisions!.belief, subjects, query.hours ?? 24);
  }

  // ---- what the API tells ----

  async submit(inputs: readonly SignalInput[]): Promise<readonly Signal[]> {
    const at = this.#now();
    const signals = inputs.map((input, i) => {
      const context = { home: this.#home, personas: this.#shelf.personas, at, id: `${this.#o.clock.now().toString(36)}-${(this.#count++).toString(36)}` };
      try {
        return admit(input, context);
      } catch (error) {
        if (error instanceof BadInput && inputs.length > 1) throw new BadInput(`${i}.${error.field ?? ""}`, error.message);
        throw error;
      }
    });
    await this.#o.store.addSignals(signals);
    const known = new Set(this.#signals.map((s) => s.id));
    const fresh = signals.filter((s) => !known.has(s.id));
    this.#signals.push(...fresh);
    for (const s of fresh) {
      const before = this.#decisions?.belief.devices.get(s.subject)?.present;
      if (s.kind === "presence" && this.#home.devices.some((d) => d.id === s.subject) && before !== s.present) {
        this.#events.emit({ type: "presence", data: { device: s.subject, present: s.present } }, at);
      }
    }
    void this.#evaluate({ write: true }).catch((error) => this.#log.error(String(error)));
    return signals;
  }

  constraints = (): readonly Constraint[] => this.#orders.constraints(this.#now());
  async constrain(input: Parameters<EngineService["constrain"]>[0]): Promise<Constraint> {
    this.#requireSubject(input.subject);
    const constraint = await this.#orders.constrain(input, input.id);
    await this.#evaluate({ write: true });
    return constraint;
  }
  async removeConstraint(id: string): Promise<void> {
    await this.#orders.removeConstraint(id);
    await this.#evaluate({ write: true });
  }
  proposals = (): readonly Proposal[] => this.#orders.proposals(this.#now());
  async propose(input: Parameters<EngineService["propose"]>[0]): Promise<{ proposal: Proposal; outcomes: readonly ApplyOutcome[] }> {
    this.#requireSubject(input.subject);
    for (const persona of Object.keys(input.distribution ?? {})) this.#requirePersona(persona, `distribution.${persona}`);
    const proposal = await this.#orders.propose(input, this.#now());
    return { proposal, outcomes: await this.#evaluate({ write: true }) };
  }
  async withdraw(id: string): Promise<void> {
    await this.#orders.withdraw(id);
    await this.#evaluate({ write: true });
  }

  async override(order: { subject: string; persona: string; source: string; ttl?: number }): Promise<Signal> {
    this.#requireSubject(order.subject);
    this.#requirePersona(order.persona, "persona");
    const at = this.#now();
    const ttl = order.ttl === undefined ? this.#home.policy.forcedFor : order.ttl * 1000;
    const [signal] = await this.submit([{ kind: "override", subject: order.subject, persona: order.persona, source: order.source, at, expiresAt: later(at, ttl) }]);
    return signal!;
  }
  async clearOverride(subject: string): Promise<void> {
    this.#requireSubject(subject);
    await this.submit([{ kind: "override", subject, persona: null, source: "owner" }]);
  }

  async apply(): Promise<readonly ApplyOutcome[]> {
    this.#released = false;
    await this.#o.store.setFact("released", null);
    for (const router of this.#routers) {
      router.retryNow();
      await router.open().catch(() => {});
    }
    const done = await this.#evaluate({ write: true, explicit: true });
    const rest = this.#routers.filter((r) => !done.some((o) => o.router === r.id) && r.previous);
    return [...done, ...(await Promise.all(rest.map((r) => r.bringTo(r.previous!, true))))];
  }
  rollback = (): Promise<readonly ApplyOutcome[]> => Promise.all(this.#routers.map((r) => r.rollback()));
  async release(): Promise<readonly ApplyOutcome[]> {
    this.#released = true;
    await this.#o.store.setFact("released", "yes");
    return Promise.all(this.#routers.map((r) => r.release()));
  }

  since = (sequence: number): readonly EngineEvent[] | undefined => this.#events.since(sequence);
  subscribe = (listener: (event: EngineEvent) => void): (() => void) => this.#events.subscribe(listener);

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#calendars.close();
    await Promise.all(this.#routers.map((r) => r.close()));
    await this.#o.store.close();
  }

  // ---- wiring ----

  #requireSubject(id: string, field = "subject"): void {
    const known = subjectsOf(this.#home).map((s) => s.id);
    if (!known.includes(id)) throw new BadInput(field, `"${id}" is no person and no ownerless device of this home; expected one of: ${known.join(", ")}`);
  }
  #requirePersona(id: string, field: string): void {
    if (!this.#shelf.personas.has(id)) throw new BadInput(field, `there is no persona "${id}"; known: ${[...this.#shelf.personas.keys()].join(", ")}`);
  }
  #openCalendars(): CalendarDesk {
    const { clock, secrets, folder, dataDir } = this.#o;
    return new CalendarDesk({
      calendars: this.#home.calendars,
      timeZone: this.#home.home.timeZone,
      conferenceHosts: [...this.#shelf.personas.values()].flatMap((p) => p.signs.calendar.conferenceHosts),
      folder,
      dataDir: join(dataDir, "calendars"),
      secrets,
      clock,
      log: this.#log,
      onChange: (status) => {
        this.#events.emit({ type: "calendar", data: status }, this.#now());
        if (this.#decisions) void this.#evaluate({ write: true }).catch((error) => this.#log.error(String(error)));
      },
    });
  }
  #openRouters(): RouterDesk[] {
    const { dataDir, store, secrets, resolver, clock } = this.#o;
    return this.#home.routers.map(
      (config) =>
        new RouterDesk({
          config, home: this.#home, applications: this.#shelf.applications, dataDir, store, secrets, resolver, clock, log: this.#log,
          onStatus: (status) => this.#events.emit({ type: "router", data: status }, this.#now()),
          onOutcome: (outcome) => this.#noteOutcome(outcome),
        }),
    );
  }
  #noteOutcome(outcome: ApplyOutcome): void {
    if (outcome.result === "unchanged") return;
    this.#events.emit({ type: "applied", data: outcome }, outcome.at);
    void this.#o.store.addOutcome(outcome).catch((error) => this.#log.error(String(error)));
    const plan = this.#plan;
    if (plan) plan.routers = [...plan.routers.filter((r) => r.router !== outcome.router), { router: outcome.router, mode: this.#routers.find((r) => r.id === outcome.router)!.status().mode, changes: outcome.changes, omissions: outcome.omissions }];
    const said = outcome.changes.length === 1 ? "1 change" : `${outcome.changes.length} changes`;
    this.#log[outcome.error ? "warn" : "info"](`router ${outcome.router}: ${outcome.result}, ${said}${outcome.error ? ` (${outcome.error.message})` : ""}`);
  }
}
