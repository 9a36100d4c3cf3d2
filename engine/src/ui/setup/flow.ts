import type {
  ApplyOutcome,
  CalendarTrial,
  DoctorFinding,
  DriverOffer,
  EngineState,
  FoundRouter,
  PlanView,
  RouterClients,
  RouterTrial,
} from "../../model/index.ts";
import { ApiRefusal, call, frame } from "../connection.ts";
import type { Key, Words } from "../words.ts";
import { BackupDesk, backupInput } from "./backup.ts";
import { meaningName } from "./calendars.ts";
import { assignmentOf, seen } from "./devices.ts";
import {
  type CalendarEntry,
  type HomeDocument,
  idOf,
  inZone,
  newPerson,
  type RouterEntry,
  rateText,
  withCalendar,
  withDevices,
  withLine,
  withMode,
  withoutCalendar,
  withPeople,
  withPersonas,
  withRouter,
} from "./edits.ts";
import { measure } from "./measure.ts";
import { PersonaEditor } from "./persona-editor.ts";
import { type Actions, newSetup, type OfferedPersona, type Setup, steps, Wrong } from "./state.ts";

/** What the flow needs of the page around it. */
export interface FlowHost {
  words(): Words;
  state(): EngineState | undefined;
  redraw(): void;
  /** Asks for the home anew: an edit is in force. */
  refresh(): Promise<void>;
  /** What went wrong outside any form: a token that is not valid any more. */
  told(error: unknown): void;
}

/** Leads through setting a home up: keeps what was typed, asks the engine, and edits the home one step at a time. */
export class SetupFlow {
  readonly setup: Setup = newSetup();
  readonly #host: FlowHost;
  readonly #editor: PersonaEditor;
  readonly #backups: BackupDesk;

