import type { Measured, SubjectState } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import type { Page, View } from "../view.ts";
import type { Words } from "../words.ts";

/** Name of the input for the day that is to be forgotten. */
export const dayInput = "forget.day";

export const history: Page = (view) => {
  const { state, words, calibration } = view;
  if (!calibration) return html`<p>${words.say("loading")}</p>`;
  return html`<p class="hint">${words.say("calibrationHow", { days: calibration.days })}</p><div class="cards">${state.subjects
    .filter((s) => s.appliesTo === "person")
    .map((s) => {
      const known = calibration.subjects.find(({ subject }) => subject === s.subject);
      return html`<section class="card" data-key="${s.subject}"><h2 dir="auto">${s.name}</h2>${
        known?.measured ? howWell(words, known.windows, known.measured) : s.recorded !== false && html`<p>${words.say("tooFew")}</p>`
      }${privacy(view, s)}</section>`;
    })}</div>
    <section class="card" data-key="forget-day"><h2>${words.say("forgetADay")}</h2><p class="hint">${words.say("forgetADayHow")}</p>
    <p class="field"><label for="forget-day">${words.say("day")}</label><input id="forget-day" type="date" name="${dayInput}"></p><p class="actions"><button class="danger" data-do="forgetADay">${words.say("forgetADay")}</button></p></section>`;
};

/** Of fewer quarters of an hour a share says nothing. */
const fewest = 10;
/** What would be shown as "once as good" is no better. */
const leastBetter = 1.05;

function howWell(words: Words, count: number, { right, commonest, ours, guess, sureness }: Measured): Markup {
  const percent = (share: number) => words.percent(share);
  return html`<p class="active"><strong>${ours / guess >= leastBetter ? words.say("better", { factor: words.number(ours / guess) }) : words.say("worse")}</strong></p>
    <p class="why">${words.say("firstGuess", { count, right: percent(right), commonest: percent(commonest) })} ${words.say("betterHow", { ours: percent(ours), guess: percent(guess) })}</p>
    <h3>${words.say("calibration")}</h3>
    <ul class="bars">${sureness.filter((b) => b.windows >= fewest).map((b) => html`<li class="bar"><span class="fill tone-0" data-share="${b.right}"></span><span class="mark" data-from="${b.said}"></span><span class="label">${words.say("said", { from: percent(b.from), to: percent(b.to) })}</span><span class="share">${words.say("came", { share: percent(b.right) })}</span></li>`)}</ul>`;
}

/** What a person may say about what is kept of them. */
function privacy({ words }: View, { subject, name, recorded }: SubjectState): Markup {
  const told = { subject, name };
  const button = (what: string, kind: string, text: string) =>
    html`<button class="${kind}" data-do="${what}" data-subject="${told.subject}" data-name="${told.name}">${text}</button>`;
  return html`${recorded === false && html`<p>${words.say("notRecorded", { name })}</p>`}<p class="actions">${
    recorded === false ? button("record", "", words.say("record", { name })) : button("recordNot", "", words.say("recordNot", { name }))
  }${button("forgetPerson", "danger", words.say("forgetPerson", { name }))}</p>`;
}
