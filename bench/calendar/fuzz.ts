import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createExpander } from "../../engine/src/calendar/index.ts";
import { makeFeed, randomNumbers } from "./feed.ts";

export interface FuzzResult {
  files: number;
  mutations: number;
  /** Read, perhaps with problems told; refused as no calendar; what must not be. */
  read: number;
  refused: number;
  failures: readonly { file: string; mutation: number; why: string }[];
  slowest: { file: string; mutation: number; ms: number };
  withProblems: number;
  megabytes: { before: number; after: number };
}

const pieces = [
  "\r\n",
  "\n ",
  ";",
  ":",
  '"',
  "=",
  ",",
  "/",
  "Z",
  "T",
  "-",
  "\u0000",
  "\ufeff",
  "99999999999",
  "0",
  "BEGIN:VEVENT\r\n",
  "END:VEVENT\r\n",
  "END:VCALENDAR\r\n",
  "BEGIN:VTIMEZONE\r\n",
  "BEGIN:VALARM\r\n",
  "RRULE:FREQ=SECONDLY\r\n",
  "RRULE:FREQ=DAILY;BYMONTHDAY=-1;COUNT=99999999\r\n",
  ";INTERVAL=999999999",
  ";BYSETPOS=-366",
  ";UNTIL=99991231T235959Z",
  "DTSTART:00010101T000000Z\r\n",
  "DTEND;VALUE=DATE:99991231\r\n",
  "DURATION:P99999999D\r\n",
  "RECURRENCE-ID;RANGE=THISANDFUTURE:20200101T000000Z\r\n",
  "EXDATE;VALUE=DATE:20200101,,\r\n",
  "RDATE;VALUE=PERIOD:20200101T000000Z/PT9999999H\r\n",
  "TZID=",
  "TZOFFSETTO:+9999\r\n",
  "SEQUENCE:-1\r\n",
  "UID:\r\n",
];

/** Reads `mutations` damaged calendars: real ones of a folder where there is one, and generated ones. */
export async function fuzz(mutations: number, folder: string, seed: number): Promise<FuzzResult> {
  const files = await collect(folder);
  const random = randomNumbers(seed);
  const under = (n: number): number => Math.floor(random() * n);
  const expander = createExpander();
  const failures: { file: string; mutation: number; why: string }[] = [];
  const result = { read: 0, refused: 0, withProblems: 0, slowest: { file: "", mutation: -1, ms: 0 } };
  const before = process.memoryUsage().rss / 1e6;
  for (let mutation = 0; mutation < mutations; mutation++) {
    const { file, text } = files[mutation % files.length]!;
    const other = files[under(files.length)]!.text;
    const ics = mutate(text, other, under);
    const year = /DTSTART[^:\r\n]*:(\d{4})/.exec(ics)?.[1] ?? "2026";
    const from = Date.UTC(Math.min(Math.max(Number(year), 1900), 2100) + under(3), under(12), 1 + under(28));
    const window = { from: new Date(from).toISOString(), to: new Date(from + (1 + under(60)) * 86_400_000).toISOString() };
    const started = performance.now();
    try {
      const { occurrences, problems } = await expander.expand({ ics, timeZone: "Europe/Berlin", ...window });
      result.read++;
      if (problems.length > 0) result.withProblems++;
      const wrong = occurrences.find((o) => o.end < o.start || o.start >= window.to || o.end < window.from);
      if (wrong) failures.push({ file, mutation, why: `an occurrence outside the window: ${wrong.start} to ${wrong.end}` });
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "bad-input") result.refused++;
      else failures.push({ file, mutation, why: String(error) });
    }
    const ms = performance.now() - started;
    if (ms > result.slowest.ms) result.slowest = { file, mutation, ms };
    expander.forget(ics);
  }
  await expander.close();
  return { files: files.length, mutations, ...result, failures, megabytes: { before, after: process.memoryUsage().rss / 1e6 } };
}

async function collect(folder: string): Promise<{ file: string; text: string }[]> {
  const names = existsSync(folder) ? (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".ics")).sort() : [];
  const real = await Promise.all(names.map(async (name) => ({ file: name, text: await readFile(join(folder, name), "utf8") })));
  const made = [1, 2, 3, 4, 5].map((seed) => ({
    file: `generated ${seed}`,
    text: makeFeed({ events: 20, recurring: 10, years: 3, seed }, Date.UTC(2026, 10, 22)),
  }));
  return [...real.filter(({ text }) => text.length < 200_000), ...made];
}

function mutate(text: string, other: string, under: (n: number) => number): string {
  let mutated = text;
  for (let edits = 1 + under(6); edits > 0; edits--) {
    const at = under(mutated.length + 1);
    const lines = mutated.split("\n");
    switch (under(8)) {
      case 0:
        mutated = mutated.slice(0, at) + mutated.slice(at + 1 + under(20));
        break;
      case 1:
        mutated = mutated.slice(0, at) + pieces[under(pieces.length)]! + mutated.slice(at);
        break;
      case 2:
        mutated = mutated.slice(0, at) + String.fromCharCode(under(0x300)) + mutated.slice(at + 1);
        break;
      case 3:
        lines.splice(under(lines.length), 1 + under(3));
        mutated = lines.join("\n");
        break;
      case 4:
        lines.splice(under(lines.length), 0, ...lines.slice(under(lines.length)).slice(0, 1 + under(10)));
        mutated = lines.join("\n");
        break;
      case 5:
        mutated = mutated.slice(0, at) + other.slice(under(other.length)).slice(0, under(2000)) + mutated.slice(at);
        break;
      case 6:
        mutated = mutated.replace(/\d+/g, (digits) =>
          under(40) === 0 ? String(under(10 ** Math.min(9, digits.length + under(3)))).padStart(digits.length, "0") : digits,
        );
        break;
      default:
        mutated = mutated.slice(0, Math.max(40, at));
    }
  }
  return mutated;
}
