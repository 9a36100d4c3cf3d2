import { setImmediate as othersTurn } from "node:timers/promises";
import { judged, measure } from "../adapt/index.ts";
import { type Calibration, type CalibrationReport, type Home, type Instant, later, subjectsOf } from "../model/index.ts";
import type { Store } from "../store/index.ts";
import { comparedHorizon } from "./day-book.ts";
import { recorded } from "./privacy.ts";

/** How far back is looked. */
const days = 28;

/** How well each subject of a home was predicted, by what is remembered of the last weeks. */
export async function calibrationOf(store: Pick<Store, "labels" | "predictions">, home: Home, at: Instant): Promise<CalibrationReport> {
  const from = later(at, -days * 24 * 3_600_000);
  const labels = Map.groupBy(await store.labels(from), ({ subject }) => subject);
  const subjects: Calibration[] = [];
  for (const { id: subject } of recorded(subjectsOf(home), home)) {
    const predictions = await store.predictions({ subject, from, horizon: comparedHorizon });
    const over = predictions.filter((p) => later(p.at, p.horizon) <= at);
    const known = judged(over, labels.get(subject) ?? []);
    subjects.push({ subject, windows: known.length, measured: measure(known) });
    // Weeks of somebody take a while; signals need not wait for those of everybody.
    await othersTurn();
  }
  return { days, subjects };
}
