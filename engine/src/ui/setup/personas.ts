import type { EngineState, PlanView } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { promisesOf } from "../pages/network.ts";
import { diff, type View } from "../view.ts";
import { choice, problemOf, type StepView, submit, tick } from "./form.ts";

export function personasStep(view: StepView & { state: EngineState }): Markup {
  const { setup, words, state } = view;
  const people = state.subjects.filter((s) => s.appliesTo === "person");
  const activities = setup.personas.filter((p) => p.persona.appliesTo === "person");
  return html`<section class="card" data-key="choose"><h3>${words.say("personasTitle")}</h3><p>${words.say("personasHow")}</p>
    <form data-do="setup-personas">${setup.personas
      .filter(({ persona }) => persona.id !== "everyday")
      .map(({ persona, predicted }) =>
        tick(
          view,
          `persona.${persona.id}`,
          html`<strong>${persona.name}</strong> <span lang="en">${persona.description}</span>`,
          predicted ? "on" : "",
        ),
      )}
    ${problemOf(view, "personas")}<p class="actions">${submit(view, words.say("saveContinue"))}</p></form></section>
    <section class="card" data-key="what-if"><h3>${words.say("whatIf")}</h3>
    ${
      people.length > 0 &&
      html`<div class="fields">${choice(
        view,
        { form: "what-if", name: "what-if.who", label: words.say("whatIfWho"), value: people[0]!.subject },
        people.map((p) => [p.subject, p.name]),
      )}
      ${choice(view, { form: "what-if", name: "what-if.what", label: words.say("whatIfWhat") }, [["", words.say("asItIs")], ...activities.map(({ persona }) => [persona.id, persona.name] as const)])}</div>`
    }
    ${problemOf(view, "what-if")}<div aria-live="polite">${setup.preview ? previewOf(view, setup.preview) : html`<p>${words.say("loading")}</p>`}</div></section>`;
}

/** Who would get something else than now, what each router would be told for it, and what does not fit. */
export function previewOf(view: StepView & Pick<View, "state">, preview: PlanView): Markup {
  const { words, state, setup } = view;
  const nameOf = (id: string) => setup.document?.devices?.find((d) => d.id === id)?.name ?? id;
  const text = (device: PlanView["plan"]["devices"][number]) => [device.class, ...promisesOf(words, device)].join(" · ");
  const before = new Map(state.plan?.plan.devices.map((d) => [d.device, text(d)]));
  const changed = preview.plan.devices.filter((d) => before.get(d.device) !== text(d));
  const asked = setup.step === "personas" && Boolean(setup.answers["what-if.what"]);
  return html`${asked && changed.length === 0 && html`<p>${words.say("whatIfSame")}</p>`}${changed.length > 0 && html`<ul class="changed list">${changed.map((d) => html`<li><strong dir="auto">${nameOf(d.device)}</strong> ${text(d)}</li>`)}</ul>`}
    ${preview.routers.map(
      ({ router, changes, error }) =>
        html`${error && html`<p class="problem" lang="en">${error}</p>`}${changes.length === 0 ? !error && html`<p>${words.say("wouldNothing", { router })}</p>` : html`<p>${words.say("wouldChange", { router })}</p>${diff(words, changes)}`}`,
    )}
    ${preview.refusals.length > 0 && html`<h4>${words.say("refused")}</h4><ul>${preview.refusals.map((r) => html`<li>${words.reason(r.said?.what, r.what)}: ${words.reason(r.said?.because, r.because)}</li>`)}</ul>`}`;
}