  constructor(host: FlowHost) {
    this.#host = host;
    this.#editor = new PersonaEditor({
      setup: this.setup,
      words: host.words,
      state: host.state,
      redraw: host.redraw,
      edit: (change) => this.#edit(change),
      saying: (form, work) => this.#saying(form, work),
      focusOn: (id) => this.#focusOn(id),
      left: () => this.#preview(),
    });
    this.#backups = new BackupDesk({
      setup: this.setup,
      words: host.words,
      replaced: async () => {
        const { step, allowed, document, drivers, personas } = this.setup;
        Object.assign(this.setup, { ...newSetup(), step, allowed, document, drivers, personas, busy: true });
        await this.#read({ anew: true });
        await host.refresh();
      },
    });
    this.#actions = { ...this.#ownActions, ...this.#editor.actions, ...this.#backups.actions };
  }

  /** Shows a step, with what it needs to know. */
  async enter(name: string | undefined): Promise<void> {
    const { setup } = this;
    setup.step = steps.find((step) => step === name) ?? "router";
    setup.problem = null;
    setup.adjusting = null;
    this.#host.redraw();
    await this.#saying("step", async () => {
      await this.#read();
      this.#host.redraw();
      if (setup.step === "devices" && !setup.clients) await this.#askClients();
      if (setup.step === "personas" || setup.step === "live") await this.#preview();
      if (setup.step === "live") setup.findings = await call<DoctorFinding[]>("GET", "v1/doctor");
    });
  }

  /** Takes what was typed or chosen. */
  hear(name: string, value: string): void {
    const { setup } = this;
    setup.answers[name] = value;
    if (this.#editor.hear(name, value)) return;
    if (/^(what-if|persona)\./.test(name)) void this.#saying("what-if", () => this.#preview());
  }

  /** Takes a file that was chosen. */
  take(file: File): void {
    void this.#do("backup", () => this.#backups.look(file));
  }

  /** Carries out what a button or a form stands for. False when it is not ours. */
  act(what: string, data: DOMStringMap): boolean {
    const action = this.#actions[what];
    if (!action) return false;
    const [form, work] = action;
    if (!this.setup.busy) void this.#do(form, () => work(data));
    return true;
  }

  readonly #actions: Actions;
  readonly #ownActions: Actions = {
    "setup-next": ["next", () => this.#go(1)],
    "setup-find": ["find", () => this.#find(this.#answer("address"))],
    "setup-find-near": ["find", () => this.#find(undefined)],
    "setup-choose": ["find", ({ driver, url }) => this.#choose(driver!, url)],
    "setup-change": ["router", () => this.#change()],
    "setup-router": ["router", () => this.#tryRouter()],
    "setup-keep-router": ["router", () => this.#keepRouter()],
    "setup-line": ["line", () => this.#saveLine()],
    "setup-measure": ["line", () => measure(this.setup, this.#host.redraw)],
    "setup-person": ["person", () => this.#addPerson()],
    "setup-remove-person": ["person", ({ person }) => this.#removePerson(person!)],
    "setup-clients": ["devices", () => this.#askClients()],
    "setup-devices": ["devices", () => this.#saveDevices()],
    "setup-calendar": ["calendar", () => this.#tryCalendar()],
    "setup-add-calendar": ["add-calendar", () => this.#addCalendar()],
    "setup-remove-calendar": ["calendar", ({ calendar }) => this.#edit((home) => withoutCalendar(home, calendar!))],
    "setup-personas": ["personas", () => this.#savePersonas()],
    "setup-live": ["live", () => this.#goLive()],
    "setup-back-to-preview": ["live", () => this.#backToPreview()],
  };

  #answer = (name: string): string => (this.setup.answers[name] ?? "").trim();
  #say = (key: Key, values?: Record<string, string | number>): string => this.#host.words().say(key, values);

  /** Does what a person asked for; nothing else is begun meanwhile. */
  async #do(form: string, work: () => unknown): Promise<void> {
    const { setup } = this;
    setup.busy = true;
    setup.problem = null;
    this.#host.redraw();
    await this.#saying(form, async () => {
      try {
        await work();
      } finally {
        setup.busy = false;
      }
    });
    const { field } = this.setup.problem ?? {};
    const wrong = field && document.querySelector<HTMLElement>(`[name="${CSS.escape(field)}"]`);
    if (!wrong) return;
    for (let folded = wrong.closest("details"); folded; folded = folded.parentElement!.closest("details")) folded.open = true;
    wrong.focus();
  }

  /** Does something that may go wrong, and says at `form` what did. */
  async #saying(form: string, work: () => Promise<unknown>): Promise<void> {
    const { setup } = this;
    try {
      await work();
    } catch (error) {
      const status = error instanceof ApiRefusal ? error.status : 0;
      if (status === 401 && !frame) return this.#host.told(error);
      if ((status === 401 || status === 403) && !setup.document) setup.allowed = false;
      else setup.problem = { form, ...this.#described(error, form) };
    } finally {
      this.#host.redraw();
    }
  }

  #described(error: unknown, form: string): { text: string; field?: string | undefined } {
    if (error instanceof Wrong) return { text: error.message, field: error.field };
    if (!(error instanceof ApiRefusal)) {
      // A browser tells a connection that failed by a TypeError; anything else is a fault of this page.
      if (!(error instanceof TypeError)) console.error(error);
      return { text: this.#say("noAnswer") };
    }
    const { message, field } = error;
    const text = field && message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message;
    if (form === "backup") return { text: this.#say("failed", { why: message }), field: backupInput };
    const inputs: Readonly<Record<string, string>> = {
      address: "address",
      ics: "calendar.address",
      "caldav.url": "calendar.address",
      "caldav.username": "calendar.username",
      "caldav.password": "calendar.password",
    };
    const adjusted = field === undefined ? undefined : this.#editor.described(field, text);
    if (adjusted) return adjusted;
    const named = field && (inputs[field] ?? (this.setup.driver ? `router.${field.replace(/^(router|secrets)\./, "")}` : undefined));
    return { text: named ? text : message, ...(named ? { field: named } : {}) };
  }

  #go(by: number): void {
    const next = steps[steps.indexOf(this.setup.step) + by];
    if (next) location.hash = `#/setup/${next}`;
  }

  async #read({ anew = !this.setup.document } = {}): Promise<void> {
    const { setup } = this;
    const { document } = await call<{ document: HomeDocument }>("GET", "v1/home");
    if (anew) {
      setup.drivers = await call<DriverOffer[]>("GET", "v1/drivers");
      setup.personas = await call<OfferedPersona[]>("GET", "v1/personas");
      setup.people = document.people ?? [];
    }
    setup.document = document;
    setup.allowed = true;
  }

  /** Edits the home as it is now. Nothing is written when nothing changes: after an edit the engine looks at everything anew. */
  async #edit(change: (home: HomeDocument) => HomeDocument): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const before = await call<{ document: HomeDocument; etag: string }>("GET", "v1/home");
      const isNew = this.#host.state()?.home.isNew === true;
      const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
      const after = change(isNew && zone ? inZone(before.document, zone) : before.document);
      try {
        if (isNew || JSON.stringify(after) !== JSON.stringify(before.document))
          await call("PUT", "v1/home", after, { "if-match": `"${before.etag}"` });
        this.setup.document = after;
        return await this.#host.refresh();
      } catch (error) {
        // Somebody else edited it in the same moment.
        if (!(error instanceof ApiRefusal && error.status === 409 && attempt < 3)) throw error;
      }
    }
  }

  // ---- the router ----

  async #find(address: string | undefined): Promise<void> {
    const { setup } = this;
    if (address === "") throw new Wrong(this.#say("missingAnswer", { label: this.#say("address") }), "address");
    setup.found = null;
    setup.found = await call<FoundRouter[]>("POST", "v1/setup/find", address === undefined ? {} : { address });
    const [only, another] = setup.found;
    if (only && !another) this.#choose(only.driver, only.url);
    else if (address !== undefined) setup.answers["router.url"] = /^[a-z]+:\/\//i.test(address) ? address : `http://${address}`;
  }

  #choose(driver: string, url?: string): void {
    const { setup } = this;
    setup.driver = driver;
    setup.trial = null;
    if (url) setup.answers["router.url"] = url;
    this.#focusOn("login");
  }

  /** The login of the router there is, to be changed. */
  #change(): void {
    const { setup } = this;
    const [router] = setup.document?.routers ?? [];
    if (!router) return;
    for (const { field, secret } of this.#questions(router.driver))
      if (!secret && typeof router[field] === "string") setup.answers[`router.${field}`] ??= router[field];
    this.#choose(router.driver);
  }

  #questions = (driver: string) => this.setup.drivers.find((d) => d.driver === driver)?.questions ?? [];

  /** The router's entry from what was answered; what is secret is apart. @throws Wrong for what is missing */
  #entry(): { router: RouterEntry; secrets: Record<string, string> } {
    const { setup } = this;
    const driver = setup.driver!;
    const [present] = setup.document?.routers ?? [];
    const same = present?.driver === driver ? present : undefined;
    const router: RouterEntry = { ...same, id: present?.id ?? "main", driver, mode: same?.mode ?? "preview" };
    const secrets: Record<string, string> = {};
    for (const { field, label, required, secret, suggestion } of this.#questions(driver)) {
      const typed = setup.answers[`router.${field}`]?.trim() ?? (field === "username" ? suggestion : undefined);
      if (typed) (secret ? secrets : router)[field] = typed;
      else if (!secret) delete router[field];
      if (required && !typed && !(secret && same?.[field]))
        throw new Wrong(this.#say("missingAnswer", { label: label[this.#host.words().language] }), `router.${field}`);
    }
    return { router, secrets };
  }

  async #tryRouter(): Promise<void> {
    const { setup } = this;
    const { router, secrets } = this.#entry();
    setup.trial = null;
    this.#host.redraw();
    setup.trial = await call<RouterTrial>("POST", "v1/setup/router", { router, secrets });
    if (setup.trial.ready) await this.#keepRouter();
  }

  async #keepRouter(): Promise<void> {
    const { setup } = this;
    const { router, secrets } = this.#entry();
    for (const [field, value] of Object.entries(secrets)) {
      const name = `router-${router.id}-${field.toLowerCase()}`;
      router[field] = (await call<{ reference: object }>("PUT", `v1/secrets/${name}`, { value })).reference;
    }
    await this.#edit((home) => withRouter(home, router));
    setup.driver = null;
    setup.clients = null;
    for (const field of Object.keys(secrets)) delete setup.answers[`router.${field}`];
    this.#focusOn("connected");
  }

  // ---- the line ----

  async #saveLine(): Promise<void> {
    const wan = this.setup.document!.wan;
    const isFirst = this.#host.state()?.home.isNew === true || this.setup.answers["line.down"] !== undefined;
    const rate = (way: "down" | "up"): string => {
      const typed = this.setup.answers[`line.${way}`] ?? (isFirst ? "" : String(wan[way]));
      const text = rateText(typed);
      if (!text) throw new Wrong(this.#say("badRate", { label: this.#say(way === "down" ? "lineDown" : "lineUp") }), `line.${way}`);
      return text;
    };
    const [down, up] = [rate("down"), rate("up")];
    await this.#edit((home) => withLine(home, down, up));
    this.#go(1);
  }

  // ---- people and devices ----

  #addPerson(): void {
    const { setup } = this;
    const name = this.#answer("person.name");
    if (name === "") throw new Wrong(this.#say("needName"), "person.name");
    if (setup.people.some((p) => (p.name ?? p.id).toLowerCase() === name.toLowerCase()))
      throw new Wrong(this.#say("sameName", { name }), "person.name");
    setup.people = [...setup.people, newPerson(name, setup.document!, setup.people)];
    setup.answers["person.name"] = "";
  }

  #removePerson(id: string): void {
    const { setup } = this;
    setup.people = setup.people.filter((p) => p.id !== id);
    for (const [name, value] of Object.entries(setup.answers))
      if (name.startsWith("device.") && name.endsWith(".owner") && value === id) delete setup.answers[name];
  }

  async #askClients(): Promise<void> {
    this.setup.clients = await call<RouterClients[]>("GET", "v1/clients");
  }

  async #saveDevices(): Promise<void> {
    const { setup } = this;
    // A name that was typed and not added is meant all the same.
    if (this.#answer("person.name") !== "") this.#addPerson();
    const assignments = seen(setup).map((client) => assignmentOf(setup, client));
    await this.#edit((home) => withDevices(withPeople(home, setup.people), assignments));
    setup.people = setup.document?.people ?? [];
    await this.#askClients();
    this.#go(1);
  }

  // ---- calendars ----

  #calendar(): { ics?: string; caldav?: { url: string; username: string; password: string } } {
    const address = this.#answer("calendar.address");
    const [username, password] = [this.#answer("calendar.username"), this.setup.answers["calendar.password"] ?? ""];
    if (address === "") throw new Wrong(this.#say("needAddress"), "calendar.address");
    if ((username === "") !== (password === ""))
      throw new Wrong(this.#say("needLogin"), username === "" ? "calendar.username" : "calendar.password");
    return username === "" ? { ics: address } : { caldav: { url: address, username, password } };
  }

  /** What the titles of the shown events mean where it was said otherwise. */
  #meanings(): { text: string; persona?: string; away?: boolean }[] {
    const { calendar, answers } = this.setup;
    const corrected = new Map<string, { text: string; persona?: string; away?: boolean }>();
    for (const { summary: text, meanings } of calendar?.events ?? []) {
      const said = answers[meaningName(text)];
      if (said === undefined || text === "" || said === (meanings[0]?.persona ?? "")) continue;
      corrected.set(text, said === "away" ? { text, away: true } : { text, persona: said || "everyday" });
    }
    return [...corrected.values()];
  }

  async #tryCalendar(): Promise<void> {
    const { setup } = this;
    const calendar = this.#calendar();
    setup.calendar = null;
    this.#host.redraw();
    setup.calendar = await call<CalendarTrial>("POST", "v1/setup/calendar", calendar);
    this.#focusOn("events");
  }

  async #addCalendar(): Promise<void> {
    const { setup } = this;
    const { ics, caldav } = this.#calendar();
    const owner = setup.answers["calendar.owner"] ?? setup.document?.people?.[0]?.id ?? "";
    const name = setup.calendar?.events[0]?.calendarName;
    const taken = new Set((setup.document?.calendars ?? []).map(({ id }) => id));
    const id = idOf(name ?? (owner ? `${owner} calendar` : "calendar"), taken, "calendar");
    const keep = async (value: string) => (await call<{ reference: object }>("PUT", `v1/secrets/calendar-${id}`, { value })).reference;
    const meanings = this.#meanings();
    const entry: CalendarEntry = {
      id,
      ...(name ? { name } : {}),
      // Whoever knows the address can read the calendar; a path says nothing.
      ...(ics === undefined ? {} : { ics: /:\/\//.test(ics) ? await keep(ics) : ics }),
      ...(caldav ? { caldav: { ...caldav, password: await keep(caldav.password) } } : {}),
      ...(meanings.length > 0 ? { meanings } : {}),
    };
    await this.#edit((home) => withCalendar(home, entry, owner));
    setup.calendar = null;
    for (const answer of Object.keys(setup.answers)) if (/^(calendar|meaning)\./.test(answer)) delete setup.answers[answer];
    for (const input of document.querySelectorAll<HTMLInputElement>('input[name^="calendar."]')) input.value = "";
  }

  // ---- personas ----

  async #preview(): Promise<void> {
    const { setup } = this;
    const [who, what] = [this.#answer("what-if.who") || this.#host.state()?.subjects[0]?.subject, this.#answer("what-if.what")];
    const distributions = setup.step === "personas" && who && what ? { [who]: { [what]: 1 } } : undefined;
    const chosenAnew = setup.step === "personas" && setup.personas.some((p) => this.#isTicked(p) !== p.predicted);
    const query = { ...(distributions ? { distributions } : {}), ...(chosenAnew ? { predicted: this.#chosenPersonas() } : {}) };
    await this.#editor.newest(() => call<PlanView>("POST", "v1/plan", query));
  }

  #isTicked = ({ persona, predicted }: OfferedPersona): boolean =>
    (this.setup.answers[`persona.${persona.id}`] ?? (predicted ? "on" : "")) === "on";
  #chosenPersonas(): string[] {
    const chosen = this.setup.personas.filter(this.#isTicked).map(({ persona }) => persona.id);
    return [...new Set(["everyday", ...chosen])];
  }

  async #savePersonas(): Promise<void> {
    const { personas } = this.setup;
    const ids = this.#chosenPersonas();
    await this.#edit((home) => withPersonas(home, ids.length === personas.length ? null : ids));
    this.setup.personas = await call<OfferedPersona[]>("GET", "v1/personas");
    this.#go(1);
  }

  // ---- live ----

  async #goLive(): Promise<void> {
    const { setup } = this;
    if (setup.answers["live.understood"] !== "on") throw new Wrong(this.#say("needUnderstood"), "live.understood");
    setup.findings = await call<DoctorFinding[]>("GET", "v1/doctor");
    if (setup.findings.some((f) => f.status === "failed" && f.area.startsWith("router"))) throw new Wrong(this.#say("stillWrong"));
    const { at } = await call<EngineState>("GET", "v1/state");
    await this.#edit((home) => withMode(home, "live"));
    const { routers } = await call<EngineState>("GET", "v1/state");
    const done = routers.flatMap((r) => (r.lastOutcome && r.lastOutcome.at >= at ? [r.lastOutcome] : []));
    setup.outcomes = done.length === routers.length ? done : await call<ApplyOutcome[]>("POST", "v1/apply");
    const failed = setup.outcomes.find((o) => o.result === "failed" || o.result === "rolled-back");
    if (failed) {
      // Nobody is there to see it tried again and again.
      setup.outcomes = null;
      await this.#edit((home) => withMode(home, "preview"));
      throw new Wrong(this.#say("liveFailed", { why: failed.error?.message ?? "" }));
    }
    setup.answers["live.understood"] = "";
    await this.#host.refresh();
    this.#focusOn("is-live");
  }

  async #backToPreview(): Promise<void> {
    if (!confirm(this.#say("releaseSure"))) return;
    const outcomes = await call<ApplyOutcome[]>("POST", "v1/release");
    const failed = outcomes.find((o) => o.result === "failed");
    if (failed) throw new Wrong(this.#say("failed", { why: failed.error?.message ?? "" }));
    await this.#edit((home) => withMode(home, "preview"));
    this.setup.outcomes = null;
    await this.#preview();
  }

  /** Moves the focus to what came of an action, once it is drawn. */
  #focusOn(id: string): void {
    setTimeout(() => document.getElementById(id)?.focus());
  }
}
