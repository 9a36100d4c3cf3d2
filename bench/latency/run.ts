import { loadavg } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Engine } from "@network-personas/engine";
import type { DevicePlan } from "@network-personas/engine/model";
import { type Figures, figuresOf, suffered } from "./figures.ts";
import { type Household, openHousehold } from "./household.ts";
import type { LineRig } from "./line.ts";
import { Programs } from "./programs.ts";
import { people, type Scenario } from "./scenarios.ts";
import { now } from "./traffic/wire.ts";

/**
 * How the home is looked after: not at all; by a plan that never changes, in which all are equal, or everybody has their role;
 * told what goes on; finding it out; and finding it out although the calendar says something else.
 */
export const configurations = ["unmanaged", "even", "roles", "told", "found", "corrected"] as const;
export type Configuration = (typeof configurations)[number];

export interface Timing {
  /** How long traffic, or a plan that was just changed, is given to settle, and then measured. Seconds. */
  settle: number;
  seconds: number;
}
/** One run of one scenario. */
export interface Run {
  configuration: Configuration;
  figures: Figures;
  /** From the first packet until the router did what the told one does, s; null when it never did, absent where nothing is found out. */
  foundAfter?: number | null;
  /** How often the router was changed while traffic ran, and what that did to the packets of a gadget. */
  switches: number;
  probe: { sent: number; lost: number; reordered: number };
  /** Of the device the scenario is about; null where nobody plans. */
  plan: DevicePlan | null;
  /** Of the machine, when the run began and ended: other work disturbs what is measured here. */
  load: [number, number];
}

/** A persona that is not in force after this long is not found any more, s. */
const patience = 60;

/** Plays one scenario in a rig; `told` is what the device's plan is when the engine is told. */
export async function play(
  rig: LineRig,
  scenario: Scenario,
  configuration: Configuration,
  { settle, seconds }: Timing,
  told?: Pick<DevicePlan, "class">,
): Promise<Run> {
  const begunWith = loadavg()[0]!;
  const programs = new Programs(rig);
  const household = configuration === "unmanaged" ? undefined : await prepare(rig, scenario, configuration);
  try {
    let switches = 0;
    const changed: (() => void)[] = [];
    household?.engine.subscribe((event) => {
      if (event.type !== "applied" || event.data.result !== "confirmed") return;
      switches++;
      for (const tell of changed) tell();
    });
    await programs.serve();
    await programs.start(scenario.traffic);
    const began = now();
    const findsOut = configuration === "found" || configuration === "corrected";
    let foundAfter: number | null | undefined;
    if (findsOut && household && told) {
      const found = new Promise<number>((done) => {
        const look = () => {
          if (isInForce(household.engine, scenario, told)) done((now() - began) / 1000);
        };
        changed.push(look);
        look();
      });
      foundAfter = await Promise.race([found, sleep(patience * 1000, null)]);
    }
    await sleep(settle * 1000);
    const from = now();
    await sleep(seconds * 1000);
    const to = now();
    // What was sent may still wait in the modem.
    await sleep(700);
    const plan = household ? planOf(household.engine, scenario) : null;
    const recording = await programs.stop();
    return {
      configuration,
      figures: figuresOf(recording, scenario.latencyOf, { from, to }),
      ...(foundAfter === undefined ? {} : { foundAfter }),
      switches,
      probe: suffered(recording, { from: began, to }),
      plan,
      load: [begunWith, loadavg()[0]!],
    };
  } finally {
    programs.kill();
    await household?.close();
  }
}

/** The engine as a configuration wants it, before any traffic. */
async function prepare(rig: LineRig, scenario: Scenario, configuration: Configuration): Promise<Household> {
  rig.greet();
  const summary = configuration === "corrected" ? scenario.wrong.event : configuration === "found" ? scenario.planned : undefined;
  const household = await openHousehold(rig.router, {
    ...(summary ? { event: { of: scenario.subject, summary } } : {}),
    ...(configuration === "even" ? { more: "policy: { control: flow }" } : {}),
  });
  const { engine } = household;
  const tell = (subject: string, persona: string) => engine.override({ subject, persona, source: "bench" });
  if (configuration === "told") await tell(scenario.subject, scenario.persona);
  if (configuration === "roles") for (const [subject, { role }] of Object.entries(people)) await tell(subject, role);
  await engine.settled();
  if (configuration === "corrected" && activeOf(engine, scenario) !== scenario.wrong.persona) {
    await household.close();
    throw new Error(`"${scenario.wrong.event}" makes ${scenario.subject} ${activeOf(engine, scenario)}, not ${scenario.wrong.persona}`);
  }
  return household;
}

const activeOf = (engine: Engine, { subject }: Scenario) => engine.decisions().find((decision) => decision.subject === subject)!.active;
const planOf = (engine: Engine, { device }: Scenario) => engine.currentPlan()!.plan.devices.find((plan) => plan.device === device)!;

/** The persona is the right one, and its device is served as if it had been told. */
function isInForce(engine: Engine, scenario: Scenario, told: Pick<DevicePlan, "class">): boolean {
  const plan = planOf(engine, scenario);
  return activeOf(engine, scenario) === scenario.persona && plan.class === told.class;
}
