import { z } from "zod";
import { joined, parentalRows, type Row, rowsOf, tag } from "./lists.ts";
import { directorList, dnsList, type Nvram } from "./nvram.ts";
import { isOurRule } from "./tunnels.ts";

/** Switches for the whole router, which are its owner's unless we found them off. */
export const switchNames = ["parental", "dns", "qos"] as const;
export type SwitchName = (typeof switchNames)[number];

const kbps = z.number().int().positive();
const Limit = z.strictObject({ mac: z.string(), down: kbps, up: kbps });
export type Limit = z.infer<typeof Limit>;

/** What is ours on a router, or should be. MAC addresses are lower case, lists in order. Rates in kbit/s. */
export const Held = z.strictObject({
  blocks: z.array(z.strictObject({ mac: z.string(), name: z.string() })),
  /** Levels of Traditional QoS: 0 is the most urgent, 4 the least. */
  priorities: z.array(z.strictObject({ mac: z.string(), name: z.string(), level: z.number().int().min(0).max(4) })),
  limits: z.array(Limit),
  /** Numbers of DNS Director's resolvers. */
  filters: z.array(z.strictObject({ mac: z.string(), name: z.string(), resolver: z.number().int().positive() })),
  /** Rules of VPN Director, by the reserved address of the device. */
  tunnels: z.array(z.strictObject({ address: z.string(), name: z.string(), via: z.string() })),
  /** Rates of the line, while we are who has QoS on. */
  shaper: z.strictObject({ down: kbps, up: kbps }).nullable(),
  switches: z.array(z.enum(switchNames)),
});
export type Held = z.infer<typeof Held>;
export const nothing: Held = { blocks: [], priorities: [], limits: [], filters: [], tunnels: [], shaper: null, switches: [] };

/** A variable that was another's before we set it. */
const Flipped = z.strictObject({
  before: z.string(),
  /** What we set it to: two values while it is not certain that the second arrived. */
  ours: z.array(z.string()).min(1),
});
export type Flipped = z.infer<typeof Flipped>;

/** What of ours the router has no room to say itself. */
export const Notes = z.strictObject({ limits: z.array(Limit), flipped: z.record(z.string(), Flipped) });
export type Notes = z.infer<typeof Notes>;
export const noNotes: Notes = { limits: [], flipped: {} };

/** The variables of each switch; the first is the switch itself. */
export const switchVariables: Record<SwitchName, readonly [string, ...string[]]> = {
  parental: ["MULTIFILTER_ALL"],
  dns: ["dnsfilter_enable_x"],
  qos: ["qos_enable", "qos_type", "qos_ibw", "qos_obw"],
};

const isMac = (text: string | undefined): boolean => /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text ?? "");
const named = ({ fields }: Row): boolean => fields[0]?.startsWith(tag) === true;

/** Entries of ours. A limit has no room for a name: it is ours when it is as we noted it. */
export const isOurs = {
  priority: (row: Row): boolean => named(row) && isMac(row.fields[1]),
  filter: (row: Row): boolean => named(row) && isMac(row.fields[1]),
  limit:
    (notes: readonly Limit[]) =>
    ({ fields: [enable, mac, down, up] }: Row): boolean =>
      enable === "1" && notes.some((limit) => limit.mac === mac?.toLowerCase() && String(limit.down) === down && String(limit.up) === up),
};

/** Whether the owner has settings of his own that need a switch. */
export const needed: Record<SwitchName, (nvram: Nvram, notes: Notes) => boolean> = {
  parental: (nvram) => (parentalRows(nvram) ?? []).some((row) => !row.name.startsWith(tag) && !["", "0"].includes(row.enable)),
  dns: (nvram) => !["", "0"].includes(nvram.dnsfilter_mode ?? "") || rowsOf(joined(nvram, dnsList)).some((row) => !isOurs.filter(row)),
  // Rules of Traditional QoS are there from the factory and say nothing.
  qos: (nvram, { limits }) =>
    nvram.qos_type === "2" && rowsOf(nvram.qos_bw_rulelist ?? "").some((row) => row.fields[0] === "1" && !isOurs.limit(limits)(row)),
};

