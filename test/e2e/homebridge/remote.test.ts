import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Controller } from "./support/controller.ts";
import { type ServedEngine, serveHome } from "./support/engine.ts";
import { type Homebridge, makeHomebridge } from "./support/homebridge.ts";
import { until } from "./support/wait.ts";

// A real Homebridge, a real engine in a process of its own, and a HomeKit controller that pairs over the wire.

vi.setConfig({ testTimeout: 60_000 });

let engine: ServedEngine;
let homebridge: Homebridge;
let phone: Controller;
const noResponse = -70402;
const people = [
  { id: "ann", automatic: true, presence: true, personas: ["gamer", "remote-worker"], active: ["gamer"], likely: ["gamer"] },
  { id: "ben", personas: ["gamer"] },
];
const settings = (more: object = {}) => ({ url: engine.url, token: engine.token, personas: ["gamer", "remote-worker"], people, ...more });
const ann = async () => (await engine.owner.state()).subjects.find(({ subject }) => subject === "ann")!;

beforeAll(async () => {
  engine = await serveHome();
  homebridge = await makeHomebridge({ platform: settings() });
  await homebridge.start();
  await until("the accessories", () => homebridge.log().includes("added: ") || undefined, homebridge.log);
  phone = await Controller.pair(homebridge.bridge);
}, 60_000);
afterAll(async () => {
  await phone?.close();
  await homebridge?.dispose();
  await engine?.dispose();
}, 30_000);

describe("personas in Apple Home", () => {
  it("appear as what was chosen, under names HomeKit accepts", () => {
    expect(phone.names).toEqual([
      "Automatic",
      "Gamer",
      "Remote worker",
      "Ann Automatic",
      "Ann at home",
      "Ann Gamer",
      "Ann Remote worker",
      "Ann Gamer active",
      "Ann Gamer soon",
      "Ben Gamer",
    ]);
    expect(phone.find("Ann Gamer")).toMatchObject({ kind: "switch", perms: expect.arrayContaining(["pr", "pw", "ev"]) });
    expect(phone.find("Ann Gamer active")).toMatchObject({ kind: "sensor", perms: ["ev", "pr"] });
  });
  it("are switched like radio buttons, and the engine does as told", async () => {
    await phone.shows("Automatic", "Ann Automatic");
    await phone.set("Ann Gamer", true);
    await phone.shows("Ann Gamer", "Ann Gamer active");
    expect(await ann()).toMatchObject({ active: "gamer", decidedBy: "override" });
    await phone.set("Ann Remote worker", true);
    await phone.shows("Ann Remote worker");
    await phone.set("Ann Gamer", false);
    expect(await ann()).toMatchObject({ active: "remote-worker", decidedBy: "override" });
    await phone.set("Ann Remote worker", false);
    await phone.shows("Automatic", "Ann Automatic");
    expect(await ann()).toMatchObject({ decidedBy: "prediction" });
  });
});
