import { spread } from "../pipeline/statistics.ts";
import type { Results } from "./bench.ts";

/** The results for people: how long each way of switching takes, against the bare programs, and what it does to the probe's packets. */
export function table({ switches, methods }: Results): string {
  const medianOf = (method: string) => spread(methods.find((one) => one.method === method)!.milliseconds).median;
  const rows = methods.map(({ method, milliseconds, sent, lost, reordered }) => {
    const { median, p99 } = spread(milliseconds);
    const timed =
      milliseconds.length > 0
        ? [median.toFixed(1), p99.toFixed(1), (median / medianOf(method.startsWith("agent") ? "agentBare" : "bare")).toFixed(2)]
        : ["-", "-", "-"];
    return [titles[method], ...timed, ...[sent, lost, reordered].map(String)];
  });
  const all = [["way of switching", "median ms", "p99 ms", "ratio", "packets", "lost", "reordered"], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const lines = all.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "));
  return [
    ...lines,
    "",
    `${switches} switches in each direction, a probe of 1000 packets/s in each direction that changes no class, and a full line up and down.`,
    "The ratio is to the bare programs of the same router, in the same run. With the agent what was read back is in the call's answer.",
  ].join("\n");
}

const titles = {
  none: "no switch",
  driver: "driver: way back, programs, read-back",
  bare: "bare: its tc -batch and nft -f alone",
  rebuild: "rebuild from scratch",
  agent: "OpenWrt with the agent: one call",
  agentBare: "bare: the agent's tc -batch and nft -f alone",
} as const;
