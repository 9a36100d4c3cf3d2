import { z } from "zod";
import { PluginConfig, platformName } from "./src/config.ts";

/** Text of config.schema.json: what the Homebridge UI makes a form of. It is committed, so that packing the package needs no build of ours. */
export function configSchema(): string {
  const { $schema: _, properties, ...schema } = z.toJSONSchema(PluginConfig, { io: "input" }) as { $schema?: string; properties: object };
  const text = JSON.stringify(
    {
      pluginAlias: platformName,
      pluginType: "platform",
      singular: true,
      strictValidation: true,
      customUi: true,
      headerDisplay: "Personas of your home network in Apple Home.",
      schema: { ...schema, properties, required: ["name"] },
      layout,
    },
    null,
    2,
  );
  // Short lists stand on one line, as the formatter wants them.
  return `${text.replace(/\[\s+((?:"[^"]*",?\s+)+)\]/g, (_, entries: string) => `[${entries.trim().replace(/\s*\n\s*/g, " ")}]`)}\n`;
}

const section = (title: string, items: readonly unknown[], expanded = true) => ({
  type: "fieldset",
  title,
  expandable: true,
  expanded,
  items,
});

/** A list of texts, each with a line and a button for one more. */
const lines = (key: string) => ({
  key,
  type: "array",
  buttonText: "Add persona",
  items: [{ key: `${key}[]`, title: "Persona", notitle: true }],
});

/** Order of the form; passwords are masked. Every field of the schema is somewhere in it. */
const layout = [
  "name",
  section("Engine", ["url", { key: "token", type: "password" }, "home", "releaseOnRemoval"]),
  section("Whole home", ["wholeHome", lines("personas")]),
  section("People", [
    {
      key: "people",
      type: "array",
      buttonText: "Add person",
      items: [
        ...["id", "automatic", "presence"].map((key) => `people[].${key}`),
        ...["personas", "active", "likely"].map((key) => lines(`people[].${key}`)),
      ],
    },
  ]),
  section("Times", ["forcedFor", "likelyWithin"], false),
];
