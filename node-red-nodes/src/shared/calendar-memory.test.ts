import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { memoryFile } from "./calendar-memory.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-calendar-memory-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const memory = {
  settings: "s",
  since: 1,
  seen: 2,
  fired: [{ calendar: "work", uid: "u", id: "u_1", trigger: "start-10", due: 3, at: 4 }],
};

it("a node's memory survives in a file of its own, and goes with the node", async () => {
  const store = memoryFile(folder, "flow/7c.1-2");
  expect(await store.load()).toBeUndefined();
  await store.save({ ...memory, since: 0 });
  await store.save(memory);
  expect(await memoryFile(folder, "flow/7c.1-2").load()).toEqual(memory);
  expect(await memoryFile(folder, "another").load()).toBeUndefined();
  expect(await readdir(join(folder, "network-personas"))).toEqual(["calendar-flow_7c.1-2.json"]);
  await store.remove();
  expect(await store.load()).toBeUndefined();
});

it("a damaged memory is none, and what cannot be read of it is left out", async () => {
  await mkdir(join(folder, "network-personas"));
  const file = join(folder, "network-personas/calendar-n.json");
  const store = memoryFile(folder, "n");
  for (const text of ["", "{", "[]", "null", '{"version":1}', JSON.stringify({ version: 2, ...memory })]) {
    await writeFile(file, text);
    expect(await store.load()).toBeUndefined();
  }
  await writeFile(file, JSON.stringify({ version: 1, ...memory, fired: [...memory.fired, { due: "x" }, null] }));
  expect(await store.load()).toEqual(memory);
});
