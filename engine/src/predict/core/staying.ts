import type { EvidenceTable } from "./evidence.ts";
import type { Moment } from "./moment.ts";

/**
 * Splits what every input says into two questions with weights of their own: does what is going on go on, and if not,
 * what comes instead? A source that knows when an activity ends need not know what follows. Two rows per input, the first
 * for staying; when nothing is known to be going on, or it cannot go on, all is in the second.
 */
export function splitStaying({ classes, inputs, evidence }: EvidenceTable, m: Moment): Float64Array {
  const split = new Float64Array(2 * inputs * classes);
  const { current } = m;
  const canStay = current >= 0 && m.allowed[current] === true;
  for (let i = 0; i < inputs; i++) {
    const from = i * classes;
    const stay = 2 * from;
    const rest = stay + classes;
    if (!canStay) {
      for (let k = 0; k < classes; k++) split[rest + k] = evidence[from + k]!;
      continue;
    }
    let others = 0;
    for (let k = 0; k < classes; k++) if (k !== current) others += evidence[from + k]! / (classes - 1);
    const staying = evidence[from + current]! - others;
    for (let k = 0; k < classes; k++) {
      split[stay + k] = (k === current ? staying : 0) - staying / classes;
      split[rest + k] = k === current ? 0 : evidence[from + k]! - others;
    }
  }
  return split;
}
