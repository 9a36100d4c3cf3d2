import { clockKernel, daySlot, durationKernel, durationSlot, type Kernel } from "./kernel.ts";
import { canStay, type Moment } from "./moment.ts";

/**
 * One view of a moment whose outcomes are counted: by `key`, and smoothed over `slot` where it has one.
 * Its evidence is what it says beyond its parent; an unseen context says nothing.
 */
export interface Source {
  name: string;
  /** Index of the source it refines; -1 for the root. */
  parent: number;
  /** undefined when the moment says nothing about it. */
  key(m: Moment): string | undefined;
  slot: ((m: Moment) => number) | undefined;
  kernel: Kernel | undefined;
  /** Observations after which it is believed as much as its parent. */
  backoff: number;
  /** Days after which an observation counts half. */
  halfLife: number;
  /** Weight before anything is learned. */
  weight: number;
  /** Counts only whether what is going on went on (1) or not (0), for all classes together (see `staying.ts`). */
  staying: boolean;
}

interface Options {
  backoff?: number;
  halfLife?: number;
  weight?: number;
  staying?: boolean;
}
type Axis = { slot: (m: Moment) => number; kernel: Kernel };

const clockSlot = (m: Moment) => daySlot(m.minute);
const clock = (bandwidth: number): Axis => ({ slot: clockSlot, kernel: clockKernel(bandwidth) });
const duration = (minutes: (m: Moment) => number): Axis => ({ slot: (m) => durationSlot(minutes(m)), kernel: durationKernel });
const around = { sharp: clock(20), near: clock(45), hours: clock(90), part: clock(180) };
/** When the current activity began. */
const startedAround: Axis = { slot: (m) => daySlot((((m.minute - m.dwell) % 1440) + 1440) % 1440), kernel: clockKernel(90) };
const weekend = (m: Moment) => (m.weekday >= 5 ? 1 : 0);
const halfOctave = (value: number) => Math.floor(2 * Math.log2(1 + Math.max(0, value) / 50));
const change = (value: number) => Math.max(-6, Math.min(6, Math.round(Math.sign(value) * Math.log2(1 + Math.abs(value) / 50))));
const longDwell = (m: Moment) => (m.dwell >= 30 ? Math.min(Math.floor(m.dwell / 60), 4) : -1);

class Tree {
  readonly list: Source[] = [];
  readonly #index = new Map<string, number>();
  add(name: string, parent: string | null, key: Source["key"], axis?: Axis, options: Options = {}): void {
    this.#index.set(name, this.list.length);
    this.list.push({
      name,
      parent: parent === null ? -1 : this.#index.get(parent)!,
      key,
      slot: axis?.slot,
      kernel: axis?.kernel,
      backoff: options.backoff ?? 2,
      halfLife: options.halfLife ?? 90,
      weight: options.weight ?? 0.2,
      staying: options.staying ?? false,
    });
  }
}

/** Whether something in particular is going on or nothing is: the two last differently, whatever it is. */
const goingOn = (m: Moment) => (canStay(m) ? (m.last === m.current ? "something" : "nothing") : undefined);
const known = (value: string, key: () => string) => (value === "" ? undefined : key());

