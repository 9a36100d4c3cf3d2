import type { PersonaSet } from "@network-personas/personas";
import { inEnglish, sentence } from "../model/index.ts";
import { cellsOf, experience, fade, without } from "./core/evidence.ts";
import { createHabits, type HabitState, infer, isHabitState, learnFrom } from "./core/habits.ts";
import { dropMoments, nothingRemembered } from "./core/memory.ts";
import { type Moment, sinceCap } from "./core/moment.ts";
import { realign } from "./core/realign.ts";
import { migrations } from "./migrations.ts";
import { momentOf } from "./moment-of.ts";
import { candidates, ordered, prediction } from "./outcome.ts";
import { reasons } from "./reasons.ts";
import type { Example, Scorer } from "./scorer.ts";
import { DamagedState, readState, writeState } from "./state-text.ts";

/** A learned example whose window may still overlap the window of the next one. */
interface Unripe {
  moment: Moment;
  outcome: number;
  amount: number;
  /** Local minute at which its window ended. */
  until: number;
}
export interface LearnedState {
  /** Personas met so far; the index is the class. Only ever grows. */
  names: string[];
  habits: HabitState;
  unripe: Unripe[];
  /** Local minute of the latest example; -1 before the first. */
  latest: number;
}

const floor = 1e-3;
const mostUnripe = 64;
/** What another person's habits are worth, in observations: half a day of quarter hours. */
const borrowed = 48;

/** Names known so far, with the given ones appended in the order of their ids. */
function withNames(names: readonly string[], more: readonly string[]): string[] {
  const known = new Set(names);
  return [...names, ...[...new Set(more)].filter((name) => !known.has(name)).sort()];
}

/** The home's own habits: evidence from what happened before, pooled in log space with what persona files, calendar and third parties say. */
export const learned: Scorer<LearnedState> = {
  id: "learned",
  version: 4,
  create: () => ({ names: [], habits: createHabits(), unripe: [], latest: -1 }),

  predict(features, personas, state) {
    const order = ordered(features, personas, this.id);
    if (order) return order;
    const applicable = candidates(features, personas);
    const [only, ...others] = applicable;
    if (only && others.length === 0) {
      const said = sentence("onlyChoice");
      return prediction(features, this.id, { [only.id]: 1 }, () => [
        { source: "only choice", persona: only.id, logOdds: 0, why: inEnglish(said), said },
      ]);
    }
    const names = withNames(
      state.names,
      applicable.map((p) => p.id),
    );
    const moment = momentOf(features, names, applicable);
    const inference = infer(state.habits, moment);
    const p = applicable.map(({ id }) => (1 - floor) * inference.p[names.indexOf(id)]! + floor / applicable.length);
    const total = p.reduce((sum, v) => sum + v, 0);
    const distribution = Object.fromEntries(applicable.map(({ id }, i) => [id, p[i]! / total]));
    return prediction(features, this.id, distribution, () => reasons({ features, applicable, names, inference, distribution }));
  },

  learn(state, example, personas) {
    return learnExample(state, example, personas);
  },

  forget(state, from, to) {
    const isMeant = (minute: number) => minute >= from && minute < to + sinceCap;
    state.unripe = state.unripe.filter(({ moment }) => !isMeant(moment.day * 1440 + moment.minute));
    const { observed } = state.habits;
    dropMoments(observed.memory, isMeant);
    // Counts fade from the day on which they last grew; that it was one of these is not told.
    for (const cell of cellsOf(observed))
      if ((cell.day + 1) * 1440 > from && cell.day * 1440 < to) cell.day = Math.max(0, Math.floor(from / 1440) - 1);
    if (state.latest >= from && state.latest < to) state.latest = Math.max(-1, from);
    return state;
  },

  startFrom(others) {
    const [donor] = others
      .map((state) => ({ state, experience: experience(state.habits.observed) }))
      .sort((a, b) => b.experience - a.experience);
    if (!donor || donor.experience === 0) return this.create();
    const { names, habits } = JSON.parse(JSON.stringify(donor.state)) as LearnedState;
    habits.appointments = {};
    // Habits are lent, not what somebody did when.
    habits.observed.memory = nothingRemembered();
    fade(habits.observed, Math.min(1, borrowed / donor.experience));
    return { names, habits, unripe: [], latest: -1 };
  },

  save(state) {
    return writeState(this.id, this.version, state);
  },
  restore(text) {
    const state = readState(text, this.id, this.version, migrations) as Partial<LearnedState> | null;
    if (Array.isArray(state?.habits?.inputs)) realign(state.habits);
    const whole =
      Array.isArray(state?.names) && Array.isArray(state.unripe) && typeof state.latest === "number" && isHabitState(state.habits);
    if (!whole) throw new DamagedState(this.id, "parts of it are missing or of another shape");
    return state as LearnedState;
  },
};

function learnExample(state: LearnedState, { features, persona, weight }: Example, personas: PersonaSet): LearnedState {
  const applicable = candidates(features, personas);
  if (weight <= 0 || !applicable.some((p) => p.id === persona)) return state;
  state.names = withNames(
    state.names,
    applicable.map((p) => p.id),
  );
  const moment = momentOf(features, state.names, applicable);
  const outcome = state.names.indexOf(persona);
  if (!moment.allowed[outcome]) return state;
  const now = features.local.day * 1440 + features.local.minuteOfDay;
  const horizon = features.horizon / 60_000;
  // Overlapping windows tell the same story again: only the time that no earlier example covered counts.
  const fresh = state.latest < 0 ? 1 : Math.min(1, Math.max(0, now - state.latest) / horizon);
  const amount = weight * fresh;
  if (amount === 0) return state;
  // What overlapping windows taught was not known at the moment of prediction; weights must not be trained as if it had been.
  state.unripe = state.unripe.filter((u) => u.until > now).slice(-mostUnripe);
  const inference = without(state.habits.observed, state.unripe, () => infer(state.habits, moment));
  learnFrom(state.habits, moment, inference, outcome, { certainty: weight, fresh });
  state.unripe.push({ moment, outcome, amount, until: now + horizon });
  state.latest = now;
  return state;
}
