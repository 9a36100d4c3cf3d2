import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import { cellsOf } from "./core/evidence.ts";
import { column, octave, perClassAt, widthOf } from "./core/memory.ts";
import { covarianceAt } from "./core/posterior.ts";
import { learned } from "./learned.ts";
import { writeState } from "./state-text.ts";
import { localAt, someFeatures } from "./test-features.ts";

const { personas } = await loadPersonas();

/** A week of evenings with games. */
const state = learned.create();
for (let n = 0; n < 7 * 1440; n += 15) {
  const playing = (minute: number) => (minute % 1440 >= 1140 && minute % 1440 < 1320 ? "gamer" : "everyday");
  const recent = [{ persona: playing(n + 1425), minutesAgo: 0, minutes: 15 }];
  learned.learn(state, { features: someFeatures({ local: localAt(n), recent }), persona: playing(n), weight: 1 }, personas);
}

/** The state as format 3 kept it: the counts of a cell in any order. */
function format3(whole: typeof state) {
  const old = structuredClone(whole);
  for (const cell of cellsOf(old.habits.observed)) {
    cell.at.reverse();
    cell.n.reverse();
  }
  return old;
}

/** The state as format 2 kept it: moments as objects, durations in half octaves, the whole covariance. */
function format2(whole: typeof state) {
  const { habits, ...rest } = format3(whole);
  const { words, classes, rows } = habits.observed.memory;
  const memory = Array.from({ length: rows.length / widthOf(classes) }, (_, r) => {
    const row = rows.slice(r * widthOf(classes), (r + 1) * widthOf(classes));
    const of = (name: keyof typeof column) => row[column[name]]!;
    const perClass = (at: number) => row.slice(at, at + of("known"));
    return {
      ...Object.fromEntries(Object.keys(column).map((name) => [name, of(name as "day")])),
      weekend: of("weekend") === 1,
      dwell: (of("dwell") * 2) / octave,
      previousDwell: (of("previousDwell") * 2) / octave,
      since: perClass(perClassAt).map((since) => (since * 2) / octave),
      timesToday: perClass(perClassAt + classes),
      place: words[of("place")],
      devices: words[of("devices")],
      calendar: words[of("calendar")],
    };
  });
  const { mean, covariance } = habits.posterior;
  const square = mean.flatMap((_, i) => mean.map((_, j) => covariance[covarianceAt(i, j)]!));
  return structuredClone({
    ...rest,
    habits: { ...habits, observed: { ...habits.observed, memory }, posterior: { mean, covariance: square } },
  });
}

describe("a state of an older format", () => {
  it("brings on what the first format had learned", () => {
    const old = format2(state);
    const rows = old.habits.inputs.map((name) => !/^staying|^own-devices$/.test(name));
    const kept = (_: unknown, row: number) => rows[row >> 1] ?? true;
    for (const set of old.habits.pools.flatMap((pool) => Object.values(pool))) {
      set.w = set.w.filter(kept);
      set.gw = set.gw.filter(kept);
    }
    const { mean, covariance } = old.habits.posterior;
    const known = (i: number) => rows[i] ?? true;
    old.habits.posterior = {
      mean: mean.filter((_, i) => known(i)),
      covariance: covariance.filter((_, i) => known(Math.floor(i / mean.length)) && known(i % mean.length)),
    };
    const { inputs, ...habits } = old.habits;
    const { habits: brought } = learned.restore(writeState("learned", 1, { ...old, habits }), 1);
    expect(brought.inputs).toEqual(inputs);
    const weight = ({ pools }: typeof brought, name: string) => pools[0]!.always!.w[2 * inputs.indexOf(name)];
    expect(weight(brought, "declared-time")).toBe(weight(state.habits, "declared-time"));
    expect(weight(brought, "staying")).toBe(1);
    const declared = inputs.indexOf("declared-time");
    const at = covarianceAt(declared, declared);
    expect(brought.posterior.covariance[at]).toBe(state.habits.posterior.covariance[at]);
    expect(brought.posterior.covariance).toHaveLength(state.habits.posterior.covariance.length);
  });
  it("brings on all of the second format", () => {
    const brought = learned.restore(writeState("learned", 2, format2(state)), 2);
    expect(brought).toEqual(state);
  });
  it("brings on all of the third format", () => {
    expect(learned.restore(writeState("learned", 3, format3(state)), 3)).toEqual(state);
  });
});
