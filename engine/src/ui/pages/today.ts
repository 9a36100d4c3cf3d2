import type { ApplyOutcome, Correction, HistoryEntry, SubjectState } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { diff, midnight, type Page, personaName, resultOf, subjectName, tone, type View } from "../view.ts";
import type { Words } from "../words.ts";

const day = 24 * 3_600_000;
/** Predictions are made for the hour too. */
const shownHorizon = 15 * 60_000;

/** A stretch of the day in one colour; `from` and `share` are parts of the day. */
interface Span {
  from: number;
  share: number;
  persona: string;
  text: string;
}

export const today: Page = (view) => {
  const { state, words, history } = view;
  if (!history) return html`<p>${words.say("loading")}</p>`;
  const start = midnight(state.at, state.home.timeZone);
  const labels = history.flatMap((e) => (e.kind === "label" && Date.parse(e.to) > start ? [e] : [])).reverse();
  const done = history
    .flatMap((e) => (e.kind === "applied" && Date.parse(e.at) >= start && e.outcome.result !== "unchanged" ? [e] : []))
    .reverse();
  const here = (Date.parse(state.at) - start) / day;
  return html`
    ${state.subjects.filter((s) => s.appliesTo === "person").map((s) => lanes(view, s, start, here))}
    <section class="card"><h2>${words.say("corrected")}</h2>${
      state.today.corrections.length === 0
        ? html`<p>${words.say("noneCorrected")}</p>`
        : folded(
            words,
            state.today.corrections.map((c) => correction(view, c)),
          )
    }</section>
    <section class="card"><h2>${words.say("corrections")}</h2>${
      labels.length === 0
        ? html`<p>${words.say("noCorrections")}</p>`
        : folded(
            words,
            labels.map(
              (e) =>
                html`<li><time>${words.time(e.from)}–${words.time(e.to)}</time> <span>${words.say("isWhat", { name: subjectName(view, e.subject), persona: personaName(view, e.persona) })}</span></li>`,
            ),
          )
    }</section>
    <section class="card"><h2>${words.say("applied")}</h2>${
      done.length === 0
        ? html`<p>${words.say("noneApplied")}</p>`
        : folded(
            words,
            done.map((e) => html`<li>${outcome(words, e.outcome)}</li>`),
          )
    }</section>
    <p class="actions"><button class="danger" data-do="forgetDay" data-from="${new Date(start).toISOString()}">${words.say("forgetDay")}</button></p>`;
};

/** A day has dozens of each: the newest, and the rest for who wants to know. */
const shownAtOnce = 5;
const folded = (words: Words, items: readonly Markup[]): Markup =>
  html`<ol class="list">${items.slice(0, shownAtOnce)}</ol>${items.length > shownAtOnce && html`<details><summary>${words.say("earlier", { count: items.length - shownAtOnce })}</summary><ol class="list">${items.slice(shownAtOnce)}</ol></details>`}`;

function correction(view: View, { at, since, subject, expected, really, why, said }: Correction): Markup {
  const { words } = view;
  const name = subjectName(view, subject);
  const what = words.say("insteadOf", { name, persona: personaName(view, really), expected: personaName(view, expected) });
  const seconds = words.number(Math.round((Date.parse(at) - Date.parse(since)) / 1000));
  return html`<li><time>${words.time(at)}</time> <span>${what} (${words.reason(said, why)}; ${words.say("correctedAfter", { seconds })})</span></li>`;
}

function outcome(words: Words, done: ApplyOutcome): Markup {
  const { at, router, changes, error } = done;
  const title = words.say("changed", { router, count: changes.length, result: resultOf(words, done) });
  return html`<details><summary><time>${words.time(at)}</time> ${title}</summary>${error && html`<p class="problem">${words.trouble(error.said, error.message)}</p>`}${diff(words, changes)}</details>`;
}

function lanes(view: View, subject: SubjectState, start: number, here: number): Markup {
  const { words, history = [], events = [] } = view;
  const span = (from: number, to: number, persona: string, text: string): Span[] => {
    const [a, b] = [Math.max(0, (from - start) / day), Math.min(1, (to - start) / day)];
    return b > a ? [{ from: a, share: b - a, persona, text }] : [];
  };
  const isShown = (e: HistoryEntry) => e.kind === "prediction" && e.subject === subject.subject && e.horizon === shownHorizon;
  const predicted = history.flatMap((e) => (e.kind === "prediction" && isShown(e) ? [e] : []));
  const right = view.state.today.subjects.find((s) => s.subject === subject.subject)?.right ?? null;
  const expected = predicted.flatMap((e, i) => {
    const [persona, p] = Object.entries(e.distribution).reduce((best, entry) => (entry[1] > best[1] ? entry : best));
    const end = Date.parse(predicted[i + 1]?.at ?? view.state.at);
    return span(Date.parse(e.at), end, persona, `${words.time(e.at)} ${personaName(view, persona)} ${words.percent(p)}`);
  });
  const really = history.flatMap((e) =>
    e.kind === "label" && e.subject === subject.subject
      ? span(Date.parse(e.from), Date.parse(e.to), e.persona, `${words.time(e.from)}–${words.time(e.to)} ${personaName(view, e.persona)}`)
      : [],
  );
  const planned = events
    .filter((e) => e.subjects.includes(subject.subject))
    .flatMap((e) =>
      span(
        Date.parse(e.start),
        Date.parse(e.end),
        e.meanings[0]?.persona ?? "everyday",
        `${e.allDay ? words.say("allDay") : words.time(e.start)} ${e.summary || words.say("privateEvent")}`,
      ),
    );
  return html`<section class="card" data-key="${subject.subject}"><h2 dir="auto">${subject.name}</h2>
    <div class="hours" aria-hidden="true">${[0, 6, 12, 18].map((h) => html`<span>${h}</span>`)}</div>
    ${lane(view, words.say("expected"), merged(expected), here)}${lane(view, words.say("really"), really, here)}${lane(view, words.say("calendar"), planned, here, words.say("noEventsToday"))}${right !== null && html`<p class="hint">${words.say("asExpected", { share: words.percent(right) })}</p>`}</section>`;
}

/** Neighbours of the same persona as one stretch. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last?.persona === span.persona) last.share = span.from + span.share - last.from;
    else result.push({ ...span });
  }
  return result;
}

function lane({ words, ...view }: View, title: string, spans: readonly Span[], here: number, nothing = words.say("nothingSeen")): Markup {
  const said = spans.map((s) => s.text).join("; ") || nothing;
  const shown: View = { words, ...view };
  return html`<div class="lane"><h3>${title}</h3><div class="track" role="img" aria-label="${title}: ${said}">
    ${spans.map((s) => html`<span class="span ${tone(shown, s.persona)}" data-from="${s.from}" data-share="${s.share}" title="${s.text}"></span>`)}<span class="here" data-from="${here}"></span></div>
    <p class="caption" dir="auto">${(spans.find((s) => s.from + s.share > here) ?? spans.at(-1))?.text ?? said}</p></div>`;
}
