import { setTimeout as sleep } from "node:timers/promises";
import type { Flow } from "@network-personas/engine/model";
import { featuresOf, stepOf } from "../../engine/src/observe/flow-features.ts";
import { keptRates } from "../../engine/src/observe/look.ts";
import { run } from "../../test/netns/namespace.ts";
import { openHousehold } from "../latency/household.ts";
import { type DeviceId, devices, type LineRig, macOf } from "../latency/line.ts";
import { Programs } from "../latency/programs.ts";
import { down, type Program, up } from "../latency/scenarios.ts";
import { now } from "../latency/traffic/wire.ts";
import { groupOf, type LabelledFlow } from "./flows.ts";

/** What runs at the same time. Everybody does one thing, so that the device tells what a flow was. */
export type Scene = readonly Program[];
const [game, call, film, gadget]: readonly Program[] = [
  { on: "player-pc", role: "game" },
  { on: "worker-laptop", role: "call" },
  { on: "tv", role: "film" },
  { on: "plug", role: "gadget" },
];
export const scenes: Readonly<Record<string, Scene>> = {
  "a quiet evening": [game!, call!, film!, gadget!],
  "a film beside downloads": [film!, down("editor-pc", 2), down("nas", 1), gadget!],
  "a call and a game beside a backup": [game!, call!, up("nas", 2), down("editor-pc", 1), gadget!],
  "everybody at once": [game!, call!, film!, up("nas", 4), down("editor-pc", 4), gadget!],
};
const classOf: Readonly<Record<Program["role"], string>> = {
  game: "gaming",
  call: "conference",
  film: "streaming",
  transfer: "bulk",
  gadget: "iot",
  probe: "iot",
};

/** As often as the engine looks, ms. */
const every = 2_000;
/** Shorter flows, and such of fewer packets, are none of the format's. */
const least = { seconds: 2, packets: 20 };

/**
 * Flows of one scene, as the driver of a real router shows them look by look, in a home whose line is shaped and in which nobody is
 * preferred. Labelled by what the device's program was.
 */
export async function capture(rig: LineRig, scene: Scene, seconds: number): Promise<LabelledFlow[]> {
  rig.greet();
  const household = await openHousehold(rig.router, { more: "policy: { control: flow }" });
  const programs = new Programs(rig);
  const device = new Map((Object.keys(devices) as DeviceId[]).map((id) => [macOf(id), id]));
  const seen = new Map<string, { flow: Flow; rates: readonly number[] }>();
  try {
    run(rig.router, "conntrack -F 2> /dev/null");
    await programs.serve();
    await programs.start(scene);
    const began = now();
    for (let at = began; at - began < seconds * 1000; ) {
      await sleep(every);
      const flows = await household.driver.flows();
      const passed = now() - at;
      at += passed;
      for (const flow of flows) {
        const known = seen.get(flow.id);
        const step = stepOf(known?.flow, flow, passed);
        const rates = step ? [...(known?.rates ?? []), featuresOf(step).rate].slice(-keptRates) : [];
        seen.set(flow.id, { flow, rates });
      }
    }
  } finally {
    programs.kill();
    await household.close();
  }
  return [...seen.values()].flatMap(({ flow: { mac, ageMs, ...flow }, rates }) => {
    const program = scene.find(({ on }) => on === device.get(mac));
    if (!program || ageMs < least.seconds * 1000 || flow.upPackets + flow.downPackets < least.packets) return [];
    const cls = classOf[program.role];
    return [{ ...flow, cls, group: groupOf(cls), seconds: ageMs / 1000, history: rates }];
  });
}
