import { judged, measure } from "../adapt/index.ts";
import { type CalibrationReport, type Home, type Instant, later, subjectsOf } from "../model/index.ts";
import type { Store } from "../store/index.ts";
import { comparedHorizon } from "./day-book.ts";
import { recorded } from "./privacy.ts";

/** How far back is looked. */
const days = 28;

/** How well each subject of a home was predicted, by what is remembered of the last weeks. */
export async function calibrationOf(store: Pick<Store, "labels" | "predictions">, home: Home, at: Instant): Promise<CalibrationReport> {
  const from = later(at, -days * 24 * 3_600_000);
  const [predictions, labels] = await Promise.all([store.predictions({ from, horizon: comparedHorizon }), store.labels(from)]);
  const over = predictions.filter((p) => later(p.at, p.horizon) <= at);
  const subjects = recorded(subjectsOf(home), home).map(({ id }) => {
    const of = <T extends { subject: string }>(all: readonly T[]) => all.filter(({ subject }) => subject === id);
    const known = judged(of(over), of(labels));
    return { subject: id, windows: known.length, measured: measure(known) };
  });
  return { days, subjects };
}
