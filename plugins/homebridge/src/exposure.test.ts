import { describe, expect, it } from "vitest";
import { PluginConfig } from "./config.ts";
import { type Directory, exposed } from "./exposure.ts";

const directory: Directory = {
  home: "demo",
  people: [
    { id: "alice", name: "Alice" },
    { id: "bob", name: "Bob 🎸" },
  ],
  personas: [
    { id: "everyday", name: "Everyday" },
    { id: "gamer", name: "Gamer" },
    { id: "remote-worker", name: "Remote worker" },
  ],
};
const appear = (config: object, known = directory) => exposed(PluginConfig.parse(config), known);
const names = (config: object, known = directory) => appear(config, known).wanted.map(({ name }) => name);

describe("what appears in HomeKit", () => {
  it("is Automatic and one switch per persona for the home by default", () => {
    expect(names({})).toEqual(["Automatic", "Gamer", "Remote worker"]);
  });
  it("leaves out personas that the home does without, unless they are named", () => {
    const personas = directory.personas.map((persona) => ({ ...persona, predicted: persona.id !== "gamer" }));
    expect(names({}, { ...directory, personas })).toEqual(["Automatic", "Remote worker"]);
    expect(names({ personas: ["gamer"] }, { ...directory, personas })).toEqual(["Automatic", "Gamer"]);
  });
  it("is what was chosen, for the home and for each person", () => {
    expect(names({ personas: ["everyday"] })).toEqual(["Automatic", "Everyday"]);
    expect(names({ wholeHome: false })).toEqual([]);
    const bob = { id: "bob", automatic: true, presence: true, personas: ["gamer"], active: ["gamer"], likely: ["remote-worker"] };
    expect(names({ wholeHome: false, people: [bob] })).toEqual([
      "Bob Automatic",
      "Bob at home",
      "Bob Gamer",
      "Bob Gamer active",
      "Bob Remote worker soon",
    ]);
  });
  it("is called in German when the config says so, and stays what it is; a persona of the household keeps its own name", () => {
    const own = { ...directory, personas: [...directory.personas, { id: "dj", name: "Disc jockey" }] };
    const bob = { id: "bob", automatic: true, presence: true, personas: ["dj"], active: ["gamer"], likely: ["remote-worker"] };
    const config = { personas: ["gamer", "everyday"], people: [bob] };
    expect(names({ ...config, language: "de" }, own)).toEqual([
      "Automatik",
      "Spielen",
      "Alltag",
      "Bob Automatik",
      "Bob zu Hause",
      "Bob Disc jockey",
      "Bob Spielen aktiv",
      "Bob Homeoffice bald",
    ]);
    const identities = (language: string) => appear({ ...config, language }, own).wanted.map(({ identity }) => identity);
    expect(identities("de")).toEqual(identities("en"));
    const renamed = { ...directory, personas: [{ id: "gamer", name: "Bob's games" }] };
    expect(names({ language: "de" }, renamed)).toEqual(["Automatik", "Bob's games"]);
  });
  it("says which ids mean nothing, once each, and goes on with the others", () => {
    const { wanted, unknown } = appear({
      personas: ["pirate", "gamer"],
      people: [
        { id: "carol", automatic: true },
        { id: "alice", personas: ["pirate"] },
      ],
    });
    expect(wanted.map(({ name }) => name)).toEqual(["Automatic", "Gamer"]);
    expect(unknown).toEqual([
      'there is no persona "pirate"; known: everyday, gamer, remote-worker',
      'there is no person "carol"; known: alice, bob',
    ]);
  });
  it("keeps identities when everything is renamed, and tells homes, people, kinds and personas apart", () => {
    const config = {
      people: [
        { id: "alice", automatic: true, personas: ["gamer"], active: ["gamer"] },
        { id: "bob", automatic: true },
      ],
    };
    const renamed: Directory = {
      ...directory,
      people: directory.people.map((p) => ({ ...p, name: `${p.name} Smith` })),
      personas: directory.personas.map((p) => ({ ...p, name: `The ${p.name}` })),
    };
    const identities = (known: Directory) => appear(config, known).wanted.map(({ identity }) => identity);
    expect(identities(renamed)).toEqual(identities(directory));
    expect(names(config, renamed)).not.toEqual(names(config));
    expect(new Set([...identities(directory), ...identities({ ...directory, home: "cabin" })]).size).toBe(14);
  });
  it("gives people and personas of the same name different names", () => {
    const twins = {
      ...directory,
      people: [
        { id: "sam", name: "Sam" },
        { id: "sam-2", name: "Sam" },
      ],
    };
    expect(
      names(
        {
          wholeHome: false,
          people: [
            { id: "sam", automatic: true },
            { id: "sam-2", automatic: true },
          ],
        },
        twins,
      ),
    ).toEqual(["Sam Automatic", "Sam Automatic 2"]);
  });
});
