import { readdir, readFile } from "node:fs/promises";
import { packageResolver } from "@network-personas/engine";
import { families } from "@network-personas/routers";
import { afterEach, describe, expect, it } from "vitest";
import { probe } from "../../engine/src/runtime/setup/find-routers.ts";
import { startAsus } from "../emulators/asuswrt/index.ts";
import { startFritzBox } from "../emulators/fritzbox/index.ts";
import { startOpenWrt } from "../emulators/openwrt/index.ts";
import { startRouterOs } from "../emulators/routeros/index.ts";
import { startUnifi } from "../emulators/unifi/index.ts";

const source = new URL("../../plugins/routers/src/", import.meta.url);
const welcomeOf = async (driver: string) => (await packageResolver(".")(driver, "driver")).welcome;
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

it("lists every folder of drivers, and no other", async () => {
  const folders = await readdir(source, { withFileTypes: true });
  const drivers = await Promise.all(
    folders.map(async (f) =>
      (await readFile(new URL(`${f.name}/support.yaml`, source), "utf8").catch(() => null)) === null ? [] : [f.name],
    ),
  );
  expect(families).toEqual(drivers.flat().sort());
});

describe.each(families)("%s", (driver) => {
  it("says what to do first in both languages, and asks each thing once", async () => {
    const welcome = await welcomeOf(driver);
    expect(welcome, "a family of this package can be set up from the pages").toBeDefined();
    if (!welcome) return;
    for (const text of [welcome.prepare, ...welcome.questions.map((q) => q.label)])
      expect([text.en.trim(), text.de.trim()]).not.toContain("");
    const fields = welcome.questions.map((q) => q.field);
    expect(new Set(fields).size).toBe(fields.length);
  });
});

describe("a router is found without a login", () => {
  const emulators = {
    openwrt: async () => {
      const router = await startOpenWrt();
      return { url: router.url, stop: () => router.stop(), traces: () => router.logins() };
    },
    fritzbox: async () => {
      const box = await startFritzBox();
      return { url: box.url, stop: () => box.stop(), traces: () => 0 };
    },
    asuswrt: async () => {
      const router = await startAsus();
      return { url: router.url, stop: () => router.stop(), traces: () => 0 };
    },
    routeros: async () => {
      const router = await startRouterOs();
      return { url: router.url, stop: () => router.stop(), traces: () => 0 };
    },
    unifi: async () => {
      const console = await startUnifi();
      return { url: console.url, stop: () => console.stop(), traces: () => 0 };
    },
  };
  it.each(Object.keys(emulators) as (keyof typeof emulators)[])("%s knows its own, and nobody else does", async (driver) => {
    const router = await emulators[driver]();
    stops.push(router.stop);
    const place = { host: "127.0.0.1", url: new URL("/", router.url) };
    for (const other of families) {
      const found = await (await welcomeOf(other))?.detect?.(place, probe);
      expect(found ?? null, other).toBe(other === driver ? place.url.href.replace(/\/$/, "") : null);
    }
    expect(router.traces()).toBe(0);
  });
});
