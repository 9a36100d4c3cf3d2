import { type FeatureVector, type Sentence, sentence } from "../model/index.ts";

export function dayPart({ local: { minuteOfDay } }: FeatureVector): "night" | "morning" | "afternoon" | "evening" | "late" {
  if (minuteOfDay < 300) return "night";
  if (minuteOfDay < 720) return "morning";
  if (minuteOfDay < 1080) return "afternoon";
  return minuteOfDay < 1320 ? "evening" : "late";
}
export const momentParts = (features: FeatureVector) => ({ day: features.local.dayOfWeek, part: dayPart(features) });
/** "Tuesday evening" */
export const moment = (features: FeatureVector): Sentence => sentence("moment", momentParts(features));
/** Kinds of what is connected, each once: "console", "laptop". */
export const deviceKinds = (features: FeatureVector): string[] =>
  [
    ...new Set(
      [...features.devices, ...features.shared].map((d) => d.kind as string).concat(features.appliesTo === "device" ? features.kinds : []),
    ),
  ].sort();
