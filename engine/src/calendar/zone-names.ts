import { windowsZones } from "./windows-zones.ts";
import { fixedZone, ianaZone, utc, type Zone } from "./zone.ts";

/** Zones by the names that feeds use: IANA, Windows, vendors' paths, cities, offsets. Undefined when nothing fits. */
export function namedZone(name: string): Zone | undefined {
  return windowsZone(name) ?? pathTail(name) ?? cityZone(name) ?? numericZone(name);
}

/** The TZID as it was meant: without stray quotes and blanks, and without a doubled parameter name. */
export const cleanName = (tzid: string): string =>
  tzid
    .replaceAll('"', "")
    .trim()
    .replace(/^TZID=/i, "")
    .trim();

function windowsZone(name: string): Zone | undefined {
  const plain = withoutOffset(name).toLowerCase();
  const american = /^(eastern|central|mountain|pacific|atlantic) (daylight )?time\b/.exec(plain);
  const found =
    windowsZones.get(name.toLowerCase()) ??
    windowsZones.get(plain) ??
    (american ? windowsZones.get(`${american[1]} standard time`) : undefined);
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

/** "(UTC+01:00) Amsterdam, Berlin, Bern" and "Amsterdam, Belgrade": the first city that has a zone of its own. */
function cityZone(name: string): Zone | undefined {
  if (!name.includes(",") && withoutOffset(name) === name) return undefined;
  cities ??= new Map(Intl.supportedValuesOf("timeZone").map((zone) => [zone.slice(zone.lastIndexOf("/") + 1).toLowerCase(), zone]));
  for (const city of withoutOffset(name).split(/[,;:]/)) {
    const zone = cities.get(city.trim().toLowerCase().replaceAll(" ", "_"));
    if (zone) return ianaZone(zone);
  }
  return undefined;
}

/** "UTC+01", "GMT +0100 (Standard)", "+05:30". Not "Etc/GMT-2", which IANA counts the other way round. */
function numericZone(name: string): Zone | undefined {
  if (/^(?:utc|gmt|z|zulu)$/i.test(name)) return utc;
  const match = /^\(?(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d\d))?(?!\d)/i.exec(name);
  if (!match || Number(match[2]) > 14) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  return fixedZone(name, (match[1] === "-" ? -1 : 1) * minutes * 60_000);
}
