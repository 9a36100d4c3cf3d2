import type { RouterStatus } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { diff, finding, held, type Page, resultOf, type View } from "../view.ts";
import type { Key } from "../words.ts";

const statuses = { ok: "ok", warning: "warning", failed: "doctor-failed" } as const satisfies Record<string, Key>;

export const routers: Page = (view) => {
  const { state, words, findings } = view;
  return html`${held(view)}${state.routers.length === 0 && html`<p>${words.say("noRouters")} <a href="#/setup/router">${words.say("setup")}</a></p>`}
    ${state.routers.map((r) => router(view, r))}
    <p class="actions"><button data-do="apply">${words.say("apply")}</button><button data-do="rollback">${words.say("rollBack")}</button><button class="danger" data-do="release">${words.say("release")}</button></p>
    <section class="card"><h2>${words.say("doctor")}</h2><p><button data-do="doctor">${words.say("runDoctor")}</button></p>
    ${findings && html`<ul class="list findings">${findings.map((f) => html`<li class="${f.status}"><strong>${words.say(statuses[f.status])}</strong> ${finding(words, f)}</li>`)}</ul>`}</section>`;
};

function router({ state, words }: View, r: RouterStatus): Markup {
  const preview = state.plan?.routers.find((p) => p.router === r.router);
  const problem = r.error ?? (preview?.error === undefined ? undefined : { message: preview.error, said: preview.errorSaid });
  const last = r.lastOutcome;
  const notes = r.capabilities?.notes ?? [];
  // The plan in force keeps the difference there was when it was made.
  const done =
    last !== null && (last.result === "confirmed" || last.result === "unchanged") && state.plan !== null && last.at >= state.plan.plan.at;
  const changes = done ? [] : (preview?.changes ?? []);
  return html`<section class="card" data-key="${r.router}"><header><h2 dir="auto">${r.router}</h2><span class="pill ${r.mode}">${words.say(r.mode)}</span></header>
    <p>${r.identity ? `${r.identity.vendor} ${r.identity.model} ${r.identity.firmware}` : r.driver} · ${words.say(r.reachable === null ? "unasked" : r.reachable ? "reachable" : "unreachable")}</p>
    ${problem && html`<p class="problem">${words.trouble(problem.said, problem.message)}</p>`}
    ${last && html`<p>${words.say("lastTime", { result: resultOf(words, last), time: words.when(last.at, state.at) })}</p>`}
    ${!problem && last?.error && html`<p class="problem">${words.trouble(last.error.said, last.error.message)}</p>`}
    <h3>${words.say("changes")}</h3>
    ${changes.length === 0 ? html`<p>${words.say(state.hold ? "heldNext" : !state.plan ? "noPlan" : problem || r.reachable !== true ? "unknownChanges" : "noChanges")}</p>` : diff(words, changes)}
    ${last?.result === "confirmed" && html`<details><summary>${words.say("lastChange")}</summary>${diff(words, last.changes)}</details>`}
    ${r.mode === "live" && html`<p class="actions"><button data-do="testRollback" data-router="${r.router}" data-name="${r.router}">${words.say("testRollback")}</button></p>`}
    ${r.foreign.length > 0 && html`<p class="hint">${words.say("foreign")} ${r.foreign.map((text, i) => html`${i > 0 && ", "}${words.reason(r.foreignSaid?.[i] ?? undefined, text)}`)}</p>`}
    ${notes.length > 0 && html`<details><summary>${words.say("goodToKnow")}</summary><ul class="list">${notes.map((note, i) => html`<li>${words.reason(r.capabilities?.notesSaid[i], note)}</li>`)}</ul></details>`}</section>`;
}
