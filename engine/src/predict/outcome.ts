import { applicablePersonas, type Persona, type PersonaSet } from "@network-personas/personas";
import { type Evidence, type FeatureVector, inEnglish, type Prediction, sentence, whenRead } from "../model/index.ts";

/** Personas that can be predicted for the subject, in the order of their ids: results never depend on the order of files. */
export const candidates = (features: FeatureVector, personas: PersonaSet): Persona[] =>
  applicablePersonas(personas, features).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

/** Log-odds shown for what the owner ordered: certain, and still a finite number. */
export const certain = 20;

export function prediction(
  features: FeatureVector,
  scorer: string,
  distribution: Record<string, number>,
  reasons: () => Evidence[],
): Prediction {
  const { subject, at, horizon } = features;
  return whenRead({ subject, at, horizon, distribution, scorer }, "evidence", reasons);
}

/** The owner's word is the whole distribution; undefined when there is none. */
export function ordered(features: FeatureVector, personas: PersonaSet, scorer: string): Prediction | undefined {
  const { override } = features;
  const persona = override === undefined ? undefined : personas.get(override);
  if (!persona) return undefined;
  const ids = new Set([...candidates(features, personas).map((p) => p.id), persona.id]);
  const distribution = Object.fromEntries([...ids].sort().map((id) => [id, id === persona.id ? 1 : 0]));
  const said = sentence("byHand", { persona: persona.id });
  return prediction(features, scorer, distribution, () => [
    { source: "override", persona: persona.id, logOdds: certain, why: inEnglish(said, () => persona.name), said },
  ]);
}
