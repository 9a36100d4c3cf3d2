import type { EngineState } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { input, problemOf, type StepView, submit } from "./form.ts";
import { justConnected } from "./router.ts";

/** How long the line is watched, s. */
export const measureFor = 20;

export function lineStep(view: StepView & { state: EngineState }): Markup {
  const { setup, words, state } = view;
  const { wan } = setup.document!;
  const value = (rate: string | number) => (wan.assumed ? "" : typeof rate === "number" ? words.rate(rate) : rate);
  const counts = state.routers.some((r) => r.capabilities?.counters);
  const { measuring, measured } = setup;
  return html`${justConnected(view)}<section class="card" data-key="line"><h3>${words.say("lineTitle")}</h3><p>${words.say("lineHow")}</p>
    <form data-do="setup-line">
      ${(["down", "up"] as const).map((way) => input(view, { form: "line", name: `line.${way}`, label: words.say(way === "down" ? "lineDown" : "lineUp"), value: value(wan[way]), placeholder: words.say("rateExample") }))}
      ${problemOf(view, "line")}<p class="actions">${submit(view, words.say("saveContinue"))}</p></form></section>
    ${
      counts &&
      html`<section class="card" data-key="measure"><h3>${words.say("measure")}</h3><p>${words.say("measureHow", { seconds: measureFor })}</p>
      <p class="actions"><button type="button" data-do="setup-measure" aria-disabled="${String(measuring !== null)}">${words.say("measure")}</button></p>
      ${measuring && html`<p>${words.say("measuring", { seconds: measuring.left, down: words.rate(measuring.down), up: words.rate(measuring.up) })}</p>`}
      <p role="status">${measured && !measuring && (measured.down < 1_000 ? words.say("measuredNothing") : words.say("measured", { down: words.rate(measured.down), up: words.rate(measured.up) }))}</p></section>`
    }`;
}
