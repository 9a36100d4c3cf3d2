import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestClock } from "@network-personas/engine/testing";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { EngineState, ImportPreview } from "../../engine/src/model/index.ts";
import type { HomeExport } from "../../engine/src/runtime/home-export.ts";
import { openEngine, openStore } from "../../engine/src/runtime/index.ts";
import type { EngineService } from "../../engine/src/runtime/port.ts";
import { replaceHome } from "../../engine/src/runtime/replace-home.ts";
import { run } from "../e2e/cli/run.ts";
import { homeText } from "./fake-service.ts";
import { type Harness, keptLog, serveEngine, startTime } from "./harness.ts";

interface Backup {
  [field: string]: unknown;
  version: number;
  home: string;
  personas: Record<string, string>;
  memory: Record<string, Record<string, string | number | null>[]>;
}

let folder: string;
const running: { harness: Harness<EngineService>; token: string; close(): Promise<void> }[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-import-"));
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.close();
  await rm(folder, { recursive: true, force: true });
});

/** An engine in a folder of its own; without a text for a home that nobody has described yet. */
async function open(name: string, text?: string) {
  const home = join(folder, name, "home.yaml");
  await mkdir(join(folder, name), { recursive: true });
  if (text) await writeFile(home, text);
  const clock = new TestClock(startTime);
  const { engine } = await openEngine({ home, clock, log: keptLog(), startNew: true });
  const harness = await serveEngine(engine as EngineService, clock);
  const token = await harness.token(["admin"]);
  const one = {
    harness,
    token,
    home,
    ask: (method: string, path: string, body?: unknown) => harness.ask(method, path, { token, ...(body === undefined ? {} : { body }) }),
    async close() {
      await harness.close();
      await engine.close();
    },
  };
  running.push(one);
  return one;
}
const own = "id: gamer\nname: Our gamer\nprofile: { qos: { weight: 4 } }\n";

/** A home with an own persona, an order that stands, and something that was said by hand. */
async function livedIn() {
  const one = await open("old", homeText);
  await one.ask("PUT", "/v1/personas/gamer", { id: "gamer", name: "Our gamer", profile: { qos: { weight: 4 } } });
  await one.ask("POST", "/v1/overrides", { subject: "bob", persona: "gamer" });
  const backup = (await one.ask("GET", "/v1/export")).body as Backup;
  return { one, backup };
}

it("tells what a backup holds and would replace, and brings all of it back", async () => {
  const { one, backup } = await livedIn();
  expect(backup.personas["personas/gamer.yaml"]).toContain("Our gamer");
  await one.ask("DELETE", "/v1/personas/gamer");
  await one.ask("DELETE", "/v1/overrides/bob");
  const { document, etag } = (await one.ask("GET", "/v1/home")).body as { document: { home: object }; etag: string };
  await one.harness.ask("PUT", "/v1/home", {
    token: one.token,
    body: { ...document, home: { ...document.home, name: "Renamed" }, people: [] },
    headers: { "if-match": etag },
  });
  const preview = (await one.ask("POST", "/v1/import/preview", backup)).body as ImportPreview;
  expect(preview).toMatchObject({
    contains: { name: "Demo home", people: ["Alice", "Bob"], devices: 4, personas: ["personas/gamer.yaml"] },
    replaces: { name: "Renamed", people: [], personas: [] },
    warnings: [],
  });
  expect(preview.contains.records).toBeGreaterThan(0);
  expect(((await one.ask("GET", "/v1/state")).body as EngineState).home.name).toBe("Renamed");

  const result = await one.ask("POST", "/v1/import", backup);
  expect(result.status, JSON.stringify(result.body)).toBe(200);
  const state = (await one.ask("GET", "/v1/state")).body as EngineState;
  expect(state.home.name).toBe("Demo home");
  expect(state.subjects.find((s) => s.subject === "bob")).toMatchObject({ active: "gamer", decidedBy: "override" });
  expect((await one.ask("GET", "/v1/personas/gamer")).body).toMatchObject({
    persona: { name: "Our gamer" },
    origin: "personas/gamer.yaml",
  });
  expect(await readFile(one.home, "utf8")).toContain("# measured in spring");
  const kept = join(one.home, "../.network-personas", (result.body as { kept: string }).kept);
  expect((await stat(kept)).mode & 0o077).toBe(0);
  // What was there before is itself a backup.
  expect((await one.ask("POST", "/v1/import", JSON.parse(await readFile(kept, "utf8")))).status).toBe(200);
  expect(((await one.ask("GET", "/v1/state")).body as EngineState).home.name).toBe("Renamed");
});

it("moves a home to another machine, where nobody has described one yet", async () => {
  const { backup } = await livedIn();
  const fresh = await open("new");
  const live = { ...backup, home: backup.home.replace("mode: preview", "mode: live, password: { file: ./nothing }") };
  expect((await fresh.ask("POST", "/v1/import/preview", live)).body).toMatchObject({
    replaces: null,
    warnings: [
      { kind: "goes-live", what: "main" },
      { kind: "secret-missing", what: expect.stringContaining("./nothing") },
    ],
  });
  expect((await fresh.ask("POST", "/v1/import", backup)).status).toBe(200);
  const state = (await fresh.ask("GET", "/v1/state")).body as EngineState;
  expect(state.home).toMatchObject({ id: "demo", name: "Demo home" });
  expect(state.home.isNew).toBeUndefined();
  expect(state.subjects.find((s) => s.subject === "bob")).toMatchObject({ active: "gamer", decidedBy: "override" });
});

