import type { Persona } from "@network-personas/personas";
import { weekdays } from "@network-personas/personas";
import type { EventFeature, FeatureVector } from "../model/index.ts";

/** What a persona's file says about a moment: a strength 0..1, and what it rests on ("" when nothing). */
export interface Sign {
  strength: number;
  because: string;
}
export const noSign: Sign = { strength: 0, because: "" };
const stronger = (a: Sign, b: Sign) => (b.strength > a.strength ? b : a);

/** A label this fresh says what is going on; labels arrive when their window is over. */
const stillGoingOn = 20;
/** What is going on right now, as far as it is known. */
export function ongoing({ recent }: FeatureVector): FeatureVector["recent"][number] | undefined {
  const [latest] = recent;
  return latest && latest.minutesAgo <= stillGoingOn ? latest : undefined;
}

const day = 1440;
const clock = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));

/** Declared times, by the share of the window [at, at + horizon) that they cover. */
export function timeSign(persona: Persona, features: FeatureVector): Sign {
  const { minuteOfDay, dayOfWeek } = features.local;
  const horizon = features.horizon / 60_000;
  return persona.signs.times
    .map(({ days, from, to, strength }): Sign => {
      const start = clock(from);
      const length = clock(to) > start ? clock(to) - start : clock(to) + day - start;
      let covered = 0;
      // Yesterday's run over midnight, today's, and tomorrow's when the window reaches it.
      for (const offset of [-1, 0, 1]) {
        const weekday = weekdays[(dayOfWeek - 1 + offset + 7) % 7]!;
        if (!days.includes(weekday)) continue;
        const begins = start + offset * day;
        covered += Math.max(0, Math.min(begins + length, minuteOfDay + horizon) - Math.max(begins, minuteOfDay));
      }
      return { strength: strength * Math.min(1, covered / horizon), because: `${from}-${to}` };
    })
    .reduce(stronger, noSign);
}

export function placeSign(persona: Persona, features: FeatureVector): Sign {
  return persona.signs.locations
    .filter(({ place }) => place === features.place)
    .map(({ place, strength }): Sign => ({ strength, because: place }))
    .reduce(stronger, noSign);
}

/** Devices that are here: a person's own, shared ones, and for a device subject its own kind whether it is on or not. */
export function deviceSign(persona: Persona, features: FeatureVector, freshness: (minutesPresent: number) => number = () => 1): Sign {
  const here =
    features.appliesTo === "device"
      ? features.kinds.map((kind) => ({ kind, minutesPresent: 0 }))
      : [...features.devices, ...features.shared];
  return persona.signs.devices
    .flatMap(({ kind, strength }) =>
      here.filter((d) => d.kind === kind).map((d): Sign => ({ strength: strength * freshness(d.minutesPresent), because: kind })),
    )
    .reduce(stronger, noSign);
}

const soonest = 15;
/** An event that runs, or begins within the window (at least a quarter of an hour). */
export const concerns = (event: EventFeature, horizon: number): boolean =>
  event.endsIn > 0 && event.startsIn <= Math.max(soonest, horizon / 60_000);

/** How much an event binds the person at home. */
export function binding(event: EventFeature): number {
  const busy = { free: 0.3, tentative: 0.5, busy: 1, "out-of-office": 0.2 }[event.busy];
  return busy * (event.allDay ? 0.3 : 1) * (event.elsewhere ? 0.3 : 1);
}

export function calendarSign(persona: Persona, features: FeatureVector): Sign {
  return features.events
    .filter((event) => concerns(event, features.horizon))
    .flatMap((event) =>
      event.matches
        .filter((match) => match.persona === persona.id)
        .map((match): Sign => ({ strength: Math.min(1, match.strength) * binding(event), because: match.matched })),
    )
    .reduce(stronger, noSign);
}
