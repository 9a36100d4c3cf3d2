import type { PersonaSet } from "@network-personas/personas";
import type { FeatureVector, Prediction } from "../model/index.ts";

/** A past moment whose outcome is known: the features as they were then, and what really happened in the window after them. */
export interface Example {
  features: FeatureVector;
  /** What really happened. */
  persona: string;
  /** 0..1, how sure the label is. */
  weight: number;
}

/**
 * One way to predict. State is plain JSON and belongs to one subject and horizon; `predict` never changes it,
 * `learn` may change the state it is given and returns it.
 */
export interface Scorer<State = unknown> {
  readonly id: string;
  /** Grows when the state's format changes. */
  readonly version: number;
  create(): State;
  /** Only personas of `personas` that apply to the subject are normalised; the distribution sums to 1. */
  predict(features: FeatureVector, personas: PersonaSet, state: State): Prediction;
  learn(state: State, example: Example, personas: PersonaSet): State;
  /**
   * Takes out of a state what it holds of the single moments between two local minutes since 1970-01-01, and of later ones as far as they
   * tell of these. What all of them added up to stays, and tells of no moment.
   */
  forget?(state: State, from: number, to: number): State;
  /**
   * A state for someone nothing is known about yet, from what the home's other people taught theirs: a first guess that a
   * day of own habits outweighs.
   */
  startFrom?(others: readonly State[]): State;
  /** The state as text: the same text for the same state, and `restore` gives back exactly it. */
  save(state: State): string;
  /** Migrates older versions. @throws Error saying what is wrong when the text is damaged or its version is not known */
  restore(data: string, version: number): State;
}
