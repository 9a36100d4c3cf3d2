import { html, type Markup } from "../html.ts";
import { backupCard } from "../setup/backup.ts";
import { calendarsStep } from "../setup/calendars.ts";
import { devicesStep } from "../setup/devices.ts";
import { problemOf } from "../setup/form.ts";
import { lineStep } from "../setup/line.ts";
import { liveStep } from "../setup/live.ts";
import { personasStep } from "../setup/personas.ts";
import { routerStep } from "../setup/router.ts";
import { type Step, steps } from "../setup/state.ts";
import type { Page, View } from "../view.ts";

const bodies: Readonly<Record<Step, (view: View & { setup: NonNullable<View["setup"]> }) => Markup>> = {
  router: routerStep,
  line: lineStep,
  devices: devicesStep,
  calendars: calendarsStep,
  personas: personasStep,
  live: liveStep,
};

/** A home set up by looking and choosing, one step after the other. */
export const setup: Page = (view) => {
  const { setup, words } = view;
  if (!setup || setup.allowed === null) return html`<p>${words.say("loading")}</p>`;
  if (!setup.allowed) return html`<p class="problem">${words.say("onlyOwner")}</p>`;
  const at = steps.indexOf(setup.step);
  return html`<ol class="steps" aria-label="${words.say("steps")}">${steps.map((step, i) => html`<li><a href="#/setup/${step}" ${step === setup.step && html`aria-current="step"`}><span aria-hidden="true">${i + 1}</span> <span class="name">${words.say(`step-${step}`)}</span></a></li>`)}</ol>
    <div data-key="${setup.step}"><h2 tabindex="-1" id="step">${words.say(`step-${setup.step}`)} <small>${words.say("stepOf", { step: at + 1, of: steps.length })}</small></h2>
    ${problemOf({ setup, words }, "step")}
    ${bodies[setup.step]({ ...view, setup })}</div>${backupCard({ setup, words })}`;
};
