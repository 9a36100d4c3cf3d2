import { windowsZones } from "./windows-zones.ts";
import { fixedZone, ianaZone, utc, type Zone } from "./zone.ts";

/** Abbreviations that ICU takes for zones and IANA does not have, with meanings few expect: BST would be Dhaka, AST Anchorage. */
const onlyIcu = /^(?:ACT|AET|AGT|ART|AST|BET|BST|CAT|CNT|CST|CTT|EAT|ECT|IET|IST|JST|MIT|NET|NST|PLT|PNT|PRT|PST|SST|VST)$/i;

/** The zone of the IANA database that a TZID names. */
export const standardZone = (name: string): Zone | undefined => (onlyIcu.test(name) ? undefined : ianaZone(name));

/** Zones by the names that feeds use: IANA, Windows, vendors' paths, cities, offsets, abbreviations. Undefined when nothing fits. */
export function namedZone(name: string): Zone | undefined {
  if (/^(?:utc|gmt|z|zulu|coordinated universal time|tzone:\/\/microsoft\/utc)$/i.test(withoutOffset(name))) return utc;
  const underscored = name.replaceAll(" ", "_");
  return windowsZone(name) ?? standardZone(underscored) ?? pathTail(name) ?? cityZone(name) ?? numericZone(name) ?? abbreviatedZone(name);
}

/** The TZID as it was meant: without stray quotes, escapes and blanks, and without a doubled parameter name. */
export const cleanName = (tzid: string): string =>
  tzid
    .replaceAll('"', "")
    .replace(/\\([,;])/g, "$1")
    .replace(/\\+\/?/g, "/")
    .trim()
    .replace(/^TZID=/i, "")
    .trim();

function windowsZone(name: string): Zone | undefined {
  const plain = withoutOffset(name).toLowerCase();
  const american = /^(eastern|central|mountain|pacific|atlantic) time\b/.exec(plain)?.[1];
  // Also "Romance Daylight Time", Lotus' "W. Europe", and Outlook's "W. Europe Standard Time 1".
  const stem = american ?? plain.replace(/ \d+$/, "").replace(/ (?:standard|daylight|summer) time(?= \(|$)/, "");
  const [, region, country = ""] = /^(.*?)( \(.*\))?$/.exec(stem) ?? [];
  const found = windowsZones.get(name.toLowerCase()) ?? windowsZones.get(plain) ?? windowsZones.get(`${region} standard time${country}`);
  return found === undefined ? undefined : ianaZone(found);
}

/** "(UTC+01:00) Amsterdam, Berlin" without its offset. */
const withoutOffset = (name: string): string => name.replace(/^\((?:UTC|GMT)[^)]*\)\s*/i, "");

/** "/vendor.example/20070129_1/Europe/Berlin" ends with an IANA name. */
function pathTail(name: string): Zone | undefined {
  const parts = name.split("/").filter(Boolean);
  for (let first = 0; first < parts.length - 1; first++) {
    const zone = ianaZone(parts.slice(first).join("/"));
    if (zone) return zone;
  }
  return undefined;
}

let cities: Map<string, string> | undefined;

/** "(UTC+01:00) Amsterdam, Berlin, Bern", "(GMT+01.00) Sarajevo/Warsaw" and "Berlin": the first city that has a zone of its own. */
function cityZone(name: string): Zone | undefined {
  cities ??= new Map(Intl.supportedValuesOf("timeZone").map((zone) => [zone.slice(zone.lastIndexOf("/") + 1).toLowerCase(), zone]));
  for (const city of withoutOffset(name).split(/[,;:/]/)) {
    const zone = cities.get(city.trim().toLowerCase().replaceAll(" ", "_"));
    if (zone) return ianaZone(zone);
  }
  return undefined;
}

/** What clocks show in summer or winter names the place. Where several use the same letters, the one feeds mean most often. */
const abbreviations: Readonly<Record<string, string>> = {
  EDT: "America/New_York",
  CST: "America/Chicago",
  CDT: "America/Chicago",
  MDT: "America/Denver",
  PST: "America/Los_Angeles",
  PDT: "America/Los_Angeles",
  AKST: "America/Anchorage",
  AKDT: "America/Anchorage",
  AST: "America/Halifax",
  ADT: "America/Halifax",
  NST: "America/St_Johns",
  NDT: "America/St_Johns",
  BST: "Europe/London",
  WEST: "Europe/Lisbon",
  CEST: "Europe/Berlin",
  MESZ: "Europe/Berlin",
  MEZ: "Europe/Berlin",
  EEST: "Europe/Helsinki",
  MSK: "Europe/Moscow",
  IST: "Asia/Kolkata",
  JST: "Asia/Tokyo",
  KST: "Asia/Seoul",
  AEST: "Australia/Sydney",
  AEDT: "Australia/Sydney",
  NZST: "Pacific/Auckland",
  NZDT: "Pacific/Auckland",
};
const abbreviatedZone = (name: string): Zone | undefined => {
  const zone = abbreviations[name.toUpperCase()];
  return zone === undefined ? undefined : ianaZone(zone);
};

/** "UTC+01", "GMT +0100 (Standard)", "+05:30". Not "Etc/GMT-2", which IANA counts the other way round. */
function numericZone(name: string): Zone | undefined {
  const match = /^\(?(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?(?!\d)/i.exec(name);
  if (!match || Number(match[2]) > 14) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return fixedZone(name, (match[1] === "-" ? -1 : 1) * minutes * 60_000);
}
