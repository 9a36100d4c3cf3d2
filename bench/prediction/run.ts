import type { Method } from "./baselines.ts";
import type { Sample } from "./protocol.ts";
import { floored } from "./score.ts";

export interface RunResult {
  predictions: Float64Array[];
  /** Median milliseconds. */
  predictMs: number;
  learnMs: number;
}

const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Predicts every sample in order; an answer is learned only when it is known. */
export function run(method: Method, samples: readonly Sample[]): RunResult {
  const predictions: Float64Array[] = [];
  const predicting: number[] = [];
  const learning: number[] = [];
  let next = 0;
  samples.forEach((sample, i) => {
    for (; next < i && samples[next]!.known <= sample.at; next++) {
      const { moment, answer } = samples[next]!;
      if (answer < 0) continue;
      const start = performance.now();
      method.learn(moment, answer);
      learning.push(performance.now() - start);
    }
    const start = performance.now();
    const p = method.predict(sample.moment);
    predicting.push(performance.now() - start);
    predictions.push(floored(p, sample.moment.allowed));
  });
  return { predictions, predictMs: median(predicting), learnMs: median(learning) };
}
