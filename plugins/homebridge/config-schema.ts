import type { SentenceLanguage } from "@network-personas/engine/model";
import { z } from "zod";
import { fieldsGerman, idGerman, type LayoutWords, layoutWords } from "./config-words.ts";
import { PluginConfig, platformName } from "./src/config.ts";

/**
 * Text of config.schema.json, or of its translation: what the Homebridge UI makes a form of. It is committed, so that packing the package
 * needs no build of ours.
 */
export function configSchema(language: SentenceLanguage = "en"): string {
  const { $schema: _, properties, ...schema } = z.toJSONSchema(PluginConfig, { io: "input" }) as unknown as ObjectSchema;
  const words = layoutWords[language];
  if (language === "de") sayInGerman(properties);
  const text = JSON.stringify(
    {
      pluginAlias: platformName,
      pluginType: "platform",
      singular: true,
      strictValidation: true,
      customUi: true,
      headerDisplay: words.header,
      schema: { ...schema, properties, required: ["name"] },
      layout: layoutIn(words),
    },
    null,
    2,
  );
  // Short lists stand on one line, as the formatter wants them.
  return `${text.replace(/\[\s+((?:"[^"]*",?\s+)+)\]/g, (_, entries: string) => `[${entries.trim().replace(/\s*\n\s*/g, " ")}]`)}\n`;
}

interface ObjectSchema {
  $schema?: string;
  properties: Record<string, FieldSchema>;
}
interface FieldSchema {
  title?: string;
  description?: string;
  items?: Partial<ObjectSchema> & FieldSchema;
}

/** Takes the words of fields, and of what they are lists of, from the German table. */
function sayInGerman(properties: ObjectSchema["properties"], above = ""): void {
  for (const [key, field] of Object.entries(properties)) {
    const path = above + key;
    Object.assign(field, fieldsGerman[path as keyof typeof fieldsGerman]);
    if (field.items?.properties) sayInGerman(field.items.properties, `${path}[].`);
    else if (field.items) field.items.description = idGerman;
  }
}

/** Order of the form; passwords are masked. Every field of the schema is somewhere in it. */
function layoutIn(words: LayoutWords): readonly unknown[] {
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
    buttonText: words.addPersona,
    items: [{ key: `${key}[]`, title: words.persona, notitle: true }],
  });
  return [
    "name",
    section(words.engine, ["url", { key: "token", type: "password" }, "home", "releaseOnRemoval"]),
    // Languages are called what their speakers call them.
    { key: "language", type: "select", required: true, titleMap: [languageChoice("en", "English"), languageChoice("de", "Deutsch")] },
    section(words.wholeHome, ["wholeHome", lines("personas")]),
    section(words.people, [
      {
        key: "people",
        type: "array",
        buttonText: words.addPerson,
        items: [
          ...["id", "automatic", "presence"].map((key) => `people[].${key}`),
          ...["personas", "active", "likely"].map((key) => lines(`people[].${key}`)),
        ],
      },
    ]),
    section(words.times, ["forcedFor", "likelyWithin"], false),
  ];
}

const languageChoice = (value: SentenceLanguage, name: string) => ({ value, name });
