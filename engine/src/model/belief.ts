import type { Instant } from "./ids.ts";
import type { Sentence } from "./sentence.ts";
import type { Occurrence } from "./signal.ts";

/** What is believed about one device now. `undefined` presence is "not known", never "absent". */
export interface DeviceBelief {
  present?: boolean;
  /** When it last arrived or left. */
  since?: Instant;
  confidence: number;
}

/** Evidence of a third party that has not expired. */
export interface StatedEvidence {
  source: string;
  logOdds: Readonly<Record<string, number>>;
  why: string;
  /** The same by key, where all of it is our own words. */
  said?: Sentence;
}

/** What is believed about one subject now. */
export interface SubjectBelief {
  subject: string;
  /** "home", "away", a named place, or undefined when nobody said. */
  place?: string;
  override?: { persona: string; source: string; at: Instant; expiresAt: Instant };
  /** Recognised or confirmed activity that has not expired: reality, not prediction. */
  activity?: { persona: string; source: string; at: Instant; expiresAt: Instant; weight: number };
  evidence: readonly StatedEvidence[];
  /** Occurrences that matter to the subject: running now, or starting within a day. */
  events: readonly Occurrence[];
}

/** What is believed now, about every device and subject of the home. */
export interface Belief {
  at: Instant;
  devices: ReadonlyMap<string, DeviceBelief>;
  subjects: ReadonlyMap<string, SubjectBelief>;
}
