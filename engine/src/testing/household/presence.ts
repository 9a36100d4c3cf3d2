import type { DeviceKind } from "@network-personas/personas";
import { dayLength, type Stretch } from "./day.ts";
import type { Random } from "./random.ts";
import { alwaysOn, carried, deviceFor } from "./routine.ts";

/** A stretch of time, in minutes after local midnight. */
export interface Span {
  from: number;
  to: number;
}

interface Thing {
  id: string;
  kind: DeviceKind;
}

/** The device a person takes for an activity: the preferred kind among their own, else among what everybody shares. */
export function chooseDevice(persona: string, own: readonly Thing[], shared: readonly Thing[]): string | null {
  for (const kind of deviceFor[persona] ?? []) {
    const found = [...own, ...shared].find((device) => device.kind === kind);
    if (found) return found.id;
  }
  return null;
}

/** When a person's stretches put devices on the network: switched on a little before they are used, off a little after. */
export function presenceOf(
  stretches: readonly (Stretch & { device: string | null })[],
  own: readonly Thing[],
  random: Random,
): Map<string, Span[]> {
  const spans = new Map<string, Span[]>(own.map((device) => [device.id, []]));
  const put = (device: string, from: number, to: number) => spans.set(device, [...(spans.get(device) ?? []), { from, to }]);
  for (const device of own) {
    if (alwaysOn.has(device.kind)) put(device.id, 0, dayLength);
    else if (carried.has(device.kind)) for (const { from, to, home } of stretches) if (home) put(device.id, from, to);
  }
  const computer = own.find((d) => d.kind === "laptop" || d.kind === "desktop");
  for (const { from, to, device, persona, home, awake } of stretches) {
    if (device !== null) put(device, from - Math.max(1, random.around(5, 3)), to + Math.max(1, random.around(8, 4)));
    // A computer is opened now and then without it meaning anything.
    else if (computer && home && awake && persona === "everyday" && to - from >= 30 && random.chance(0.35))
      put(computer.id, from + 5, Math.min(to, from + 35));
  }
  return new Map([...spans].map(([device, list]) => [device, merge(list)]));
}

/** Overlapping and touching spans become one; nothing leaves the day. */
export function merge(spans: readonly Span[]): Span[] {
  const merged: Span[] = [];
  for (const span of spans
    .map((s) => ({ from: Math.max(0, s.from), to: Math.min(dayLength, s.to) }))
    .filter((s) => s.from < s.to)
    .sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && span.from <= last.to) last.to = Math.max(last.to, span.to);
    else merged.push(span);
  }
  return merged;
}
