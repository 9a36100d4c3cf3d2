import { z } from "zod";
import type { Tunnel } from "./layout.ts";

/**
 * The ways out through tunnels, in words: "1 ipv4 rule" sends what is marked for slot 1 to the table of that slot, "1 ipv4 end" is
 * that table's last route, which leads nowhere, and "1 ipv4 wg0" its route through the device while that is up.
 */
export type Way = string;

/** Slot n has the rule of priority `base + n`, the table of that number and the mark `0x4e5n0000`. */
const base = 0x4e50;
export const mostTunnels = 15;
export const markMask = "0xffff0000";
export const markOfSlot = (slot: number): string => `0x${(base + slot).toString(16)}0000`;
const tableOf = (slot: number): number => base + slot;
/** Larger than that of any other route: taken when there is no other. */
const lastMetric = 4_278_198_272;

const families = ["ipv4", "ipv6"] as const;
export type Family = (typeof families)[number];

/** What a tunnel's device can carry now. */
export type Carries = Readonly<Record<Family, boolean>>;

/** Every way a tunnel needs while a device is in it. Without its device, or for a family it does not carry, nothing gets out. */
export const waysThrough = ({ slot, device }: Tunnel, carries: Carries): Way[] =>
  families.flatMap((family) => [
    `${slot} ${family} rule`,
    `${slot} ${family} end`,
    ...(carries[family] ? [`${slot} ${family} ${device}`] : []),
  ]);

/** Lines for `ip -batch` of one family. */
export function wayLines(family: Family, action: "add" | "del", ways: readonly Way[]): string[] {
  return ways.flatMap((way) => {
    const [number, of, what] = way.split(" ");
    if (of !== family) return [];
    const slot = Number(number);
    if (what === "rule") return [`rule ${action} priority ${tableOf(slot)} fwmark ${markOfSlot(slot)}/${markMask} table ${tableOf(slot)}`];
    if (what === "end") return [`route ${action} unreachable default metric ${lastMetric} table ${tableOf(slot)}`];
    return [`route ${action} default dev ${what} table ${tableOf(slot)}`];
  });
}

const Rules = z.array(
  z.looseObject({ priority: z.number(), fwmark: z.string().optional(), fwmask: z.string().optional(), table: z.string().optional() }),
);
const Addresses = z.array(
  z.looseObject({
    flags: z.array(z.string()).optional(),
    addr_info: z.array(z.looseObject({ family: z.string().optional(), scope: z.string().optional() })).default([]),
  }),
);

/** Reads `ip -j rule show` and `ip route show table all` of one family. What is not exactly ours is nobody's business. */
export function parseWays(family: Family, rules: string, routes: string): Way[] {
  const slots = Array.from({ length: mostTunnels }, (_, i) => i + 1);
  const listed = Rules.parse(JSON.parse(rules || "[]"));
  const ruled = slots.filter((slot) =>
    listed.some(
      ({ priority, fwmark, fwmask, table }) =>
        priority === tableOf(slot) && fwmark === markOfSlot(slot) && fwmask === markMask && table === String(tableOf(slot)),
    ),
  );
  const routed = routes.split("\n").flatMap((line) => {
    const slot = Number(/ table (\d+)/.exec(line)?.[1]) - base;
    if (!slots.includes(slot)) return [];
    if (line.startsWith("unreachable default ") && line.includes(` metric ${lastMetric}`)) return [`${slot} ${family} end`];
    const device = /^default dev (\S+)/.exec(line)?.[1];
    return device ? [`${slot} ${family} ${device}`] : [];
  });
  return [...ruled.map((slot) => `${slot} ${family} rule`), ...routed].sort();
}

/** Reads `ip -j address show dev`; a device that is not there, or down, carries nothing. */
export function parseCarries(text: string): Carries {
  const [device] = Addresses.parse(JSON.parse(text || "[]"));
  const has = (family: string) =>
    (device?.flags?.includes("UP") ?? false) && device!.addr_info.some((one) => one.family === family && one.scope === "global");
  return { ipv4: has("inet"), ipv6: has("inet6") };
}
