import { networkInterfaces } from "node:os";
import type { Application, PersonaSet } from "@network-personas/personas";
import { parsePersona, unknownApplications } from "@network-personas/personas/load";
import { blend } from "../blend/index.ts";
import { checkConstraints } from "../compose/index.ts";
import { serialQueue } from "../driver/index.ts";
import {
  type ApplyOutcome,
  BadInput,
  type BlendedProfile,
  type CalibrationReport,
  type Constraint,
  type Distribution,
  type DoctorFinding,
  type EngineEvent,
  type EngineState,
  type HistoryEntry,
  type HoldState,
  type ImportPreview,
  type ImportResult,
  type Instant,
  later,
  mayBePredicted,
  NotFound,
  type PlanView,
  type Prediction,
  type Proposal,
  type RouterClients,
  type RouterStatus,
  type Signal,
  type SignalInput,
  subjectsOf,
  type UpcomingEvent,
} from "../model/index.ts";
import { isRandomised, makerOf, mayBe } from "../observe/index.ts";
import { admit, continued } from "../signals/index.ts";
import { checkedExport, contentOf, importWarnings, ownPersonaFiles } from "./backup.ts";
import { calibrationOf } from "./calibration-of.ts";
import { boundsOfDay } from "./day-book.ts";
import { doctor, rollbackFindings } from "./doctor.ts";
import { type HomeExport, homeExport } from "./home-export.ts";
import type { HomeFile } from "./home-file.ts";
import { defaultHorizon, Household, type HouseholdOptions } from "./household.ts";
import { idealCapabilities } from "./ideal-router.ts";
import { type Decision, decide, type PipelineInput, planFor, predictSubject } from "./pipeline.ts";
import { planView } from "./plan-view.ts";
import type { EngineService, ForgetInput, Forgetting, PersonaEntry, PlanQuestion, UpcomingInput } from "./port.ts";
import { keepable } from "./privacy.ts";
import { replaceHome } from "./replace-home.ts";
import { describe, untold } from "./router-desk.ts";
import { SetupDesk } from "./setup/setup-desk.ts";
import { upcomingEvents } from "./upcoming.ts";

export interface EngineOptions extends HouseholdOptions {
  /** Writes the home and returns what is now in force; absent where the home has no file. */
  saveHome?(text: string, etag?: string): Promise<HomeFile>;
}

/** A running home as it can be asked and told: checks what it is given and leaves the work to the household. */
export class Engine implements EngineService {
  readonly #o: EngineOptions;
  readonly #household: Household;
  readonly setup: SetupDesk;
  /** Edits of the home, one after the other. */
  readonly #edits = serialQueue();
  #count = 0;
  /** Routers on which the last undo failed. */
  #notUndone: ReadonlySet<string> = new Set();

  private constructor(options: EngineOptions, household: Household) {
    this.#o = options;
    this.#household = household;
    household.submit = (signals) => this.submit(signals);
    const { folder, dataDir, resolver, secrets, clock, log } = options;
    this.setup = new SetupDesk({
      folder,
      dataDir,
      resolver,
      secrets,
      clock,
      log,
      home: () => household.home,
      applications: () => household.shelf.applications,
      personas: () => household.personas,
      onSecret: () => this.#edits(() => household.reload(household.file)),
    });
  }
  /** Opens the home; nothing happens by itself until `run`. */
  static async open(options: EngineOptions): Promise<Engine> {
    return new Engine(options, await Household.open(options));
  }
  run = (): void => this.#household.run();
  step = (): Promise<void> => this.#household.step();
  /** Resolves when nothing is on its way to a router. */
  settled = (): Promise<void> => this.#household.settled();
  close = (): Promise<void> => this.#household.close();

