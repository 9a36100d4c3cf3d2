import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHome } from "@network-personas/engine";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createHome, look } from "./look.ts";
import { starterHome } from "./starter.ts";

let storage: string;
beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "np-look-"));
});
afterEach(() => rm(storage, { recursive: true, force: true }));

const answers = { name: 'Villa "Sol"', down: "50", up: "9.5", people: ["Zoë", "Bob", "bob", "张伟"], timeZone: "Asia/Tokyo" };
const settings = { home: "personas/home.yaml" };

it("makes a first home file that the engine understands, from what a person types", async () => {
  await createHome({ settings, answers }, storage);
  const { home } = parseHome(await readFile(join(storage, settings.home), "utf8"), "home.yaml");
  expect(home.home.name).toBe('Villa "Sol"');
  expect(home.home.timeZone).toBe("Asia/Tokyo");
  expect(home.wan).toMatchObject({ down: 50_000, up: 9_500 });
  expect(home.people.map(({ id, name }) => [id, name])).toEqual([
    ["zoe", "Zoë"],
    ["bob", "Bob"],
    ["bob-2", "bob"],
    ["person", "张伟"],
  ]);
});
it("never writes over a home file, nor outside the storage", async () => {
  await createHome({ settings, answers }, storage);
  const before = await readFile(join(storage, settings.home), "utf8");
  await expect(createHome({ settings, answers: { ...answers, name: "Other" } }, storage)).rejects.toThrow("is there already");
  expect(await readFile(join(storage, settings.home), "utf8")).toBe(before);
  await expect(createHome({ settings: { home: "../new/home.yaml" }, answers }, storage)).rejects.toThrow("outside Homebridge's storage");
});
it.each([
  [{ ...answers, down: "" }, "speed of your line"],
  [{ ...answers, up: "fast" }, "upload speed"],
  [{ ...answers, people: [] }, "at least one person"],
  [{ ...answers, name: " " }, "a name"],
  [undefined, "a name"],
])("asks again when something is missing: %j", async (given, message) => {
  await expect(createHome({ settings, answers: given }, storage)).rejects.toThrow(message);
  expect(await readdir(storage)).toEqual([]);
});
it("names a port only when another program has the usual one", () => {
  const given = { name: "x", down: 1, up: 1, people: ["Ann"], timeZone: "Europe/Berlin" };
  const portOf = (letIn: boolean, port?: number) => parseHome(starterHome({ ...given, letIn }, port), "home.yaml").home.api;
  expect(portOf(true)).toMatchObject({ host: "0.0.0.0", port: 8787 });
  expect(portOf(true, 8788)).toMatchObject({ host: "0.0.0.0", port: 8788 });
  expect(portOf(false, 8788)).toMatchObject({ host: "127.0.0.1", port: 8788 });
  expect(starterHome({ ...given, letIn: false })).not.toContain("api:");
});
it("takes names however they are written", () => {
  const people = ["O'Neil: #1", "- {x}", "a".repeat(60), "!!!"];
  const { home } = parseHome(starterHome({ name: "x", down: 1, up: 1, letIn: true, people, timeZone: "Europe/Berlin" }), "home.yaml");
  expect(home.people.map(({ name }) => name)).toEqual(people);
});

it("tells what is there without starting an engine", async () => {
  await expect(look({}, storage)).rejects.toThrow("Say where the engine is first");
  await expect(look({ settings }, storage)).rejects.toMatchObject({ code: "no-file" });
  await createHome({ settings, answers }, storage);
  const { personas, ...seen } = await look({ settings }, storage);
  expect(seen).toMatchObject({ home: 'Villa "Sol"', running: false, problems: [] });
  expect(seen.people.map(({ name }) => name)).toEqual(answers.people);
  expect(personas.map(({ name }) => name)).toEqual(expect.arrayContaining(["Gamer", "Everyday"]));
  expect(personas.map(({ id }) => id)).not.toContain("iot-device");
  const german = await look({ settings, language: "de" }, storage);
  expect(german.personas.find(({ id }) => id === "gamer")).toMatchObject({
    name: "Spielen",
    description: expect.stringContaining("Online-Spiele"),
    usual: true,
  });
  expect(await readdir(join(storage, "personas"))).toEqual(["home.yaml"]);
});
it("says what is wrong with an address", async () => {
  await expect(look({ settings: { url: "192.168.1.20" } }, storage)).rejects.toThrow("expected the URL of the engine");
  await expect(look({ settings: { url: "http://127.0.0.1:9" } }, storage)).rejects.toThrow("No answer from http://127.0.0.1:9");
});
