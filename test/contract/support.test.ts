import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadSupport } from "@network-personas/engine/driver";
import { planFields } from "@network-personas/engine/model";
import { BadFileError } from "@network-personas/personas/load";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const families = new URL("../../plugins/routers/src/", import.meta.url);
const folders = await readdir(families, { withFileTypes: true });
const drivers = folders.filter((entry) => entry.isDirectory() && entry.name !== "shared").map((entry) => entry.name);
const contracts = await readdir(new URL("./", import.meta.url));

it("there are drivers", () => {
  expect(drivers).toContain("virtual");
});

for (const driver of drivers) {
  describe(`the driver ${driver}`, () => {
    it("says for every field of a plan what it makes of it", async () => {
      const support = await loadSupport(new URL(`${driver}/support.yaml`, families));
      expect(support.driver).toBe(driver);
      expect(Object.keys(support.fields).sort()).toEqual([...planFields].sort());
    });
    it("names no hardware that nothing in test/ was recorded from", async () => {
      const support = await loadSupport(new URL(`${driver}/support.yaml`, families));
      const recordings = new URL(`../emulators/${driver}/fixtures/`, import.meta.url);
      const recorded = (await readdir(recordings).catch(() => [])).join("\n");
      const { fields, leases, dhcpFingerprint = leases } = support;
      for (const [field, { hardware }] of Object.entries({ ...fields, leases, dhcpFingerprint })) {
        if (hardware === (driver === "virtual" ? "needs none" : "none")) continue;
        expect(recorded, `${field} was seen on "${hardware}", but no fixture is named so`).toContain(hardware.replaceAll(" ", "-"));
      }
    });
    it("is held to the contract", () => {
      expect(contracts).toContain(`${driver}.test.ts`);
    });
    it("can be created by its name", async () => {
      const module = await import(`@network-personas/routers/${driver}`);
      expect(module.driver.create).toBeTypeOf("function");
    });
  });
}

describe("a support.yaml that does not say enough", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "np-support-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("is refused, naming the row", async () => {
    const whole = await readFile(new URL("virtual/support.yaml", families), "utf8");
    const broken = whole
      .replace(/^ {2}device\.tunnel:.*\n/m, "")
      .replace("device.class: { support: lowered", "device.class: { support: perhaps");
    const file = join(folder, "support.yaml");
    await writeFile(file, broken);
    const error = await loadSupport(pathToFileURL(file)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(BadFileError);
    expect((error as BadFileError).problems.map((p) => p.field).sort()).toEqual(["fields.device.class.support", "fields.device.tunnel"]);
  });
});
