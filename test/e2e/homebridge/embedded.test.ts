import { once } from "node:events";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dataDirOf, lockHolder } from "@network-personas/engine";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type OpenWrtEmulator, startOpenWrt } from "../../emulators/openwrt/index.ts";
import { start } from "../cli/run.ts";
import { Controller } from "./support/controller.ts";
import { homeYaml } from "./support/engine.ts";
import { type Homebridge, makeHomebridge } from "./support/homebridge.ts";
import { freePort, until } from "./support/wait.ts";

// The engine runs within Homebridge and drives an emulated OpenWrt router.

vi.setConfig({ testTimeout: 60_000 });

const acl = JSON.parse(
  await readFile(new URL("../../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url), "utf8"),
);
const noResponse = -70402;
const password = "correct horse battery";
let router: OpenWrtEmulator;
let homebridge: Homebridge;
let phone: Controller;

const settings = {
  home: "personas/home.yaml",
  wholeHome: false,
  people: [{ id: "ben", automatic: true, personas: ["gamer", "everyday"] }],
};
const names = ["Ben Automatic", "Ben Gamer", "Ben Everyday"];

/** What is configured on the router under our tag. */
const ours = () =>
  ["firewall", "sqm"]
    .flatMap((config) => router.router.store.file(config)?.sections ?? [])
    .filter(({ name }) => name.startsWith("np_"))
    .map(({ name, options }) => [name, ...[...options].flat(2)].join(" "))
    .sort();
const rulesOf = (mac: string) => ours().filter((rule) => rule.toLowerCase().includes(mac));
const benConsole = "02:00:00:00:02:21";

beforeAll(async () => {
  router = await startOpenWrt({ acl, password, timeScale: 0.02 });
  router.seedDevice({ mac: benConsole, ipv4: "192.168.1.121", hostname: "ben-console", connected: true });
  homebridge = await makeHomebridge({
    platform: settings,
    async prepare(storage) {
      await mkdir(join(storage, "personas"));
      await writeFile(join(storage, "personas/router-password"), password);
      const main = `{ id: main, driver: openwrt, url: "${router.url}", username: ${router.username}, password: { file: ./router-password }, mode: live }`;
      await writeFile(join(storage, "personas/home.yaml"), homeYaml(await freePort(), `[${main}]`));
    },
  });
  await homebridge.start();
  await until("the accessories", () => homebridge.log().includes("added: ") || undefined, homebridge.log);
  phone = await Controller.pair(homebridge.bridge);
}, 60_000);
afterAll(async () => {
  await phone?.close();
  await homebridge?.dispose();
  await router?.stop();
}, 30_000);

describe("an engine within Homebridge", () => {
  it("brings a toggle in HomeKit onto the router, and back", async () => {
    await until("the first plan", () => (ours().length > 0 ? true : undefined), homebridge.log);
    await phone.set("Ben Gamer", true);
    await until("the mark of a game", () => (rulesOf(benConsole).join().includes("set_dscp EF") ? true : undefined), homebridge.log);
    await phone.set("Ben Everyday", true);
    await until("no mark", () => (rulesOf(benConsole).length === 0 ? true : undefined), homebridge.log);
  });

  it("leaves the router clean when its block is taken out of config.json, and goes on when it is back", async () => {
    await homebridge.stop();
    expect(ours().length, "what is there while Homebridge merely restarts").toBeGreaterThan(0);
    const from = homebridge.log().length;
    await homebridge.start();
    await until("the engine", () => homebridge.log().slice(from).includes("engine: connected") || undefined, homebridge.log);
    await homebridge.configure(undefined);
    await homebridge.stop();
    expect(homebridge.log()).toContain("nothing of ours is left on: main");
    expect(ours()).toEqual([]);
    await homebridge.configure(settings);
    await homebridge.start();
    await until("the plan", () => (ours().length > 0 ? true : undefined), homebridge.log);
  });

  it("joins the engine that another process runs for the same home, and there is but one", async () => {
    const home = join(homebridge.storage, settings.home);
    await homebridge.stop();
    const serving = start(["serve", "--home", home]);
    try {
      await until("the other engine", () => lockHolder(dataDirOf(home))?.url ?? undefined);
      await homebridge.start();
      await phone.close();
      await phone.shows("Ben Everyday");
      await phone.set("Ben Gamer", true);
      await phone.shows("Ben Gamer");
      expect(lockHolder(dataDirOf(home))?.pid).toBe(serving.pid);
    } finally {
      const ended = once(serving, "exit");
      serving.kill("SIGKILL");
      await ended;
    }
    await until("No Response", async () => ((await phone.read("Ben Automatic")) === noResponse ? true : undefined));
  });

  it("takes over where another engine left, as a child bridge with a pairing of its own", async () => {
    expect(phone.names).toEqual(names);
    await homebridge.stop();
    await homebridge.configure(settings, { child: true });
    await homebridge.start();
    await phone.close();
    phone = await Controller.pair(homebridge.childBridge);
    await until("the accessories", async () => ((await phone.look()).length === names.length ? true : undefined), homebridge.log);
    expect(phone.names).toEqual(names);
    await phone.shows("Ben Gamer");
  });

  it("writes nowhere but in Homebridge's storage, and keeps the router's password to itself", async () => {
    expect((await readdir(dirname(homebridge.storage))).sort()).toEqual(["node_modules", "storage"]);
    expect(await readdir(join(homebridge.storage, "personas"))).toContain(".network-personas");
    expect(homebridge.log()).not.toContain(password);
    expect(homebridge.log()).not.toMatch(/HAP-NodeJS|slow|Unhandled|Error:|\[ERROR\]/i);
  });

  it("leaves the router clean when npm uninstalls it below a running Homebridge", async () => {
    const from = homebridge.log().length;
    await homebridge.uninstall();
    expect(ours().length, "until Homebridge ends").toBeGreaterThan(0);
    await homebridge.stop();
    expect(homebridge.log().slice(from)).toContain("nothing of ours is left on: main");
    expect(homebridge.log().slice(from)).not.toMatch(/Unhandled|Error:|\[ERROR\]/i);
    expect(ours()).toEqual([]);
  });
});
