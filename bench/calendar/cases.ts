import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createExpander, type Expander } from "../../engine/src/calendar/index.ts";
import { ianaZone, toWall } from "../../engine/src/calendar/zone.ts";

interface Expected {
  uid: string;
  start: string;
  end: string;
  allDay: boolean;
}
/** A case of a collection: a file, a window, a home zone, and the occurrences a right reader finds. */
interface Case {
  name: string;
  ics: string;
  from: string;
  to: string;
  tz: string;
  tags?: string[];
  expected: Expected[];
  alsoAccept?: Expected[][];
}

export interface CasesResult {
  total: number;
  passed: number;
  /** Without cases whose truth is open (tags disputed, dtstart-unsynced). */
  settled: { total: number; passed: number };
  slowest: { name: string; ms: number };
  failed: readonly { name: string; why: string; disputed: boolean }[];
}

/** Scores the expander over `cases.json` of a folder. */
export async function scoreCases(folder: string): Promise<CasesResult> {
  const cases = JSON.parse(await readFile(join(folder, "cases.json"), "utf8")) as Case[];
  const expander = createExpander();
  const failed: { name: string; why: string; disputed: boolean }[] = [];
  let slowest = { name: "", ms: 0 };
  for (const item of cases) {
    const ics = await readFile(join(folder, item.ics), "utf8");
    const started = performance.now();
    const why = await judge(item, ics, expander);
    const ms = performance.now() - started;
    if (ms > slowest.ms) slowest = { name: item.name, ms };
    if (why) failed.push({ name: item.name, why, disputed: isOpen(item) });
  }
  await expander.close();
  const settled = cases.filter((c) => !isOpen(c)).length;
  return {
    total: cases.length,
    passed: cases.length - failed.length,
    settled: { total: settled, passed: settled - failed.filter((f) => !f.disputed).length },
    slowest,
    failed,
  };
}

const isOpen = ({ tags = [] }: Case): boolean => tags.includes("disputed") || tags.includes("dtstart-unsynced");

async function judge(item: Case, ics: string, expander: Expander): Promise<string> {
  const zone = ianaZone(item.tz)!;
  const date = (instant: string): string => new Date(toWall(zone, Date.parse(instant))).toISOString().slice(0, 10);
  const key = (o: Expected): string => [o.uid.trim(), o.allDay, ...[o.start, o.end].map((t) => (o.allDay ? t : Date.parse(t)))].join(" ");
  try {
    const { occurrences } = await expander.expand({ ics, from: item.from, to: item.to, timeZone: item.tz });
    expander.forget(ics);
    const found = occurrences.map((o) => key(o.allDay ? { ...o, start: date(o.start), end: date(o.end) } : o)).sort();
    const accepted = [item.expected, ...(item.alsoAccept ?? [])].map((list) => list.map(key).sort());
    return accepted.some((list) => list.join("\n") === found.join("\n")) ? "" : `expected ${item.expected.length}, found ${found.length}`;
  } catch (error) {
    return String(error);
  }
}
