import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { everyday } from "@network-personas/personas";

const minute = 60_000;
const day = 24 * 60 * minute;
const week = 7 * day;
/** A Monday. Lives of different years are moved to it by whole weeks, so that a Monday stays one. */
export const firstDay = Date.UTC(2026, 0, 5);

/** What somebody does from a minute on. */
export interface Stretch {
  from: number;
  persona: string;
  home: boolean;
  asleep: boolean;
}
export interface Person {
  id: string;
  /** In order, without gaps; times in ms. */
  life: readonly Stretch[];
}
export interface DeviceOf {
  id: string;
  kind: string;
  mac: string;
  person: string;
}

/** What real activities stand for, alternating over the people so that every persona occurs. */
function personaOf(cls: string, index: number): string {
  if (cls.startsWith("stream")) return "streaming-enthusiast";
  if (cls === "work") return index % 2 === 0 ? "video-editor" : "remote-worker";
  if (cls === "media") return index % 2 === 0 ? "streaming-enthusiast" : "gamer";
  return everyday;
}

/** Where each activity happens. */
const deviceKinds: Readonly<Record<string, string>> = {
  "video-editor": "desktop",
  "remote-worker": "laptop",
  "streaming-enthusiast": "tv",
  gamer: "console",
};
export const kindOf = (persona: string): string | undefined => deviceKinds[persona];

interface Interval {
  start: number;
  end: number;
  cls: string;
}
function intervalsOf(text: string, file: string): Interval[] {
  const [header, ...lines] = text.split(/\r?\n/).filter((line) => line !== "");
  const columns = header?.split(",") ?? [];
  const [s, e, c] = ["start", "end", "class"].map((name) => columns.indexOf(name));
  if ([s, e, c].some((i) => i === -1)) throw new Error(`${file}: the header must name start, end and class`);
  return lines.map((line, i) => {
    const cells = line.split(",");
    const time = (text = "") => Date.parse(`${text.replace(" ", "T")}Z`);
    const interval = { start: time(cells[s!]), end: time(cells[e!]), cls: cells[c!] ?? "" };
    // A clock that was set back makes an interval end before it starts; it paints nothing.
    if (Number.isNaN(interval.start + interval.end)) throw new Error(`${file}, line ${i + 2}: "${line}" is no interval`);
    return interval;
  });
}

/** One real home's intervals as a person's life. Minutes nobody labelled are spent at home, awake, on nothing in particular. */
function lifeOf(intervals: readonly Interval[], index: number, days: number): Stretch[] {
  const first = Math.min(...intervals.map(({ start }) => start));
  const monday = Math.ceil((first - firstDay) / week) * week + firstDay;
  const minutes = new Array<string>(days * 1440).fill("");
  for (const { start, end, cls } of [...intervals].sort((a, b) => a.start - b.start)) {
    const from = Math.max(0, Math.floor((start - monday) / minute));
    const to = Math.min(minutes.length, start <= end ? Math.max(from + 1, Math.ceil((end - monday) / minute)) : from);
    for (let m = from; m < to; m++) minutes[m] = cls;
  }
  const life: Stretch[] = [];
  minutes.forEach((cls, m) => {
    const next = { from: firstDay + m * minute, persona: personaOf(cls, index), home: cls !== "away", asleep: cls === "asleep" };
    const last = life.at(-1);
    if (!last || last.persona !== next.persona || last.home !== next.home || last.asleep !== next.asleep) life.push(next);
  });
  return life;
}

/** People composed of all real homes in a folder that have enough days and something that needs the network. */
export function peopleOf(folder: string, days: number): Person[] {
  const people: Person[] = [];
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name, "intervals.csv");
    if (!existsSync(file)) continue;
    const intervals = intervalsOf(readFileSync(file, "utf8"), file);
    const first = Math.min(...intervals.map(({ start }) => start));
    const last = Math.max(...intervals.map(({ end }) => end));
    const monday = Math.ceil((first - firstDay) / week) * week + firstDay;
    if (last - monday < days * day) continue;
    const life = lifeOf(intervals, people.length, days);
    if (life.some(({ persona }) => persona !== everyday)) people.push({ id: `p${people.length + 1}`, life });
  }
  return people;
}

/** Each person's phone and whatever their activities need. */
export function devicesOf(people: readonly Person[]): DeviceOf[] {
  let number = 16;
  return people.flatMap(({ id, life }) => {
    const kinds = new Set(["phone", ...life.flatMap(({ persona }) => kindOf(persona) ?? [])]);
    return [...kinds].map((kind) => ({ id: `${id}-${kind}`, kind, mac: `02:00:00:00:00:${(number++).toString(16)}`, person: id }));
  });
}

/** Whether a device is on the network: what is carried comes and goes, the rest is on while it is used or its owner is awake at home. */
export function isOn({ kind }: DeviceOf, stretch: Stretch): boolean {
  if (!stretch.home) return false;
  if (kind === "phone") return true;
  if (kind === "laptop" || kind === "desktop") return !stretch.asleep;
  return kindOf(stretch.persona) === kind;
}

/** Who does what at a moment. Lives are read in order, so each is a cursor. */
export class Lives {
  readonly #people: readonly Person[];
  readonly #at: number[];
  constructor(people: readonly Person[]) {
    this.#people = people;
    this.#at = people.map(() => 0);
  }
  at(now: number): Map<string, Stretch> {
    return new Map(
      this.#people.map(({ id, life }, i) => {
        while (life[this.#at[i]! + 1] && life[this.#at[i]! + 1]!.from <= now) this.#at[i]!++;
        return [id, life[this.#at[i]!]!];
      }),
    );
  }
}

/** Persona by device: what really goes on. */
export function doingOf(now: ReadonlyMap<string, Stretch>, devices: readonly DeviceOf[]): Map<string, string> {
  const doing = new Map<string, string>();
  for (const { id, person, kind } of devices) {
    const { persona } = now.get(person)!;
    if (persona !== everyday && kindOf(persona) === kind) doing.set(id, persona);
  }
  return doing;
}

export const homeYaml = (people: readonly Person[], devices: readonly DeviceOf[], more: string): string => `version: 1
home: { id: bench, name: Bench, timeZone: UTC }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people:
${people.map(({ id }) => `  - { id: ${id}, devices: [${devices.filter((d) => d.person === id).map((d) => d.id)}] }`).join("\n")}
devices:
${devices.map(({ id, kind, mac }) => `  - { id: ${id}, kind: ${kind}, macs: ["${mac}"] }`).join("\n")}
  - { id: nas, kind: server, macs: ["02:00:00:00:00:0a"] }
  - { id: gateway, kind: other, macs: ["02:00:00:00:00:01"], infrastructure: true }
routers:
  - { id: main, driver: virtual, mode: live, clients: [{ mac: "02:00:00:00:00:01" }] }
${more}
`;
