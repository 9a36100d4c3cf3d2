import type { Occurrence } from "../model/index.ts";
import { conferenceHost, hostOfLink, type LinkSources, linksIn } from "./links.ts";
import { readProperty } from "./property.ts";
import { type RawCalendar, type RawEvent, unfold } from "./text.ts";

/** What an event is, besides when. Descriptions and attendees are looked at and forgotten. */
export type Details = Pick<
  Occurrence,
  "summary" | "busy" | "conferenceHost" | "location" | "categories" | "status" | "calendarName" | "participation" | "domains"
>;

export interface DetailOptions {
  /** Addresses of the person whose calendar it is, lower case. */
  owners: ReadonlySet<string>;
  /** Further hosts of conference links. */
  hosts: readonly string[];
  /** Leave the text of private events out. */
  hidePrivate: boolean;
}

const busyStates: Readonly<Record<string, Occurrence["busy"]>> = {
  FREE: "free",
  TENTATIVE: "tentative",
  BUSY: "busy",
  OOF: "out-of-office",
  WORKINGELSEWHERE: "out-of-office",
};

export function readDetails(text: string, raw: RawEvent, options: DetailOptions): Details {
  const lines = detailLines(text, raw);
  const first = (name: string): string => textOf(lines.get(name)?.[0]);
  const status = textOf(raw.lines.find((l) => l.name === "STATUS")?.line)
    .trim()
    .toUpperCase();
  const state = busyStates[first("X-MICROSOFT-CDO-BUSYSTATUS").trim().toUpperCase()];
  const calendarName = headerText(raw.calendar, "X-WR-CALNAME") ?? headerText(raw.calendar, "NAME");
  const base = {
    busy: state ?? (first("TRANSP").trim().toUpperCase() === "TRANSPARENT" ? "free" : status === "TENTATIVE" ? "tentative" : "busy"),
    status: status === "TENTATIVE" ? "tentative" : status === "CANCELLED" ? "cancelled" : "confirmed",
    ...(calendarName ? { calendarName } : {}),
  } as const;
  const own = people(lines.get("ATTENDEE") ?? []).find((p) => options.owners.has(p.address))?.participation;
  const participation = own ? { participation: own } : {};
  if (options.hidePrivate && /^(PRIVATE|CONFIDENTIAL)$/i.test(first("CLASS").trim()))
    return { ...base, ...participation, summary: "", categories: [] };

  const place = first("LOCATION").trim();
  const host = conferenceHost(linkSources(lines, place), options.hosts);
  const physical =
    place !== "" &&
    hostOfLink(place) === undefined &&
    linksIn(place).length === 0 &&
    !/^(online|virtual|microsoft teams|teams|zoom|google meet|webex|skype|phone|telefon)\b/i.test(place);
  const domains = domainsOf(lines, options.owners);
  return {
    ...base,
    ...participation,
    summary: first("SUMMARY").slice(0, 500),
    categories: (lines.get("CATEGORIES") ?? [])
      .flatMap((line) => (readProperty(line)?.values ?? []).map((v) => String(v).trim().slice(0, 100)))
      .filter(Boolean)
      .slice(0, 20),
    ...(host ? { conferenceHost: host } : {}),
    ...(physical ? { location: place.slice(0, 200) } : {}),
    ...(domains.length > 0 ? { domains } : {}),
  };
}

function detailLines(text: string, raw: RawEvent): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (let i = 0; i < raw.details.length; i += 2) {
    const line = unfold(text.slice(raw.details[i]!, Math.min(raw.details[i + 1]!, raw.details[i]! + 100_000)));
    const name = line.slice(0, line.search(/[:;]/)).toUpperCase();
    const known = lines.get(name);
    if (known) known.push(line);
    else lines.set(name, [line]);
  }
  return lines;
}

/** The value of a text line; as written when ical.js cannot read it. */
export function textOf(line: string | undefined): string {
  if (line === undefined) return "";
  const property = readProperty(line);
  return property ? String(property.values[0] ?? "") : line.slice(line.indexOf(":") + 1);
}
/** A header of a calendar. ical.js leaves the escapes of names it does not know; SUMMARY is text. */
export function headerText(calendar: RawCalendar, name: string): string | undefined {
  const value = calendar.headers.get(name);
  return value === undefined ? undefined : textOf(`SUMMARY${value}`).trim().slice(0, 200) || undefined;
}

function linkSources(lines: ReadonlyMap<string, readonly string[]>, place: string): LinkSources {
  const raw = (...names: string[]): string =>
    names
      .flatMap((name) => lines.get(name) ?? [])
      .map(textOf)
      .join(" ");
  return {
    declared: raw(
      "CONFERENCE",
      "X-GOOGLE-CONFERENCE",
      "X-MICROSOFT-SKYPETEAMSMEETINGURL",
      "X-MICROSOFT-ONLINEMEETINGCONFLINK",
      "X-MICROSOFT-ONLINEMEETINGEXTERNALLINK",
      "X-MICROSOFT-ONLINEMEETINGURL",
    ),
    free: [raw("URL"), place, raw("DESCRIPTION"), raw("X-ALT-DESC")],
  };
}

interface Participant {
  address: string;
  participation: NonNullable<Occurrence["participation"]> | undefined;
}
const participations: Readonly<Record<string, Participant["participation"]>> = {
  ACCEPTED: "accepted",
  TENTATIVE: "tentative",
  DECLINED: "declined",
  "NEEDS-ACTION": "needs-action",
};

/** Who lines of participants name, and what they answered; the address is empty where there is none. */
export function people(lines: readonly string[]): Participant[] {
  return lines.slice(0, 200).map((line) => {
    const address = /mailto:\s*([^\s;,"<>]+@[^\s;,"<>]+)\s*$/i.exec(line)?.[1] ?? "";
    const state = /;PARTSTAT="?([A-Z-]+)/i.exec(line)?.[1] ?? "";
    return { address: address.toLowerCase(), participation: participations[state.toUpperCase()] };
  });
}

/** Mail domains of the organiser and the other participants: where the event comes from, without saying who. */
function domainsOf(lines: ReadonlyMap<string, readonly string[]>, owners: ReadonlySet<string>): string[] {
  const others = people([...(lines.get("ORGANIZER") ?? []), ...(lines.get("ATTENDEE") ?? [])]).filter(
    (p) => p.address && !owners.has(p.address),
  );
  return [...new Set(others.map((p) => p.address.slice(p.address.lastIndexOf("@") + 1)))].slice(0, 10);
}
