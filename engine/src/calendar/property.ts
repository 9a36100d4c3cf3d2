import ICAL from "ical.js";
import { dayMs, daysInMonth, type Wall, wallOf } from "./wall.ts";

/** A content line, read by ical.js. Values are as jCal has them. */
export interface Property {
  name: string;
  parameters: Readonly<Record<string, string | readonly string[]>>;
  values: readonly unknown[];
}

/** Reads one content line; undefined when ical.js cannot. */
export function readProperty(line: string): Property | undefined {
  try {
    const jcal = ICAL.parse.property(line) as unknown as [string, Record<string, string | string[]>, string, ...unknown[]];
    return { name: jcal[0].toUpperCase(), parameters: jcal[1], values: jcal.slice(3) };
  } catch {
    return undefined;
  }
}

/** What stands after the name and the parameters of a line. A colon in quotes does not end them. */
export function valueText(line: string): string {
  const colon = line.indexOf(":");
  const quote = line.indexOf('"');
  const parameters = quote >= 0 && quote < colon ? /^(?:[^":]|"[^"]*")*:/.exec(line)?.[0].length : undefined;
  return line.slice(parameters ?? colon + 1).trim();
}

/** A date, a time in a zone (or in none), or an instant. `wall` of an instant is in UTC. */
export interface Stamp {
  kind: "date" | "local" | "utc";
  wall: Wall;
  tzid?: string;
  /** Set where the month does not have such a day; the wall time is as many days into the next one. */
  beyondMonth?: true;
}
/** A value of DTSTART, EXDATE, RDATE or RECURRENCE-ID. A period has an end or a length of its own. */
export interface TimeValue extends Stamp {
  end?: Stamp | Length | undefined;
}
/** Days and weeks are nominal (same wall time), the rest is exact. */
export interface Length {
  days: number;
  ms: number;
}

/** "VALUE=DATE" on what has a time of day: ical.js would drop the time. */
const dateWithTime = /;VALUE="?DATE"?[;:].*\dT\d/i;

/** What times are written with. ical.js would silently drop what follows a time. */
const onlyTimes = /:[\dTZPWDHMS,/]*$/i;

/** Reads a line whose values are dates or times, repairing what programs are known to write wrongly. */
export function readTimes(line: string): { values: TimeValue[]; parameters: Property["parameters"]; repaired: boolean; bad: number } {
  const direct = dateWithTime.test(line) || !onlyTimes.test(line) ? undefined : readProperty(line);
  const values = direct ? timeValues(direct) : [];
  if (direct && values.length > 0 && values.every((v) => v !== undefined))
    return { values: values as TimeValue[], parameters: direct.parameters, repaired: values.some((v) => v?.beyondMonth), bad: 0 };
  const repaired = readProperty(repairTimeLine(line));
  const read = repaired ? timeValues(repaired) : [];
  const good = read.filter((v) => v !== undefined);
  return {
    values: good,
    parameters: repaired?.parameters ?? {},
    repaired: good.length > 0,
    bad: read.length - good.length + (repaired ? 0 : 1),
  };
}

function timeValues({ parameters, values }: Property): (TimeValue | undefined)[] {
  const tzid = typeof parameters.tzid === "string" ? parameters.tzid : "";
  return values.map((value) => {
    // ical.js has read a period into its two halves.
    const period = Array.isArray(value) ? value : undefined;
    const start: TimeValue | undefined = inZone(stamp(String(period ? period[0] : value)), tzid);
    if (!start || !period) return start;
    start.end = inZone(stamp(String(period[1])), tzid) ?? duration(String(period[1]));
    return start.end ? start : undefined;
  });
}

function inZone(value: Stamp | undefined, tzid: string): Stamp | undefined {
  if (value?.kind === "local" && tzid) value.tzid = tzid;
  return value;
}

/** "2026-06-01", "2026-06-01T08:00:00" or with Z. */
export function stamp(text: string): Stamp | undefined {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:T(\d\d):?(\d\d):?(\d\d)?(?:\.\d+)?(Z?))?$/i.exec(text);
  if (!match) return undefined;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const [hour, minute, second] = match[4] === undefined ? [0, 0, 0] : [Number(match[4]), Number(match[5]), Number(match[6] ?? 0)];
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return undefined;
  const wall = wallOf(year, month, day, hour, minute, Math.min(second, 59));
  const kind = match[4] === undefined ? "date" : match[7] ? "utc" : "local";
  return day > daysInMonth(year, month) ? { kind, wall, beyondMonth: true } : { kind, wall };
}

/** An RFC 5545 duration. Longer than a century is taken for a mistake and cut. */
export function duration(text: string): Length | undefined {
  const match = /^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i.exec(text.trim());
  if (!match || !/\d/.test(text)) return undefined;
  const [weeks, days, hours, minutes, seconds] = match.slice(2).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const sign = match[1] === "-" ? -1 : 1;
  return {
    days: sign * Math.min(weeks * 7 + days, 36_525),
    ms: sign * Math.min(((hours * 60 + minutes) * 60 + seconds) * 1000, 36_525 * dayMs),
  };
}

/** Rewrites a line of times: quotes where they belong, blanks away, and VALUE as the value really is. */
export function repairTimeLine(line: string): string {
  // A time zone's name may have colons, and so may times.
  const begin = line.search(/:[\s"]*\d{4}-?\d\d-?\d\d/);
  const cut = begin < 0 ? line.lastIndexOf(":") : begin;
  const head = cut < 0 ? line : line.slice(0, cut);
  const saidDate = /;\s*VALUE\s*=\s*"?DATE"?\s*(?:;|$)/i.test(head);
  const values = (cut < 0 ? "" : line.slice(cut + 1))
    .split(/[,;]/)
    .map((value) => (saidDate ? repairValue(value).replace(/T000000Z?$/, "") : repairValue(value)))
    .filter(Boolean);
  const [name, ...parameters] = head.replaceAll('"', "").split(";");
  const kept = parameters
    .map((p) => p.trim())
    .filter((p) => p && !/^VALUE\s*=/i.test(p))
    .map((p) => {
      const [key, ...value] = p.split("=");
      const text = value.join("=").trim();
      return `${key!.trim()}=${/[,:]/.test(text) ? `"${text}"` : text}`;
    })
    .filter((p) => !p.startsWith("=") && !p.endsWith("="));
  const kind = values.some((v) => v.includes("/")) ? "PERIOD" : values.every((v) => /^\d{8}$/.test(v)) ? "DATE" : "";
  return `${name!.trim()}${kept.map((p) => `;${p}`).join("")}${kind ? `;VALUE=${kind}` : ""}:${values.join(",")}`;
}

function repairValue(value: string): string {
  const text = value.replace(/[\s"]/g, "").toUpperCase();
  const dashed = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?(Z)?)?$/.exec(text);
  if (dashed)
    return `${dashed[1]}${dashed[2]}${dashed[3]}${dashed[4] ? `T${dashed[4]}${dashed[5]}${dashed[6] ?? "00"}${dashed[7] ?? ""}` : ""}`;
  const shifted = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):?(\d\d)(?::?(\d\d))?(?:\.\d+)?([+-])(\d\d):?(\d\d)$/.exec(text);
  if (shifted) return inUtc(shifted);
  const date = /^(\d{8})(?:T?Z?)$/.exec(text);
  if (date) return date[1]!;
  const noSeconds = /^(\d{8}T\d{4})(Z?)$/.exec(text);
  return noSeconds ? `${noSeconds[1]}00${noSeconds[2]}` : text;
}

/** A time with an offset, as ISO 8601 has it and iCalendar does not. */
function inUtc(match: RegExpExecArray): string {
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const offset = (Number(match[8]) * 60 + Number(match[9])) * (match[7] === "-" ? -60_000 : 60_000);
  const instant = wallOf(year!, month!, day!, hour, minute, second) - offset;
  return new Date(instant).toISOString().replace(/[-:]|\.\d+/g, "");
}
