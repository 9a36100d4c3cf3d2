import type { Configuration, Run } from "./run.ts";
import type { Aim, Scenario, ScenarioId } from "./scenarios.ts";

/** All runs of one scenario. */
export interface Result {
  scenario: ScenarioId;
  runs: readonly Run[];
}

const names: Readonly<Record<Configuration, string>> = {
  unmanaged: "unmanaged",
  even: "static: all equal",
  roles: "static: all in their roles",
  told: "persona told",
  found: "persona found",
  corrected: "wrong, then corrected",
};
const number = (value: number | null | undefined, digits = 1): string =>
  value === null || value === undefined ? "-" : value.toFixed(digits);

const columns: readonly [title: string, of: (run: Run) => string][] = [
  ["p50 ms", ({ figures }) => number(figures.p50)],
  ["p99 ms", ({ figures }) => number(figures.p99)],
  ["loss %", ({ figures }) => number(figures.loss === null ? null : 100 * figures.loss)],
  ["call", ({ figures }) => number(figures.callQuality, 2)],
  ["video", ({ figures }) => number(figures.videoMbit)],
  ["upload", ({ figures }) => number(figures.uploadMbit)],
  ["others dn/up", ({ figures }) => `${number(figures.othersDownMbit)}/${number(figures.othersUpMbit)}`],
  ["after s", ({ foundAfter }) => (foundAfter === null ? "never" : number(foundAfter))],
  ["switches", ({ switches }) => String(switches)],
  ["lost", ({ probe }) => String(probe.lost)],
  ["reord.", ({ probe }) => String(probe.reordered)],
  ["load", ({ load }) => load.map((one) => one.toFixed(1)).join("-")],
];

/** One row per scenario and configuration. */
export function table(results: readonly Result[], scenarios: Readonly<Record<ScenarioId, Scenario>>): string {
  const rows = results.flatMap(({ scenario, runs }) =>
    runs.map((run) => [scenario, names[run.configuration], ...columns.map(([, of]) => of(run))]),
  );
  const all = [["scenario", "configuration", ...columns.map(([title]) => title)], ...rows];
  const widths = all[0]!.map((_, i) => Math.max(...all.map((row) => row[i]!.length)));
  const lines = all.map((row) => row.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "));
  const told = results.map(({ scenario }) => `${scenario}: ${scenarios[scenario].title}`);
  return [...lines, "", ...told, "", ...results.flatMap(({ scenario, runs }) => verdicts(scenario, scenarios[scenario], runs))].join("\n");
}

/** Whether what was found out comes to what it should, and to nine tenths of what being told brings. */
function verdicts(id: string, { aim }: Scenario, runs: readonly Run[]): string[] {
  const figureOf = (configuration: Configuration) => runs.find((run) => run.configuration === configuration)?.figures[aim.figure];
  const told = figureOf("told");
  return (["found", "corrected"] as const).flatMap((configuration) => {
    const value = figureOf(configuration);
    if (value === undefined) return [];
    const share = told && value ? (aim.figure === "p99" ? told / value : value / told) : null;
    const run = runs.find((one) => one.configuration === configuration)!;
    return [
      `${id}, ${names[configuration]}: ${aim.figure} ${number(value, 2)} (aim ${aim.value}: ${reached(aim, value ?? null) ? "reached" : "missed"}), ${number(share && 100 * share, 0)} % of what being told brings, ${run.foundAfter === null ? "not found within a minute" : `found after ${number(run.foundAfter)} s`}`,
    ];
  });
}
export const reached = ({ figure, value }: Aim, got: number | null): boolean =>
  got !== null && (figure === "p99" ? got <= value : got >= value);
