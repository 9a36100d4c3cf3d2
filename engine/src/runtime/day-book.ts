import { againstReality, type Foreseen } from "../adapt/index.ts";
import { ianaZone, toUtc, toWall, utc } from "../calendar/index.ts";
import { type Correction, type Instant, type Label, later, type Today } from "../model/index.ts";
import type { Store } from "../store/index.ts";
import type { Forgetting } from "./port.ts";

const dayMs = 24 * 3_600_000;
const mostCorrections = 100;
/** A day of several hundred subjects. */
const mostPredictions = 100_000;
/** Today is compared with what was expected so long before. */
export const comparedHorizon = 15 * 60_000;

/** What was expected today and what had to be corrected, also after a restart. */
export class DayBook {
  readonly #store: Pick<Store, "history">;
  readonly #timeZone: () => string;
  #predictions: Foreseen[] = [];
  #corrections: Correction[] = [];

  constructor(store: Pick<Store, "history">, timeZone: () => string) {
    this.#store = store;
    this.#timeZone = timeZone;
  }
  async load(at: Instant): Promise<void> {
    const from = this.#midnight(at);
    const predictions = await this.#store.history({ kind: "prediction", from, limit: mostPredictions });
    this.#predictions = predictions.flatMap((e) => (e.kind === "prediction" && e.horizon === comparedHorizon ? [e] : [])).reverse();
    const corrected = await this.#store.history({ kind: "corrected", from, limit: mostCorrections });
    this.#corrections = corrected.flatMap((e) => (e.kind === "corrected" ? [e.correction] : []));
  }

  expect(predictions: readonly Foreseen[]): void {
    this.#predictions.push(...predictions.filter((p) => p.horizon === comparedHorizon));
  }
  /** False when it was told before: what goes on may be doubted for a while. */
  correct(correction: Correction): boolean {
    const { subject, really, since } = correction;
    if (this.#corrections.some((c) => c.subject === subject && c.really === really && c.since === since)) return false;
    this.#corrections = [correction, ...this.#corrections].slice(0, mostCorrections);
    return true;
  }
  forget({ subject, from = "", to = "9999" }: Forgetting): void {
    const isWithin = (at: Instant) => at >= from && at < to;
    const isOfOthers = (one: { subject: string }) => subject !== undefined && one.subject !== subject;
    this.#predictions = this.#predictions.filter((p) => isOfOthers(p) || !isWithin(p.at));
    this.#corrections = this.#corrections.filter((c) => isOfOthers(c) || !(isWithin(c.at) || isWithin(c.since)));
  }

  today(subjects: readonly string[], labels: readonly Label[], at: Instant): Today {
    const from = this.#midnight(at);
    this.#predictions = this.#predictions.filter((p) => later(p.at, p.horizon) > from);
    this.#corrections = this.#corrections.filter((c) => c.at >= from);
    const of = (subject: string) => this.#predictions.filter((p) => p.subject === subject && later(p.at, p.horizon) <= at);
    const ofToday = labels.filter((label) => label.to > from);
    return { from, subjects: subjects.map((subject) => againstReality(subject, of(subject), ofToday)), corrections: this.#corrections };
  }

  #midnight(at: Instant): Instant {
    const zone = ianaZone(this.#timeZone()) ?? utc;
    return new Date(toUtc(zone, Math.floor(toWall(zone, Date.parse(at)) / dayMs) * dayMs)).toISOString();
  }
}

/** From when to when a date ("2026-11-24") is where the home is. */
export function boundsOfDay(date: string, timeZone: string): { from: Instant; to: Instant } {
  const zone = ianaZone(timeZone) ?? utc;
  const start = (days: number) => new Date(toUtc(zone, Date.parse(`${date}T00:00:00Z`) + days * dayMs)).toISOString();
  return { from: start(0), to: start(1) };
}
