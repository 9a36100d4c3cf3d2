// One reader, one text, one window, in a thread of its own so that it can be ended.
import { parentPort, workerData } from "node:worker_threads";

export interface RivalTask {
  reader: "ICAL.parse" | "node-ical" | "ical-expander";
  text: string;
  from: string;
  to: string;
}
/** Time of reading alone, without loading the library. */
export interface RivalResult {
  ms: number;
  occurrences?: number;
}

const { reader, text, from, to } = workerData as RivalTask;
const after = new Date(from);
const before = new Date(to);

async function prepare(): Promise<() => number | undefined> {
  if (reader === "ICAL.parse") {
    const { default: ICAL } = await import("ical.js");
    return () => {
      ICAL.parse(text);
      return undefined;
    };
  }
  if (reader === "ical-expander") {
    const { default: IcalExpander } = await import("ical-expander");
    return () => {
      const { events, occurrences } = new IcalExpander({ ics: text, maxIterations: 20_000, skipInvalidDates: true }).between(after, before);
      return events.length + occurrences.length;
    };
  }
  const { default: nodeIcal } = await import("node-ical");
  return () => {
    let found = 0;
    for (const event of Object.values(nodeIcal.sync.parseICS(text))) {
      if (event?.type !== "VEVENT") continue;
      try {
        found += nodeIcal.expandRecurringEvent(event, { from: after, to: before }).length;
      } catch {
        // It throws per event; the others count.
      }
    }
    return found;
  };
}

const read = await prepare();
const started = performance.now();
const occurrences = read();
parentPort!.postMessage({ ms: performance.now() - started, ...(occurrences === undefined ? {} : { occurrences }) } satisfies RivalResult);
