import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Held, heldOf, inOrder, type Notes, noNotes, nothing } from "./held.ts";
import { joined, parentalRows, rowsOf, tag } from "./lists.ts";
import { decisive, directorList, dnsList, type Nvram } from "./nvram.ts";
import { targetOf } from "./target.ts";
import { conflict, viewOf } from "./view.ts";

const seed = { seed: 20, numRuns: 150 };
const hex = fc.integer({ min: 0, max: 255 }).map((byte) => byte.toString(16).padStart(2, "0"));
/** Devices of the owner and of ours, that never meet. */
const mac = (kind: "aa" | "02") => fc.tuple(hex, hex).map(([a, b]) => `${kind}:00:00:00:${a}:${b}`);
const words = fc.string({ unit: fc.constantFrom(..."abÄ &'\"\\,;:=%#é🙂1"), maxLength: 12 });

const list = (row: fc.Arbitrary<string>, open: boolean) =>
  fc.uniqueArray(row, { maxLength: 6 }).map((rows) => rows.map((one, i) => (open || i > 0 ? `<${one}` : one)).join(""));
const number = fc.integer({ min: 1, max: 99_999 });

/** A router as owners leave it: QoS off, everything else as he likes. */
const routers: fc.Arbitrary<Nvram> = fc
  .record({
    rules: fc.array(
      fc.record({
        enable: fc.constantFrom("0", "1", "2"),
        mac: mac("aa"),
        name: words,
        schedule: fc.constantFrom("", "W03E21000700<W04122000800"),
      }),
      {
        maxLength: 5,
      },
    ),
    scheduled: fc.boolean(),
    qos_rulelist: list(
      fc.tuple(words, mac("aa"), fc.integer({ min: 0, max: 4 })).map(([name, one, level]) => `${name}>${one}>80,443>tcp>0~512>${level}`),
      true,
    ),
    qos_bw_rulelist: list(
      fc.tuple(mac("aa"), number, number).map(([one, down, index]) => `0>${one.toUpperCase()}>${down}>1024>${index}`),
      false,
    ),
    filters: list(
      fc.tuple(words, mac("aa")).map(([name, one]) => `${name}>${one}>7>1`),
      true,
    ),
    director: list(
      fc.tuple(words, hex).map(([name, byte]) => `1>${name}>10.0.0.${Number.parseInt(byte, 16)}>>WGC1`),
      true,
    ),
    pieces: fc.boolean(),
  })
  .map(({ rules, scheduled, filters, director, pieces, ...lists }) => {
    const column = (part: "enable" | "mac" | "name" | "schedule") => rules.map((rule) => rule[part]).join(">");
    return {
      ...Object.fromEntries(decisive.map((name) => [name, ""])),
      sw_mode: "1",
      buildno: "388.8",
      rc_support: pieces ? "dnsfilter hnd" : "dnsfilter",
      ...lists,
      wgc1_enable: "1",
      wgc1_enforce: "1",
      wgc1_dns: "10.2.0.1",
      [directorList]: director,
      MULTIFILTER_ALL: "1",
      MULTIFILTER_ENABLE: column("enable"),
      MULTIFILTER_MAC: column("mac"),
      MULTIFILTER_DEVICENAME: column("name"),
      MULTIFILTER_MACFILTER_DAYTIME_V2: scheduled ? column("schedule") : "",
      dnsfilter_enable_x: "1",
      ...Object.fromEntries(
        ["", 1, 2, 3, 4, 5].map((i, at) => [`${dnsList}${i}`, pieces ? filters.slice(at * 255, at * 255 + 255) : at === 0 ? filters : ""]),
      ),
    };
  });

