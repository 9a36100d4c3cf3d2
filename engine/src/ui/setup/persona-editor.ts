import type { PlanView } from "../../model/index.ts";
import { call } from "../connection.ts";
import type { DeskHost } from "./desk.ts";
import {
  BadField,
  type Demand,
  fieldsOf,
  inputName,
  inputOf,
  movedDemand,
  type Profile,
  type ProfileForm,
  profileWith,
} from "./profile.ts";
import { labelOf } from "./profile-form.ts";
import { type Actions, type OfferedPersona, Wrong } from "./state.ts";

/** Typing is let come to rest before anything is asked. */
const restMs = 300;

/** Changes the profile of one persona, and shows what would change before it is kept. */
export class PersonaEditor {
  readonly #host: DeskHost;
  #asked = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  constructor(host: DeskHost) {
    this.#host = host;
  }

  readonly actions: Actions = {
    "setup-adjust": ["personas", ({ persona }) => this.#begin(persona!)],
    "setup-leave-persona": ["profile", () => this.#leave()],
    "setup-keep-persona": ["profile", () => this.#keep()],
    "setup-reset-persona": ["profile", () => this.#reset()],
    "setup-show-changes": ["profile", () => this.#host.focusOn("changes")],
    "setup-add-demand": ["profile", () => this.#moveDemand(this.#classToAdd(), this.#classToAdd())],
    "setup-remove-demand": ["profile", (data) => this.#moveDemand(data.class!, null)],
  };

  /** Takes what was typed; false when it is not about a persona that is being changed. */
  hear(name: string, value: string): boolean {
    if (!this.#host.setup.adjusting) return false;
    const [, from] = /^demand-class\.(.+)$/.exec(name) ?? [];
    if (from) void this.#host.saying("profile", () => this.#moveDemand(from, value));
    else if (name === "what-if.who") void this.#host.saying("what-if", () => this.#compare());
    else if (name.startsWith(inputName(""))) {
      clearTimeout(this.#rest);
      this.#rest = setTimeout(() => void this.#host.saying("profile", () => this.#show()), restMs);
    }
    return true;
  }

  /** An error of the engine about a field of the profile, told by what the field is called here. */
  described(field: string, why: string): { text: string; field: string } | undefined {
    const { adjusting } = this.#host.setup;
    const names = [...document.querySelectorAll<HTMLInputElement>(`[name^="${inputName("")}"]`)].map((input) => input.name);
    const name = inputOf(field.replace(/^personas\.\d+\./, ""), names);
    if (!adjusting || !name) return undefined;
    const label = labelOf(this.#host.words(), adjusting.fields, name.slice(inputName("").length));
    return { text: this.#host.words().say("wrongField", { label, why }), field: name };
  }

  /** Shows the newest of several plans that are asked for one after the other. */
  async newest(ask: () => Promise<PlanView>): Promise<void> {
    const mine = ++this.#asked;
    const plan = await ask();
    if (mine === this.#asked) this.#host.setup.preview = plan;
  }

  get #adjusting() {
    return this.#host.setup.adjusting!;
  }
  #classToAdd(): string {
    const { fields, profile } = this.#adjusting;
    const order = fields.find((f) => f.widget === "demands")?.schema.propertyNames?.enum ?? [];
    const free = order.filter((name) => !(profile.qos!.demands as Record<string, Demand>)[name]);
    const chosen = this.#host.setup.answers["add-demand"];
    return free.find((name) => name === chosen) ?? free[0]!;
  }

  async #begin(id: string): Promise<void> {
    const { setup } = this.#host;
    const entry = setup.personas.find(({ persona }) => persona.id === id)!;
    const form = await call<ProfileForm>("GET", "v1/profile");
    this.#forget();
    const subjects = this.#subjectsOf(entry);
    setup.adjusting = { entry, form, fields: fieldsOf(form.schema), profile: entry.document.profile, subjects, before: null };
    setup.preview = null;
    this.#host.focusOn("adjust");
    await this.#compare();
  }
  #forget(): void {
    clearTimeout(this.#rest);
    const { answers } = this.#host.setup;
    for (const name of Object.keys(answers)) if (/^(profile\.|demand-class\.|add-demand$)/.test(name)) delete answers[name];
  }

  #subjectsOf({ persona: { appliesTo, deviceKinds } }: OfferedPersona): string[] {
    const { subjects = [], devices = [] } = this.#host.state() ?? {};
    const kindOf = (id: string) => devices.find(({ device }) => device === id)?.kind ?? "";
    return subjects
      .filter((s) => appliesTo === "any" || s.appliesTo === appliesTo)
      .filter((s) => s.appliesTo === "person" || deviceKinds.length === 0 || deviceKinds.includes(kindOf(s.subject)))
      .map((s) => s.subject);
  }

  #draft(): { profile: Profile; [field: string]: unknown } {
    const { entry, profile, fields } = this.#adjusting;
    try {
      return { ...entry.document, profile: profileWith(profile, fields, this.#host.setup.answers) };
    } catch (error) {
      if (!(error instanceof BadField)) throw error;
      const words = this.#host.words();
      const values = Object.fromEntries(Object.entries(error.values).map(([name, value]) => [name, words.plainNumber(value)]));
      throw new Wrong(words.say(error.reason, { label: labelOf(words, fields, error.path), ...values }), inputName(error.path));
    }
  }

  /** What is planned when it happens to whoever is chosen. */
  #plan(document?: object): Promise<PlanView> {
    const { entry, subjects } = this.#adjusting;
    const said = this.#host.setup.answers["what-if.who"];
    const who = subjects.find((subject) => subject === said) ?? subjects[0]!;
    return call<PlanView>("POST", "v1/plan", {
      distributions: { [who]: { [entry.persona.id]: 1 } },
      ...(document ? { personas: [document] } : {}),
    });
  }
  /** Asks anew for both: as it is kept, and as it would be. */
  async #compare(): Promise<void> {
    const adjusting = this.#adjusting;
    if (adjusting.subjects.length === 0) return;
    adjusting.before = await this.#plan();
    this.#host.redraw();
    if (this.#host.setup.adjusting === adjusting) await this.#show();
  }
  async #show(): Promise<void> {
    const { setup } = this.#host;
    if (!setup.adjusting) return;
    const draft = this.#draft();
    if (setup.problem?.form === "profile") setup.problem = null;
    if (setup.adjusting.subjects.length > 0) await this.newest(() => this.#plan(draft));
  }

  async #moveDemand(from: string, to: string | null): Promise<void> {
    const adjusting = this.#adjusting;
    const { answers } = this.#host.setup;
    const order = adjusting.fields.find((f) => f.widget === "demands")!.schema.propertyNames!.enum!;
    const demands = movedDemand(adjusting.profile.qos!.demands as Record<string, Demand>, order, from, to, answers);
    adjusting.profile = { ...adjusting.profile, qos: { ...adjusting.profile.qos, demands } };
    for (const name of [`demand-class.${from}`, `demand-class.${to}`, "add-demand"]) delete answers[name];
    this.#host.redraw();
    await this.#show();
  }

  async #keep(): Promise<void> {
    const { entry } = this.#adjusting;
    const draft = this.#draft();
    const folders = this.#host.setup.document?.personas as readonly string[] | undefined;
    if (!folders?.length) await this.#host.edit((home) => ({ ...home, personas: ["./personas"] }));
    await call("PUT", `v1/personas/${entry.persona.id}`, draft);
    await this.#kept();
  }
  async #reset(): Promise<void> {
    await call("DELETE", `v1/personas/${this.#adjusting.entry.persona.id}`);
    await this.#kept();
  }
  async #kept(): Promise<void> {
    this.#host.setup.personas = await call<OfferedPersona[]>("GET", "v1/personas");
    await this.#leave();
  }
  async #leave(): Promise<void> {
    const { setup } = this.#host;
    const { id } = this.#adjusting.entry.persona;
    this.#forget();
    setup.adjusting = null;
    setup.preview = null;
    this.#host.focusOn(`adjust-${id}`);
    await this.#host.preview();
  }
}
