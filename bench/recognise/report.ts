import type { LabelledFlow } from "./flows.ts";
import { type Score, score } from "./score.ts";

const titles = ["majority", "accuracy", "balanced", "false rt", "rt recall", "abstain"];
const columns = ["realtime", "streaming", "bulk", "background", "not sure"];

/** Scores of each part and of all together, and what was said of what. */
export function scoreTable(parts: readonly { name: string; flows: readonly LabelledFlow[] }[]): string {
  const width = Math.max(20, ...parts.map(({ name }) => name.length + 2));
  const share = (value: number | null) => (value === null ? "-" : `${(100 * value).toFixed(1)} %`).padStart(10);
  const row = (name: string, s: Score) =>
    [name.padEnd(width), String(s.n).padStart(7), String(s.significant).padStart(13)].join("") +
    [s.majority, s.accuracy, s.balanced, s.falseRealtime, s.realtimeRecall, s.abstention].map(share).join("");
  const all = score(parts.flatMap(({ flows }) => flows));
  return [
    `${"".padEnd(width)}${"flows".padStart(7)}${"significant".padStart(13)}${titles.map((title) => title.padStart(10)).join("")}`,
    ...parts.map(({ name, flows }) => row(name, score(flows))),
    ...(parts.length > 1 ? [row("all", all)] : []),
    "",
    "significant flows, what they are (down) and what was said (across):",
    `${"".padEnd(14)}${columns.map((column) => column.padStart(12)).join("")}`,
    ...Object.entries(all.confusion).map(
      ([cls, said]) => `${cls.padEnd(14)}${columns.map((column) => String(said[column] ?? 0).padStart(12)).join("")}`,
    ),
  ].join("\n");
}
