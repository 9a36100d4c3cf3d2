import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { configSchema } from "../config-schema.ts";
import { isConfigured, PluginConfig, readConfig } from "./config.ts";

const everything = {
  platform: "NetworkPersonas",
  name: "Network Personas",
  _bridge: { username: "0E:00:00:00:00:01" },
  url: " http://192.168.1.20:8787 ",
  token: "np_1",
  people: [{ id: "alice", automatic: true, personas: ["gamer"], active: ["gamer"], likely: ["remote-worker"], presence: true }],
  forcedFor: 90,
};

describe("the config", () => {
  it("passes with nothing in it, but is not configured then", () => {
    const read = readConfig({ platform: "NetworkPersonas" });
    if (!("config" in read)) throw new Error(read.problems.join());
    expect(read.config).toMatchObject({ language: "en", wholeHome: true, personas: [], people: [], likelyWithin: 30 });
    expect(isConfigured(read.config)).toBe(false);
  });
  it("takes an address or a home file for configured, and trims what was pasted", () => {
    expect(readConfig(everything)).toMatchObject({ config: { url: "http://192.168.1.20:8787", people: [{ id: "alice" }] } });
    expect(isConfigured(PluginConfig.parse(everything))).toBe(true);
    expect(isConfigured(PluginConfig.parse({ home: "home.yaml" }))).toBe(true);
  });
  it("passes over rows of people that nobody filled in, as the form of Homebridge UI leaves them", () => {
    const ann = { id: "ann", personas: ["gamer"] };
    expect(readConfig({ people: [{ automatic: false, presence: false, personas: [""] }, ann, {}] })).toMatchObject({
      config: { people: [ann] },
    });
    // What was filled in without saying whose it is cannot be meant.
    expect(readConfig({ people: [{ automatic: true }] })).toMatchObject({ problems: [expect.stringContaining("people.0.id")] });
    expect(readConfig({ people: [null] })).toMatchObject({ problems: [expect.stringContaining("people.0")] });
  });
  it.each([
    [{ people: [{ id: "Alice Smith" }] }, "people.0.id: expected an id"],
    [{ people: [{ id: "alice" }, { id: "alice" }] }, '"alice" is listed twice'],
    [{ forcedFor: -1 }, "forcedFor: "],
    [{ personas: "gamer" }, "personas: "],
    [{ language: "fr" }, "language: "],
  ])("says what is wrong with %j", (config, problem) => {
    expect(readConfig(config)).toMatchObject({ problems: [expect.stringContaining(problem)] });
  });
});

describe.each(["en", "de"] as const)("config.schema.json (%s)", (language) => {
  const schema = JSON.parse(configSchema(language));
  it("lays out every field, and masks the token", () => {
    const laidOut = JSON.stringify(schema.layout);
    for (const key of Object.keys(schema.schema.properties)) expect(laidOut).toContain(`"${key}"`);
    expect(laidOut).toContain('{"key":"token","type":"password"}');
    for (const key of Object.keys(schema.schema.properties.people.items.properties)) expect(laidOut).toContain(`"people[].${key}"`);
  });
  it("accepts and refuses what the plugin does", () => {
    const validate = new Ajv({ strict: false }).compile(schema.schema);
    expect(validate(everything)).toBe(true);
    expect(validate({ name: "x", people: [{ id: "Alice Smith" }] })).toBe(false);
    expect(validate({ name: "x", forcedFor: -1 })).toBe(false);
    expect(validate({})).toBe(false);
  });
  it("describes every field", () => {
    const fields = [...Object.values(schema.schema.properties), ...Object.values(schema.schema.properties.people.items.properties)];
    for (const field of fields) expect(field).toMatchObject({ title: expect.any(String), description: expect.any(String) });
  });
});

it("says everything in German that it says in English, and asks for the same", () => {
  const [english, german] = (["en", "de"] as const).map((language) => wordsIn(JSON.parse(configSchema(language))));
  expect(german!.rest).toEqual(english!.rest);
  expect(Object.keys(german!.words)).toEqual(Object.keys(english!.words));
  // Titles of a word or two may be the same.
  const same = Object.keys(english!.words).filter((path) => german!.words[path] === english!.words[path]);
  expect([...new Set(same.map((path) => english!.words[path]))].sort()).toEqual(["Engine", "Name", "Person", "Persona", "Token"]);
});

/** What people read of a schema, by its place, and the schema without it. */
function wordsIn(schema: unknown): { words: Record<string, string>; rest: unknown } {
  const words: Record<string, string> = {};
  const without = (part: unknown, path: string): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map((one, index) => without(one, `${path}/${index}`));
    return Object.fromEntries(
      Object.entries(part).map(([key, value]) => {
        const isText = typeof value === "string" && ["title", "description", "buttonText", "headerDisplay"].includes(key);
        if (isText) words[`${path}/${key}`] = value;
        return [key, isText ? "" : without(value, `${path}/${key}`)];
      }),
    );
  };
  return { rest: without(schema, ""), words };
}
