import { parseArgs } from "node:util";
import type { Moment } from "../../engine/src/predict/core/moment.ts";
import { baselines, type Method } from "./baselines.ts";
import { learnedMethod } from "./learned-method.ts";
import { type Sample, samplesOf, type Task } from "./protocol.ts";
import { run } from "./run.ts";
import { scoreParts } from "./score.ts";
import { type Level, levels, type SyntheticHome, synthesise } from "./synthetic-home.ts";

const { values } = parseArgs({
  options: { days: { type: "string", default: "90" }, homes: { type: "string", default: "6" }, levels: { type: "string" } },
});
const days = Number(values.days);
const homes = Number(values.homes);
const wanted = (values.levels?.split(",") ?? levels) as Level[];
if (!Number.isInteger(days) || days < 14 || !Number.isInteger(homes) || homes < 1 || wanted.some((level) => !levels.includes(level))) {
  console.error(`usage: npm run bench:foresight-limit -- [--days N (14 or more)] [--homes N] [--levels ${levels.join(",")}]`);
  process.exit(2);
}

/** Knows every parameter of the home; nobody can have a lower expected log loss. */
const oracle = (home: SyntheticHome, samples: readonly Sample[]): Method => {
  const at = new Map<Moment, number>(samples.map((s) => [s.moment, s.at]));
  return { predict: (m) => home.oracle[Math.floor(at.get(m)! / 15)]!, learn: () => {} };
};

/** The same moments with what the calendar means declared, or left to be found out. */
function withAppointments(samples: readonly Sample[], home: SyntheticHome, declared: boolean): Sample[] {
  return samples.map((sample) => {
    const code = sample.moment.calendar;
    if (code === "" || code === "0") return sample;
    const meant = declared ? home.meanings.get(code) : undefined;
    const strengths = home.log.classes.map((_, k) => (k === meant ? 1 : 0));
    return { ...sample, moment: { ...sample.moment, appointment: { code, declared: strengths } } };
  });
}

interface Figures {
  loss: number;
  lastQuarter: number;
  /** At the slots where an appointment begins. */
  begins: number;
  /** By day after habits changed: loss over days 1-5, 6-10, 11-20. */
  afterDrift: number[];
}

function figures(home: SyntheticHome, task: Task, samples: readonly Sample[], predictions: readonly Float64Array[]): Figures {
  const loss = (wantedSample: (s: Sample) => boolean) => {
    let [sum, n] = [0, 0];
    samples.forEach((s, i) => {
      if (s.answer < 0 || !wantedSample(s)) return;
      sum -= Math.log(predictions[i]![s.answer]!);
      n++;
    });
    return sum / n;
  };
  const dayOf = (s: Sample) => Math.floor(s.at / 1440);
  return {
    loss: scoreParts(home.log, task, samples, predictions).main?.logloss ?? Number.NaN,
    lastQuarter: loss((s) => dayOf(s) >= (days * 3) / 4),
    begins: loss((s) => dayOf(s) >= 7 && home.begins[Math.floor(s.at / 15)]!),
    afterDrift: [
      [0, 5],
      [5, 10],
      [10, 20],
    ].map(([from, to]) => loss((s) => dayOf(s) >= home.driftDay + from! && dayOf(s) < home.driftDay + to!)),
  };
}

const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
const cell = (value: number) => (Number.isNaN(value) ? "-" : value.toFixed(4)).padStart(10);
const skills: Record<string, number[]> = {};
const begins: Record<string, number[]> = {};

for (const level of wanted) {
  const worlds = Array.from({ length: homes }, (_, i) => synthesise(100 + i, level, days));
  for (const task of ["T15", "ONSET"] as const) {
    const found = new Map<string, Figures[]>();
    for (const home of worlds) {
      const plain = samplesOf(home.log, task);
      const declared = withAppointments(plain, home, true);
      const runs: [string, readonly Sample[], Method][] = [
        ["oracle", plain, oracle(home, plain)],
        ["learned, meanings declared", declared, learnedMethod(task)],
        ["learned", withAppointments(plain, home, false), learnedMethod(task)],
        ...(["markovtime", "additive", "prior"] as const).map((name): [string, readonly Sample[], Method] => [
          name,
          plain,
          baselines[name]!(home.log, task),
        ]),
      ];
      for (const [name, samples, method] of runs) {
        found.set(name, [...(found.get(name) ?? []), figures(home, task, samples, run(method, samples).predictions)]);
      }
    }
    const of = (name: string, pick: (f: Figures) => number) => mean(found.get(name)!.map(pick));
    console.log(
      `\n${level} ${task}${"".padEnd(16)}  log loss     skill       gap  gap (last quarter)  gap (appointment starts)  gap days 1-5, 6-10, 11-20 after drift`,
    );
    for (const name of found.keys()) {
      const best = of("oracle", (f) => f.loss);
      const prior = of("prior", (f) => f.loss);
      const skill = (prior - of(name, (f) => f.loss)) / (prior - best);
      const gap = (pick: (f: Figures) => number) => of(name, pick) - of("oracle", pick);
      skills[`${task} ${name}`] = [...(skills[`${task} ${name}`] ?? []), skill];
      begins[`${task} ${name}`] = [...(begins[`${task} ${name}`] ?? []), gap((f) => f.begins)];
      console.log(
        `  ${name.padEnd(28)}${cell(of(name, (f) => f.loss))}${cell(skill)}${cell(gap((f) => f.loss))}${cell(gap((f) => f.lastQuarter))}${cell(gap((f) => f.begins))}${[0, 1, 2].map((i) => cell(gap((f) => f.afterDrift[i]!))).join("")}`,
      );
    }
  }
}
console.log(`\nmean skill over ${wanted.join(", ")}`);
for (const [name, list] of Object.entries(skills)) console.log(`  ${name.padEnd(36)}${cell(mean(list))}`);
console.log("\nmean gap to the oracle where an appointment begins, over the levels that have appointments");
for (const [name, list] of Object.entries(begins))
  console.log(`  ${name.padEnd(36)}${cell(mean(list.filter((gap) => !Number.isNaN(gap))))}`);
