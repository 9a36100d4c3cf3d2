/** One object of RouterOS: every value is text. */
export type Row = Readonly<Record<string, string>>;

export const isTrue = (value: string | undefined): boolean => value === "true" || value === "yes";

const units: Readonly<Record<string, number>> = { w: 604_800_000, d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** Milliseconds of a duration such as "1d2h", "00:05:00", "1d00:05:00" or "5ms"; undefined when it is none. */
export function milliseconds(text: string): number | undefined {
  const [, days, clock] = /^(?:(\d+)d)?(\d+:\d\d:\d\d)$/.exec(text) ?? [];
  if (clock) {
    const [hours, minutes, seconds] = clock.split(":").map(Number);
    return Number(days ?? 0) * units.d! + hours! * units.h! + minutes! * units.m! + seconds! * units.s!;
  }
  if (!/^(\d+(ms|[wdhms]))+$/.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[wdhms])/g)].reduce((sum, [, number, unit]) => sum + Number(number) * units[unit!]!, 0);
}

const durations = new Set(["address-list-timeout", "fq-codel-target"]);

/** A value in one way of writing, where RouterOS knows several. */
export function canonical(name: string, value: string): string {
  if (durations.has(name)) {
    const length = milliseconds(value);
    return length === undefined ? value : `${length}ms`;
  }
  if (name.endsWith("mac-address")) return value.toUpperCase().replace("/FF:FF:FF:FF:FF:FF", "");
  if (value === "yes" || value === "no") return String(value === "yes");
  return value;
}

/** It says the same as if it were not there. What was not given some versions show as nothing, others not at all. */
export const isNothing = (name: string, value: string): boolean =>
  name === "address-list-timeout" ? ["", "0ms", "none-dynamic"].includes(value) : value === "" && name !== "fib";

/** A count; 0 when it is none. */
export const count = (text: string | undefined): number => (text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : 0);

/** MAC addresses as RouterOS writes them. */
export const rosMac = (mac: string): string => mac.toUpperCase();
