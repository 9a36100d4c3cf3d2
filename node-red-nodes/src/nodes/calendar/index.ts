import type { UpcomingEvent } from "@network-personas/engine/model";
import type { NodeAPI } from "node-red";
import { type EventFilter, matching, mergeEvents, type Trigger, type TriggerSettings, triggersOf } from "../../shared/calendar-triggers.ts";
import { type PersonaNodeDef, registerPersonaNode } from "../../shared/persona-node.ts";
import { idLike, numberOf } from "../../shared/values.ts";

interface CalendarDef extends PersonaNodeDef {
  subject: string;
  calendar: string;
  persona: string;
  text: string;
  start: boolean;
  startOffset: string;
  end: boolean;
  endOffset: string;
  /** How far the list looks ahead. */
  hours: string;
}

const refreshEvery = 15 * 60_000;
/** A trigger that could not fire for this long (the machine slept) is dropped. */
const latest = 10 * 60_000;

/** Fires when calendar events start and end, and lists what is coming when asked. */
export default function (RED: NodeAPI): void {
  registerPersonaNode<CalendarDef>(RED, "persona calendar", ({ node, settings, connection, status, subject, onInput }) => {
    const when: TriggerSettings = {
      start: settings.start,
      startOffset: numberOf(settings.startOffset) ?? 0,
      end: settings.end,
      endOffset: numberOf(settings.endOffset) ?? 0,
    };
    const filter: EventFilter = { calendar: settings.calendar ?? "", persona: idLike(settings.persona ?? ""), text: settings.text ?? "" };
    const hours = numberOf(settings.hours) ?? 24;
    /** Triggers fire before events start, so the list must reach further than they do. */
    const reach = Math.max(hours, 1 + Math.max(0, -when.startOffset, -when.endOffset) / 60 + refreshEvery / 3_600_000);
    const own = idLike(settings.subject ?? "");
    let events: UpcomingEvent[] = [];
    let checked = Date.now();
    let alarm: NodeJS.Timeout | undefined;
    let closed = false;

    const fire = ({ kind, event }: Trigger) => {
      status.did(event.summary || event.calendar);
      node.send([{ payload: event.summary, topic: event.calendar, event: kind, persona: event }, null]);
    };
    /** Fires what is due and wakes for the next trigger. */
    const check = () => {
      clearTimeout(alarm);
      const now = Date.now();
      const triggers = triggersOf(events, when);
      for (const trigger of triggers) if (trigger.at > checked && trigger.at <= now && now - trigger.at <= latest) fire(trigger);
      checked = now;
      const next = triggers.find((trigger) => trigger.at > now);
      if (next && !closed) alarm = setTimeout(check, Math.min(next.at - now, refreshEvery));
    };
    const list = async (about: string | undefined, ahead: number) => {
      const client = await connection.client();
      return matching(await client.upcoming({ hours: Math.ceil(ahead), ...(about && { subject: about }) }), filter);
    };
    const refresh = () => {
      list(own, reach).then(
        (found) => {
          check();
          events = mergeEvents(events, found, Date.now(), when);
          check();
        },
        (error: Error) => node.debug(error.message),
      );
    };
    const refreshing = setInterval(refresh, refreshEvery);
    const stop = connection.subscribe({
      snapshot: refresh,
      event: (event) => {
        if (event.type === "calendar" || event.type === "home") refresh();
      },
    });
    onInput(async (message, send) => {
      const { directory } = await connection.ready();
      const about = await subject(message, { subject: own, subjectType: "str" }, directory);
      const found = await list(about, numberOf(message.hours) ?? hours);
      status.did(`${found.length}`);
      send([
        null,
        Object.assign(message, {
          payload: found,
          ...(about && { topic: about }),
          persona: { ...(about && { subject: about }), events: found },
        }),
      ]);
    });
    return () => {
      closed = true;
      clearTimeout(alarm);
      clearInterval(refreshing);
      stop();
    };
  });
}
