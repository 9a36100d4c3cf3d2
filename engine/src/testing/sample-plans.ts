import { type Application, classTable, type TrafficClass } from "@network-personas/personas";
import { type DevicePlan, NetworkPlan, neutralDevice, type PlanField } from "../model/index.ts";

export { neutralDevice };

/** A valid plan of one 100/20 Mbit/s line, shaped to 95 %. */
export function samplePlan(
  devices: readonly DevicePlan[],
  more: { at?: string; shaper?: { down: number; up: number }; home?: string } = {},
): NetworkPlan {
  return NetworkPlan.parse({
    version: 1,
    home: more.home ?? "home",
    at: more.at ?? "2026-01-05T09:55:00.000Z",
    lines: [{ wan: "wan", shaper: more.shaper ?? { down: 95_000, up: 19_000 } }],
    devices: [...devices].sort((a, b) => (a.device < b.device ? -1 : 1)),
  });
}

export const sampleMacs = {
  laptop: "02:00:00:00:00:11",
  console: "02:00:00:00:00:21",
  tv: "02:00:00:00:00:31",
  protected: "02:00:00:00:00:fe",
} as const;

/** A small catalogue with names and ports, as every home has. */
export const sampleApplications: ReadonlyMap<string, Application> = new Map(
  (
    [
      {
        id: "zoom",
        name: "Zoom",
        class: "interactive",
        domains: ["zoom.us", "*.zoom.us"],
        ports: [{ protocol: "udp", ports: ["8801-8810", "3478-3481"] }],
      },
      { id: "steam", name: "Steam", class: "bulk", domains: ["*.steamcontent.com"], ports: [{ protocol: "tcp", ports: ["27015-27050"] }] },
      { id: "minecraft", name: "Minecraft", class: "realtime", domains: [], ports: [{ protocol: "tcp", ports: ["25565"] }] },
    ] satisfies Application[]
  ).map((app) => [app.id, app]),
);

export const laptop = (wishes: Partial<DevicePlan> = {}): DevicePlan => neutralDevice("alice-laptop", [sampleMacs.laptop], wishes);
export const gameConsole = (wishes: Partial<DevicePlan> = {}): DevicePlan => neutralDevice("bob-console", [sampleMacs.console], wishes);

/** A device in one class, with that class's code point. */
export const inClass = (name: TrafficClass): Partial<DevicePlan> => ({ class: name, dscp: classTable[name].dscp });

/** The morning of the house: Alice's call, Bob's game. */
export const workAndPlay = (): NetworkPlan =>
  samplePlan([
    laptop({
      ...inClass("interactive"),
      guarantee: { down: 3_000, up: 3_000 },
      weight: 3,
      latencyTarget: 30,
      inboundClosed: true,
      malwareFilter: true,
    }),
    gameConsole({ ...inClass("realtime"), guarantee: { down: 1_000, up: 600 }, weight: 2, latencyTarget: 15 }),
  ]);

/** The evening: the console streams, the laptop backs up. */
export const evening = (): NetworkPlan =>
  samplePlan([
    laptop({ ...inClass("bulk"), ceiling: { down: 60_000, up: 8_000 }, weight: 0.5 }),
    gameConsole({ ...inClass("streaming"), guarantee: { down: 16_000, up: 500 } }),
  ]);

/**
 * For each field of a plan, two plans that differ in that field and nothing else: `from` without the wish, `to` with it.
 * `tunnel` is a tunnel the router has.
 */
export function fieldSample(field: PlanField, tunnel: string): { from: NetworkPlan; to: NetworkPlan } {
  if (field === "line.shaper")
    return { from: samplePlan([laptop()]), to: samplePlan([laptop()], { shaper: { down: 80_000, up: 15_000 } }) };
  const wishes: Record<Exclude<PlanField, "line.shaper">, { to: Partial<DevicePlan>; from?: Partial<DevicePlan> }> = {
    "device.class": { to: inClass("realtime") },
    "device.guarantee": { to: { guarantee: { down: 4_000, up: 3_000 } } },
    "device.ceiling": { to: { ceiling: { down: 20_000, up: 5_000 } } },
    "device.weight": { to: { weight: 4 } },
    "device.latencyTarget": { to: { latencyTarget: 15 } },
    "device.blocked": { to: { blocked: true } },
    "device.blockedApplications": { to: { blockedApplications: ["steam"] } },
    "device.allowedApplications": { from: { firewall: "strict" }, to: { firewall: "strict", allowedApplications: ["zoom"] } },
    "device.firewall": { to: { firewall: "strict" } },
    "device.inboundClosed": { to: { inboundClosed: true } },
    "device.isolated": { to: { isolated: true } },
    "device.tunnel": { to: { tunnel } },
    "device.malwareFilter": { to: { malwareFilter: true } },
    "device.familyFilter": { to: { familyFilter: true } },
  };
  const { from, to } = wishes[field];
  return { from: samplePlan([laptop(from)]), to: samplePlan([laptop(to)]) };
}
