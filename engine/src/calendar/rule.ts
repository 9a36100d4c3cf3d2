export const frequencies = ["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"] as const;
export type Frequency = (typeof frequencies)[number];

/** A day of the week, perhaps the nth of its month or year. `weekday` 0 = Monday. */
export interface NthDay {
  nth: number;
  weekday: number;
}

/** An RRULE as written. Lists are sorted and without repeats; an absent list is empty. */
export interface Rule {
  frequency: Frequency;
  interval: number;
  count?: number;
  until?: string;
  /** 0 = Monday. */
  weekStart: number;
  bySecond: readonly number[];
  byMinute: readonly number[];
  byHour: readonly number[];
  byDay: readonly NthDay[];
  byMonthDay: readonly number[];
  byYearDay: readonly number[];
  byWeekNo: readonly number[];
  byMonth: readonly number[];
  bySetPos: readonly number[];
  /** What to do with a day the month does not have (RFC 7529). */
  skip: "OMIT" | "BACKWARD" | "FORWARD";
}

/** A rule that could be read, or why not; `ignored` are parts that were left out. */
export type RuleReading = { rule: Rule; ignored: readonly string[] } | { error: string };

const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const numberLists = {
  BYSECOND: ["bySecond", 0, 59],
  BYMINUTE: ["byMinute", 0, 59],
  BYHOUR: ["byHour", 0, 23],
  BYMONTHDAY: ["byMonthDay", -31, 31],
  BYYEARDAY: ["byYearDay", -366, 366],
  BYWEEKNO: ["byWeekNo", -53, 53],
  BYMONTH: ["byMonth", 1, 12],
  BYSETPOS: ["bySetPos", -366, 366],
} as const;
type ListName = (typeof numberLists)[keyof typeof numberLists][0];

/** Reads the value of an RRULE leniently: spaces, a doubled "RRULE:", lower case and empty parts do no harm. */
export function parseRule(value: string): RuleReading {
  const parts = new Map<string, string>();
  const ignored: string[] = [];
  for (const part of value.replace(/^(?:\s*[RE]X?RULE[:=])+/i, "").split(";")) {
    const [name, ...rest] = part.split("=");
    const key = name!.trim().toUpperCase();
    if (key && rest.length > 0 && !parts.has(key)) parts.set(key, rest.join("=").trim().toUpperCase());
    else if (key) ignored.push(key.slice(0, 20));
  }
  const frequency = frequencies.find((f) => f === parts.get("FREQ"));
  if (!frequency) return { error: parts.has("FREQ") ? `FREQ=${parts.get("FREQ")!.slice(0, 20)} is not a frequency` : "it has no FREQ" };
  const scale = parts.get("RSCALE");
  if (scale && scale !== "GREGORIAN") return { error: `RSCALE=${scale.slice(0, 20)} is not supported` };

  const lists: Record<ListName, readonly number[]> = {
    bySecond: [],
    byMinute: [],
    byHour: [],
    byMonthDay: [],
    byYearDay: [],
    byWeekNo: [],
    byMonth: [],
    bySetPos: [],
  };
  let byDay: readonly NthDay[] = [];
  let interval = 1;
  let count: number | undefined;
  let weekStart = 0;
  for (const [key, text] of parts) {
    const list = Object.hasOwn(numberLists, key) ? numberLists[key as keyof typeof numberLists] : undefined;
    if (list) {
      const found = readNumbers(text, list[1], list[2]);
      if (found.length > 0 && text.split(",").length > found.length && text.split(",").some((n) => !found.includes(Number(n))))
        ignored.push(`part of ${key}`);
      if (found.length > 0) lists[list[0]] = found;
      else if (text) return { error: `${key}=${text.slice(0, 20)} names nothing that exists` };
    } else if (key === "BYDAY") {
      byDay = readDays(text, ignored);
      if (byDay.length === 0 && text) return { error: `BYDAY=${text.slice(0, 20)} names no day` };
    } else if (key === "INTERVAL") interval = Math.min(1e9, Math.max(1, Number.parseInt(text, 10) || 1));
    else if (key === "COUNT") count = Number.parseInt(text, 10);
    else if (key === "WKST") weekStart = Math.max(0, weekdays.indexOf(text));
    else if (!["FREQ", "UNTIL", "RSCALE", "SKIP"].includes(key)) ignored.push(key.slice(0, 20));
  }
  const until = parts.get("UNTIL");
  const skip = parts.get("SKIP");
  return {
    ignored,
    rule: {
      frequency,
      interval,
      weekStart,
      byDay,
      ...lists,
      ...(count !== undefined && count >= 0 ? { count } : {}),
      ...(until ? { until } : {}),
      skip: skip === "BACKWARD" || skip === "FORWARD" ? skip : "OMIT",
    },
  };
}

function readNumbers(text: string, min: number, max: number): number[] {
  const numbers = text.split(",").map((n) => (/^\s*[+-]?\d+\s*$/.test(n) ? Number(n) : Number.NaN));
  const legal = numbers.filter((n) => n >= min && n <= max && (n !== 0 || min === 0));
  return [...new Set(legal)].sort((a, b) => a - b);
}

function readDays(text: string, ignored: string[]): NthDay[] {
  const days = new Map<string, NthDay>();
  for (const part of text.split(",")) {
    const match = /^\s*([+-]?\d{1,3})?\s*(MO|TU|WE|TH|FR|SA|SU)[A-Z]*\s*$/.exec(part);
    if (match) days.set(`${Number(match[1] ?? 0)}${match[2]}`, { nth: Number(match[1] ?? 0), weekday: weekdays.indexOf(match[2]!) });
    else if (part.trim()) ignored.push("part of BYDAY");
  }
  return [...days.values()];
}
