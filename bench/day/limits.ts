import type { NetworkPlan, Signal } from "@network-personas/engine/model";
import { scorers } from "@network-personas/engine/predict";
import { loadPersonas } from "@network-personas/personas/load";
import { parseHome } from "../../engine/src/runtime/home-file.ts";
import { idealCapabilities } from "../../engine/src/runtime/ideal-router.ts";
import { decide, type PipelineInput, planFor } from "../../engine/src/runtime/pipeline.ts";
import { type DeviceOf, devicesOf, doingOf, firstDay, homeYaml, isOn, Lives, type Person } from "./household.ts";
import { worthOf } from "./value.ts";

/** The plan of a home of which everybody is certain to do one thing, as if nothing had been before. */
async function planner(people: readonly Person[], devices: readonly DeviceOf[]): Promise<(personas: readonly string[]) => NetworkPlan> {
  const { personas, applications } = await loadPersonas();
  const { home } = parseHome(homeYaml(people, devices, ""), "home.yaml");
  const at = new Date(firstDay).toISOString();
  const known = new Map<string, NetworkPlan>();
  return (told) => {
    const key = told.join();
    const before = known.get(key);
    if (before) return before;
    const doing = new Map(people.map(({ id }, i) => [id, { from: firstDay, persona: told[i]!, home: true, asleep: false }]));
    const signals = devices.map(
      (device): Signal => ({
        kind: "presence",
        id: device.id,
        subject: device.id,
        present: isOn(device, doing.get(device.person)!),
        source: "bench",
        confidence: 1,
        at,
        expiresAt: new Date(firstDay + 3_600_000).toISOString(),
      }),
    );
    const input: PipelineInput = {
      at,
      horizon: 900_000,
      home,
      personas,
      known: personas,
      applications,
      signals,
      occurrences: new Map(),
      labels: [],
      scorer: scorers.get("learned")!,
      states: new Map(),
      constraints: [],
      proposals: [],
      distributions: Object.fromEntries(people.map(({ id }, i) => [id, { [told[i]!]: 1 }])),
      before: new Map(),
    };
    const { plan } = planFor(input, decide(input), idealCapabilities, null);
    known.set(key, plan);
    return plan;
  };
}

/** Worth per week under plans that follow what each person truly does (`told`), and under the best plan that never changes (`still`). */
export async function limits(people: readonly Person[], days: number): Promise<{ told: number[]; still: number[]; stillWith: string }> {
  const devices = devicesOf(people);
  const planFor = await planner(people, devices);
  // Minutes of each combination of what people do, per week.
  const combinations = new Map<string, { personas: string[]; doing: Map<string, string>; minutes: number[] }>();
  const lives = new Lives(people);
  for (let m = 0; m < days * 1440; m++) {
    const state = lives.at(firstDay + m * 60_000);
    const personas = people.map(({ id }) => state.get(id)!.persona);
    const entry = combinations.get(personas.join()) ?? { personas, doing: doingOf(state, devices), minutes: [] };
    const w = Math.floor(m / 10_080);
    entry.minutes[w] = (entry.minutes[w] ?? 0) + 1;
    combinations.set(personas.join(), entry);
  }
  const weeks = Array.from({ length: Math.ceil(days / 7) }, (_, w) => w);
  const valueWith = (plan: (personas: readonly string[]) => NetworkPlan) => {
    const sums = weeks.map(() => 0);
    for (const { personas, doing, minutes } of combinations.values()) {
      const value = worthOf(doing, plan(personas));
      for (const w of weeks) sums[w]! += (value * (minutes[w] ?? 0)) / 1440;
    }
    return sums;
  };
  const choices = people.map(({ life }) => [...new Set(life.map(({ persona }) => persona))].sort());
  let best = { still: [] as number[], total: Number.NEGATIVE_INFINITY, stillWith: "" };
  for (const personas of choices.reduce<string[][]>((all, own) => all.flatMap((some) => own.map((p) => [...some, p])), [[]])) {
    const plan = planFor(personas);
    const still = valueWith(() => plan);
    const total = still.reduce((sum, v) => sum + v, 0);
    if (total > best.total) best = { still, total, stillWith: personas.join(", ") };
  }
  return { told: valueWith(planFor), still: best.still, stillWith: best.stillWith };
}
