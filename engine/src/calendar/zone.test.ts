import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { describe, expect, it } from "vitest";
import { customZone } from "./vtimezone.ts";
import { windowsZones } from "./windows-zones.ts";
import { ianaZone, toUtc, toWall } from "./zone.ts";
import { cleanName, namedZone } from "./zone-names.ts";

const zones = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "Asia/Kolkata",
  "Africa/Casablanca",
  "America/Sao_Paulo",
  "UTC",
  "Europe/Dublin",
  "Asia/Tehran",
];
const instant = fc.integer({ min: Date.UTC(1950, 0, 1) / 1000, max: Date.UTC(2060, 0, 1) / 1000 }).map((s) => s * 1000);

describe("IANA zones", () => {
  it("have the offsets Temporal knows, at any instant", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, (name, at) => {
        const known = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(name).offsetNanoseconds / 1e6;
        expect(ianaZone(name)!.offsetAt(at)).toBe(known);
      }),
      { seed: 1, numRuns: 1500 },
    );
  });
  it("read wall times as Temporal does, in gaps and overlaps too", () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instant, (name, wall) => {
        const plain = Temporal.PlainDateTime.from(new Date(wall).toISOString().slice(0, -1));
        expect(toUtc(ianaZone(name)!, wall)).toBe(plain.toZonedDateTime(name, { disambiguation: "compatible" }).epochMilliseconds);
      }),
      { seed: 2, numRuns: 1500 },
    );
  });
  it("put a time in the gap an hour later and take the first of two", () => {
    const berlin = ianaZone("Europe/Berlin")!;
    expect(new Date(toUtc(berlin, Date.UTC(2026, 2, 29, 2, 30))).toISOString()).toBe("2026-03-29T01:30:00.000Z");
    expect(new Date(toUtc(berlin, Date.UTC(2026, 9, 25, 2, 30))).toISOString()).toBe("2026-10-25T00:30:00.000Z");
    expect(toWall(ianaZone("Pacific/Apia")!, Date.UTC(2011, 11, 30, 9, 59, 59))).toBe(Date.UTC(2011, 11, 29, 23, 59, 59));
  });
  it("are undefined for names that are none", () => {
    for (const name of ["", "Europe/Germany", "W. Europe Standard Time", "../etc/passwd", "+25:00", "1"])
      expect(ianaZone(name), name).toBeUndefined();
  });
});

describe("names that programs use", () => {
  const noon = Date.UTC(2026, 6, 1, 12);
  it.each([
    ["W. Europe Standard Time", 2],
    ["Eastern Standard Time", -4],
    ["Eastern Time (US & Canada)", -4],
    ["(UTC-08:00) Pacific Time (US & Canada); Tijuana", -7],
    ["(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 2],
    ["Amsterdam, Belgrade, Berlin, Brussels", 2],
    ["/vendor.example/20070129_1/Europe/Berlin", 2],
    ["/Europe/Stockholm", 2],
    ["posix/Europe/Vaduz", 2],
    ["/tz/America/Argentina/Buenos_Aires", -3],
    ["UTC+01", 1],
    ["GMT +0100 (Standard) / GMT +0200 (Daylight)", 1],
    ["UTC-0330", -3.5],
    ["+05:30", 5.5],
    ["GMT", 0],
    ["India Standard Time", 5.5],
    ["tzone://Microsoft/Utc", 0],
    ["(UTC) Coordinated Universal Time", 0],
    ["America/New York", -4],
    ["Romance Daylight Time", 2],
    ["W. Europe", 2],
    ["W. Europe Standard Time 1", 2],
    ["Central Daylight Time (Mexico)", -6],
    ["Eastern", -4],
    ["Kamchatka Standard Time", 12],
    ["(GMT+01.00) Sarajevo/Warsaw/Zagreb", 2],
    ["Berlin", 2],
    ["CEST", 2],
    ["BST", 1],
    ["AST", -3],
  ])("%s", (name, hours) => expect(namedZone(name)?.offsetAt(noon)).toBe(hours * 3_600_000));
  it("leads every Windows name to a zone that exists", () => {
    expect(windowsZones.size).toBeGreaterThan(139);
    for (const [name, zone] of windowsZones) expect(ianaZone(zone), `${name} -> ${zone}`).toBeDefined();
  });
  it("means what is written, whatever quotes and escapes stand around it", () => {
    expect(cleanName('"(UTC+01:00) Amsterdam\\, Berlin"')).toBe("(UTC+01:00) Amsterdam, Berlin");
    expect(cleanName("Europe\\/Berlin")).toBe("Europe/Berlin");
  });
  it("does not guess", () => {
    for (const name of [
      "Customized Time Zone",
      "Western/Central Europe",
      "tzone://Microsoft/Custom",
      "Somewhere",
      "UTC+99",
      "XYZ",
      "constructor",
    ])
      expect(namedZone(name), name).toBeUndefined();
  });
});

describe("zones a calendar defines", () => {
  const hour = 3_600_000;
  const berlin = customZone("own", [
    { start: Date.UTC(1970, 2, 29, 2), from: hour, to: 2 * hour, rules: ["FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"], dates: [] },
    { start: Date.UTC(1970, 9, 25, 3), from: 2 * hour, to: hour, rules: ["FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU"], dates: [] },
  ])!;
  it("follow their rules exactly", () => {
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(1998, 0, 1) / 1000, max: Date.UTC(2060, 0, 1) / 1000 }), (s) => {
        expect(berlin.zone.offsetAt(s * 1000)).toBe(ianaZone("Europe/Berlin")!.offsetAt(s * 1000));
      }),
      { seed: 3, numRuns: 500 },
    );
    expect(berlin.capped).toBe(false);
  });
  it("have the first offset before their first change", () => expect(berlin.zone.offsetAt(Date.UTC(1960, 0, 1))).toBe(hour));
  it("are bounded and say so when their rule is a bomb", () => {
    const bomb = customZone("bomb", [
      { start: Date.UTC(1970, 0, 1), from: 0, to: hour, rules: ["FREQ=SECONDLY", "FREQ=DAILY;BYMONTHDAY=-1"], dates: [] },
    ])!;
    expect(bomb.capped).toBe(true);
    expect(bomb.zone.offsetAt(Date.UTC(2026, 0, 1))).toBe(hour);
  });
});
