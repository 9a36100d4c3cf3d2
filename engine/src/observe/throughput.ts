import { between, type Counters } from "../model/index.ts";
import { grown } from "./flow-features.ts";

/** What the line carries, kbit/s. */
export interface Throughput {
  down: number;
  up: number;
}

/** What went over the line between two readings of its counters; undefined when that cannot be told. */
export function throughputBetween(before: Counters | undefined, now: Counters): Throughput | undefined {
  const seconds = before ? between(before.at, now.at) / 1000 : 0;
  if (!before?.wan || !now.wan || seconds <= 0) return undefined;
  const rate = (way: "downBytes" | "upBytes") => (grown(before.wan![way], now.wan![way]) * 8) / 1000 / seconds;
  return { down: rate("downBytes"), up: rate("upBytes") };
}
