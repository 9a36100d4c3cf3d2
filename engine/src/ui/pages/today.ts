import type { ApplyOutcome, Correction, HistoryEntry, SubjectState } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { diff, hoursOf, type Page, personaName, resultOf, subjectName, tone, type View } from "../view.ts";
import type { Words } from "../words.ts";

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
  const start = Date.parse(state.today.from);
  const labels = history.flatMap((e) => (e.kind === "label" && Date.parse(e.to) > start ? [e] : [])).reverse();
  const done = history
    .flatMap((e) => (e.kind === "applied" && Date.parse(e.at) >= start && e.outcome.result !== "unchanged" ? [e] : []))
    .reverse();
  return html`
    ${state.subjects.filter((s) => s.appliesTo === "person").map((s) => lanes(view, s))}
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
                html`<li><time>${stretch(words, e, state.today.from)}</time> <span>${words.say("isWhat", { name: subjectName(view, e.subject), persona: personaName(view, e.persona) })}</span></li>`,
            ),
          )
    }</section>
    <section class="card"><h2>${words.say("applied")}</h2>${
      done.length === 0
        ? html`<p>${words.say("noneApplied")}</p>`
        : folded(
            words,
            done.map((e) => html`<li data-key="${e.at} ${e.outcome.router}">${outcome(words, e.outcome)}</li>`),
          )
    }</section>
    <p class="actions"><button class="danger" data-do="forgetDay" data-from="${new Date(start).toISOString()}">${words.say("forgetDay")}</button></p>`;
};

/** "08:00–09:30", with the day where it began before `today`. */
const stretch = (words: Words, { from, to }: { from: string; to: string }, today: string): string =>
  [...new Set([words.when(from, today), words.time(to)])].join("–");

/** A day has dozens of each: the newest, and the rest for who wants to know. */
const shownAtOnce = 5;
const folded = (words: Words, items: readonly Markup[]): Markup =>
  html`<ol class="list">${items.slice(0, shownAtOnce)}</ol>${items.length > shownAtOnce && html`<details><summary>${words.say("earlier", { count: items.length - shownAtOnce })}</summary><ol class="list">${items.slice(shownAtOnce)}</ol></details>`}`;

function correction(view: View, { at, since, subject, expected, really, why, said }: Correction): Markup {
  const { words } = view;
  const name = subjectName(view, subject);
  const what = words.say("insteadOf", { name, persona: personaName(view, really), expected: personaName(view, expected) });
  const time = words.lasting((Date.parse(at) - Date.parse(since)) / 1000);
  return html`<li><time>${words.time(at)}</time> <span>${what} (${words.reason(said, why)}; ${words.say("correctedAfter", { time })})</span></li>`;
}

function outcome(words: Words, done: ApplyOutcome): Markup {
  const { at, router, changes, error } = done;
  const title = words.say("changed", { router, count: changes.length, result: resultOf(words, done) });
  return html`<details><summary><time>${words.time(at)}</time> ${title}</summary>${error && html`<p class="problem">${words.trouble(error.said, error.message)}</p>`}${diff(words, changes)}</details>`;
}

function lanes(view: View, subject: SubjectState): Markup {
  const { words, state, history = [], events = [] } = view;
  const { from: today } = state.today;
  const start = Date.parse(today);
  const hours = [start, ...hoursOf(start, state.home.timeZone, [6, 12, 18, 24])];
  const length = hours.at(-1)! - start;
  const here = (Date.parse(state.at) - start) / length;
  const span = (from: number, to: number, persona: string, text: string): Span[] => {
    const [a, b] = [Math.max(0, (from - start) / length), Math.min(1, (to - start) / length)];
    return b > a ? [{ from: a, share: b - a, persona, text }] : [];
  };
  const inToday = (at: string) => (Date.parse(at) < start ? today : at);
  const isShown = (e: HistoryEntry) => e.kind === "prediction" && e.subject === subject.subject && e.horizon === shownHorizon;
  const predicted = history.flatMap((e) => (e.kind === "prediction" && isShown(e) ? [e] : []));
  const right = state.today.subjects.find((s) => s.subject === subject.subject)?.right ?? null;
  const expected = predicted.flatMap((e, i) => {
    const [persona, p] = Object.entries(e.distribution).reduce((best, entry) => (entry[1] > best[1] ? entry : best));
    const end = Date.parse(predicted[i + 1]?.at ?? state.at);
    return span(Date.parse(e.at), end, persona, `${words.time(inToday(e.at))} ${personaName(view, persona)} ${words.percent(p)}`);
  });
  const really = history.flatMap((e) =>
    e.kind === "label" && e.subject === subject.subject
      ? span(
          Date.parse(e.from),
          Date.parse(e.to),
          e.persona,
          `${stretch(words, { ...e, from: inToday(e.from) }, today)} ${personaName(view, e.persona)}`,
        )
      : [],
  );
  const planned = events
    .filter((e) => e.subjects.includes(subject.subject))
    .flatMap((e) =>
      span(
        Date.parse(e.start),
        Date.parse(e.end),
        e.meanings[0]?.persona ?? "everyday",
        `${e.allDay ? words.say("allDay") : stretch(words, { from: inToday(e.start), to: e.end }, today)} ${e.summary || words.say("privateEvent")}`,
      ),
    );
  return html`<section class="card" data-key="${subject.subject}"><h2 dir="auto">${subject.name}</h2>
    <div class="hours" aria-hidden="true">${[0, 6, 12, 18].map((h, i) => html`<span data-share="${(hours[i + 1]! - hours[i]!) / length}">${h}</span>`)}</div>
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

/** What overlaps stands in rows of its own: two events at the same time are two to see. */
function rowsOf(spans: readonly Span[]): Span[][] {
  const rows: Span[][] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from)) {
    const free = rows.find((row) => {
      const { from, share } = row.at(-1)!;
      return from + share <= span.from + 1e-6;
    });
    if (free) free.push(span);
    else rows.push([span]);
  }
  return rows.length === 0 ? [[]] : rows;
}

/** The stretches as colours, in a line of words what is now or comes next, and all of them in words on demand. */
function lane(view: View, title: string, spans: readonly Span[], here: number, nothing = view.words.say("nothingSeen")): Markup {
  const current = spans.filter((s) => s.from <= here && s.from + s.share > here);
  const caption = current.length > 0 ? current : [spans.find((s) => s.from > here) ?? spans.at(-1)];
  const said = caption.flatMap((s) => s?.text ?? []).join("; ") || nothing;
  return html`<div class="lane"><h3>${title}</h3><div aria-hidden="true">${rowsOf(spans).map(
    (row) => html`<div class="track">
    ${row.map((s) => html`<span class="span ${tone(view, s.persona)}" data-from="${s.from}" data-share="${s.share}" title="${s.text}"></span>`)}<span class="here" data-from="${here}"></span></div>`,
  )}</div>
    ${spans.length < 2 ? html`<p class="caption" dir="auto">${said}</p>` : html`<details class="caption"><summary dir="auto">${said}</summary><ul>${spans.map((s) => html`<li dir="auto">${s.text}</li>`)}</ul></details>`}</div>`;
}