function build(): Source[] {
  const tree = new Tree();
  const add = tree.add.bind(tree);
  add("history", null, () => "", undefined, { backoff: 0.5, weight: 1 });
  add("time", "history", () => "", around.hours, { halfLife: 60 });
  add("daytype+time", "time", (m) => `${weekend(m)}`, around.near, { halfLife: 60 });
  add("weekday+time", "daytype+time", (m) => `${m.weekday}`, around.near);
  add("staying", "history", goingOn, undefined, { backoff: 4, weight: 1, staying: true });
  add(
    "staying+dwell",
    "staying",
    goingOn,
    duration((m) => m.dwell),
    { backoff: 4, staying: true },
  );
  add("current", "staying", (m) => `${m.current}`, undefined, { backoff: 1, weight: 1 });
  add(
    "current+dwell",
    "current",
    (m) => `${m.current}`,
    duration((m) => m.dwell),
  );
  add("current+time", "current", (m) => `${m.current}`, around.hours, { halfLife: 60 });
  add("current+previous", "current", (m) => `${m.current},${m.previous}`);
  add(
    "last+since",
    "current",
    (m) => `${m.current},${m.last}`,
    duration((m) => m.sinceLast),
  );
  add("sequence", "current", (m) => `${m.current},${m.last},${m.last2}`);
  add("yesterday", "current", (m) => `${m.current},${m.yesterday}`);
  add("last-week", "current", (m) => `${m.current},${m.lastWeek}`);
  add("recent", "current", (m) => `${m.current}`, undefined, { backoff: 4, halfLife: 7 });
  add("time-sharp", "time", () => "", around.sharp, { halfLife: 30 });
  add("current+time-sharp", "current+time", (m) => `${m.current}`, around.near, { halfLife: 45 });
  add(
    "current+previous+dwell",
    "current+previous",
    (m) => `${m.current},${m.previous}`,
    duration((m) => m.dwell),
  );
  add("current+previous+previous2", "current+previous", (m) => `${m.current},${m.previous},${m.previous2}`);
  add("current+dwell+daypart", "current+dwell", (m) => `${m.current},${longDwell(m)}`, around.part, { backoff: 3 });
  add("last+time", "current+time", (m) => `${m.current},${m.last}`, around.hours, { halfLife: 60 });
  add("current+daytype+time", "current+time", (m) => `${m.current},${weekend(m)}`, around.hours, { backoff: 3 });
  add("recent+time", "current+time", (m) => `${m.current}`, around.hours, { backoff: 3, halfLife: 7 });
  add("sequence+daypart", "sequence", (m) => `${m.current},${m.last},${m.last2}`, around.part);
  add("lately", "current", (m) => `${m.current},${m.lately}`);
  add(
    "last+previous-dwell",
    "last+since",
    (m) => `${m.current},${m.last}`,
    duration((m) => m.previousDwell),
  );
  add("nth-today", "current", (m) => `${m.current},${Math.min(m.nthToday, 25)}`, undefined, { halfLife: 60 });
  add("last+daytype+time", "last+time", (m) => `${m.current},${m.last},${weekend(m)}`, around.hours);
  add("current+dwell+time", "current+time", (m) => `${m.current},${durationSlot(m.dwell) >> 1}`, around.near);
  add("current+started", "current+dwell", (m) => `${m.current},${durationSlot(m.dwell) >> 1}`, startedAround);
  add("yesterday+week", "yesterday", (m) => `${m.current},${m.yesterday},${m.lastWeek}`);
  add("place", "current", (m) => known(m.place, () => `${m.current},${m.place}`), undefined, { backoff: 1 });
  add(
    "place+dwell",
    "place",
    (m) => known(m.place, () => `${m.current},${m.place}`),
    duration((m) => m.dwell),
  );
  add("place+time", "place", (m) => known(m.place, () => `${m.current},${m.place}`), around.hours);
  const loaded = (key: (m: Moment) => string) => (m: Moment) => (m.load ? key(m) : undefined);
  add(
    "load",
    "current",
    loaded((m) => `${m.current},${halfOctave(m.load!.now)}`),
    undefined,
    { halfLife: 60 },
  );
  add(
    "load+mean",
    "load",
    loaded((m) => `${m.current},${halfOctave(m.load!.now)},${halfOctave(m.load!.mean)}`),
    undefined,
    { backoff: 3, halfLife: 60 },
  );
  add(
    "load+time",
    "current+time",
    loaded((m) => `${m.current},${halfOctave(m.load!.mean)}`),
    around.hours,
    { backoff: 3, halfLife: 60 },
  );
  add(
    "load-change",
    "current",
    loaded((m) => `${m.current},${change(m.load!.change)}`),
    undefined,
    { halfLife: 60 },
  );
  const calendar = (m: Moment) => known(m.calendar, () => `${m.current},${m.calendar}`);
  add("calendar", "history", (m) => known(m.calendar, () => m.calendar), undefined, { backoff: 1, halfLife: 120, weight: 0.6 });
  add("calendar+current", "current", calendar, undefined, { halfLife: 120 });
  add("calendar+time", "calendar+current", calendar, around.hours, { halfLife: 120 });
  add(
    "calendar+dwell",
    "calendar+current",
    calendar,
    duration((m) => m.dwell),
    { halfLife: 120 },
  );
  const devices = (m: Moment) => known(m.devices, () => `${m.current},${m.devices}`);
  add("devices", "current", devices, undefined, { backoff: 1, weight: 0.6 });
  add("devices+time", "devices", devices, around.hours);
  add(
    "devices+dwell",
    "devices",
    devices,
    duration((m) => m.dwell),
  );
  add("calendar+devices", "devices", (m) => known(m.devices, () => known(m.calendar, () => `${m.current},${m.devices},${m.calendar}`)!));
  return tree.list;
}

/** Every source but the ones that exist once per class, parents first. */
export const sources: readonly Source[] = build();
const current = sources.findIndex((s) => s.name === "current");

/** "How long ago was class k": one source per class. */
export function sinceSource(k: number): Source {
  return {
    name: `since-${k}`,
    parent: current,
    key: (m) => `${m.current}`,
    slot: (m) => durationSlot(m.since[k] ?? 4320),
    kernel: durationKernel,
    backoff: 3,
    halfLife: 90,
    weight: 0.2,
    staying: false,
  };
}
export const sourceIndex = (name: string): number => sources.findIndex((s) => s.name === name);
