import { everyday, type Persona } from "@network-personas/personas";
import { type Evidence, type FeatureVector, inEnglish, type Sentence, sentence } from "../model/index.ts";
import { candidates, ordered, prediction } from "./outcome.ts";
import { dayPart, deviceKinds, moment } from "./phrases.ts";
import type { Scorer } from "./scorer.ts";
import { calendarSign, concerns, deviceSign, noSign, placeSign, type Sign, timeSign } from "./signs.ts";
import { DamagedState, readState, writeState } from "./state-text.ts";

/** How often each persona really happened, per thing that was the case. */
export interface AdditiveState {
  counts: Record<string, Record<string, number>>;
}

interface Part {
  name: "history" | "time" | "location" | "devices" | "calendar";
  /** The case to look up in the counts; undefined when nothing is known. */
  fact(features: FeatureVector): string | undefined;
  declared(persona: Persona, features: FeatureVector): Sign;
  why(features: FeatureVector, sign: Sign): Sentence;
}

/** Observations after which a frequency counts as much as what the persona's file declares. */
const trust = 8;

/** The first event that concerns the moment, as a fact to count. */
const eventFact = ({ events, horizon }: FeatureVector) => {
  const event = events.find((e) => concerns(e, horizon));
  return event && `event ${event.calendar} ${event.key}`;
};

/** The five parts of the founding formula. */
const parts: readonly Part[] = [
  { name: "history", fact: () => "always", declared: () => noSign, why: () => sentence("historical") },
  { name: "time", fact: (f) => `hour ${Math.floor(f.local.minuteOfDay / 60)}`, declared: timeSign, why: moment },
  {
    name: "location",
    fact: (f) => f.place && `place ${f.place}`,
    declared: placeSign,
    why: (f) => (f.place ? sentence("placeIs", { place: f.place }) : sentence("placeUnknown")),
  },
  {
    name: "devices",
    fact: (f) => (deviceKinds(f).length > 0 ? `devices ${deviceKinds(f).join(", ")}` : undefined),
    declared: (persona, f) => deviceSign(persona, f),
    why: (f) => (deviceKinds(f).length > 0 ? sentence("connected", { kinds: deviceKinds(f) }) : sentence("noDevices")),
  },
  {
    name: "calendar",
    fact: eventFact,
    declared: calendarSign,
    why: (f, sign) =>
      sign.because
        ? sentence("calendarSays", { word: sign.because })
        : eventFact(f)
          ? sentence("calendarEvent")
          : sentence("calendarNothing", { part: dayPart(f) }),
  },
];

/** Frequency among past outcomes of the same case, starting from what the file declares. */
function scoreOf(part: Part, persona: Persona, features: FeatureVector, state: AdditiveState): { score: number; sign: Sign } {
  const sign = part.declared(persona, features);
  const fact = part.fact(features);
  const seen = fact ? state.counts[fact] : undefined;
  if (!seen) return { score: sign.strength, sign };
  const total = Object.values(seen).reduce((sum, n) => sum + n, 0);
  const count = seen[persona.id] ?? 0;
  return { score: part.name === "history" ? count / total : (count + trust * sign.strength) / (total + trust), sign };
}

/** The founding formula: five scores per persona, added up and divided by the total over all personas. */
export const additive: Scorer<AdditiveState> = {
  id: "additive",
  version: 1,
  create: () => ({ counts: {} }),

  predict(features, personas, state) {
    const order = ordered(features, personas, this.id);
    if (order) return order;
    const scores = candidates(features, personas).map((persona) => {
      const scored = parts.map((part) => ({ part, ...scoreOf(part, persona, features, state) }));
      return { id: persona.id, scored, sum: scored.reduce((sum, { score }) => sum + score, 0) };
    });
    const total = scores.reduce((sum, s) => sum + s.sum, 0);
    const distribution = Object.fromEntries(scores.map((s) => [s.id, total > 0 ? s.sum / total : s.id === everyday ? 1 : 0]));
    const evidence = () =>
      scores.flatMap(({ id, scored }) =>
        scored.map(({ part, score, sign }): Evidence => {
          const said = part.why(features, sign);
          return { source: part.name, persona: id, logOdds: score, why: inEnglish(said), said };
        }),
      );
    return prediction(features, this.id, distribution, evidence);
  },

  learn(state, { features, persona, weight }) {
    for (const part of parts) {
      const fact = part.fact(features);
      if (!fact || weight <= 0) continue;
      state.counts[fact] ??= {};
      const seen = state.counts[fact];
      seen[persona] = (seen[persona] ?? 0) + weight;
    }
    return state;
  },

  save(state) {
    return writeState(this.id, this.version, state);
  },
  restore(text) {
    const state = readState(text, this.id, this.version) as Partial<AdditiveState> | null;
    if (typeof state?.counts !== "object" || state.counts === null) throw new DamagedState(this.id, "it has no counts");
    return { counts: state.counts };
  },
};
