import type { Parts, Score } from "./score.ts";

/** What one method did at one task of one home. */
export interface Result extends Parts {
  predictMs: number;
  learnMs: number;
  bytes?: number;
}
/** Results by home, task and method. */
export type Results = Record<string, Record<string, Record<string, Result>>>;

const columns = ["log loss", "brier", "top-1", "top-2", "ECE", "change", "cold", "gap", "predict", "learn", "state"];
const header = `${"".padEnd(24)}${columns.map((c) => c.padStart(10)).join("")}`;
const number = (value: number | undefined, digits = 4) =>
  (value === undefined || Number.isNaN(value) ? "-" : value.toFixed(digits)).padStart(10);
const bytes = (value: number | undefined) => (value === undefined ? "-" : `${Math.round(value / 1024)} KiB`).padStart(10);

function row(label: string, r: Result): string {
  const main: Partial<Score> = r.main ?? {};
  const parts = [main.logloss, main.brier, main.top1, main.top2, main.ece, r.change?.logloss, r.cold?.logloss, r.gap?.logloss];
  return `${label.padEnd(24)}${parts.map((v) => number(v)).join("")}${number(r.predictMs, 3)}${number(r.learnMs, 3)}${bytes(r.bytes)}`;
}

const mean = (values: readonly (number | undefined)[]): number => {
  const known = values.filter((v) => v !== undefined);
  return known.reduce((sum, v) => sum + v, 0) / known.length;
};

/** Unweighted over homes. */
function meanOf(results: readonly Result[]): Result {
  const score = (part: keyof Parts): Score | undefined => {
    const scores = results.map((r) => r[part]).filter((s) => s !== undefined);
    if (scores.length === 0) return undefined;
    const over = (field: keyof Score) => mean(scores.map((s) => s[field]));
    return { n: over("n"), logloss: over("logloss"), brier: over("brier"), top1: over("top1"), top2: over("top2"), ece: over("ece") };
  };
  const parts = Object.fromEntries(
    (["main", "cold", "change", "gap"] as const).map((part) => [part, score(part)] as const).filter(([, s]) => s),
  ) as Parts;
  const sizes = results.map((r) => r.bytes).filter((b) => b !== undefined);
  return {
    ...parts,
    predictMs: mean(results.map((r) => r.predictMs)),
    learnMs: mean(results.map((r) => r.learnMs)),
    ...(sizes.length > 0 ? { bytes: mean(sizes) } : {}),
  };
}

export function printHome(home: string, task: string, methods: Readonly<Record<string, Result>>): void {
  console.log(`\n${home} ${task}\n${header}`);
  for (const [name, result] of Object.entries(methods)) console.log(row(`  ${name}`, result));
}

/** Means over all homes that were run, and over the homes the aims are about when all of them were. */
export function printMeans(results: Results, groups: Readonly<Record<string, readonly string[]>>): void {
  for (const [group, homes] of Object.entries(groups)) {
    const tasks = new Set(homes.flatMap((home) => Object.keys(results[home] ?? {})));
    for (const task of tasks) {
      console.log(`\nmean of ${group} ${task}\n${header}`);
      const methods = new Set(homes.flatMap((home) => Object.keys(results[home]?.[task] ?? {})));
      for (const method of methods) {
        const found = homes.map((home) => results[home]?.[task]?.[method]).filter((r) => r !== undefined);
        console.log(row(`  ${method}`, meanOf(found)));
      }
    }
  }
}