it("replaces own personas, too, and leaves it to whoever is here whether routers are left alone", async () => {
  const { one, backup } = await livedIn();
  await one.ask("PUT", "/v1/personas/knitter", { id: "knitter", name: "Knitter" });
  await one.ask("POST", "/v1/pause", { minutes: 60 });
  expect((await one.ask("POST", "/v1/import", backup)).status).toBe(200);
  expect(await readdir(join(one.home, "../personas"))).toEqual(["gamer.yaml"]);
  expect(((await one.ask("GET", "/v1/state")).body as EngineState).hold).toMatchObject({ why: "paused" });
});

it("finishes with the next start what was cut short between the memory and home.yaml", async () => {
  const { one, backup } = await livedIn();
  await running.splice(0)[0]!.close();
  const dataDir = join(one.home, "../.network-personas");
  const store = openStore(dataDir, "demo");
  const by = { ...backup, home: backup.home.replace("name: Demo home", "name: Renamed"), personas: {} } as unknown as HomeExport;
  await new Promise<void>((killed) => {
    const save = () => {
      killed();
      return new Promise<never>(() => {});
    };
    void replaceHome({ folder: join(one.home, ".."), dataDir, store, save }, { before: backup as never, from: "demo", by, at: 1 });
  });
  await store.close();
  expect(await readFile(one.home, "utf8")).toContain("Demo home");
  // Nobody takes a backup of half of each.
  expect(await run(["export", join(dataDir, "half.json"), "--home", one.home])).toMatchObject({
    code: 1,
    err: expect.stringContaining("start the engine"),
  });
  const again = await open("old");
  const state = (await again.ask("GET", "/v1/state")).body as EngineState;
  expect(state.home.name).toBe("Renamed");
  expect(state.subjects.find((s) => s.subject === "bob")).toMatchObject({ active: "gamer", decidedBy: "override" });
  expect(await readdir(join(one.home, "../personas"))).toEqual([]);
  expect((await readdir(dataDir)).filter((name) => name.startsWith("import-begun"))).toEqual([]);
});

const damaged: [string, (backup: Backup) => unknown, string, RegExp][] = [
  ["of a newer version", (b) => ({ ...b, version: 2 }), "version", /newer version.*update this one first/],
  ["that is none", () => ({ hello: "world" }), "format", /no export of a home/],
  ["with a home nobody understands", (b) => ({ ...b, home: "version: 1\nhome: {}\n" }), "home", /timeZone/],
  [
    "with an own persona nobody understands",
    (b) => ({ ...b, personas: { "personas/gamer.yaml": "id: gamer" } }),
    "personas.personas/gamer.yaml",
    /name/,
  ],
  [
    "that would write outside",
    (b) => ({ ...b, personas: { "personas/../../gamer.yaml": own } }),
    "personas.personas/../../gamer.yaml",
    /no folder/,
  ],
  ["that would write elsewhere", (b) => ({ ...b, personas: { "other/gamer.yaml": own } }), "personas.other/gamer.yaml", /no folder/],
  [
    "with a row that is cut off",
    (b) => ({ ...b, memory: { ...b.memory, signal: [{ ...b.memory.signal![0]!, json: '{"id":' }] } }),
    "memory.signal.0.json",
    /damaged/,
  ],
  ["with a row that lacks something", (b) => ({ ...b, memory: { label: [{ subject: "bob" }] } }), "memory.label.0.from_at", /damaged/],
  ["with what this version does not know", (b) => ({ ...b, memory: { dreams: [] } }), "memory.dreams", /newer/],
  ["of another home", (b) => ({ ...b, home: b.home.replace("id: demo", "id: other") }), "home", /"other".*"demo"/],
];
it.each(damaged)("refuses a backup %s, and changes nothing", async (_, harm, field, message) => {
  const { one, backup } = await livedIn();
  const before = [await readFile(one.home, "utf8"), (await one.ask("GET", "/v1/export")).body];
  for (const path of ["/v1/import/preview", "/v1/import"]) {
    const { status, body } = await one.ask("POST", path, harm(backup));
    expect([status, body]).toEqual([400, { error: expect.objectContaining({ field, message: expect.stringMatching(message) }) }]);
  }
  expect([await readFile(one.home, "utf8"), (await one.ask("GET", "/v1/export")).body]).toEqual(before);
  expect((await readdir(join(one.home, "../.network-personas"))).filter((name) => name.startsWith("before-import"))).toEqual([]);
});

it("takes a backup that is larger than any other request may be", async () => {
  const { one, backup } = await livedIn();
  const row = { ...backup.memory.signal![0]! };
  const signal = Array.from({ length: 2_000 }, (_, i) => ({ ...row, id: `s${i}` }));
  const large = { ...backup, memory: { ...backup.memory, signal } };
  expect(JSON.stringify(large).length).toBeGreaterThan(300_000);
  expect(((await one.ask("POST", "/v1/import/preview", large)).body as ImportPreview).contains.records).toBeGreaterThan(2_000);
});