/**
 * Variables that still have a value of ours. One that somebody changed is his, and with the switch itself go the others; so is a switch
 * that his own settings need by now.
 */
export function stillOurs(nvram: Nvram, notes: Notes): Record<string, Flipped> {
  const ours = (variable: string) => notes.flipped[variable]?.ours.includes(nvram[variable] ?? "") === true;
  return Object.fromEntries(
    switchNames.flatMap((name) => {
      const [itself, ...others] = switchVariables[name];
      // Another type of QoS is another decision of the owner.
      const lost = !ours(itself) || (name === "qos" && !ours("qos_type")) || needed[name](nvram, notes);
      return lost ? [] : [itself, ...others].filter(ours).map((variable) => [variable, notes.flipped[variable]!] as const);
    }),
  );
}

/** Each once, in order. */
const unique = <T>(list: readonly T[], idOf: (one: T) => string): T[] =>
  [...new Map(list.map((one) => [idOf(one), one])).entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
const byMac = <T extends { mac: string }>(list: readonly T[]): T[] => unique(list, (one) => one.mac);
/** The same in the order everything is compared in. */
export const inOrder = (held: Held): Held => ({
  ...held,
  blocks: byMac(held.blocks),
  priorities: byMac(held.priorities),
  limits: byMac(held.limits),
  filters: byMac(held.filters),
  tunnels: unique(held.tunnels, (rule) => rule.address),
  switches: switchNames.filter((name) => held.switches.includes(name)),
});

/** What of ours a router really holds. */
export function heldOf(nvram: Nvram, notes: Notes): Held {
  const flipped = stillOurs(nvram, notes);
  const rows = (list: string | undefined, ours: (row: Row) => boolean) => rowsOf(list ?? "").filter(ours);
  const mac = (row: Row) => row.fields[1]!.toLowerCase();
  const rate = (text: string | undefined) => (/^[1-9]\d{0,8}$/.test(text ?? "") ? Number(text) : undefined);
  const [down, up] = [rate(nvram.qos_ibw), rate(nvram.qos_obw)];
  return inOrder({
    blocks: (parentalRows(nvram) ?? [])
      .filter((row) => row.name.startsWith(tag) && row.enable === "2" && row.mac !== "")
      .map((row) => ({ mac: row.mac.toLowerCase(), name: row.name })),
    priorities: rows(nvram.qos_rulelist, isOurs.priority).flatMap((row) => {
      const level = Number(row.fields[5]);
      return Number.isInteger(level) && level >= 0 && level <= 4 ? [{ mac: mac(row), name: row.fields[0]!, level }] : [];
    }),
    limits: rows(nvram.qos_bw_rulelist, isOurs.limit(notes.limits)).map((row) => ({
      mac: mac(row),
      down: Number(row.fields[2]),
      up: Number(row.fields[3]),
    })),
    filters: rows(joined(nvram, dnsList), isOurs.filter).flatMap((row) => {
      const resolver = Number(row.fields[2]);
      return Number.isInteger(resolver) && resolver > 0 && row.fields[3] !== "0" ? [{ mac: mac(row), name: row.fields[0]!, resolver }] : [];
    }),
    tunnels: rows(nvram[directorList], isOurRule)
      .filter(({ fields: [enable, , , destination] }) => enable === "1" && destination === "")
      .map(({ fields }) => ({ address: fields[2]!, name: fields[1]!, via: fields[4]! })),
    shaper: flipped.qos_ibw && flipped.qos_obw && nvram.qos_type === "0" && down && up ? { down, up } : null,
    switches: switchNames.filter((name) => switchVariables[name][0] in flipped),
  });
}
