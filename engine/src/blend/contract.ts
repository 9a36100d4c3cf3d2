import type { PersonaSet } from "@network-personas/personas";
import type { BlendedProfile, Distribution } from "../model/index.ts";

export interface BlendInput {
  subject: string;
  /** Over known personas; sums to 1. */
  distribution: Distribution;
  personas: PersonaSet;
  /** Below this largest probability the base layer stands. */
  confidenceFloor: number;
  /** An override decided: its persona counts as p = 1. */
  overridden: boolean;
  /** The activity is about to start: interrupting fields may act at p >= 0.9. While it runs they keep what they had. */
  atStart: boolean;
  /**
   * Without what other applications say, where they say something: they can raise a suspicion that protects, never dispel one.
   * Over known personas.
   */
  unswayed?: Distribution;
  /** What the subject had before, for hysteresis of choices and for what must not change mid-activity. */
  previous?: BlendedProfile;
}
