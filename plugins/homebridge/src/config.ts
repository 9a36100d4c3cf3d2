import { PersonaId, PersonId } from "@network-personas/engine/model";
import { z } from "zod";

export const platformName = "NetworkPersonas";
export const pluginName = "homebridge-network-personas";

const ids = (title: string, description: string) => z.array(PersonaId).default([]).meta({ title, description, uniqueItems: true });
const flag = (title: string, description: string, byDefault = false) => z.boolean().default(byDefault).meta({ title, description });
const text = z.string().trim().default("");

export const PersonChoice = z.object({
  id: PersonId.meta({ title: "Person", description: "Id of the person, as the home file has it." }),
  automatic: flag("Automatic switch", "On while the engine decides for this person. Off holds what is active now."),
  personas: ids("Persona switches", "Each forces that persona for this person."),
  presence: flag("At home switch", "For HomeKit's own automations: on when the person arrives, off when the person leaves."),
  active: ids("Sensors: is active", "Occupied while the persona is active."),
  likely: ids("Sensors: is likely soon", "Occupied while the persona is likely to come up."),
});
export type PersonChoice = z.output<typeof PersonChoice>;

/** The platform's block in Homebridge's config.json. What Homebridge adds itself (`platform`, `_bridge`) passes. */
export const PluginConfig = z.object({
  name: z.string().default("Network Personas").meta({ title: "Name", description: "Name in the log." }),
  url: text.meta({
    title: "Address of the engine",
    description:
      "Where Network Personas runs already, in Node-RED or by itself, such as http://192.168.1.20:8787. Empty when it shall run here.",
  }),
  token: text.meta({ title: "Token", description: "Made by the engine with: network-personas token create homebridge --scope control" }),
  home: text.meta({
    title: "Home file",
    description:
      "When no address is given: the home.yaml of your home, inside Homebridge's storage folder. The engine then runs within Homebridge.",
  }),
  language: z.enum(["en", "de"]).default("en").meta({
    title: "Names in the Home app",
    description: "Rooms, scenes and automations stay when this changes, and so do names that were given in the Home app.",
  }),
  wholeHome: flag(
    "Switches for the whole home",
    "One Automatic switch, and one switch per persona that forces it for everyone at home.",
    true,
  ),
  personas: ids("Personas of the whole home", "Empty: all that may be predicted for a person, except everyday."),
  people: z.array(PersonChoice).default([]).meta({ title: "People", description: "What appears for single persons." }),
  releaseOnRemoval: flag(
    "Leave the routers clean",
    "When the plugin is uninstalled, what its engine set up on your routers is removed. Only where the engine runs within Homebridge.",
    true,
  ),
  forcedFor: z.int().min(0).max(10_080).optional().meta({
    title: "Forced personas end after (minutes)",
    description: "0: only when switched off. Empty: as the home file says (4 hours unless it says otherwise).",
  }),
  likelyWithin: z.int().min(1).max(720).default(30).meta({
    title: "Soon means within (minutes)",
    description: "How far ahead the sensors for what is likely soon look.",
  }),
});
export type PluginConfig = z.output<typeof PluginConfig>;

/** A config that can be used, or everything that is wrong with it. */
export function readConfig(input: unknown): { config: PluginConfig } | { problems: string[] } {
  const parsed = PluginConfig.safeParse(withoutEmptyRows(input));
  if (!parsed.success) return { problems: parsed.error.issues.map(({ path, message }) => `${path.join(".") || "config"}: ${message}`) };
  const { people } = parsed.data;
  const twice = people.find((person, index) => people.findIndex((other) => other.id === person.id) !== index);
  return twice ? { problems: [`people: "${twice.id}" is listed twice; put everything of one person together`] } : { config: parsed.data };
}

/** The form of Homebridge UI keeps a row of its list of people that nobody filled in. */
function withoutEmptyRows(input: unknown): unknown {
  if (typeof input !== "object" || input === null || !("people" in input) || !Array.isArray(input.people)) return input;
  const isEmpty = (value: unknown) => !value || (Array.isArray(value) && value.every((entry) => !entry));
  return { ...input, people: input.people.filter((row) => !row || !Object.values(row).every(isEmpty)) };
}

export const isConfigured = ({ url, home }: PluginConfig): boolean => url !== "" || home !== "";
