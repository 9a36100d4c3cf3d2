import type { EvidenceTable } from "./evidence.ts";
import { canStay, type Moment } from "./moment.ts";

/** Minutes that an activity goes on at a guess, before anything is known. */
const usualStay = 150;

/** What a source counted of things that were going on, and how much it trusts the guess it starts from. */
interface Stays {
  ended: number;
  wentOn: number;
  backoff: number;
  /** Whether it is the first of its kind, without a parent that knows of staying. */
  first: boolean;
}

/**
 * Belief of a source that only counts whether things go on, into `belief`: the chance of staying backs off to its parent's,
 * and the first one's to a guess. What comes instead is as likely as it was to the parent. So an activity never met before
 * goes on like the others do; that nothing goes on is no activity, and nothing is guessed of it.
 */
export function believeStaying(m: Moment, parent: Float64Array, { ended, wentOn, backoff, first }: Stays, belief: Float64Array): void {
  const { current, certainty = 1 } = m;
  const before = parent[current]!;
  const guess = first && m.last === current ? Math.exp(-m.horizon / usualStay) : before;
  let stay = (wentOn + backoff * guess) / (ended + wentOn + backoff);
  // What is not sure to be going on at all is expected as if nothing were known of it.
  if (first) stay = certainty * stay + (1 - certainty) * before;
  const others = (1 - stay) / Math.max(1e-9, 1 - before);
  for (let k = 0; k < belief.length; k++) belief[k] = k === current ? stay : others * parent[k]!;
}

/** What every input says, as two questions: does what is going on go on, and if not, what comes instead? */
export interface Split {
  /** The class that may go on; -1 when nothing is known to be going on, or it cannot go on: then all is in `instead`. */
  current: number;
  /** Per input: log-odds of going on over the mean of the others. */
  staying: Float64Array;
  /** Row by row, `classes` wide, 0 for the class that may go on. */
  instead: Float64Array;
}

/** The two questions have weights of their own: a source that knows when an activity ends need not know what follows. */
export function splitStaying({ classes, inputs, evidence, speaking }: EvidenceTable, m: Moment): Split {
  const current = canStay(m) ? m.current : -1;
  const staying = new Float64Array(inputs);
  if (current < 0) return { current, staying, instead: evidence };
  const instead = new Float64Array(inputs * classes);
  for (const i of speaking) {
    const from = i * classes;
    let others = 0;
    for (let k = 0; k < classes; k++) if (k !== current) others += evidence[from + k]! / (classes - 1);
    staying[i] = evidence[from + current]! - others;
    for (let k = 0; k < classes; k++) if (k !== current) instead[from + k] = evidence[from + k]! - others;
  }
  return { current, staying, instead };
}
