import type { PlanView } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { promisesOf } from "../pages/network.ts";
import { diff } from "../view.ts";
import type { StepView } from "./form.ts";

type DevicePlan = PlanView["plan"]["devices"][number];
const text = (view: StepView, device: DevicePlan) => [view.words.trafficClass(device.class), ...promisesOf(view.words, device)].join(" · ");

/** The devices that would get something else than before, in words. */
export function whatIsDone(view: StepView, preview: PlanView, before: PlanView | null) {
  const was = new Map(before?.plan.devices.map((d) => [d.device, text(view, d)]));
  return preview.plan.devices
    .map((d) => ({ device: d.device, before: was.get(d.device), after: text(view, d) }))
    .filter((d) => d.before !== d.after);
}

/** Whether something does not fit that fitted before. */
export function isRefusedAnew({ refusals }: PlanView, before: PlanView | null): boolean {
  const known = new Set(before?.refusals.map((r) => `${r.what}: ${r.because}`));
  return refusals.some((r) => !known.has(`${r.what}: ${r.because}`));
}

/** Who would get something else than before, what each router would be told for it, and what does not fit. */
export function previewOf(view: StepView, preview: PlanView, before: PlanView | null): Markup {
  const { words, setup } = view;
  const nameOf = (id: string) => setup.document?.devices?.find((d) => d.id === id)?.name ?? id;
  const changed = whatIsDone(view, preview, before);
  const asked = setup.step === "personas" && (setup.adjusting !== null || Boolean(setup.answers["what-if.what"]));
  return html`${asked && changed.length === 0 && !isRefusedAnew(preview, before) && html`<p>${words.say(setup.adjusting ? "adjustSame" : "whatIfSame")}</p>`}${changed.length > 0 && html`<ul class="changed list">${changed.map((d) => html`<li><strong dir="auto">${nameOf(d.device)}</strong> ${setup.adjusting && d.before ? words.say("gets", { after: d.after, before: d.before }) : d.after}</li>`)}</ul>`}
    ${preview.routers.map(
      ({ router, changes, error, errorSaid }) =>
        html`${error && html`<p class="problem">${words.trouble(errorSaid, error)}</p>`}${changes.length === 0 ? !error && html`<p>${words.say("wouldNothing", { router })}</p>` : html`<p>${words.say(setup.adjusting ? "wouldChangeNow" : "wouldChange", { router })}</p>${diff(words, changes)}`}`,
    )}
    ${preview.refusals.length > 0 && html`<h4>${words.say("refused")}</h4><ul>${preview.refusals.map((r) => html`<li>${words.reason(r.said?.what, r.what)}: ${words.reason(r.said?.because, r.because)}</li>`)}</ul>`}`;
}