  get homeId(): string {
    return this.#home.home.id;
  }
  get #home() {
    return this.#household.home;
  }
  get personaSet(): PersonaSet {
    return this.#household.personas;
  }
  /** What is decided for everybody now. */
  decisions = (): readonly Decision[] => [...this.#household.decisions.subjects.values()];

  // ---- asked ----

  state(): EngineState {
    const { home, policy } = this.#home;
    const household = this.#household;
    const problems = household.problems();
    return {
      home: { id: home.id, name: home.name, timeZone: home.timeZone, ...(household.file.isNew ? { isNew: true } : {}) },
      at: household.now(),
      sequence: household.events.sequence,
      control: policy.control,
      subjects: household.subjectStates(),
      devices: this.#home.devices.map(({ id, name, kind }) => ({
        device: id,
        name: name ?? id,
        kind,
        owner: this.#home.people.find((person) => person.devices.includes(id))?.id ?? null,
      })),
      plan: household.plan,
      routers: [...this.routers()],
      calendars: household.calendars.statuses(),
      ...(household.traffic.activities ? { activities: [...household.traffic.activities] } : {}),
      ...(household.traffic.line ? { line: household.traffic.line } : {}),
      today: household.today(),
      hold: household.hold.state,
      problems: problems.map(({ text }) => text),
      problemsSaid: problems.map(({ said }) => said),
    };
  }

  home = (): HomeFile => this.#household.file;
  async putHome(text: string, etag?: string): Promise<HomeFile> {
    const { saveHome } = this.#o;
    if (!saveHome) throw new BadInput("", "this home has no file to write to");
    return this.#edits(async () => {
      await this.#household.reload(await saveHome(text, etag));
      return this.#household.file;
    });
  }

  personas = (): readonly PersonaEntry[] => this.#household.shelf.entries();
  applications = (): readonly Application[] => [...this.#household.shelf.applications.values()];
  async putPersona(id: string, text: string): Promise<PersonaEntry> {
    const entry = await this.#household.shelf.put(parsePersona(text, `${id}.yaml`), text);
    await this.#household.evaluate({ write: true });
    return entry;
  }
  async deletePersona(id: string): Promise<void> {
    await this.#household.shelf.remove(id);
    await this.#household.evaluate({ write: true });
  }

  async clients(): Promise<readonly RouterClients[]> {
    const owner = new Map(this.#home.devices.flatMap((d) => d.macs.map((mac) => [mac, d.id] as const)));
    const own = new Set(Object.values(networkInterfaces()).flatMap((list) => list?.map((i) => i.mac) ?? []));
    const doing = (device: string | undefined) => {
      const activity = this.#household.traffic.activities?.find((a) => a.device === device);
      return activity ? { doing: activity } : {};
    };
    return Promise.all(
      this.#household.routers.map(async (router): Promise<RouterClients> => {
        try {
          const clients = (await router.clients()) ?? [];
          const { firstSeen, asked } = await this.#household.clients.known.note(keepable(clients, this.#home), this.#household.now());
          const carried = (await router.counters().catch(() => undefined))?.devices;
          return {
            router: router.id,
            clients: clients.map((c) => ({
              mac: c.mac,
              device: owner.get(c.mac) ?? null,
              hostname: c.hostname ?? null,
              addresses: [...(c.ipv4 ? [c.ipv4] : []), ...(c.ipv6 ?? [])],
              connected: c.connected,
              randomised: isRandomised(c.mac),
              ...(c.dhcpFingerprint ? { dhcpFingerprint: c.dhcpFingerprint, maybe: mayBe(c, clients, asked, this.#home) } : {}),
              ...(makerOf(c.mac) ? { maker: makerOf(c.mac)! } : {}),
              ...(own.has(c.mac) ? { thisMachine: true } : {}),
              ...(firstSeen.has(c.mac) ? { firstSeen: firstSeen.get(c.mac)! } : {}),
              ...(carried?.has(c.mac) ? { carried: carried.get(c.mac)! } : {}),
              ...doing(owner.get(c.mac)),
            })),
          };
        } catch (error) {
          return { router: router.id, clients: [], ...untold(describe(error, this.#o.secrets)) };
        }
      }),
    );
  }

  predictions = (): readonly Prediction[] => [...this.#household.decisions.subjects.values()].map((d) => d.prediction);
  async predict(query: { subject?: string; at?: Instant; horizon?: number; starting?: boolean }): Promise<readonly Prediction[]> {
    const input = await this.#inputAt(query.at, {
      horizon: query.horizon ?? defaultHorizon,
      ...(query.starting ? { starting: true } : {}),
    });
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
      personas: this.#household.shelf.personas,
      confidenceFloor: this.#home.policy.confidenceFloor,
      overridden: false,
      atStart: true,
    });
  }
  async plan(query: PlanQuestion): Promise<PlanView> {
    for (const subject of Object.keys(query.distributions ?? {})) this.#requireSubject(subject, `distributions.${subject}`);
    // What is in force holds back what is predicted for a while. What is assumed is asked about as it would be after that.
    const assumes = query.distributions !== undefined || query.personas !== undefined || query.predicted !== undefined;
    const input = await this.#inputAt(query.at, {
      ...(query.distributions ? { distributions: query.distributions } : {}),
      ...(assumes ? { before: new Map() } : {}),
      ...this.#personasAs(query),
    });
    const decisions = decide(input);
    const composed = this.#household.routers.map((router) => ({
      router,
      result: planFor(input, decisions, router.capabilities(), assumes ? null : router.previous),
    }));
    const routers = await Promise.all(
      composed.map(async ({ router, result: { plan, omissions } }) => {
        const preview = await router.preview(plan);
        // The driver knows better what becomes of a wish than its capabilities say beforehand.
        const said = new Set(preview.omissions.map((o) => `${o.field} ${o.device}`));
        return { ...preview, omissions: [...omissions.filter((o) => !said.has(`${o.field} ${o.device}`)), ...preview.omissions] };
      }),
    );
    return planView(composed[0]?.result ?? planFor(input, decisions, idealCapabilities, null), routers);
  }
  currentPlan = (): PlanView | null => this.#household.plan;
  history = (query: Parameters<EngineService["history"]>[0]): Promise<readonly HistoryEntry[]> =>
    this.#o.store.history({ ...query, limit: query.limit ?? 200 });
  calibration = (): Promise<CalibrationReport> => calibrationOf(this.#o.store, this.#home, this.#household.now());
  routers = (): readonly RouterStatus[] => this.#household.routers.map((r) => r.status());
  doctor = (): Promise<readonly DoctorFinding[]> =>
    doctor({
      home: this.#home,
      shelf: this.#household.shelf,
      routers: this.#household.routers,
      calendars: this.#household.calendars,
      clock: this.#o.clock,
      secrets: this.#o.secrets,
    });

  async testRollback(id: string): Promise<readonly DoctorFinding[]> {
    const router = this.#household.routers.find((r) => r.id === id);
    if (!router) throw new NotFound("router", id);
    return rollbackFindings(router, this.#o.secrets);
  }

  async upcoming({ subject, hours = 24, from = this.#household.now() }: UpcomingInput = {}): Promise<readonly UpcomingEvent[]> {
    if (subject !== undefined) this.#requireSubject(subject);
    // Instants are compared as text.
    if (!/^[1-8]\d{3}-/.test(from)) throw new BadInput("from", `"${from}" is no year a calendar has`);
    const to = later(from, hours * 3_600_000);
    const occurrences = await this.#household.calendars.between(from, to);
    return upcomingEvents(this.#household.input(this.#household.now(), { occurrences }), {
      ...(subject === undefined ? {} : { subject }),
      from,
      to,
    });
  }

  // ---- what the API tells ----

  async submit(inputs: readonly SignalInput[]): Promise<readonly Signal[]> {
    const at = this.#household.now();
    const signals = inputs.map((input, i) => {
      const context = {
        home: this.#home,
        personas: this.#household.shelf.personas,
        at,
        // Of what came in the same millisecond the later counts, told by the order of these as text.
        id: `${this.#o.clock.now().toString(36)}-${(this.#count++).toString(36).padStart(7, "0")}`,
      };
      try {
        return admit(input, context);
      } catch (error) {
        if (error instanceof BadInput && inputs.length > 1) throw new BadInput(`${i}.${error.field ?? ""}`, error.message);
        throw error;
      }
    });
    const { belief } = this.#household.decisions;
    const kept = signals.map((signal) => continued(signal, belief));
    await this.#household.keep(kept);
    this.#household.accept(kept);
    return signals;
  }

  constraints = (): readonly Constraint[] => this.#household.orders.constraints(this.#household.now());
  async constrain(input: Parameters<EngineService["constrain"]>[0]): Promise<Constraint> {
    this.#requireSubject(input.subject);
    const at = this.#household.now();
    const others = this.#household.orders.constraints(at).filter((c) => c.id !== input.id);
    checkConstraints([...others, { ...input, id: input.id ?? "new" }], at);
    const constraint = await this.#household.orders.constrain(input, input.id);
    await this.#household.evaluate({ write: true });
    return constraint;
  }
  async removeConstraint(id: string): Promise<void> {
    await this.#household.orders.removeConstraint(id);
    await this.#household.evaluate({ write: true });
  }
  proposals = (): readonly Proposal[] => this.#household.orders.proposals(this.#household.now());
  async propose(input: Parameters<EngineService["propose"]>[0]): Promise<{ proposal: Proposal; outcomes: readonly ApplyOutcome[] }> {
    this.#requireSubject(input.subject);
    for (const persona of Object.keys(input.distribution ?? {})) this.#requirePersona(persona, `distribution.${persona}`);
    const proposal = await this.#household.orders.propose(input, this.#household.now());
    return { proposal, outcomes: await this.#household.evaluate({ write: true }) };
  }
  async withdraw(id: string): Promise<void> {
    await this.#household.orders.withdraw(id);
    await this.#household.evaluate({ write: true });
  }

  async override(order: { subject: string; persona: string; source: string; ttl?: number }): Promise<Signal> {
    this.#requireSubject(order.subject);
    this.#requirePersona(order.persona, "persona");
    const at = this.#household.now();
    const ttl = order.ttl === undefined ? this.#home.policy.forcedFor : order.ttl * 1000;
    const [signal] = await this.submit([
      { kind: "override", subject: order.subject, persona: order.persona, source: order.source, at, expiresAt: later(at, ttl) },
    ]);
    return signal!;
  }
  async clearOverride(subject: string): Promise<void> {
    this.#requireSubject(subject);
    await this.submit([{ kind: "override", subject, persona: null, source: "owner" }]);
  }

  async apply(): Promise<readonly ApplyOutcome[]> {
    await this.#household.hold.ended();
    for (const router of this.#household.routers) {
      router.retryNow();
      await router.open().catch(() => {});
    }
    return this.#household.evaluate({ write: true, explicit: true });
  }
  async rollback(): Promise<readonly ApplyOutcome[]> {
    const { hold, routers } = this.#household;
    // Where it failed on some of them, asking once more is for these: else the others would go the other way again.
    const left = hold.holds ? routers.filter(({ id }) => this.#notUndone.has(id)) : [];
    const [isRetry, wasUndone] = [left.length > 0, hold.state?.why === "undone"];
    const why = wasUndone === isRetry ? "undone" : "paused";
    const outcomes = await hold.rolledBack(why, () => Promise.all((isRetry ? left : routers).map((r) => r.rollback())));
    const failed = outcomes.filter(({ error }) => error && error.code !== "no-previous-plan");
    this.#notUndone = new Set(failed.map(({ router }) => router));
    return outcomes;
  }
  async pause(forMs: number): Promise<HoldState> {
    await this.#household.hold.paused(forMs);
    for (const router of this.#household.routers) router.leaveAsItIs();
    return this.#household.hold.state!;
  }
  async forget({ day, ...span }: ForgetInput): Promise<void> {
    if (day !== undefined && (span.from !== undefined || span.to !== undefined))
      throw new BadInput("day", "stands for `from` and `to`; give either");
    const what: Forgetting = day === undefined ? span : { ...span, ...boundsOfDay(day, this.#home.home.timeZone) };
    // Who lives here no more may be forgotten as long as anything is kept of them.
    if (what.subject !== undefined && !(await this.#o.store.knows(what.subject))) this.#requireSubject(what.subject);
    if (what.subject === undefined && what.from === undefined && what.to === undefined)
      throw new BadInput("subject", "name whose history is to be forgotten, or from when to when");
    if (what.from !== undefined && what.to !== undefined && what.from >= what.to)
      throw new BadInput("from", `${what.from} is not before ${what.to}, so it is no stretch of time`);
    await this.#household.forget(what);
  }
  export = async (): Promise<HomeExport> => {
    const { file } = this.#household;
    const kept = { memory: await this.#o.store.dump(), personas: await ownPersonaFiles(this.#o.folder, file.home) };
    return homeExport(file.text, kept, new Date(this.#o.clock.now()));
  };
  async previewImport(backup: HomeExport): Promise<ImportPreview> {
    const next = this.#importable(backup);
    const { file } = this.#household;
    return {
      exportedAt: new Date(backup.exportedAt).toISOString(),
      contains: contentOf(next, backup),
      replaces: file.isNew ? null : contentOf(file, await this.export()),
      warnings: await importWarnings(next.home, file.isNew ? null : file.home, this.#o.secrets),
    };
  }
  import(backup: HomeExport): Promise<ImportResult> {
    this.#importable(backup);
    const { store, folder, dataDir, saveHome, clock } = this.#o;
    if (!saveHome) throw new BadInput("", "this home has no file to write to");
    return this.#edits(async () => {
      const before = await this.export();
      const from = this.#home.home.id;
      let kept = "";
      await this.#household.restore(async () => {
        const place = { folder, dataDir, store, save: saveHome };
        const done = await replaceHome(place, { before, from, by: backup, at: clock.now() });
        kept = done.kept;
        return done.file;
      });
      return { kept };
    });
  }
  /** @throws BadInput when it is damaged, or of another home */
  #importable(backup: HomeExport): HomeFile {
    const next = checkedExport(backup);
    const [theirs, ours] = [next.home.home.id, this.#home.home.id];
    if (theirs !== ours && !this.#household.file.isNew)
      throw new BadInput(
        "home",
        `is of the home "${theirs}", and this engine runs "${ours}"; stop it and run: network-personas import FILE --home home.yaml`,
      );
    return next;
  }
  async release({ untilStart = false } = {}): Promise<readonly ApplyOutcome[]> {
    await this.#household.hold.released(untilStart);
    return Promise.all(this.#household.routers.map((r) => r.release()));
  }

  since = (sequence: number): readonly EngineEvent[] | undefined => this.#household.events.since(sequence);
  subscribe = (listener: (event: EngineEvent) => void): (() => void) => this.#household.events.subscribe(listener);

  /** The personas as they would be. */
  #personasAs({ personas = [], predicted }: PlanQuestion): Pick<PipelineInput, "known" | "personas"> {
    const { shelf } = this.#household;
    for (const persona of personas) for (const problem of unknownApplications(persona, shelf.applications)) throw problem;
    const known = new Map([...shelf.personas, ...personas.map((persona) => [persona.id, persona] as const)]);
    const policy = predicted ? { ...this.#home.policy, personas: [...predicted] } : this.#home.policy;
    return { known, personas: new Map([...known].filter(([id]) => mayBePredicted(policy, id))) };
  }
  /** What a question about another time than now depends on. */
  async #inputAt(at: Instant = this.#household.now(), extra: Partial<PipelineInput> = {}): Promise<PipelineInput> {
    return this.#household.input(at, { occurrences: await this.#household.calendars.around(at), ...extra });
  }
  #requireSubject(id: string, field = "subject"): void {
    const known = subjectsOf(this.#home).map((s) => s.id);
    if (!known.includes(id))
      throw new BadInput(field, `"${id}" is no person and no ownerless device of this home; expected one of: ${known.join(", ")}`);
  }
  #requirePersona(id: string, field: string): void {
    if (!this.#household.shelf.personas.has(id))
      throw new BadInput(field, `there is no persona "${id}"; known: ${[...this.#household.shelf.personas.keys()].join(", ")}`);
  }
}
