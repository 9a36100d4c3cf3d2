import type { EngineState } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { diff, resultOf } from "../view.ts";
import { problemOf, type StepView, submit } from "./form.ts";
import { previewOf } from "./preview.ts";
import { findings } from "./router.ts";

export function liveStep(view: StepView & { state: EngineState }): Markup {
  const { setup, words, state } = view;
  const { routers } = state;
  if (routers.length === 0)
    return html`<section class="card"><p>${words.say("noRouterYet")} <a href="#/setup/router">${words.say("toRouter")}</a></p></section>`;
  if (routers.every((r) => r.mode === "live")) return isLive(view);
  const wrong = (setup.findings ?? []).filter((f) => f.status === "failed");
  const undoneBy = routers.some((r) => r.capabilities?.rollback === "engine") ? "riskEngine" : "riskRouter";
  return html`<section class="card" data-key="preview"><h3>${words.say("liveTitle")}</h3><p>${words.say("livePreview")}</p>
    ${setup.preview ? previewOf(view, setup.preview, state.plan) : html`<p>${words.say("loading")}</p>`}</section>
    <section class="card" data-key="risk"><h3>${words.say("liveRisk")}</h3>
    <ul>${(["riskTag", undoneBy, "riskPath", "riskSlow", "riskUndo"] as const).map((key) => html`<li>${words.say(key)}</li>`)}</ul></section>
    <section class="card" data-key="go">${wrong.length > 0 && html`<p class="problem">${words.say("stillWrong")}</p>${findings(view, wrong)}`}
    <form data-do="setup-live">${problemOf(view, "live")}
    <p class="actions">${submit(view, words.say("goLive"))}</p></form></section>`;
}

function isLive(view: StepView & { state: EngineState }): Markup {
  const { setup, words, state } = view;
  const outcomes = setup.outcomes ?? state.routers.flatMap((r) => r.lastOutcome ?? []);
  return html`<section class="card" data-key="live"><h3 tabindex="-1" id="is-live">${words.say("isLive")}</h3>
    ${outcomes.map((o) => html`<p>${o.router}: ${resultOf(words, o)}</p>${diff(words, o.changes)}`)}
    ${problemOf(view, "live")}
    <p class="actions"><a class="button main" href="#/now">${words.say("toNow")}</a><button type="button" data-do="rollback">${words.say("rollBack")}</button><button type="button" class="danger" data-do="setup-back-to-preview">${words.say("backToPreview")}</button></p></section>`;
}
