import type { DoctorFinding, DriverOffer, EngineState, PlanView } from "../../model/index.ts";
import { ApiRefusal, call, frame } from "../connection.ts";
import type { Key, Words } from "../words.ts";
import { BackupDesk, backupInput } from "./backup.ts";
import { CalendarsDesk } from "./calendars-desk.ts";
import { answered, type DeskHost } from "./desk.ts";
import { DevicesDesk } from "./devices-desk.ts";
import { type HomeDocument, ofTheirs, rateText, withLine, withPersonas } from "./edits.ts";
import { LiveDesk } from "./live-desk.ts";
import { measure } from "./measure.ts";
import { PersonaEditor } from "./persona-editor.ts";
import { RouterDesk } from "./router-desk.ts";
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
  readonly #router: RouterDesk;
  readonly #devices: DevicesDesk;
  readonly #editor: PersonaEditor;
  readonly #backups: BackupDesk;
  readonly #actions: Actions;
  /** What is to have the focus as soon as it is there. */
  #focusNext: string | undefined;

  constructor(host: FlowHost) {
    this.#host = host;
    const desk: DeskHost = {
      ...host,
      setup: this.setup,
      edit: (change) => this.#edit(change),
      saying: (form, work) => this.#saying(form, work),
      preview: () => this.#preview(),
      onward: () => this.#onward(),
      focusOn: (id) => {
        this.#focusNext = id;
        setTimeout(this.#focus);
      },
    };
    this.#router = new RouterDesk(desk);
    this.#devices = new DevicesDesk(desk);
    this.#editor = new PersonaEditor(desk);
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
    const desks = [this.#router, this.#devices, new CalendarsDesk(desk), this.#editor, new LiveDesk(desk), this.#backups];
    this.#actions = Object.assign({}, this.#ownActions, ...desks.map(({ actions }) => actions));
  }

  /** Shows a step, with what it needs to know. */
  async enter(name: string | undefined): Promise<void> {
    const { setup } = this;
    setup.step = steps.find((step) => step === name) ?? "router";
    setup.problem = null;
    setup.adjusting = null;
    this.#focusNext = undefined;
    this.#host.redraw();
    await this.#saying("step", async () => {
      await this.#read();
      this.#host.redraw();
      // It may take a while, and nobody waits for it.
      if (setup.step === "router") void this.#saying("find", () => this.#router.lookAround());
      if (setup.step === "devices" && !setup.clients) await this.#devices.ask();
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

  readonly #ownActions: Actions = {
    "setup-next": ["next", () => this.#onward()],
    "setup-line": ["line", () => this.#saveLine()],
    "setup-measure": ["line", () => measure(this.setup, this.#host.redraw)],
    "setup-personas": ["personas", () => this.#savePersonas()],
  };

  #focus = (): void => {
    const there = this.#focusNext && document.getElementById(this.#focusNext);
    if (!there) return;
    this.#focusNext = undefined;
    there.focus();
  };

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
      this.#focus();
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
    const meaningHere = error.said?.key === "error-bad-input" ? { key: "error-bad-backup", with: {} } : error.said;
    if (form === "backup")
      return { text: this.#say("failed", { why: this.#host.words().troubleText(meaningHere, message) }), field: backupInput };
    const inputs: Readonly<Record<string, string>> = {
      address: "address",
      ics: "calendar.address",
      "caldav.url": "calendar.address",
      "caldav.username": "calendar.username",
      "caldav.password": "calendar.password",
    };
    const adjusted = field === undefined ? undefined : this.#editor.described(field, this.#host.words().troubleText(error.said, text));
    if (adjusted) return adjusted;
    const named = field && (inputs[field] ?? (this.setup.driver ? `router.${field.replace(/^(router|secrets)\./, "")}` : undefined));
    const told = this.#host.words().troubleText(error.said, named ? text : message);
    return { text: `${told.charAt(0).toUpperCase()}${told.slice(1)}`, ...(named ? { field: named } : {}) };
  }

  #onward(): void {
    const next = steps[steps.indexOf(this.setup.step) + 1];
    if (next) location.hash = `#/setup/${next}`;
  }

  async #read({ anew = !this.setup.document } = {}): Promise<void> {
    const { setup } = this;
    const { document } = await call<{ document: HomeDocument }>("GET", "v1/home");
    if (anew) {
      setup.drivers = await call<DriverOffer[]>("GET", "v1/drivers");
      setup.personas = await call<OfferedPersona[]>("GET", "v1/personas");
    }
    if (anew || setup.people === setup.peopleBefore) setup.people = setup.peopleBefore = document.people ?? [];
    setup.document = document;
    setup.allowed = true;
  }

  /** Edits the home as it is now. Nothing is written when nothing changes: after an edit the engine looks at everything anew. */
  async #edit(change: (home: HomeDocument) => HomeDocument): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const before = await call<{ document: HomeDocument; etag: string }>("GET", "v1/home");
      const isNew = this.#host.state()?.home.isNew === true;
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      const after = change(isNew ? ofTheirs(before.document, { name: this.#say("newHome"), timeZone }) : before.document);
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

  // ---- the line ----

  async #saveLine(): Promise<void> {
    const wan = this.setup.document!.wan;
    const rate = (way: "down" | "up"): string => {
      const typed = this.setup.answers[`line.${way}`] ?? (wan.assumed ? "" : String(wan[way]));
      const text = rateText(typed);
      if (!text) throw new Wrong(this.#say("badRate", { label: this.#say(way === "down" ? "lineDown" : "lineUp") }), `line.${way}`);
      return text;
    };
    const [down, up] = [rate("down"), rate("up")];
    await this.#edit((home) => withLine(home, down, up));
    this.#onward();
  }

  // ---- personas ----

  async #preview(): Promise<void> {
    const { setup } = this;
    const who = answered(setup, "what-if.who") || this.#host.state()?.subjects[0]?.subject;
    const what = answered(setup, "what-if.what");
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
    // Somebody else may have chosen meanwhile: only what was ticked here counts from here.
    const personas = await call<OfferedPersona[]>("GET", "v1/personas");
    this.setup.personas = personas;
    const ids = this.#chosenPersonas();
    await this.#edit((home) => withPersonas(home, ids.length === personas.length ? null : ids));
    this.setup.personas = await call<OfferedPersona[]>("GET", "v1/personas");
    this.#onward();
  }
}
