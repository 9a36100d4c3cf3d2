import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isRemoved, remainsOf } from "./removal.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-removal-"));
  await mkdir(join(folder, "package"));
  await writeFile(join(folder, "package/package.json"), "{}");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("what is left of the plugin", () => {
  const look = async (config: string, packageFolder = "package") => {
    await writeFile(join(folder, "config.json"), config);
    return remainsOf(join(folder, "config.json"), join(folder, packageFolder));
  };
  it("is its block and its files", async () => {
    expect(await look('{"platforms":[{"platform":"config"},{"platform":"NetworkPersonas"}]}')).toEqual({
      installed: true,
      configured: true,
    });
    expect(await look('{"platforms":[{"platform":"homebridge-network-personas.NetworkPersonas"}]}', "gone")).toEqual({
      installed: false,
      configured: true,
    });
    expect(await look('{"platforms":[{"platform":"config"}]}')).toEqual({ installed: true, configured: false });
    expect(await look("{}", "gone")).toEqual({ installed: false, configured: false });
  });
  it.each(["", '{"platforms":[', "null", '{"platforms":7}'])("is still there when config.json cannot be read: %j", async (config) => {
    expect((await look(config)).configured).toBe(true);
  });
  it("is still there when there is no config.json, or the folder is none", async () => {
    expect((await remainsOf(join(folder, "none.json"), folder)).configured).toBe(true);
    expect((await remainsOf(join(folder, "none.json"), join(folder, "config.json"))).installed).toBe(true);
  });
  it("finds the files of the running plugin by itself", async () => {
    expect((await remainsOf(join(folder, "config.json"))).installed).toBe(true);
  });
});

it.each([
  [{ installed: true, configured: true }, false, false],
  [{ installed: false, configured: true }, false, true],
  [{ installed: true, configured: false }, false, true],
  [{ installed: false, configured: false }, true, true],
])("takes %j for a removal: %s while Homebridge runs, %s when it ends", (remains, running, ending) => {
  expect([isRemoved(remains, false), isRemoved(remains, true)]).toEqual([running, ending]);
});
