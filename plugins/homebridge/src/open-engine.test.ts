import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { homeInside } from "./open-engine.ts";

let base: string;
let storage: string;
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), "np-inside-"));
  storage = join(base, "storage");
  await mkdir(join(storage, "personas"), { recursive: true });
  await mkdir(join(base, "elsewhere"));
  await symlink(join(base, "elsewhere"), join(storage, "link"));
});
afterAll(() => rm(base, { recursive: true, force: true }));

it("finds the home file inside the storage, by relative and by absolute path", async () => {
  expect(await homeInside(storage, "personas/home.yaml")).toBe(join(storage, "personas/home.yaml"));
  expect(await homeInside(storage, "new/folder/home.yaml")).toBe(join(storage, "new/folder/home.yaml"));
  expect(await homeInside(storage, "home.yaml")).toBe(join(storage, "home.yaml"));
  expect(await homeInside(storage, join(storage, "home.yaml"))).toBe(join(storage, "home.yaml"));
});
it.each(["../elsewhere/home.yaml", "link/home.yaml", "link/new/home.yaml", "new/../../home.yaml", "/etc/home.yaml"])(
  "refuses %s, which would be written to elsewhere",
  async (home) => {
    await expect(homeInside(storage, home)).rejects.toThrow(/outside Homebridge's storage; copy its folder into .*storage/);
  },
);
