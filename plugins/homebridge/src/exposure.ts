import { personaIn, type SentenceLanguage } from "@network-personas/engine/model";
import { type AccessorySpec, identityOf } from "./accessory-spec.ts";
import type { PluginConfig } from "./config.ts";
import { distinct, homeKitName } from "./names.ts";

/** Who and what the engine knows, as far as HomeKit is concerned. */
export interface Directory {
  /** Id of the home. */
  home: string;
  people: readonly { id: string; name: string }[];
  /** Personas that a person can have. `predicted` is false when the home's policy leaves one out; older engines do not say. */
  personas: readonly { id: string; name: string; predicted?: boolean | undefined }[];
}

/** An accessory that shall be there. */
export interface WantedAccessory {
  spec: AccessorySpec;
  identity: string;
  name: string;
}

/** Whether a persona has a switch for the whole home unless others are named. "Nothing in particular" is no wish anybody forces. */
export const isUsual = ({ id, predicted }: { id: string; predicted?: boolean | undefined }): boolean =>
  id !== "everyday" && predicted !== false;

/** What appears in HomeKit, and which ids of the config mean nothing in this home. */
export function exposed(config: PluginConfig, directory: Directory): { wanted: WantedAccessory[]; unknown: string[] } {
  const { language } = config;
  const { people } = directory;
  const personas = directory.personas.map((persona) => ({ ...persona, name: (personaIn(language, persona) ?? persona).name }));
  const unknown: string[] = [];
  const known = (wanted: readonly string[], list: readonly { id: string }[], what: string) =>
    [...new Set(wanted)].filter((id) => {
      const found = list.some((entry) => entry.id === id);
      if (!found) unknown.push(`there is no ${what} "${id}"; known: ${list.map((entry) => entry.id).join(", ")}`);
      return found;
    });
  const ofHome = config.personas.length > 0 ? known(config.personas, personas, "persona") : personas.filter(isUsual).map(({ id }) => id);
  const specs: AccessorySpec[] = config.wholeHome
    ? [{ kind: "automatic", subject: null }, ...ofHome.map((persona): AccessorySpec => ({ kind: "persona", subject: null, persona }))]
    : [];
  for (const choice of config.people) {
    const [subject] = known([choice.id], people, "person");
    if (subject === undefined) continue;
    const each = (kind: "persona" | "active" | "likely", chosen: readonly string[]) =>
      known(chosen, personas, "persona").map((persona): AccessorySpec => ({ kind, subject, persona }));
    if (choice.automatic) specs.push({ kind: "automatic", subject });
    if (choice.presence) specs.push({ kind: "presence", subject });
    specs.push(...each("persona", choice.personas), ...each("active", choice.active), ...each("likely", choice.likely));
  }
  const names = distinct(specs.map((spec) => nameOf(spec, { ...directory, personas }, language)));
  return {
    wanted: specs.map((spec, index) => ({ spec, identity: identityOf(directory.home, spec), name: names[index]! })),
    unknown: [...new Set(unknown)],
  };
}

/** What a name ends in, behind the person and the persona it is about. */
const endings: Record<SentenceLanguage, Record<AccessorySpec["kind"], string>> = {
  en: { automatic: "Automatic", persona: "", presence: "at home", active: "active", likely: "soon" },
  de: { automatic: "Automatik", persona: "", presence: "zu Hause", active: "aktiv", likely: "bald" },
};

function nameOf(spec: AccessorySpec, { people, personas }: Directory, language: SentenceLanguage): string {
  const called = (list: readonly { id: string; name: string }[], id: string) =>
    homeKitName(list.find((entry) => entry.id === id)?.name ?? id, id.replaceAll("-", " "));
  const who = spec.subject === null ? "" : called(people, spec.subject);
  const what = "persona" in spec ? called(personas, spec.persona) : "";
  return homeKitName(`${who} ${what} ${endings[language][spec.kind]}`, spec.kind);
}
