import { z } from "zod";
import { DeviceKind } from "./device-kind.ts";
import { NetworkProfile } from "./profile.ts";
import { Duration, Id, TimeOfDay } from "./quantities.ts";
import { TrafficKind } from "./traffic-kind.ts";

export const weekdays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof weekdays)[number];

const strength = z.number().min(0).max(1).default(0.5).meta({ description: "How telling this sign is, 0 to 1." });

/** What an activity looks like before it starts: the prior of day one, in the founding formula's terms. */
export const Signs = z.strictObject({
  times: z
    .array(z.strictObject({ days: z.array(z.enum(weekdays)).default([...weekdays]), from: TimeOfDay, to: TimeOfDay, strength }))
    .default([])
    .meta({ description: "Local times at which it usually happens; `to` before `from` runs over midnight." }),
  locations: z
    .array(z.strictObject({ place: z.string().min(1), strength }))
    .default([])
    .meta({ description: 'Where the person is: "home", "away" or a named place.' }),
  devices: z
    .array(z.strictObject({ kind: DeviceKind, strength }))
    .default([])
    .meta({ description: "Kinds of device whose presence speaks for it." }),
  traffic: z
    .array(z.strictObject({ kind: TrafficKind, strength }))
    .default([])
    .meta({ description: "What the person's devices are seen doing while it goes on: recognised traffic that speaks for it." }),
  calendar: z
    .strictObject({
      words: z
        .array(z.string().min(2))
        .default([])
        .meta({ description: "Words in an event's summary, calendar name or category, in any language." }),
      conferenceHosts: z
        .array(z.string().regex(/^[a-z0-9.-]+$/))
        .default([])
        .meta({ description: "Hosts of conference links; subdomains count." }),
      strength,
    })
    .prefault({}),
});
export type Signs = z.infer<typeof Signs>;

/** An anticipated activity and the network profile it wants. */
export const Persona = z.strictObject({
  id: Id,
  name: z.string().min(1).max(60),
  description: z.string().max(400).default(""),
  appliesTo: z
    .enum(["person", "device", "any"])
    .default("person")
    .meta({ description: "Whom it is predicted for: a person, a device nobody owns, or both." }),
  icon: z.string().default("user"),
  leadTime: Duration.prefault("PT5M").meta({ description: "How long before the activity its needs may already be met." }),
  deviceKinds: z.array(DeviceKind).default([]).meta({
    description:
      "Kinds of device its needs are charged to, preferred first; for device personas, the kinds it applies to. Empty means any.",
  }),
  signs: Signs.prefault({}),
  profile: NetworkProfile.prefault({}),
});
export type Persona = z.infer<typeof Persona>;
export type PersonaInput = z.input<typeof Persona>;

/** Id of the persona that means "nothing in particular, away or asleep" and holds the mass we are not sure about. */
export const everyday = "everyday";

/** Personas by id. Always contains `everyday`. */
export type PersonaSet = ReadonlyMap<string, Persona>;

/** The personas that can be predicted for a subject; `kinds` are the kinds of its own devices. */
export function applicablePersonas(
  personas: PersonaSet,
  subject: { appliesTo: "person" | "device"; kinds: readonly DeviceKind[] },
): Persona[] {
  return [...personas.values()].filter((persona) => {
    if (persona.appliesTo === "any") return true;
    if (persona.appliesTo !== subject.appliesTo) return false;
    const { deviceKinds } = persona;
    return subject.appliesTo === "person" || deviceKinds.length === 0 || subject.kinds.some((kind) => deviceKinds.includes(kind));
  });
}
