import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type OpenWrtEmulator, startOpenWrt } from "../../emulators/openwrt/index.ts";
import { Controller } from "./support/controller.ts";
import { homeYaml } from "./support/engine.ts";
import { type Homebridge, makeHomebridge } from "./support/homebridge.ts";
import { freePort, until } from "./support/wait.ts";

// The engine runs within Homebridge, in a child bridge, and drives an emulated OpenWrt router.

vi.setConfig({ testTimeout: 60_000 });

const acl = JSON.parse(
  await readFile(new URL("../../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url), "utf8"),
);
const password = "correct horse battery";
let router: OpenWrtEmulator;
let homebridge: Homebridge;
let phone: Controller;

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
    child: true,
    platform: { home: "personas/home.yaml", wholeHome: false, people: [{ id: "ben", automatic: true, personas: ["gamer", "everyday"] }] },
    async prepare(storage) {
      await mkdir(join(storage, "personas"));
      await writeFile(join(storage, "personas/router-password"), password);
      const main = `{ id: main, driver: openwrt, url: "${router.url}", username: ${router.username}, password: { file: ./router-password }, mode: live }`;
      await writeFile(join(storage, "personas/home.yaml"), homeYaml(await freePort(), `[${main}]`));
    },
  });
}, 60_000);
afterAll(async () => {
  await phone?.close();
  await homebridge?.dispose();
  await router?.stop();
}, 30_000);

describe("an engine within a child bridge", () => {
  it("brings its accessories to a bridge of its own", async () => {
    await homebridge.start();
    await until("the accessories", () => homebridge.log().includes("added: ") || undefined, homebridge.log);
    phone = await Controller.pair(homebridge.childBridge);
    expect(phone.names).toEqual(["Ben Automatic", "Ben Gamer", "Ben Everyday"]);
    const main = await Controller.pair(homebridge.bridge);
    expect(main.names).toEqual([]);
    await main.close();
  });

  it("brings a toggle in HomeKit onto the router, and back", async () => {
    await until("the first plan", () => (ours().length > 0 ? true : undefined), homebridge.log);
    await phone.set("Ben Everyday", true);
    await until("no mark", () => (rulesOf(benConsole).length === 0 ? true : undefined), homebridge.log);
    await phone.set("Ben Gamer", true);
    await until("the mark of a game", () => (rulesOf(benConsole).join().includes("set_dscp EF") ? true : undefined), homebridge.log);
    await phone.set("Ben Everyday", true);
    await until("no mark", () => (rulesOf(benConsole).length === 0 ? true : undefined), homebridge.log);
  });

  it("keeps what was forced over a restart", async () => {
    await phone.set("Ben Gamer", true);
    await phone.shows("Ben Gamer");
    await homebridge.stop();
    await homebridge.start();
    await phone.close();
    await until("the bridge", () => phone.look().catch(() => undefined), homebridge.log);
    await phone.shows("Ben Gamer");
  });

  it("writes nowhere but in Homebridge's storage, and keeps the router's password to itself", async () => {
    expect((await readdir(dirname(homebridge.storage))).sort()).toEqual(["node_modules", "storage"]);
    expect(await readdir(join(homebridge.storage, "personas"))).toContain(".network-personas");
    expect(homebridge.log()).not.toContain(password);
    expect(homebridge.log()).not.toMatch(/HAP-NodeJS|slow|Unhandled|Error:|\[ERROR\]/i);
  });

  it("does nothing until it is set up, and says what is wrong with settings that cannot be used; nobody loses a room for it", async () => {
    await homebridge.stop();
    const started = async (platform: object) => {
      const from = homebridge.log().length;
      await homebridge.configure(platform);
      await homebridge.start();
      await phone.close();
      const seen = await until("the bridge", () => phone.look().catch(() => undefined), homebridge.log);
      await homebridge.stop();
      return { log: homebridge.log().slice(from), names: seen.map(({ name }) => name) };
    };
    const names = ["Ben Automatic", "Ben Gamer", "Ben Everyday"];
    const unset = await started({});
    expect(unset.log).toContain("not set up yet: open the settings of Network Personas");
    const wrong = await started({ home: "personas/home.yaml", people: [{ id: "Ben Smith" }] });
    expect(wrong.log).toContain("the settings cannot be used: people.0.id: expected an id");
    const outside = await started({ home: "../home.yaml" });
    expect(outside.log).toContain("outside Homebridge's storage");
    for (const run of [unset, wrong, outside]) expect(run.names).toEqual(names);
  });
});
