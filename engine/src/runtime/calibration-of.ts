import { judged, measure } from "../adapt/index.ts";
import { type Calibration, type Home, type Instant, later, subjectsOf } from "../model/index.ts";
import type { Store } from "../store/index.ts";
import { comparedHorizon } from "./day-book.ts";
import { recorded } from "./privacy.ts";

/** How far back is looked. */
const lookBack = 28 * 24 * 3_600_000;

/** How well each subject of a home was predicted, by what is remembered of the last weeks. */
export async function calibrationOf(store: Pick<Store, "labels" | "predictions">, home: Home, at: Instant): Promise<Calibration[]> {
  const from = later(at, -lookBack);
  const [predictions, labels] = await Promise.all([store.predictions({ from, horizon: comparedHorizon }), store.labels(from)]);
  const over = predictions.filter((p) => later(p.at, p.horizon) <= at);
  return recorded(subjectsOf(home), home).map(({ id }) => {
    const of = <T extends { subject: string }>(all: readonly T[]) => all.filter(({ subject }) => subject === id);
    const known = judged(of(over), of(labels));
    return { subject: id, windows: known.length, measured: measure(known) };
  });
}
