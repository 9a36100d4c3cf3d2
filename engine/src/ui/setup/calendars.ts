import type { CalendarTrial, UpcomingEvent } from "../../model/index.ts";
import { html, type Markup } from "../html.ts";
import { choice, input, onward, problemOf, type StepView, submit } from "./form.ts";

export function calendarsStep(view: StepView): Markup {
  const { setup, words } = view;
  const calendars = setup.document?.calendars ?? [];
  const people = setup.document?.people ?? [];
  const owners = [...people.map((p) => [p.id, p.name ?? p.id] as const), ["", words.say("everybodys")] as const];
  return html`<section class="card" data-key="yours">${
    calendars.length > 0 &&
    html`<h3>${words.say("yourCalendars")}</h3>
      <ul class="choices">${calendars.map(({ id, name = id }) => html`<li data-key="${id}"><span dir="auto">${name}</span> <button type="button" data-do="setup-remove-calendar" data-calendar="${id}" aria-label="${words.say("removeCalendar", { name })}">×</button></li>`)}</ul>`
  }</section>
    <section class="card" data-key="add"><h3>${words.say("calendarTitle")}</h3><p>${words.say("calendarHow")}</p>
    <form data-do="setup-calendar">
      ${input(view, { form: "calendar", name: "calendar.address", label: words.say("calendarAddress"), placeholder: "https://…/basic.ics" })}
      ${choice(view, { form: "calendar", name: "calendar.owner", label: words.say("calendarOwner"), value: people[0]?.id ?? "" }, owners)}
      <details><summary>${words.say("calendarLogin")}</summary>
        ${input(view, { form: "calendar", name: "calendar.username", label: words.sentence("field-username") })}
        ${input(view, { form: "calendar", name: "calendar.password", label: words.sentence("field-password"), type: "password" })}</details>
      ${problemOf(view, "calendar")}<p class="actions">${submit(view, words.say("showEvents"))}</p></form></section>
    <section class="card" data-key="events" aria-live="polite">${setup.calendar && eventsOf(view, setup.calendar)}</section>
    <p class="actions">${onward(view, setup.calendar === null)}</p>`;
}

function eventsOf(view: StepView, { status, events }: CalendarTrial): Markup {
  const { words } = view;
  if (status.status === "failed")
    return html`<p class="problem" tabindex="-1" id="events">${words.say("calendarFailed", { why: words.troubleText(status.said, (status.problems[0] ?? "").replace(/^cannot be read since \S+: /, "")) })}</p>`;
  return html`<h3 tabindex="-1" id="events">${words.say("nextEvents")}</h3>
    ${status.problems.map((problem) => html`<p class="hint">${words.trouble({ key: "error-calendar-content", with: {} }, problem)}</p>`)}
    <form data-do="setup-add-calendar">${events.length === 0 ? html`<p>${words.say("noEvents")}</p>` : html`<ul class="seen">${events.map((event, i) => eventOf(view, event, events.findIndex((e) => e.summary === event.summary) === i))}</ul><p class="hint">${words.say("timesIn", { zone: words.timeZone })}</p>`}
    ${problemOf(view, "add-calendar")}<p class="actions">${submit(view, words.say("addCalendar"))}<button type="button" data-do="setup-add-another">${words.say("addAnother")}</button></p></form>`;
}

/** What the title of an event is taken to mean, as it is kept in the answers. */
export const meaningName = (summary: string): string => `meaning.${summary}`;

/** `first`: of the events of this title, which all mean the same. */
function eventOf(view: StepView, { id, summary, start, allDay, meanings }: UpcomingEvent, first: boolean): Markup {
  const { setup, words } = view;
  const title = summary || words.say("privateEvent");
  const options = [
    ["", words.say("byBase")],
    ["away", words.say("meansAway")],
    ...setup.personas
      .filter((p) => p.persona.appliesTo === "person" && p.persona.id !== "everyday")
      .map(({ persona }) => [persona.id, words.persona(persona)] as const),
  ] as const;
  const value = meanings[0]?.persona ?? "";
  return html`<li data-key="${id}"><p><time>${words.moment(start, allDay)}</time> <strong dir="auto">${title}</strong></p>
    ${summary && first && choice(view, { form: "event", name: meaningName(summary), label: words.say("meansWhat", { event: summary }), value: value === "everyday" ? "" : value }, options)}</li>`;
}