const named = { mac: mac("02"), name: fc.constantFrom("np laptop", "np tv", `${tag}a-name-of-thirty-one-charact`) };
const wishes = (kind: "traditional" | "limiter"): fc.Arbitrary<Held> =>
  fc
    .record({
      blocks: fc.array(fc.record(named), { maxLength: 4 }),
      priorities:
        kind === "traditional"
          ? fc.array(fc.record({ ...named, level: fc.integer({ min: 0, max: 4 }) }), { maxLength: 4 })
          : fc.constant<never[]>([]),
      limits:
        kind === "limiter" ? fc.array(fc.record({ mac: mac("02"), down: number, up: number }), { maxLength: 4 }) : fc.constant<never[]>([]),
      filters: fc.array(fc.record({ ...named, resolver: fc.constantFrom(13, 15) }), { maxLength: 3 }),
      tunnels: fc.array(fc.record({ address: fc.constantFrom("10.0.1.1", "10.0.1.2"), name: named.name, via: fc.constant("WGC1") }), {
        maxLength: 3,
      }),
      shaper: kind === "traditional" ? fc.constant({ down: 95_000, up: 19_000 }) : fc.constant(null),
    })
    .map((held) => inOrder({ ...held, switches: held.shaper || held.limits.length > 0 ? ["qos"] : [] }));

/** Writes what a target says, as the router does. */
function brought(nvram: Nvram, wanted: Held, notes: Notes, choice: "traditional" | "limiter"): { nvram: Nvram; notes: Notes } {
  const view = viewOf(nvram, notes, choice);
  expect(conflict(wanted, view)).toBeUndefined();
  const target = targetOf(nvram, wanted, notes, view);
  return { nvram: { ...nvram, ...target.set }, notes: target.notes };
}
/** What is not ours, in any list. */
const theirs = (nvram: Nvram) => ({
  rules: parentalRows(nvram)?.filter((row) => !row.name.startsWith(tag)),
  director: rowsOf(nvram[directorList]!).filter((row) => !row.text.startsWith(`1>${tag}`)),
  lists: [nvram.qos_rulelist!, nvram.qos_bw_rulelist!, joined(nvram, dnsList)].map((text) =>
    rowsOf(text)
      .map((row) => row.text)
      .filter((text) => /aa:00/i.test(text)),
  ),
});

for (const kind of ["traditional", "limiter"] as const)
  describe(`what is written to an ASUS router with ${kind}`, () => {
    it("is held then, leaves everything of the owner, and goes without a trace", () => {
      fc.assert(
        fc.property(routers, wishes(kind), wishes(kind), (router, first, second) => {
          const one = brought(router, first, noNotes, kind);
          expect(heldOf(one.nvram, one.notes)).toEqual(first);
          expect(theirs(one.nvram)).toEqual(theirs(router));
          const two = brought(one.nvram, second, one.notes, kind);
          expect(heldOf(two.nvram, two.notes)).toEqual(second);
          expect(theirs(two.nvram)).toEqual(theirs(router));
          expect(targetOf(two.nvram, second, two.notes, viewOf(two.nvram, two.notes, kind)).set).toEqual({});
          const gone = brought(two.nvram, nothing, two.notes, kind);
          expect(gone.nvram).toEqual(router);
          expect(gone.notes).toEqual(noNotes);
        }),
        seed,
      );
    });

    it("says of itself that it is a rule of ours, in every list that has room for it", () => {
      fc.assert(
        fc.property(routers, wishes(kind), (router, wanted) => {
          const { nvram } = brought(router, wanted, noNotes, kind);
          const added = (before: string, after: string) =>
            rowsOf(after).filter((row) => !rowsOf(before).some((old) => old.text === row.text));
          for (const row of [
            ...added(router.qos_rulelist!, nvram.qos_rulelist!),
            ...added(joined(router, dnsList), joined(nvram, dnsList)),
          ])
            expect(row.text.startsWith(tag)).toBe(true);
          for (const row of parentalRows(nvram)!.slice(parentalRows(router)!.length)) expect(row.name.startsWith(tag)).toBe(true);
        }),
        seed,
      );
    });

    it("has a number of its own for each limit, and none of guest networks", () => {
      fc.assert(
        fc.property(routers, wishes(kind), (router, wanted) => {
          const { nvram } = brought(router, wanted, noNotes, kind);
          const ours = rowsOf(nvram.qos_bw_rulelist!).filter((row) => /^1>02/.test(row.text));
          const numbers = rowsOf(nvram.qos_bw_rulelist!).map((row) => row.fields[4]);
          for (const { fields } of ours) {
            expect(numbers.filter((one) => one === fields[4])).toHaveLength(1);
            expect(Number(fields[4]) < 20 || Number(fields[4]) >= 32).toBe(true);
          }
        }),
        seed,
      );
    });
  });
