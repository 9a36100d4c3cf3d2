import { setTimeout as sleep } from "node:timers/promises";
import type { CalendarStatus, EngineState } from "@network-personas/engine/model";
import type { NodeAPI } from "node-red";
import { type EventFilter, eventPayload, matching, textTest } from "../../shared/calendar-events.ts";
import { memoryFile } from "../../shared/calendar-memory.ts";
import { nextText, troubleOf } from "../../shared/calendar-status.ts";
import { parseOffsets, parseTimeOfDay, type Trigger, type TriggerSettings } from "../../shared/calendar-triggers.ts";
import { CalendarWatch, type Listing } from "../../shared/calendar-watch.ts";
import { type PersonaNodeDef, registerPersonaNode } from "../../shared/persona-node.ts";
import { idLike, numberOf } from "../../shared/values.ts";

interface CalendarDef extends PersonaNodeDef {
  subject: string;
  calendar: string;
  persona: string;
  text: string;
  busy: EventFilter["busy"];
  allDay: EventFilter["allDay"];
  start: boolean;
  /** Minutes, several with commas; negative is before. */
  startOffset: string;
  end: boolean;
  endOffset: string;
  /** "07:30": when all-day events count as begun. */
  allDayAt: string;
  /** How many minutes late a trigger may fire. */
  late: string;
  /** How far the list looks ahead. */
  hours: string;
}

const minute = 60_000;
/** Later than this is told in the message. */
const punctual = minute;
const clock = { now: () => Date.now(), sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }) };

/** Fires when calendar events start and end, and lists what is coming when asked. */
export default function (RED: NodeAPI): void {
  registerPersonaNode<CalendarDef>(RED, "persona calendar", ({ node, settings, connection, status, subject, onInput }) => {
    const filter: EventFilter = {
      calendar: settings.calendar ?? "",
      persona: idLike(settings.persona ?? ""),
      text: settings.text ?? "",
      busy: settings.busy ?? "",
      allDay: settings.allDay ?? "",
    };
    const wrong = (field: string, got: string): undefined => {
      status.say("failed", "red");
      node.error(RED._(`error.${field}`, { got }));
    };
    const offsets = (on: boolean, text: string) => (on ? (parseOffsets(text ?? "") ?? wrong("offset", text)) : []);
    const start = offsets(settings.start, settings.startOffset);
    const end = offsets(settings.end, settings.endOffset);
    const allDayAt = parseTimeOfDay(settings.allDayAt ?? "") ?? wrong("time", settings.allDayAt);
    try {
      textTest(filter.text);
    } catch {
      wrong("expression", filter.text);
      return undefined;
    }
    if (!start || !end || allDayAt === undefined) return undefined;

    const triggers: TriggerSettings = { start, end, allDayAt };
    const own = idLike(settings.subject ?? "");
    const late = numberOf(settings.late) ?? 15;
    const language = (RED.settings as { lang?: string }).lang ?? "en-US";
    const calendars = new Map<string, CalendarStatus>();
    const told = new Set<string>();
    let awaited: { trigger: Trigger | undefined; timeZone: string } | undefined;
    let shown = "";
    /** Of the home; unknown when the home was edited. */
    let timeZone: string | undefined;

    /** What is wrong, then what comes next. */
    const show = () => {
      const concerned = [...calendars.values()].filter((c) => filter.calendar === "" || c.calendar === filter.calendar);
      const trouble = troubleOf(concerned, clock.now());
      const next = awaited?.trigger
        ? nextText(awaited.trigger, clock.now(), awaited.timeZone, language)
        : awaited && start.length + end.length > 0
          ? RED._("status.nothing")
          : "";
      const warning = trouble ? `⚠ ${RED._(`status.${trouble.kind}`, { ...trouble })}` : "";
      const text = [warning, next].filter(Boolean).join(" · ");
      if (text !== shown) status.did(text, trouble?.kind === "failed" ? "red" : trouble ? "yellow" : "green", 40);
      shown = text;
      // The whole story goes to the log, once.
      for (const { calendar, problems } of concerned)
        for (const problem of problems) {
          const kind = `${calendar}: ${problem.replace(/; the copy of .*$/, "").replace(/^\d+ events? /, "")}`;
          if (!told.has(kind)) node.warn(RED._("warning.problem", { calendar, problem }));
          told.add(kind);
        }
    };
    const take = (state: EngineState): string => {
      timeZone = state.home.timeZone;
      calendars.clear();
      for (const calendar of state.calendars) calendars.set(calendar.calendar, calendar);
      show();
      return timeZone;
    };
    const list = async (about: string | undefined, from: number, to: number): Promise<Listing> => {
      const client = await connection.client();
      const hours = Math.min(31 * 24, Math.max(1, Math.ceil((to - from) / 3_600_000)));
      const found = await client.upcoming({ from: new Date(from).toISOString(), hours, ...(about && { subject: about }) });
      const zone = timeZone ?? take(await client.state());
      return { events: matching(found, filter).filter((event) => event.start < new Date(to).toISOString()), timeZone: zone };
    };
    const fire = (trigger: Trigger, now: number, timeZone: string) => {
      const { event, kind, offset, due } = trigger;
      node.send([
        {
          payload: eventPayload(event, now, timeZone),
          topic: event.calendar,
          event: kind,
          offset,
          late: now - due >= punctual,
          persona: { subjects: event.subjects, meanings: event.meanings, due: new Date(due).toISOString() },
        },
        null,
      ]);
    };

    const memory = memoryFile(RED.settings.userDir ?? ".", node.id);
    const watch = new CalendarWatch({
      triggers,
      limit: late * minute,
      settings: JSON.stringify([own, filter, triggers, late]),
      clock,
      memory,
      list: (from, to) =>
        connection.status.status === "online" ? list(own, from, to) : Promise.reject(new Error(connection.status.why || "offline")),
      fire,
      next: (trigger, timeZone) => {
        awaited = { trigger, timeZone };
        show();
      },
      missed: (triggers, timeZone) => {
        for (const t of triggers) node.warn(RED._("warning.missed", { what: nextText(t, clock.now(), timeZone, language) }));
      },
      problem: (error) => node.debug(error.message),
      unsaved: (error) => node.warn(RED._("warning.memory", { why: error.message })),
    });
    const stop = connection.subscribe({
      snapshot: (state) => {
        take(state);
        watch.changed();
      },
      event: (event) => {
        if (event.type === "calendar") calendars.set(event.data.calendar, event.data);
        if (event.type === "home") timeZone = undefined;
        if (event.type !== "calendar" && event.type !== "home") return;
        show();
        watch.changed();
      },
    });
    // Copies grow older, and tomorrow becomes today.
    const showing = setInterval(show, minute);
    node.on("close", (removed: boolean, done: () => void) => {
      stop();
      clearInterval(showing);
      const ended = watch.close().then(() => (removed ? memory.remove() : undefined));
      ended.then(done, done);
    });

    onInput(async (message, send) => {
      const { directory } = await connection.ready();
      const about = await subject(message, { subject: own, subjectType: "str" }, directory);
      const now = clock.now();
      const hours = numberOf(message.hours) ?? numberOf(settings.hours) ?? 24;
      const { events, timeZone } = await list(about, now, now + hours * 60 * minute);
      send([
        null,
        Object.assign(message, {
          payload: events.map((event) => eventPayload(event, now, timeZone)),
          ...(about && { topic: about }),
          persona: { ...(about && { subject: about }), events, calendars: [...calendars.values()] },
        }),
      ]);
      // Instead of what a bad message left there.
      shown = "";
      show();
    });
    return undefined;
  });
}
