import type { CalendarStatus } from "@network-personas/engine/model";
import type { Trigger } from "./calendar-triggers.ts";
import { wallOf } from "./calendar-zone.ts";

/** The worst of what is wrong with some calendars, for one line under a node. */
export type Trouble =
  | { kind: "failed" | "loading"; calendar: string }
  | { kind: "stale"; calendar: string; age: string }
  | { kind: "problems"; calendar: string; count: number };

const worst = ["failed", "stale", "problems", "loading"] as const;

export function troubleOf(statuses: Iterable<CalendarStatus>, now: number): Trouble | undefined {
  const troubles = [...statuses].flatMap((status): Trouble[] => {
    const { calendar, fetchedAt, problems } = status;
    if (status.status === "stale") return [{ kind: "stale", calendar, age: fetchedAt ? ageOf(now - Date.parse(fetchedAt)) : "?" }];
    if (status.status !== "ok") return [{ kind: status.status, calendar }];
    return problems.length > 0 ? [{ kind: "problems", calendar, count: problems.length }] : [];
  });
  return worst.flatMap((kind) => troubles.find((trouble) => trouble.kind === kind) ?? [])[0];
}

function ageOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 90) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

/** "10:55 Standup"; with the day of the week when that is another day, and the date when it is another week. */
export function nextText({ due, event }: Trigger, now: number, timeZone: string, language: string): string {
  const day = (at: number) => Math.floor(wallOf(timeZone, at) / 86_400_000);
  const days = day(due) - day(now);
  const date: Intl.DateTimeFormatOptions = days === 0 ? {} : days < 7 ? { weekday: "short" } : { day: "numeric", month: "numeric" };
  const time = new Intl.DateTimeFormat(language, { ...date, hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }).format(due);
  return `${time} ${event.summary || event.calendar}`;
}
