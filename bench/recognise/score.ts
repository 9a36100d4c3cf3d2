import { type FlowFeatures, featuresOf } from "../../engine/src/observe/flow-features.ts";
import { recognise } from "../../engine/src/observe/recognise.ts";
import type { LabelledFlow } from "./flows.ts";

/** Shares are of significant flows, null when there are none to divide by. */
export interface Score {
  n: number;
  significant: number;
  /** What always naming the most frequent group would get right. */
  majority: number | null;
  /** Right among those that were named. */
  accuracy: number | null;
  /** Mean over the groups of right among those named. */
  balanced: number | null;
  /** Called realtime among those that are not. */
  falseRealtime: number | null;
  /** Called realtime among those that are; being not sure counts as missed. */
  realtimeRecall: number | null;
  /** Not sure. */
  abstention: number | null;
  confusion: Record<string, Record<string, number>>;
}

/** Flows that matter to a home line: 100 kbit/s, or eight packets a second both ways. */
const matters = ({ rate, packetsUp = 0, packetsDown = 0 }: FlowFeatures) => rate >= 100 || (packetsUp >= 8 && packetsDown >= 8);

const ratio = (part: number, whole: number) => (whole > 0 ? part / whole : null);

export function score(flows: readonly LabelledFlow[]): Score {
  const said = flows
    .map((flow) => ({ flow, features: featuresOf(flow, flow.history) }))
    .filter(({ features }) => matters(features))
    .map(({ flow, features }) => ({ cls: flow.cls, is: flow.group, as: recognise(features).group }));
  const named = said.filter(({ as }) => as !== null);
  const groups = [...new Set(said.map(({ is }) => is))];
  const counts = groups.map((group) => said.filter(({ is }) => is === group).length);
  const perGroup = groups.flatMap((group) => {
    const own = named.filter(({ is }) => is === group);
    return own.length > 0 ? [own.filter(({ as }) => as === group).length / own.length] : [];
  });
  const realtime = said.filter(({ is }) => is === "realtime");
  const others = said.filter(({ is }) => is !== "realtime");
  const confusion: Score["confusion"] = {};
  for (const { cls, as } of said) {
    confusion[cls] ??= {};
    const column = as ?? "not sure";
    confusion[cls][column] = (confusion[cls][column] ?? 0) + 1;
  }
  return {
    n: flows.length,
    significant: said.length,
    majority: ratio(Math.max(0, ...counts), said.length),
    accuracy: ratio(named.filter(({ is, as }) => is === as).length, named.length),
    balanced: ratio(
      perGroup.reduce((sum, right) => sum + right, 0),
      perGroup.length,
    ),
    falseRealtime: ratio(others.filter(({ as }) => as === "realtime").length, others.length),
    realtimeRecall: ratio(realtime.filter(({ as }) => as === "realtime").length, realtime.length),
    abstention: ratio(said.length - named.length, said.length),
    confusion,
  };
}
