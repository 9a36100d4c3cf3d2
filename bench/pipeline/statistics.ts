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
