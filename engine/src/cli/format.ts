import type { ApplyOutcome, DoctorFinding, Evidence, Omission, PlannedChange, Prediction, Today } from "../model/index.ts";

/** A bar of `width` cells that is `share` full, in eighths of a cell. */
export function bar(share: number, width = 24): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const full = Math.floor(eighths / 8);
  const rest = eighths % 8;
  return ("█".repeat(full) + (rest ? " ▏▎▍▌▋▊▉"[rest] : "")).padEnd(width, "·");
}

export const percent = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.095 ? 1 : 0)} %`;

/** Local time of day in a zone, "18:05". */
export const clockTime = (at: string, timeZone: string): string =>
  new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", minute: "2-digit" }).format(new Date(at));
/** Local date and time in a zone, "Tue 17 Nov 18:05". */
export const dateTime = (at: string, timeZone: string): string =>
  `${new Intl.DateTimeFormat("en-GB", { timeZone, weekday: "short", day: "numeric", month: "short" }).format(new Date(at)).replace(",", "")} ${clockTime(at, timeZone)}`;

/** A distribution as bars, most probable first, with the reasons. */
export function predictionLines(prediction: Prediction, name: string, reasons = 6): string[] {
  const ranked = Object.entries(prediction.distribution).sort(([, a], [, b]) => b - a);
  const width = Math.max(...ranked.map(([p]) => p.length));
  const evidence = [...prediction.evidence]
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds))
    .filter((e) => Math.abs(e.logOdds) >= 0.01);
  return [
    `${name}  (next ${Math.round(prediction.horizon / 60_000)} minutes, ${prediction.scorer})`,
    ...ranked.map(([persona, p]) => `  ${persona.padEnd(width)} ${bar(p)} ${percent(p).padStart(6)}`),
    ...(evidence.length > 0 ? ["  because"] : []),
    ...evidence.slice(0, reasons).map((e) => `    ${evidenceLine(e)}`),
  ];
}
export const evidenceLine = (e: Evidence): string =>
  `${e.logOdds >= 0 ? "+" : "−"}${Math.abs(e.logOdds).toFixed(2)} ${e.persona}: ${e.why}`;

/** How the day went against what was expected, and what was corrected: who of whom nothing is known is left out. */
export function todayLines({ subjects, corrections }: Today, names: ReadonlyMap<string, string>, timeZone: string): string[] {
  const days = subjects.flatMap(({ subject, known, right }) =>
    right === null
      ? []
      : [`  ${names.get(subject) ?? subject}: ${percent(right)} of ${hours(known)} went as expected a quarter of an hour before`],
  );
  const corrected = corrections.map((c) => {
    const expected = `${c.expected} was expected (${c.really} ${percent(c.probability)})`;
    return `  ${clockTime(c.at, timeZone)} ${names.get(c.subject) ?? c.subject}: ${c.really}, corrected after ${seconds(c)}: ${c.why}; ${expected}`;
  });
  return [
    ...(days.length > 0 ? ["today, where it is known what really went on", ...days] : []),
    ...(corrected.length > 0 ? ["corrected today", ...corrected] : []),
  ];
}
const hours = (minutes: number): string => (minutes < 90 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`);
const seconds = ({ since, at }: { since: string; at: string }): string => `${Math.round((Date.parse(at) - Date.parse(since)) / 1000)} s`;

const signs: Record<PlannedChange["action"], string> = { add: "+", set: "~", remove: "-" };
export const changeLine = (c: PlannedChange): string => `${signs[c.action]} ${c.summary}`;

const results: Record<ApplyOutcome["result"], string> = {
  unchanged: "already as planned, nothing written",
  previewed: "preview: nothing written",
  confirmed: "applied, read back and confirmed",
  "rolled-back": "rolled back: the router is as it was",
  failed: "failed",
};
/** What a router does otherwise than planned, said once for all devices it concerns. */
export function omissionLines(omissions: readonly Omission[]): string[] {
  const groups = Map.groupBy(omissions, (o) => JSON.stringify([o.wanted, o.why, o.instead]));
  return [...groups.values()].map((group) => {
    const { wanted, why, instead } = group[0]!;
    const devices = [...new Set(group.flatMap((o) => (o.device ? [o.device] : [])))].join(", ");
    return `  not as planned: ${wanted}${devices && ` for ${devices}`}: ${why}${instead && `; instead: ${instead}`}`;
  });
}
export function outcomeLines(outcome: ApplyOutcome): string[] {
  return [
    `router ${outcome.router}: ${results[outcome.result]} (${Math.round(outcome.took)} ms)`,
    ...(outcome.error ? [`  ${outcome.error.message}`] : []),
    ...outcome.changes.map((c) => `  ${changeLine(c)}`),
    ...omissionLines(outcome.omissions),
  ];
}

const marks: Record<DoctorFinding["status"], string> = { ok: "✓", warning: "!", failed: "✗" };
export const findingLines = (f: DoctorFinding): string[] => [
  `${marks[f.status]} ${f.area}: ${f.check}: ${f.message}`,
  ...(f.remedy ? [`    → ${f.remedy}`] : []),
];

/** Columns aligned to the widest cell of each. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows.reduce<number[]>((w, row) => row.map((cell, i) => Math.max(w[i] ?? 0, cell.length)), []);
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join("  ")
      .trimEnd(),
  );
}
