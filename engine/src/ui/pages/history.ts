import { calibrate } from "../calibration.ts";
import { html } from "../html.ts";
import { historyDays, type Page } from "../view.ts";

export const history: Page = ({ state, words, history: entries }) => {
  if (!entries) return html`<p>${words.say("loading")}</p>`;
  return html`<p class="hint">${words.say("calibrationHow", { days: historyDays })}</p><div class="cards">${state.subjects
    .filter((s) => s.appliesTo === "person")
    .map((s) => {
      const c = calibrate(entries, s.subject);
      const forget = html`<p class="actions"><button class="danger" data-do="forgetPerson" data-subject="${s.subject}" data-name="${s.name}">${words.say("forgetPerson", { name: s.name })}</button></p>`;
      if (!c)
        return html`<section class="card" data-key="${s.subject}"><h2 dir="auto">${s.name}</h2><p>${words.say("tooFew")}</p>${forget}</section>`;
      return html`<section class="card" data-key="${s.subject}"><h2 dir="auto">${s.name}</h2>
        <p class="active"><strong>${c.ours > c.guess ? words.say("better", { factor: words.number(c.ours / c.guess) }) : words.say("worse")}</strong></p>
        <p class="why">${words.say("betterHow", { ours: words.percent(c.ours), guess: words.percent(c.guess) })} ${words.say("moments", { count: c.moments })}.</p>
        <h3>${words.say("calibration")}</h3>
        <ul class="bars">${c.bins.map((b) => html`<li class="bar"><span class="fill tone-0" data-share="${b.came}"></span><span class="mark" data-from="${b.said}"></span><span class="label">${words.say("said", { from: words.percent(b.from), to: words.percent(b.to) })}</span><span class="share">${words.say("came", { share: words.percent(b.came) })}</span></li>`)}</ul>${forget}</section>`;
    })}</div>`;
};
