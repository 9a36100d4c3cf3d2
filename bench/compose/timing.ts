import { compose } from "@network-personas/engine/compose";
import { Home } from "@network-personas/engine/model";
import { deviceKinds } from "@network-personas/personas";
import { blended, composition, fullCapabilities, type Scene } from "./households.ts";

export interface Timing {
  household: { median: number; p95: number; withReasons: number; withBlend: number; runs: number };
  growth: readonly { devices: number; cpu: number }[];
  /** Slope of log(processor time) over log(devices). */
  exponent: number;
}

const activities = [
  { "remote-worker": 0.8, everyday: 0.2 },
  { gamer: 0.6, "streaming-enthusiast": 0.3, everyday: 0.1 },
  { "streaming-enthusiast": 0.9, everyday: 0.1 },
  { "video-editor": 0.7, "remote-worker": 0.2, everyday: 0.1 },
];

/** A house with everybody busy, on a line too small for all of it: the expensive case. */
export function busyHome(people: number, devices: number): Scene {
  const owned = Math.floor(devices / 2 / Math.max(1, people));
  const home = Home.parse({
    version: 1,
    home: { timeZone: "Europe/Berlin" },
    wan: { down: 2_000 * people + 500 * devices, up: 500 * people + 300 * devices },
    people: Array.from({ length: people }, (_, i) => ({
      id: `p${i}`,
      devices: Array.from({ length: owned }, (_, j) => `d${i * owned + j}`),
    })),
    devices: Array.from({ length: devices }, (_, i) => ({
      id: `d${i}`,
      kind: i < people * owned ? deviceKinds[i % 6] : deviceKinds[6 + (i % 7)],
      macs: [`02:00:00:00:${hex(i >> 8)}:${hex(i & 255)}`],
    })),
  });
  const things = home.devices
    .slice(people * owned)
    .map(
      (device) =>
        [device.id, device.kind === "camera" || device.kind === "sensor" ? { "iot-device": 0.9, everyday: 0.1 } : { everyday: 1 }] as const,
    );
  return {
    home,
    distributions: new Map([...home.people.map((person, i) => [person.id, activities[i % activities.length]!] as const), ...things]),
    overridden: new Set(),
    present: new Set(home.devices.filter((_, i) => i % 5 !== 4).map((device) => device.id)),
    constraints: [],
    capabilities: fullCapabilities,
  };
}
const hex = (byte: number): string => byte.toString(16).padStart(2, "0");

export function measure(): Timing {
  const scene = busyHome(10, 60);
  const input = composition(scene);
  const previous = compose(input).plan;
  const times = samples(() => compose({ ...input, previous }), 2_000);
  const withReasons = samples(() => compose({ ...input, previous }).reasons, 500);
  const withBlend = samples(() => compose({ ...composition(scene, blended(scene, {})), previous }), 500);
  const growth = [60, 125, 250, 500, 1_000].map((devices) => {
    const large = composition(busyHome(Math.round(devices / 6), devices));
    const before = compose(large).plan;
    return { devices, cpu: cpuTime(() => compose({ ...large, previous: before }), Math.round(60_000 / devices)) };
  });
  const household = {
    median: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    withReasons: quantile(withReasons, 0.5),
    withBlend: quantile(withBlend, 0.5),
    runs: times.length,
  };
  return { household, growth, exponent: slope(growth) };
}

/** Processor milliseconds per run, which other programs on the machine hardly change. */
function cpuTime(work: () => unknown, runs: number): number {
  for (let i = 0; i < runs / 4; i++) work();
  const from = process.cpuUsage();
  for (let i = 0; i < runs; i++) work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1_000 / runs;
}

/** Milliseconds of each run, after warming up. */
function samples(work: () => unknown, runs: number): number[] {
  for (let i = 0; i < Math.min(runs, 200); i++) work();
  return Array.from({ length: runs }, () => {
    const from = performance.now();
    work();
    return performance.now() - from;
  });
}

const quantile = (values: readonly number[], q: number): number => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * q)]!;

function slope(points: readonly { devices: number; cpu: number }[]): number {
  const logs = points.map(({ devices, cpu }) => [Math.log(devices), Math.log(cpu)] as const);
  const mean = (of: (point: readonly [number, number]) => number) => logs.reduce((sum, point) => sum + of(point), 0) / logs.length;
  const [x, y] = [mean((point) => point[0]), mean((point) => point[1])];
  return logs.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / logs.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
}
