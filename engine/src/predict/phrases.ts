import type { FeatureVector } from "../model/index.ts";

const weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

function partOfDay(minute: number): string {
  if (minute < 300) return "night";
  if (minute < 720) return "morning";
  if (minute < 1080) return "afternoon";
  return minute < 1320 ? "evening" : "late evening";
}

export const dayPart = ({ local }: FeatureVector): string => partOfDay(local.minuteOfDay);
/** "Tuesday evening" */
export const weekdayPart = (features: FeatureVector): string => `${weekdayNames[features.local.dayOfWeek - 1]} ${dayPart(features)}`;
/** "console, laptop" */
export const deviceList = (features: FeatureVector): string =>
  [
    ...new Set(
      [...features.devices, ...features.shared].map((d) => d.kind as string).concat(features.appliesTo === "device" ? features.kinds : []),
    ),
  ]
    .sort()
    .join(", ");

/** "25 min", "3 h" */
export function span(minutes: number): string {
  const whole = Math.max(0, Math.round(minutes));
  return whole < 90 ? `${whole} min` : `${Math.round(whole / 60)} h`;
}
