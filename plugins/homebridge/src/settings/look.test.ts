import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHome } from "@network-personas/engine";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createHome, look } from "./look.ts";
import { servedAt } from "./starter.ts";

let storage: string;
beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "np-look-"));
});
afterEach(() => rm(storage, { recursive: true, force: true }));

const answers = { name: 'Villa "Sol"', letIn: false, timeZone: "Asia/Tokyo" };
const settings = { home: "personas/home.yaml" };

it("makes a first home file that the engine understands, from what a person types", async () => {
  await createHome({ settings, answers }, storage);
  const { home } = parseHome(await readFile(join(storage, settings.home), "utf8"), "home.yaml");
  expect(home.home.name).toBe('Villa "Sol"');
  expect(home.home.timeZone).toBe("Asia/Tokyo");
  // What nobody has said yet is asked by the engine's pages.
  expect(home).toMatchObject({ wan: { assumed: true }, people: [], devices: [], routers: [] });
});
it("lets other devices open the pages only when told so, and takes whatever else is no answer for none", async () => {
  const apiOf = async (given: unknown) => {
    await rm(join(storage, "personas"), { recursive: true, force: true });
    await createHome({ settings, answers: given }, storage);
    return parseHome(await readFile(join(storage, settings.home), "utf8"), "home.yaml").home;
  };
  expect(await apiOf({ ...answers, letIn: true })).toMatchObject({ api: { host: "0.0.0.0" } });
  expect(await apiOf({ ...answers, letIn: "yes" })).toMatchObject({ api: { host: "127.0.0.1" } });
  expect(await apiOf({ name: " ", timeZone: "Mars/Olympus" })).toMatchObject({ home: { name: "Home" } });
  expect(await apiOf(undefined)).toMatchObject({ home: { name: "Home" }, api: { host: "127.0.0.1" } });
});
it("never writes over a home file, nor outside the storage", async () => {
  await createHome({ settings, answers }, storage);
  const before = await readFile(join(storage, settings.home), "utf8");
  await expect(createHome({ settings, answers: { ...answers, name: "Other" } }, storage)).rejects.toThrow("is there already");
  expect(await readFile(join(storage, settings.home), "utf8")).toBe(before);
  await expect(createHome({ settings: { home: "../new/home.yaml" }, answers }, storage)).rejects.toThrow("outside Homebridge's storage");
});
it("names another port when another program has the usual one", async () => {
  const other = createServer().listen(8787, "0.0.0.0");
  await new Promise((resolve) => other.once("listening", resolve).once("error", resolve));
  expect((await servedAt(false)).port).toBeGreaterThan(8787);
  await new Promise((resolve) => other.close(resolve));
});

it("tells what is there without starting an engine", async () => {
  await expect(look({}, storage)).rejects.toThrow("Say where the engine is first");
  await expect(look({ settings }, storage)).rejects.toMatchObject({ code: "no-file" });
  await createHome({ settings, answers }, storage);
  const { personas, ...seen } = await look({ settings }, storage);
  expect(seen).toMatchObject({ home: 'Villa "Sol"', running: false, problems: [] });
  expect(seen.people).toEqual([]);
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
