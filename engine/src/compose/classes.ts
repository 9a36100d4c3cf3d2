import { type TrafficClass, trafficClasses } from "@network-personas/personas";
import { type Both, both, byId, directions, epsilon, everyWay } from "./both.ts";
import type { Demanded, Request } from "./demands.ts";
import { classShare } from "./limits.ts";

const urgency = (trafficClass: TrafficClass): number => trafficClasses.indexOf(trafficClass);
export const moreUrgent = (a: TrafficClass, b: TrafficClass): boolean => urgency(a) < urgency(b);

/**
 * The one class all traffic of a device is put into: the one it is expected to profit from most, as long as all
 * guarantees in that class stay inside its share. Who has its wish already keeps it; then sparse devices choose before
 * greedy ones, which could push many of them out.
 */
export function classesOf(
  demanded: Demanded,
  guarantees: ReadonlyMap<string, Both>,
  shaper: Both,
  before: ReadonlyMap<string, { class: TrafficClass }>,
): Map<string, TrafficClass> {
  const requests = [...demanded.requests.values()].flat().filter((request) => request.wholeUtility > 0 && request.class !== "default");
  const wishes = [...Map.groupBy(requests, (request) => request.device)].map(([device, mine]) => ({ device, classes: preferred(mine) }));
  const size = (device: string) => guarantees.get(device)!.down + guarantees.get(device)!.up;
  const settled = ({ device, classes }: { device: string; classes: readonly TrafficClass[] }) =>
    Number(before.get(device)?.class === classes[0]);
  wishes.sort((a, b) => settled(b) - settled(a) || size(a.device) - size(b.device) || byId(a.device, b.device));
  const room = new Map(
    trafficClasses.map((trafficClass) => [trafficClass, both((direction) => shaper[direction] * classShare(trafficClass))]),
  );
  const chosen = new Map<string, TrafficClass>();
  for (const { device, classes } of wishes) {
    const guarantee = guarantees.get(device)!;
    const found = classes.find((trafficClass) =>
      everyWay((direction) => guarantee[direction] <= room.get(trafficClass)![direction] + epsilon),
    );
    if (!found) continue;
    for (const direction of directions) room.get(found)![direction] -= guarantee[direction];
    chosen.set(device, found);
  }
  return chosen;
}

/** By expected utility; of equals the more urgent, because missing it costs more than giving it in vain. */
const preferred = (requests: readonly Request[]): TrafficClass[] =>
  requests.toSorted((a, b) => b.wholeUtility - a.wholeUtility || urgency(a.class) - urgency(b.class)).map((request) => request.class);

/** What a guarantee takes of its class's share. Everybody has a floor whatever the class, so the class of everybody is not charged for it. */
export const chargedTo = (trafficClass: TrafficClass, guarantee: Both, floor: Both): Both =>
  trafficClass === "default" ? both((direction) => Math.max(0, guarantee[direction] - floor[direction])) : guarantee;

/**
 * Guarantees with the default class inside its share: devices for which no class had room end up there together with what
 * they were promised in others, and then all of them get less of what is beyond their floors.
 */
export function inDefaultShare(
  guarantees: ReadonlyMap<string, Both>,
  classes: ReadonlyMap<string, TrafficClass>,
  floors: ReadonlyMap<string, Both>,
  shaper: Both,
): Map<string, Both> {
  const beyond = new Map(
    [...guarantees]
      .filter(([device]) => !classes.has(device))
      .map(([device, rates]) => [device, chargedTo("default", rates, floors.get(device)!)]),
  );
  const kept = both((direction) => {
    const sum = [...beyond.values()].reduce((total, rates) => total + rates[direction], 0);
    return Math.min(1, (shaper[direction] * classShare("default")) / Math.max(1, sum));
  });
  return new Map(
    [...guarantees].map(([device, rates]) => {
      const more = beyond.get(device);
      if (!more) return [device, rates];
      return [
        device,
        both((direction) =>
          kept[direction] < 1 ? floors.get(device)![direction] + Math.floor(more[direction] * kept[direction]) : rates[direction],
        ),
      ];
    }),
  );
}
