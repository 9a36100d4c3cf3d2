export interface Spread {
  n: number;
  median: number;
  p99: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  return { n: sorted.length, median: at(0.5), p99: at(0.99) };
}

export const milliseconds = (s: Spread): string => `median ${s.median.toFixed(2)} ms, p99 ${s.p99.toFixed(2)} ms (n = ${s.n})`;

/** The same arithmetic over and over, some 5 ms of it: what the machine adds to everything that is timed here. */
export function yardstick(rounds: number): Spread {
  const round = () => {
    const from = performance.now();
    let sum = 0;
    for (let i = 0; i < 4_000_000; i++) sum += i % 7;
    // Looked at, so that it is not left out.
    return sum > 0 ? performance.now() - from : Number.NaN;
  };
  for (let i = 0; i < 20; i++) round();
  const took = Array.from({ length: rounds }, round);
  return spread(took);
}
