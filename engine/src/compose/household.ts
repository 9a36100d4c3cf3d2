import { deviceKinds } from "@network-personas/personas";
import type { BlendedProfile, Device } from "../model/index.ts";
import { byId } from "./both.ts";
import type { ComposeInput } from "./contract.ts";

/** The home seen from its devices: who owns what, what is here, and where an activity happens. */
export interface Household {
  /** All devices, sorted by id. */
  devices: readonly Device[];
  /** By subject, in the order of their ids. */
  profiles: ReadonlyMap<string, BlendedProfile>;
  /** The subject a device belongs to: its owner, or itself. */
  subjectOf(device: string): string;
  /** The devices of a subject, infrastructure left out. */
  devicesOf(subject: string): readonly Device[];
  /** The device an activity of a subject happens on: kinds in order, the subject's own before one the household shares. */
  seat(subject: string, kinds: readonly string[]): Device | undefined;
  nameOf(id: string): string;
}

const kindOrder: readonly string[] = deviceKinds;

export function householdOf({ home, profiles, present }: ComposeInput): Household {
  const devices = home.devices.toSorted((a, b) => byId(a.id, b.id));
  const owner = new Map(home.people.flatMap((person) => person.devices.map((device) => [device, person.id] as const)));
  const names = new Map([...home.people, ...home.devices].map(({ id, name }) => [id, name ?? id]));
  const subjectOf = (device: string) => owner.get(device) ?? device;
  const own = Map.groupBy(
    devices.filter((device) => !device.infrastructure),
    (device) => subjectOf(device.id),
  );
  const people = new Set(home.people.map((person) => person.id));
  const blocked = new Set(home.policy.blockedDevices);
  const usable = (device: Device) => present.has(device.id) && !device.infrastructure && !blocked.has(device.id);
  const shared = Map.groupBy(
    devices.filter((device) => !owner.has(device.id) && usable(device)),
    (device) => device.kind as string,
  );

  const seat = (subject: string, kinds: readonly string[]): Device | undefined => {
    const mine = (own.get(subject) ?? []).filter(usable);
    if (!people.has(subject)) return mine[0];
    if (kinds.length === 0) return mine.toSorted((a, b) => kindOrder.indexOf(a.kind) - kindOrder.indexOf(b.kind))[0];
    for (const kind of kinds) {
      const found = mine.find((device) => device.kind === kind) ?? shared.get(kind)?.[0];
      if (found) return found;
    }
    return undefined;
  };
  return {
    devices,
    profiles: new Map(profiles.toSorted((a, b) => byId(a.subject, b.subject)).map((profile) => [profile.subject, profile])),
    subjectOf,
    devicesOf: (subject) => own.get(subject) ?? [],
    seat,
    nameOf: (id) => names.get(id) ?? id,
  };
}
