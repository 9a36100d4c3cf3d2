import { html, type Markup, type Part } from "../html.ts";
import type { Words } from "../words.ts";
import type { Setup } from "./state.ts";

/** What a step is drawn from. */
export interface StepView {
  setup: Setup;
  words: Words;
}

interface Input {
  form: string;
  name: string;
  label: string;
  value?: string;
  type?: "text" | "password" | "url";
  placeholder?: string | undefined;
  hint?: string;
  /** Characters, at most. */
  most?: number;
}

const idOf = (form: string, name: string) => `${form}-${name.replace(/[^a-z0-9]+/gi, "-")}`;
const isWrong = ({ problem }: Setup, form: string, name: string) => problem?.form === form && problem.field === name;

/** A labelled input. What a password field holds never becomes markup. */
export function input({ setup }: StepView, { form, name, label, value, type = "text", placeholder, hint, most }: Input): Markup {
  const id = idOf(form, name);
  const held = type === "password" ? "" : html`value="${setup.answers[name] ?? value ?? ""}"`;
  const wrong = isWrong(setup, form, name);
  return html`<p class="field"><label for="${id}">${label}${hint && html` <small>${hint}</small>`}</label>
    <input id="${id}" name="${name}" type="${type}" ${held} autocomplete="${type === "password" ? "new-password" : "off"}" spellcheck="false" dir="auto" ${most && html`maxlength="${most}"`} placeholder="${placeholder ?? ""}" aria-invalid="${String(wrong)}" aria-describedby="${form}-problem"></p>`;
}

/** A labelled choice. */
export function choice(
  { setup }: StepView,
  { form, name, label, value, hint }: Omit<Input, "type">,
  options: readonly (readonly [string, string])[],
): Markup {
  const id = idOf(form, name);
  const chosen = setup.answers[name] ?? value ?? "";
  return html`<p class="field"><label for="${id}">${label}${hint && html` <small>${hint}</small>`}</label>
    <select id="${id}" name="${name}">${options.map(([key, text]) => html`<option value="${key}" ${key === chosen && html`selected`}>${text}</option>`)}</select></p>`;
}

/** A box to tick. */
export const tick = ({ setup }: StepView, name: string, label: Part, value = ""): Markup =>
  html`<p class="tick"><label><input name="${name}" type="checkbox" ${(setup.answers[name] ?? value) === "on" && html`checked`}> <span>${label}</span></label></p>`;

/** What is wrong with what a form was given; said aloud when it appears. */
export const problemOf = ({ setup }: StepView, form: string): Markup =>
  html`<p id="${form}-problem" class="problem" role="alert" dir="auto">${setup.problem?.form === form ? setup.problem.text : ""}</p>`;

/** The button that sends its form. */
export const submit = ({ setup, words }: StepView, text: string): Markup =>
  html`<button class="main" aria-disabled="${String(setup.busy)}">${setup.busy ? words.say("working") : text}</button>`;

/** On to the next step without saving anything; `main`: there is nothing to save. */
export const onward = ({ words }: StepView, main = false): Markup =>
  html`<button type="button" class="${main ? "main" : ""}" data-do="setup-next">${words.say(main ? "continue" : "skipStep")}</button>`;
