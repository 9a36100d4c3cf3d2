import { people, textOf } from "./details.ts";
import { limits } from "./limits.ts";
import { hostOfLink, isConferenceHost, linksIn } from "./links.ts";
import { detailNames, endOfLine, endOfName, headerNames, timeNames, unfold, unifyLines, zoneNames } from "./text.ts";

export interface ReduceOptions {
  ics: string;
  /** Mail addresses of the person whose calendar it is. */
  owners?: readonly string[];
  /** Further hosts whose links are calls. */
  conferenceHosts?: readonly string[];
}

const containers = new Set(["VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT"]);
/** What stays of a private event: whether it is one, and how busy. */
const untelling = new Set(["TRANSP", "CLASS", "X-MICROSOFT-CDO-BUSYSTATUS"]);

/**
 * A calendar's text as it may be kept: what decides when something happens and what its features are made of, nothing else.
 * Descriptions and links shrink to the hosts of calls, people to the domains they write from, private events to their times. It reads
 * the same as the whole text, and what is left stays at its line.
 */
export function reduceText({ ics, owners = [], conferenceHosts = [] }: ReduceOptions): string {
  const text = unifyLines(ics).replaceAll("\r\n", "\n");
  const own = new Set(owners.map((address) => address.toLowerCase()));
  const kept: string[] = [];
  const open: string[] = [];
  let event = { isPrivate: false, telling: [] as number[] };
  const endEvent = () => {
    if (event.isPrivate) for (const at of event.telling) kept[at] = onlyRows(kept[at]!);
    event = { isPrivate: false, telling: [] };
  };
  for (let start = 0; start < text.length; ) {
    const { end } = endOfLine(text, start);
    const raw = text.slice(start, end);
    const nameEnd = endOfName(text, start, end);
    start = end + 1;
    const at = kept.push(onlyRows(raw)) - 1;
    if (nameEnd < 0) continue;
    const name = text.slice(end - raw.length, nameEnd).toUpperCase();
    if (name === "BEGIN" || name === "END") {
      const component = raw
        .slice(raw.indexOf(":") + 1)
        .trim()
        .toUpperCase();
      const isOuter = component === "VEVENT" || component === "VCALENDAR";
      if (isOuter) endEvent();
      if (isOuter && name === "BEGIN") open.length = 0;
      if (name === "BEGIN") open.push(component);
      else if (open.includes(component)) open.length = open.lastIndexOf(component);
      kept[at] = raw;
    } else if (!open.every((component) => containers.has(component))) {
      // Alarms, tasks and the like.
    } else if (!open.includes("VEVENT")) {
      if (headerNames.has(name) || zoneNames.has(name)) kept[at] = raw;
      const value = name === "X-WR-CALNAME" ? textOf(unfold(raw)).trim() : "";
      if (/^[^\s@]+@[^\s@]+$/.test(value)) own.add(value.toLowerCase());
    } else if (timeNames.has(name)) kept[at] = raw;
    else if (detailNames.has(name)) {
      const line = unfold(raw.slice(0, limits.line)).trimEnd();
      const { text: reduced, isOwn } = reduceDetail(name, line, own, conferenceHosts);
      kept[at] = reduced === undefined ? raw : reduced + onlyRows(raw);
      if (!untelling.has(name) && !isOwn) event.telling.push(at);
      if (name === "CLASS" && /^(PRIVATE|CONFIDENTIAL)$/i.test(textOf(line).trim())) event.isPrivate = true;
    }
  }
  endEvent();
  return kept.join("\n");
}

/** As many empty rows as a text has after its first. */
const onlyRows = (raw: string): string => raw.replace(/[^\n]+/g, "");

/** What stays of a line; undefined is all of it. */
function reduceDetail(
  name: string,
  line: string,
  own: ReadonlySet<string>,
  further: readonly string[],
): { text: string | undefined; isOwn?: boolean } {
  const links = (hosts: readonly string[]): string => [...new Set(hosts)].map((host) => `https://${host}/`).join(" ");
  switch (name) {
    case "ATTENDEE":
    case "ORGANIZER": {
      const [person] = people([line]);
      if (!person?.address) return { text: "" };
      const isOwn = own.has(person.address);
      const address = isOwn ? person.address : `someone${person.address.slice(person.address.lastIndexOf("@"))}`;
      const answer = person.participation ? `;PARTSTAT=${person.participation.toUpperCase()}` : "";
      return { text: `${name}${answer}:mailto:${address}`, isOwn };
    }
    case "DESCRIPTION":
    case "X-ALT-DESC": {
      const calls = linksIn(textOf(line)).filter((host) => isConferenceHost(host, further));
      return { text: calls.length > 0 ? `${name}:${links(calls.slice(0, 1))}` : "" };
    }
    case "LOCATION": {
      const place = textOf(line).trim();
      const bare = hostOfLink(place);
      const hosts = bare ? [bare] : linksIn(place);
      return { text: hosts.length > 0 ? `${name}:${links(hosts)}` : undefined };
    }
    case "SUMMARY":
    case "CATEGORIES":
      return { text: undefined };
    default: {
      if (untelling.has(name)) return { text: undefined };
      const hosts = linksIn(textOf(line));
      return { text: hosts.length > 0 ? `${name}:${links(hosts)}` : "" };
    }
  }
}
