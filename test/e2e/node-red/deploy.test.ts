import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OpenWrtEmulator, startOpenWrt } from "../../emulators/openwrt/index.ts";
import { type DebugListener, listen } from "./support/debug.ts";
import { type NodeRed, startNodeRed } from "./support/node-red.ts";

// An engine inside Node-RED, an OpenWrt router on the wire, and somebody who deploys at the worst moment.

const home = (router: string) => `version: 1
home: { id: flat, name: Flat, timeZone: Europe/Berlin }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people: [{ id: alice, name: Alice, devices: [alice-laptop] }]
devices: [{ id: alice-laptop, kind: laptop, macs: ["02:00:00:00:00:11"] }]
routers:
  - { id: main, driver: openwrt, url: "${router}", username: personas, password: { credential: router }, mode: live }
policy: { control: flow }
api: { port: 0 }
`;
const place = { z: "tab", x: 0, y: 0 };
const show = (name: string) => ({
  ...place,
  id: `show-${name}`,
  type: "debug",
  name,
  active: true,
  tosidebar: true,
  complete: "true",
  targetType: "full",
  wires: [],
});
const inject = (id: string, payload: string) => ({
  ...place,
  id,
  type: "inject",
  props: [{ p: "payload" }],
  payload,
  payloadType: "str",
  repeat: "",
  wires: [["apply"]],
});
const engine = { id: "engine", type: "persona-engine", name: "", mode: "home", home: "home.yaml", url: "", secretNames: ["", "router"] };
const flows = (more: object) => [
  { id: "tab", type: "tab", label: "test" },
  { ...engine, ...more },
  inject("work", "remote-worker"),
  inject("play", "gamer"),
  inject("withdraw", "withdraw"),
  {
    ...place,
    id: "apply",
    type: "persona apply",
    name: "",
    engine: "engine",
    subject: "alice",
    subjectType: "str",
    ttl: "15",
    wires: [["show-applied"], ["show-not-applied"]],
  },
  {
    ...place,
    id: "event",
    type: "persona event",
    name: "",
    engine: "engine",
    subject: "",
    types: "applied",
    personaOnly: true,
    initial: false,
    wires: [[], ["show-network"], [], []],
  },
  ...["applied", "not-applied", "network"].map(show),
];

let router: OpenWrtEmulator;
let red: NodeRed;
let debug: DebugListener;

const called = (method: string) => router.calls().filter((call) => `${call.object}.${call.method}` === method).length;
async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 20_000) throw new Error(`${what} did not happen\n${red.log().slice(-3000)}`);
    await sleep(20);
  }
}

beforeAll(async () => {
  router = await startOpenWrt();
  router.seedDevice({ mac: "02:00:00:00:00:11", ipv4: "192.168.1.11", hostname: "alice-laptop" });
  red = await startNodeRed({ prepare: (userDir) => writeFile(join(userDir, "home.yaml"), home(router.url)) });
  debug = await listen(red.url);
  await red.deploy(flows({}));
  await debug.status("apply", (status) => status.text === "node-red:common.status.connected");
}, 60_000);
afterAll(async () => {
  debug?.close();
  await red?.stop();
  await router?.stop();
}, 30_000);

describe("an engine inside Node-RED", () => {
  it("logs in with the credential that Node-RED keeps, as soon as it has one, and nobody else gets to see it", async () => {
    expect(router.logins()).toBe(0);
    await red.deploy(flows({ credentials: { secret2: router.password } }));
    await until(() => router.logins() === 1, "the login");
    for (const file of ["flows.json", "flows_cred.json", "home.yaml"]) {
      expect(await readFile(join(red.userDir, file), "utf8")).not.toContain(router.password);
    }
    expect(red.log()).not.toContain(router.password);
  });

  it("is neither interrupted nor repeated by a full deploy during an apply, and does not log in again", async () => {
    expect(called("uci.apply")).toBe(0);
    await red.inject("work");
    await until(() => called("uci.apply") === 1, "the apply");
    expect(called("uci.confirm")).toBe(0);
    // Slow enough that the whole deploy falls into it.
    router.fault({ kind: "delay", ms: 700 });
    await red.deploy(flows({}));
    router.fault(null);
    // The old nodes are gone; the new ones hear from the same engine how it ended.
    // Before there was a credential nothing could be applied, which may have been told, too.
    const told = (await debug.next("network", ({ msg }) => !JSON.stringify(msg).includes("secret-missing"))).msg as {
      payload: string;
      persona: { changes: object[] };
    };
    expect(told.payload).toBe("confirmed");
    expect(told.persona.changes.length).toBeGreaterThan(0);
    expect({
      applies: called("uci.apply"),
      confirms: called("uci.confirm"),
      rollbacks: called("uci.rollback"),
      logins: router.logins(),
    }).toEqual({
      applies: 1,
      confirms: 1,
      rollbacks: 0,
      logins: 1,
    });
  }, 60_000);

  it("keeps the credential, the session and the proposal over deploys", async () => {
    for (let i = 0; i < 3; i++) await red.deploy(flows({}));
    const next = debug.next("applied");
    await red.inject("play");
    const applied = (await next).msg as { payload: { result: string; ok: boolean; changes: number } };
    expect(applied.payload).toMatchObject({ result: "confirmed", ok: true });
    expect(router.logins()).toBe(1);
    await red.deploy(flows({}));
    const withdrawn = debug.next("applied");
    await red.inject("withdraw");
    expect((await withdrawn).msg).toMatchObject({ payload: { result: "withdrawn" }, persona: { proposal: expect.stringMatching(/^p-/) } });
    expect(red.log()).not.toMatch(/\[error\]/);
  }, 60_000);
});
