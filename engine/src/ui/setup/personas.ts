import type { EngineState } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { choice, problemOf, type StepView, submit, tick } from "./form.ts";
import { previewOf } from "./preview.ts";
import { adjustStep } from "./profile-form.ts";

export function personasStep(view: StepView & { state: EngineState }): Markup {
  const { setup, words, state } = view;
  if (setup.adjusting) return adjustStep(view, setup.adjusting);
  const people = state.subjects.filter((s) => s.appliesTo === "person");
  const activities = setup.personas.filter((p) => p.persona.appliesTo === "person");
  return html`<section class="card" data-key="choose"><h3>${words.say("personasTitle")}</h3><p>${words.say("personasHow")}</p>
    <form data-do="setup-personas"><ul class="offered">${setup.personas
      .filter(({ persona }) => persona.id !== "everyday")
      .map(
        ({ persona, predicted, origin }) =>
          html`<li data-key="${persona.id}">${tick(
            view,
            `persona.${persona.id}`,
            html`<strong>${words.persona(persona)}</strong> ${words.aboutPersona(persona)}${origin !== "built-in" && html` <span class="pill">${words.say("isOwn")}</span>`}`,
            predicted ? "on" : "",
          )}<button type="button" id="adjust-${persona.id}" data-do="setup-adjust" data-persona="${persona.id}" aria-label="${words.say("adjustPersona", { name: words.persona(persona) })}">${words.say("adjust")}</button></li>`,
      )}</ul>
    ${problemOf(view, "personas")}<p class="actions">${submit(view, words.say("saveContinue"))}</p></form></section>
    <section class="card" data-key="what-if"><h3>${words.say("whatIf")}</h3>
    ${
      people.length > 0 &&
      html`<div class="fields">${choice(
        view,
        { form: "what-if", name: "what-if.who", label: words.say("whatIfWho"), value: people[0]!.subject },
        people.map((p) => [p.subject, p.name]),
      )}
      ${choice(view, { form: "what-if", name: "what-if.what", label: words.say("whatIfWhat") }, [["", words.say("asItIs")], ...activities.map(({ persona }) => [persona.id, words.persona(persona)] as const)])}</div>`
    }
    ${problemOf(view, "what-if")}<div aria-live="polite">${setup.preview ? previewOf(view, setup.preview, state.plan) : html`<p>${words.say("loading")}</p>`}</div></section>`;
}
