import { createHash } from "node:crypto";
import type { Clock } from "@network-personas/engine/driver";
import {
  type ApplyOutcome,
  BadInput,
  type Constraint,
  type Distribution,
  type EngineEvent,
  type HistoryEntry,
  Home,
  later,
  NotFound,
  neutralDevice,
  PersonasError,
  type PlanView,
  type Prediction,
  type Proposal,
  type RouterStatus,
  type Signal,
  type SubjectState,
  subjectsOf,
  type UpcomingEvent,
} from "@network-personas/engine/model";
import { baseProfile, everyday } from "@network-personas/personas";
import { loadPersonas, parsePersona, parseYaml } from "@network-personas/personas/load";
import type { EngineService, PersonaEntry } from "../../engine/src/runtime/port.ts";
import { admit } from "../../engine/src/signals/index.ts";

export const homeText = `version: 1
home: { id: demo, name: Demo home, timeZone: Europe/Berlin }
wan: { down: 100 Mbit/s, up: 20 Mbit/s } # measured in spring
people:
  - { id: alice, name: Alice, devices: [alice-laptop, alice-phone], calendars: [alice-work] }
  - { id: bob, name: Bob, devices: [bob-console] }
devices:
  - { id: alice-laptop, kind: laptop, macs: ["02:00:00:00:00:11"] }
  - { id: alice-phone, kind: phone, macs: ["02:00:00:00:00:12"] }
  - { id: bob-console, kind: console, macs: ["02:00:00:00:00:21"] }
  - { id: tv, kind: tv, macs: ["02:00:00:00:00:31"] }
personas: [./personas]
calendars:
  - { id: alice-work, ics: ./alice.ics }
  - { id: school, ics: ./school.ics }
routers:
  - { id: main, driver: virtual, mode: preview }
`;

type EventBody = EngineEvent extends infer T ? (T extends EngineEvent ? Omit<T, "sequence" | "at"> : never) : never;

/** An engine that keeps what it is told and decides by the simplest of rules: enough life for the API to be tried against. */
export interface FakeService extends EngineService {
  emit(body: EventBody): void;
  /** The next call of this operation rejects. */
  failNext(operation: "apply" | "clients" | "doctor", error: Error): void;
  listeners(): number;
}

const etagOf = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 16);

