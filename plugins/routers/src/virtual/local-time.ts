import { type Weekday, weekdays } from "@network-personas/personas";
import type { ClientSetting } from "./settings.ts";

/** Weekday and minutes since midnight in a zone. */
export function localTime(at: number, timeZone: string): { day: Weekday; minute: number } {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string) => parts.find((p) => p.type === type)!.value;
  return { day: part("weekday").toLowerCase() as Weekday, minute: Number(part("hour")) * 60 + Number(part("minute")) };
}

const minutes = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Whether one of the times of a schedule holds now. A time that runs over midnight belongs to the day it starts on. */
export function withinSchedule(schedule: NonNullable<ClientSetting["schedule"]>, at: number, timeZone: string): boolean {
  const { day, minute } = localTime(at, timeZone);
  const yesterday = weekdays[(weekdays.indexOf(day) + 6) % 7]!;
  return schedule.some(({ days, from, to }) => {
    const [start, end] = [minutes(from), minutes(to)];
    if (start < end) return days.includes(day) && minute >= start && minute < end;
    return (days.includes(day) && minute >= start) || (days.includes(yesterday) && minute < end);
  });
}
