import { inputNames } from "./core/evidence.ts";
import { comingLate } from "./core/override.ts";
import type { LearnedState } from "./learned.ts";
import type { Migrations } from "./state-text.ts";

/** Inputs that format 1, which did not name them, did not have; every input added later belongs here. */
const unknownToFormat1 = new Set(["staying", "staying+dwell", "own-devices"]);

/** Older formats of the learned state, one step each. */
export const migrations: Migrations = {
  1: (old) => {
    const { habits, unripe, ...rest } = old as LearnedState;
    const inputs = inputNames.filter((name) => !unknownToFormat1.has(name));
    // Rhythms were counted without asking whether the class was going on already: they have to be learned anew.
    const observed = { ...habits.observed, own: {} };
    const appointments = Object.fromEntries(
      Object.entries(habits.appointments).map(([code, known]) => [code, { ...known, late: comingLate }]),
    );
    return { ...rest, unripe: [], habits: { ...habits, inputs, observed, appointments } };
  },
};