export async function fakeService({
  clock,
  start = 1000,
  held = 20,
}: {
  clock: Pick<Clock, "now">;
  start?: number;
  held?: number;
}): Promise<FakeService> {
  const { personas: builtIn, applications } = await loadPersonas();
  const own = new Map<string, PersonaEntry>();
  let text = homeText;
  let home = parseYaml(text, Home, "home.yaml");
  let sequence = start;
  let count = 0;
  const events: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  const signals: Signal[] = [];
  const constraints = new Map<string, Constraint>();
  const proposals = new Map<string, Proposal>();
  const outcomes: ApplyOutcome[] = [];
  const failures = new Map<string, Error>();

  const now = () => new Date(clock.now()).toISOString();
  const entries = (): PersonaEntry[] => [
    ...new Map([
      ...[...builtIn.values()].map((persona): [string, PersonaEntry] => [persona.id, { persona, origin: "built-in" }]),
      ...own,
    ]).values(),
  ];
  const personaMap = () => new Map(entries().map((e) => [e.persona.id, e.persona]));
  const emit = (body: EventBody) => {
    const event = { ...body, sequence: ++sequence, at: now() } as EngineEvent;
    events.push(event);
    if (events.length > held) events.shift();
    for (const listener of listeners) listener(event);
  };
  const fail = (operation: string) => {
    const error = failures.get(operation);
    failures.delete(operation);
    if (error) throw error;
  };
  const standing = () => signals.filter((s) => s.expiresAt > now());
  const overrideOf = (subject: string) => {
    const last = standing()
      .filter((s) => s.kind === "override" && s.subject === subject)
      .at(-1);
    return last?.kind === "override" && last.persona !== null ? last : undefined;
  };
  const predictionOf = (subject: string, at: string, horizon = 900_000): Prediction => {
    const evidence = standing().flatMap((s) =>
      s.kind === "evidence" && s.subject === subject
        ? Object.entries(s.logOdds).map(([persona, logOdds]) => ({ source: s.source, persona, logOdds, why: s.why }))
        : [],
    );
    const scores = new Map([[everyday, 1]]);
    for (const { persona, logOdds } of evidence) scores.set(persona, (scores.get(persona) ?? 0.2) * Math.exp(logOdds));
    const total = [...scores.values()].reduce((a, b) => a + b, 0);
    return {
      subject,
      at,
      horizon,
      distribution: Object.fromEntries([...scores].map(([id, s]) => [id, s / total])),
      evidence,
      scorer: "fake",
    };
  };
  const subjectState = (subject: ReturnType<typeof subjectsOf>[number]): SubjectState => {
    const override = overrideOf(subject.id);
    const { distribution, evidence } = predictionOf(subject.id, now());
    const likeliest = Object.entries(distribution).sort((a, b) => b[1] - a[1])[0]![0];
    return {
      subject: subject.id,
      name: subject.name,
      appliesTo: subject.appliesTo,
      home: true,
      evidence,
      active: override?.kind === "override" ? override.persona! : likeliest,
      decidedBy: override ? "override" : "prediction",
      until: override?.expiresAt ?? null,
      distribution: override?.kind === "override" ? { [override.persona!]: 1 } : distribution,
      next:
        subject.id === "alice"
          ? { persona: "remote-worker", at: later(now(), 3_600_000), probability: 0.8, why: 'calendar alice-work says "standup"' }
          : null,
    };
  };
  const planView = (): PlanView => ({
    plan: {
      version: 1,
      home: home.home.id,
      at: now(),
      lines: [{ wan: home.wan.id, shaper: { down: 95_000, up: 19_000 } }],
      devices: home.devices.map((d) =>
        neutralDevice(d.id, d.macs, {
          class: d.kind === "console" ? "interactive" : "default",
          dscp: 0,
          guarantee: { down: 1000, up: 500 },
        }),
      ),
    },
    reasons: home.devices.map((d) => ({
      device: d.id,
      field: "guarantee.down",
      value: "1 Mbit/s",
      rule: "demands",
      because: `${d.id} needs it`,
      from: [{ persona: everyday, probability: 1, value: "1 Mbit/s" }],
    })),
    refusals: [{ subject: "bob", device: "bob-console", what: "50 Mbit/s down", because: "the line is full" }],
    routers: [
      {
        router: "main",
        mode: "preview",
        changes: [{ action: "set", target: "np-shaper", before: null, after: "95 Mbit/s", summary: "Shape the line to 95 Mbit/s" }],
        omissions: [],
      },
    ],
  });
  const routerStatus = (): RouterStatus => ({
    router: "main",
    driver: "virtual",
    mode: "preview",
    reachable: true,
    identity: { vendor: "Virtual", model: "One", firmware: "1.0" },
    capabilities: null,
    foreign: [],
    lastOutcome: outcomes.at(-1) ?? null,
    error: null,
  });
  const outcome = (result: ApplyOutcome["result"]): ApplyOutcome => {
    const done: ApplyOutcome = { router: "main", at: now(), result, changes: planView().routers[0]!.changes, omissions: [], took: 12 };
    outcomes.push(done);
    emit({ type: "applied", data: done });
    return done;
  };
  const requireSubject = (id: string) => {
    if (!subjectsOf(home).some((s) => s.id === id)) throw new BadInput("subject", `there is no "${id}"`);
  };
  const submit: EngineService["submit"] = async (inputs) => {
    const kept = inputs.map((input) => admit(input, { home, personas: personaMap(), at: now(), id: `s-${++count}` }));
    for (const signal of kept) {
      signals.push(signal);
      if (signal.kind === "presence" && home.devices.some((d) => d.id === signal.subject))
        emit({ type: "presence", data: { device: signal.subject, present: signal.present } });
      const subject = subjectsOf(home).find((s) => s.id === signal.subject);
      if (subject && signal.kind !== "presence") emit({ type: "subject", data: subjectState(subject) });
    }
    return kept;
  };

  return {
    homeId: home.home.id,
    emit,
    failNext: (operation, error) => void failures.set(operation, error),
    listeners: () => listeners.size,
    state: () => ({
      home: { id: home.home.id, name: home.home.name, timeZone: home.home.timeZone },
      at: now(),
      sequence,
      control: home.policy.control,
      subjects: subjectsOf(home).map(subjectState),
      devices: home.devices.map(({ id, name, kind }) => ({
        device: id,
        name: name ?? id,
        kind,
        owner: home.people.find((person) => person.devices.includes(id))?.id ?? null,
      })),
      plan: planView(),
      today: {
        from: now(),
        subjects: subjectsOf(home).map((s) => ({ subject: s.id, known: 0, right: null, stretches: [] })),
        corrections: subjectsOf(home).map((s) => ({
          subject: s.id,
          at: now(),
          since: now(),
          expected: everyday,
          really: "gamer",
          probability: 0.2,
          source: "router:main/traffic",
          why: "game",
        })),
      },
      routers: [routerStatus()],
      calendars: home.calendars.map((c) => ({ calendar: c.id, status: "ok" as const, fetchedAt: now(), events: 3, problems: [] })),
      hold: null,
      problems: ["calendar school: could not be read for a day"],
    }),
    setup: {
      drivers: async () => [{ driver: "virtual", name: "Virtual router", questions: [], prepare: { en: "Nothing.", de: "Nichts." } }],
      find: async () => [{ driver: "openwrt", url: "http://192.168.1.1" }],
      tryRouter: async () => ({ ready: false, identity: null, undoneBy: null, findings: [] }),
      tryCalendar: async () => ({
        status: { calendar: "new", status: "failed" as const, fetchedAt: null, events: 0, problems: ["cannot be read"] },
        events: [],
      }),
      keepSecret: async (name) => ({ file: `secrets/${name}` }),
      forgetSecret: async () => {},
    },
    home: () => ({ home, text, etag: etagOf(text) }),
    async putHome(next, etag) {
      if (etag !== undefined && etag !== etagOf(text))
        throw new PersonasError("conflict", "the home was changed meanwhile; read it again and repeat the edit");
      home = parseYaml(next, Home, "home.yaml");
      text = next;
      emit({ type: "home", data: { reason: "bob's console was renamed" } });
      return { home, text, etag: etagOf(text) };
    },
    personas: entries,
    applications: () => [...applications.values()],
    async putPersona(id, next) {
      const entry = { persona: parsePersona(next, `${id}.yaml`), origin: `personas/${id}.yaml` };
      own.set(id, entry);
      return entry;
    },
    async deletePersona(id) {
      own.delete(id);
    },
    async clients() {
      fail("clients");
      return [
        {
          router: "main",
          clients: [
            {
              mac: "02:00:00:00:00:11",
              device: "alice-laptop",
              hostname: "alices-mac",
              addresses: ["192.168.1.10"],
              connected: true,
              randomised: true,
            },
          ],
        },
      ];
    },
    predictions: () => subjectsOf(home).map((s) => predictionOf(s.id, now())),
    predict: async ({ subject, at = now(), horizon }) =>
      subjectsOf(home)
        .filter((s) => subject === undefined || s.id === subject)
        .map((s) => predictionOf(s.id, at, horizon)),
    blend: ({ subject, distribution }) => ({
      subject,
      profile: baseProfile,
      distribution: distribution as Distribution,
      deviceKinds: ["laptop"],
      overridden: false,
      explanation: [{ path: "qos.weight", rule: "geometric", value: "1", from: [{ persona: everyday, probability: 1, value: "1" }] }],
    }),
    plan: async ({ at }) => ({ ...planView(), plan: { ...planView().plan, at: at ?? now() } }),
    currentPlan: planView,
    calibration: async () => ({ days: 28, subjects: subjectsOf(home).map(({ id }) => ({ subject: id, windows: 0, measured: null })) }),
    async history({ subject, limit = 200 }) {
      const all: HistoryEntry[] = [
        ...subjectsOf(home).map(
          (s): HistoryEntry => ({
            kind: "prediction",
            subject: s.id,
            at: now(),
            horizon: 15 * 60_000,
            distribution: predictionOf(s.id, now()).distribution,
          }),
        ),
        {
          kind: "label",
          subject: "alice",
          from: later(now(), -600_000),
          to: now(),
          persona: "remote-worker",
          weight: 1,
          source: "override",
        },
        ...outcomes.map((o): HistoryEntry => ({ kind: "applied", at: o.at, outcome: o })),
      ];
      return all.filter((e) => subject === undefined || e.kind === "applied" || e.subject === subject).slice(0, limit);
    },
    routers: () => [routerStatus()],
    async doctor() {
      fail("doctor");
      return [{ area: "router main", check: "login", status: "ok", message: "logged in", remedy: "" }];
    },
    async testRollback(router) {
      if (router !== "main") throw new NotFound("router", router);
      return [{ area: "router main", check: "way back", status: "ok", message: "taken back", remedy: "" }];
    },
    async upcoming({ subject }) {
      const event: UpcomingEvent = {
        id: "1@example",
        calendar: "alice-work",
        uid: "1@example",
        subjects: ["alice", "bob"],
        summary: "Standup",
        categories: [],
        busy: "busy",
        status: "confirmed",
        recurring: false,
        start: later(now(), 3_600_000),
        end: later(now(), 5_400_000),
        allDay: false,
        meanings: [{ persona: "remote-worker", strength: 0.8, matched: "standup" }],
      };
      const school = {
        ...event,
        calendar: "school",
        id: "2@example",
        uid: "2@example",
        subjects: ["bob"],
        summary: "Parents' evening",
        meanings: [],
      };
      return [event, school].filter((e) => subject === undefined || e.subjects.includes(subject));
    },
    submit,
    constraints: () => [...constraints.values()],
    async constrain(input) {
      requireSubject(input.subject);
      const constraint = { ...input, id: input.id ?? `c-${++count}` } as Constraint;
      constraints.set(constraint.id, constraint);
      return constraint;
    },
    async removeConstraint(id) {
      if (!constraints.delete(id)) throw new NotFound("constraint", id);
    },
    proposals: () => [...proposals.values()],
    async propose(input) {
      const proposal: Proposal = { ...input, id: `p-${++count}`, at: now(), expiresAt: later(now(), input.ttl * 1000) };
      proposals.set(proposal.id, proposal);
      return { proposal, outcomes: [outcome("previewed")] };
    },
    async withdraw(id) {
      if (!proposals.delete(id)) throw new NotFound("proposal", id);
    },
    async override({ subject, persona, source, ttl = 3600 }) {
      const [signal] = await submit([{ kind: "override", subject, persona, source, expiresAt: later(now(), ttl * 1000) }]);
      return signal!;
    },
    async clearOverride(subject) {
      await submit([{ kind: "override", subject, persona: null, source: "owner" }]);
    },
    async apply() {
      fail("apply");
      return [outcome("previewed")];
    },
    rollback: async () => [outcome("rolled-back")],
    release: async () => [outcome("confirmed")],
    pause: async (forMs) => ({ why: "paused", until: later(now(), forMs), text: "paused by hand" }),
    async forget({ subject }) {
      if (subject !== undefined) requireSubject(subject);
    },
    export: async () => ({ format: "network-personas-export", version: 1, exportedAt: now(), home: text, personas: {}, memory: {} }),
    async previewImport({ exportedAt }) {
      const content = { people: [], devices: 0, calendars: [], routers: [], personas: [], records: 0, since: null };
      const { id, name } = home.home;
      return { exportedAt: new Date(exportedAt).toISOString(), contains: { id, name, ...content }, replaces: null, warnings: [] };
    },
    import: async () => ({ kept: "before-import-0.json" }),
    since: (from) => {
      const oldest = sequence - events.length;
      return from < oldest || from > sequence ? undefined : events.slice(from - oldest);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {},
  };
}
