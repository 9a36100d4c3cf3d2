import { isIPv4, isIPv6 } from "node:net";

export type Row = Record<string, string>;

/** A request the router refuses, with what it says. */
export class Refused extends Error {
  readonly status: number;
  constructor(detail: string, status = 400) {
    super(detail);
    this.status = status;
  }
}

/** What the rest of the router has, for values that name it. */
export interface Names {
  /** Names of the objects of a menu. */
  of(menu: string): string[];
}

/** Turns what is sent into what is kept and shown. @throws Refused */
export type Value = (text: string, name: string, names: Names) => string;

const invalid = (name: string): never => {
  throw new Refused(`invalid value for argument ${name}`);
};
const noMatch = (name: string): never => {
  throw new Refused(`input does not match any value of ${name}`);
};

export const text: Value = (value) => value;
export const flag: Value = (value, name) =>
  ["true", "yes"].includes(value) ? "true" : ["false", "no"].includes(value) ? "false" : invalid(name);
/** There or not, whatever its value. */
export const switchOnly: Value = (value, name) => (value === "" ? "" : invalid(name));
export const oneOf =
  (...known: string[]): Value =>
  (value, name) =>
    known.includes(value) ? value : noMatch(name);
export const number =
  (least: number, most: number): Value =>
  (value, name) => {
    if (!/^\d+$/.test(value)) invalid(name);
    if (Number(value) < least || Number(value) > most) throw new Refused(`value of ${name} out of range (${least}..${most})`);
    return String(Number(value));
  };
/** "5M" and "5000000" are shown as the latter. */
export const rate: Value = (value, name) => {
  const [, digits, unit = ""] = /^(\d+)([kMG]?)$/.exec(value) ?? [];
  if (digits === undefined) return invalid(name);
  return String(Number(digits) * { "": 1, k: 1e3, M: 1e6, G: 1e9 }[unit]!);
};
export const mac: Value = (value, name) => (/^!?([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$/.test(value) ? value.toUpperCase() : invalid(name));
/** Bridge filters show a mask. */
export const maskedMac: Value = (value, name, names) => `${mac(value.replace(/\/FF(:FF){5}$/i, ""), name, names)}/FF:FF:FF:FF:FF:FF`;
export const ports: Value = (value, name) => {
  for (const part of value.split(",")) {
    const [from, to = from] = part.split("-").map(Number);
    if (!/^\d{1,5}(-\d{1,5})?$/.test(part) || from! > to! || to! > 65_535) invalid(name);
  }
  return value;
};
export const address = (family: 4 | 6): Value => {
  const is = family === 4 ? isIPv4 : isIPv6;
  const bits = family === 4 ? 32 : 128;
  return (value, name) => {
    const [plain, length] = value.split("/");
    if (!is(plain!) || (length !== undefined && !(/^\d+$/.test(length) && Number(length) <= bits))) return invalid(name);
    return length === String(bits) && family === 4 ? plain! : value;
  };
};
export const prefix6: Value = (value, name, names) => address(6)(value.includes("/") ? value : `${value}/128`, name, names);
/** The name of an object of a menu. */
export const ref =
  (menu: string, ...more: string[]): Value =>
  (value, name, names) =>
    oneOf(...names.of(menu), ...more)(value, name, names);
export const isName = (value: string): boolean => /^([a-z0-9_-]+\.)+[a-z]{2,}$/i.test(value);
export const addressOrName =
  (family: 4 | 6): Value =>
  (value, name, names) =>
    isName(value) ? value : address(family)(value, name, names);
/** A name, or all but it. */
export const negatable =
  (inner: Value): Value =>
  (value, name, names) =>
    value.startsWith("!") ? `!${inner(value.slice(1), name, names)}` : inner(value, name, names);
export const listOf =
  (...known: string[]): Value =>
  (value, name) => {
    for (const part of value.replace(/^!/, "").split(",")) if (!known.includes(part)) noMatch(name);
    return value;
  };

const units = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;
/** Milliseconds of "1d2h", "90s" or "00:01:30". */
export function span(value: string, name: string): number {
  const clock = /^(\d+):(\d\d):(\d\d)$/.exec(value);
  if (clock) return (Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3])) * 1000;
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  if (!/^(\d+(ms|[wdhms]))+$/.test(value)) return invalid(name) as never;
  return [...value.matchAll(/(\d+)(ms|[wdhms])/g)].reduce((sum, [, n, u]) => sum + Number(n) * units.find(([unit]) => unit === u)![1], 0);
}
/** "90s" is shown as "1m30s". */
export const duration: Value = (value, name) => {
  let left = span(value, name);
  const parts = units.map(([unit, size]) => {
    const count = Math.floor(left / size);
    left -= count * size;
    return count > 0 ? `${count}${unit}` : "";
  });
  return parts.join("") || "0s";
};
