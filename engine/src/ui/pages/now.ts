import type { SubjectState } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { held, type Page, personaName, tone, type View } from "../view.ts";

/** Activities shown without opening the rest. */
const shownFirst = 4;
/** From so many on, devices of nobody's that do nothing in particular are folded away. */
const manyIdle = 5;

export const now: Page = (view) => {
  const { state, words } = view;
  const people = state.subjects.filter((s) => s.appliesTo === "person");
  const devices = state.subjects.filter((s) => s.appliesTo === "device");
  const idle = devices.filter((s) => s.active === "everyday" && s.decidedBy !== "override" && s.next === null);
  const folded = idle.length < manyIdle ? [] : idle;
  // That nothing is applied is said above, in the reader's language.
  const problems = state.problems
    .map((text, i) => ({ text, said: state.problemsSaid?.[i] }))
    .filter(({ text }) => text !== state.hold?.text);
  return html`
    ${held(view)}
    ${problems.length > 0 && html`<section class="card problem"><h2>${words.say("look")}</h2><ul>${problems.map((p) => html`<li>${words.trouble(p.said, p.text)}</li>`)}</ul></section>`}
    ${people.length === 0 ? html`<p>${words.say("nobody")} <a href="#/setup/devices">${words.say("setup")}</a></p>` : html`<p class="hint">${words.say("tapToSet")}</p>`}
    <div class="cards">${[...people, ...devices.filter((s) => !folded.includes(s))].map((s) => card(view, s))}</div>
    ${folded.length > 0 && html`<details data-key="idle"><summary>${words.say("idleDevices", { count: folded.length })}</summary><div class="cards">${folded.map((s) => card(view, s))}</div></details>`}
    <p class="actions">${!state.hold && html`<button data-do="pause">${words.say("pause")}</button>`}<a class="button" href="#/setup/personas">${words.say("adjustActivities")}</a></p>`;
};

function card(view: View, subject: SubjectState): Markup {
  const { words } = view;
  const { name, home, active, next } = subject;
  const ranked = [...Object.entries(subject.distribution).sort(([, a], [, b]) => b - a), ...alsoToSet(view, subject)];
  const where = home === null ? "unknown" : home ? "atHome" : "away";
  return html`<section class="card" data-key="${subject.subject}" aria-labelledby="s-${subject.subject}">
    <header><h2 id="s-${subject.subject}" dir="auto">${name}</h2>${subject.appliesTo === "person" && html`<span class="pill ${where}">${words.say(where)}</span>`}</header>
    <p class="active"><span class="dot ${tone(view, active)}"></span><strong>${personaName(view, active)}</strong></p>
    <p class="why">${reason(view, subject)}</p>
    <ul class="bars">${ranked.slice(0, shownFirst).map((entry) => bar(view, subject, entry))}</ul>
    ${ranked.length > shownFirst && html`<details><summary>${words.say("more")}</summary><ul class="bars">${ranked.slice(shownFirst).map((entry) => bar(view, subject, entry))}</ul></details>`}
    ${subject.decidedBy === "override" && html`<button class="main" data-do="automatic" data-subject="${subject.subject}" aria-label="${words.say("automaticFor", { name })}">${words.say("automatic")}</button>`}
    <p class="next">${next ? words.say("next", { time: words.when(next.at, view.state.at), persona: personaName(view, next.persona), share: words.percent(next.probability) }) : words.say("nothingNext")}</p>
    ${next && html`<p class="why">${words.reason(next.said, next.why)}</p>`}
  </section>`;
}

/** What is not expected of them at all, such as anything else while something is set by hand. */
function alsoToSet({ state, offered }: View, { subject, appliesTo, distribution }: SubjectState): [string, number][] {
  const kind = state.devices.find(({ device }) => device === subject)?.kind;
  return offered
    .filter((persona) => !Object.hasOwn(distribution, persona.id) && (persona.appliesTo === "any" || persona.appliesTo === appliesTo))
    .filter(({ deviceKinds }) => appliesTo === "person" || deviceKinds.length === 0 || (kind !== undefined && deviceKinds.includes(kind)))
    .map(({ id }) => [id, 0]);
}

/** One sentence: who decided, or the strongest reason for what is active. */
function reason({ state, words }: View, subject: SubjectState): Markup {
  const { decidedBy, until, active, evidence } = subject;
  if (decidedBy === "override")
    return html`${until ? words.say("byOverrideUntil", { time: words.when(until, state.at) }) : words.say("byOverride")}`;
  if (decidedBy === "proposal") return html`${words.say("byProposal")}`;
  const strongest = evidence.find((e) => e.persona === active && e.logOdds > 0 && e.source !== "safety mix" && e.source !== "bias");
  return strongest ? words.reason(strongest.said, strongest.why) : html`${words.say(decidedBy === "base" ? "byBase" : "whyNothing")}`;
}

function bar(view: View, { subject, name, active, decidedBy }: SubjectState, [persona, probability]: [string, number]): Markup {
  const { words } = view;
  const share = words.percent(probability);
  const forced = decidedBy === "override" && persona === active;
  return html`<li data-key="${persona}"><button class="bar" data-do="override" data-subject="${subject}" data-persona="${persona}" aria-pressed="${String(forced)}">
    <span class="fill ${tone(view, persona)}" data-share="${probability}"></span><span class="label">${personaName(view, persona)}</span> <span class="share">${share}</span> <span class="hidden">${words.say("set", { name })}</span></button></li>`;
}
