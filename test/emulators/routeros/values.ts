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
/** Every bit of an address. */
function bitsOf(plain: string, family: 4 | 6): bigint {
  if (family === 4) return plain.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  const [head = "", tail] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split("::");
  const [front, back] = [head, tail ?? ""].map((part) => part.split(":").filter(Boolean));
  const groups = tail === undefined ? front! : [...front!, ...Array<string>(8 - front!.length - back!.length).fill("0"), ...back!];
  return groups.reduce((sum, part) => (sum << 16n) | BigInt(`0x${part}`), 0n);
}
function plainOf(bits: bigint, family: 4 | 6): string {
  const part = (at: number, size: number) => (bits >> BigInt(at * size)) & ((1n << BigInt(size)) - 1n);
  if (family === 4) return [3, 2, 1, 0].map((at) => part(at, 8)).join(".");
  return new URL(`http://[${[7, 6, 5, 4, 3, 2, 1, 0].map((at) => part(at, 16).toString(16)).join(":")}]`).hostname.slice(1, -1);
}
/** A network without what its mask hides; of IPv6 one address is one, too. "192.0.2.7/24" is shown as "192.0.2.0/24". */
export const network = (family: 4 | 6): Value => {
  const size = family === 4 ? 32 : 128;
  return (value, name, names) => {
    const [plain, length = String(size)] = address(family)(value, name, names).split("/");
    const hidden = BigInt(size - Number(length));
    const shown = plainOf((bitsOf(plain!, family) >> hidden) << hidden, family);
    return family === 4 && length === "32" ? shown : `${shown}/${length}`;
  };
};
export const isName = (value: string): boolean => /^([a-z0-9_-]+\.)+[a-z]{2,}$/i.test(value);
export const networkOrName =
  (family: 4 | 6): Value =>
  (value, name, names) =>
    isName(value) ? value : network(family)(value, name, names);
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
