import type { SubjectState } from "../../model/index.ts";
import { calibrate } from "../calibration.ts";
import { html, type Markup } from "../html.ts";
import { historyDays, type Page, type View } from "../view.ts";

/** Name of the input for the day that is to be forgotten. */
export const dayInput = "forget.day";

export const history: Page = (view) => {
  const { state, words, history: entries } = view;
  if (!entries) return html`<p>${words.say("loading")}</p>`;
  return html`<p class="hint">${words.say("calibrationHow", { days: historyDays })}</p><div class="cards">${state.subjects
    .filter((s) => s.appliesTo === "person")
    .map((s) => {
      const c = calibrate(entries, s.subject);
      const forget = privacy(view, s);
      if (!c)
        return html`<section class="card" data-key="${s.subject}"><h2 dir="auto">${s.name}</h2>${s.recorded !== false && html`<p>${words.say("tooFew")}</p>`}${forget}</section>`;
      return html`<section class="card" data-key="${s.subject}"><h2 dir="auto">${s.name}</h2>
        <p class="active"><strong>${c.ours > c.guess ? words.say("better", { factor: words.number(c.ours / c.guess) }) : words.say("worse")}</strong></p>
        <p class="why">${words.say("betterHow", { ours: words.percent(c.ours), guess: words.percent(c.guess) })} ${words.say("moments", { count: c.moments })}.</p>
        <h3>${words.say("calibration")}</h3>
        <ul class="bars">${c.bins.map((b) => html`<li class="bar"><span class="fill tone-0" data-share="${b.came}"></span><span class="mark" data-from="${b.said}"></span><span class="label">${words.say("said", { from: words.percent(b.from), to: words.percent(b.to) })}</span><span class="share">${words.say("came", { share: words.percent(b.came) })}</span></li>`)}</ul>${forget}</section>`;
    })}</div>
    <section class="card" data-key="forget-day"><h2>${words.say("forgetADay")}</h2><p class="hint">${words.say("forgetADayHow")}</p>
    <p class="field"><label for="forget-day">${words.say("day")}</label><input id="forget-day" type="date" name="${dayInput}"></p><p class="actions"><button class="danger" data-do="forgetADay">${words.say("forgetADay")}</button></p></section>`;
};

/** What a person may say about what is kept of them. */
function privacy({ words }: View, { subject, name, recorded }: SubjectState): Markup {
  const told = { subject, name };
  const button = (what: string, kind: string, text: string) =>
    html`<button class="${kind}" data-do="${what}" data-subject="${told.subject}" data-name="${told.name}">${text}</button>`;
  return html`${recorded === false && html`<p>${words.say("notRecorded", { name })}</p>`}<p class="actions">${
    recorded === false ? button("record", "", words.say("record", { name })) : button("recordNot", "", words.say("recordNot", { name }))
  }${button("forgetPerson", "danger", words.say("forgetPerson", { name }))}</p>`;
}
