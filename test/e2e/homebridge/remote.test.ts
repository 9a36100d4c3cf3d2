import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Controller } from "./support/controller.ts";
import { type ServedEngine, serveHome } from "./support/engine.ts";
import { cachedAccessories, type Homebridge, makeHomebridge } from "./support/homebridge.ts";
import { until } from "./support/wait.ts";

// A real Homebridge, a real engine in a process of its own, and a HomeKit controller that pairs over the wire.

vi.setConfig({ testTimeout: 60_000 });

let engine: ServedEngine;
let homebridge: Homebridge;
let phone: Controller;
const noResponse = -70402;
const allAutomatic = ["Automatic", "Ann Automatic"];
const people = [
  { id: "ann", automatic: true, presence: true, personas: ["gamer", "remote-worker"], active: ["gamer"], likely: ["gamer"] },
  { id: "ben", personas: ["gamer"] },
];
const settings = (more: object = {}) => ({ url: engine.url, token: engine.token, personas: ["gamer", "remote-worker"], people, ...more });
const ann = async () => (await engine.owner.state()).subjects.find(({ subject }) => subject === "ann")!;

/** Whatever day and hour the tests run at, nobody is likely to do anything. */
const idle = { gamer: -4, "remote-worker": -4, "video-editor": -4, "streaming-enthusiast": -4 };
const evidence = (subject: string, logOdds: Record<string, number>, source = "test") => ({
  kind: "evidence" as const,
  subject,
  source,
  logOdds,
});

beforeAll(async () => {
  engine = await serveHome();
  await engine.owner.submit([evidence("ann", idle), evidence("ben", idle)]);
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
    await phone.shows(...allAutomatic);
    await phone.set("Ann Gamer", true);
    await phone.shows("Ann Gamer");
    expect(await ann()).toMatchObject({ active: "gamer", decidedBy: "override" });
    expect(await phone.read("Ann Gamer active")).toBe(true);
    await phone.set("Ann Remote worker", true);
    await phone.shows("Ann Remote worker");
    expect(await phone.read("Ann Gamer active")).toBe(false);
    await phone.set("Ann Gamer", false);
    expect(await ann()).toMatchObject({ active: "remote-worker", decidedBy: "override" });
    await phone.set("Ann Remote worker", false);
    await phone.shows(...allAutomatic);
    expect(await ann()).toMatchObject({ decidedBy: "prediction" });
  });

  it("show what is predicted by sensors, whose automations need no press", async () => {
    // One source alone is not believed late on a Friday.
    await engine.owner.submit([evidence("ann", { ...idle, gamer: 4 }), evidence("ann", { gamer: 4 }, "another test")]);
    await until("a sensor", async () => {
      const { active, distribution } = await ann();
      const wanted = { "Ann Gamer active": active === "gamer", "Ann Gamer soon": active !== "gamer" && distribution.gamer! >= 0.3 };
      const seen = await phone.readAll();
      return (active === "gamer" || wanted["Ann Gamer soon"]) && Object.entries(wanted).every(([name, on]) => seen[name] === on)
        ? true
        : undefined;
    });
    await phone.shows(...allAutomatic);
    await engine.owner.submit([evidence("ann", idle), evidence("ann", idle, "another test")]);
    await until("the sensors", async () =>
      Object.values(await phone.readAll()).filter(Boolean).length === allAutomatic.length ? true : undefined,
    );
  });

  it("are forced for everyone at home by one switch, which reads on only when all match", async () => {
    await phone.set("Gamer", true);
    await phone.shows("Gamer", "Ann Gamer", "Ben Gamer");
    await phone.set("Ann Automatic", true);
    await phone.shows("Ann Automatic", "Ben Gamer");
    await phone.set("Gamer", false);
    await phone.shows("Ann Automatic", "Ben Gamer");
    await phone.set("Automatic", true);
    await phone.shows(...allAutomatic);
  });

  it("leave out who went away, as HomeKit's own automations say", async () => {
    await phone.set("Ann at home", true);
    await phone.shows(...allAutomatic, "Ann at home");
    expect(await ann()).toMatchObject({ home: true });
    await phone.set("Ann at home", false);
    await phone.shows(...allAutomatic);
    expect(await ann()).toMatchObject({ home: false });
    await phone.set("Gamer", true);
    await phone.shows("Ann Automatic", "Gamer", "Ben Gamer");
    await phone.set("Gamer", false);
    await engine.owner.submit([{ kind: "location", subject: "ben", place: "away", source: "test" }]);
    await until("Ben's leaving", async () =>
      (await engine.owner.state()).subjects.find(({ subject, home }) => subject === "ben" && home === false),
    );
    await phone.set("Gamer", true);
    // Nobody is there to be forced: it springs back.
    await phone.shows(...allAutomatic);
    await engine.owner.submit([{ kind: "location", subject: "ben", place: "home", source: "test" }]);
    await phone.set("Ann at home", true);
    await phone.shows(...allAutomatic, "Ann at home");
  });

  it("stay as they are with Automatic off, until it is on again, and teach the predictor nothing", async () => {
    const { active } = await ann();
    await phone.set("Automatic", false);
    await phone.shows("Ann at home");
    const held = await ann();
    expect(held).toMatchObject({ active, decidedBy: "override" });
    expect((Date.parse(held.until!) - Date.now()) / 86_400_000).toBeCloseTo(7, 1);
    const remembered = async () => {
      const cached = await cachedAccessories(homebridge);
      return Object.keys(cached.find(({ displayName }) => displayName === "Automatic")!.context.memory.standing);
    };
    await until("the memory", async () => ((await remembered()).join() === "ann,ben" ? true : undefined));
    await phone.set("Automatic", true);
    await phone.shows(...allAutomatic, "Ann at home");
    await until("forgetting", async () => ((await remembered()).length === 0 ? true : undefined));
    const labels = (await engine.owner.history({ subject: "ann" })).filter(({ kind }) => kind === "label");
    expect(labels.filter((label) => "source" in label && label.source.includes("hold"))).toEqual([]);
  });

  it("follow what is done elsewhere, and send no command back", async () => {
    phone.events.length = 0;
    await phone.subscribe();
    const { expiresAt } = await engine.owner.override({ subject: "ann", persona: "gamer", source: "flow", ttl: 1_234 });
    await until("the events", () => (phone.events.length >= 4 ? true : undefined));
    expect(Object.fromEntries(phone.events)).toEqual({
      Automatic: false,
      "Ann Automatic": false,
      "Ann Gamer": true,
      "Ann Gamer active": true,
    });
    expect(await ann()).toMatchObject({ until: expiresAt });
    await engine.owner.clearOverride("ann");
    await until("the events", () => (Object.fromEntries(phone.events)["Ann Gamer active"] === false ? true : undefined));
    await phone.shows(...allAutomatic, "Ann at home");
  });

  it("serve several controllers: who did not press is told", async () => {
    const tablet = await phone.invite(homebridge.bridge);
    try {
      phone.events.length = 0;
      await tablet.set("Ben Gamer", true);
      await until("the events", () => (phone.events.length >= 2 ? true : undefined));
      expect(Object.fromEntries(phone.events)).toEqual({ Automatic: false, "Ben Gamer": true });
      expect(await tablet.on()).toEqual(await phone.on());
      await phone.set("Ben Gamer", false);
      await tablet.shows(...allAutomatic, "Ann at home");
    } finally {
      await tablet.unpair();
    }
    await expect(tablet.on()).rejects.toThrow();
    expect(await phone.on()).toContain("Automatic");
  });

  it("end in the state of the last of two hundred rapid toggles, by two controllers at once", async () => {
    const tablet = await phone.invite(homebridge.bridge);
    const toggle = async (controller: Controller, times: number) => {
      for (let i = 1; i <= times; i++) await controller.set(i % 3 === 0 ? "Ann Remote worker" : "Ann Gamer", i % 2 === 0);
    };
    await Promise.all([toggle(phone, 100), toggle(tablet, 99)]);
    await tablet.set("Ann Gamer", true);
    await phone.shows("Ann Gamer", "Ann at home");
    expect(await ann()).toMatchObject({ active: "gamer", decidedBy: "override" });
    await tablet.unpair();
    await phone.set("Ann Gamer", false);
    await phone.shows(...allAutomatic, "Ann at home");
  });

  it("do not respond while the engine is dead, and recover by themselves", async () => {
    await phone.set("Ann Gamer", true);
    await engine.kill();
    await until("No Response", async () => ((await phone.read("Automatic")) === noResponse ? true : undefined));
    expect(new Set(Object.values(await phone.readAll()))).toEqual(new Set([noResponse]));
    expect(await phone.set("Ben Gamer", true)).toMatchObject({ characteristics: [{ status: noResponse }] });
    await engine.start();
    await phone.shows("Ann Gamer", "Ann at home");
  });

  it("survive a restart of Homebridge, also when the engine is away meanwhile", async () => {
    const before = phone.accessories;
    await homebridge.stop();
    await engine.kill();
    await homebridge.configure(settings({ personas: [], forcedFor: 60 }));
    await homebridge.start();
    await phone.close();
    expect(await phone.look()).toEqual(before);
    expect(new Set(Object.values(await phone.readAll()))).toEqual(new Set([noResponse]));
    await engine.start();
    await until("more personas", async () => ((await phone.look()).length > before.length ? true : undefined));
    expect(phone.accessories).toEqual(expect.arrayContaining([...before]));
    await phone.shows("Ann Gamer", "Ann at home");
    await phone.set("Ben Gamer", true);
    const ben = (await engine.owner.state()).subjects.find(({ subject }) => subject === "ben")!;
    expect((Date.parse(ben.until!) - Date.now()) / 60_000).toBeCloseTo(60, 0);
    await phone.set("Automatic", true);
  });

  it("come, are renamed and go with the engine's personas, and the others stay what they are", async () => {
    const appears = (name: string) =>
      until(
        name,
        async () => (await phone.look()).find((accessory) => accessory.name === name),
        () => phone.names.join(", "),
      );
    const before = phone.accessories;
    await putPersona("dj", "DJ 🎧");
    const fresh = await appears("DJ");
    await putPersona("dj", "Disc jockey");
    expect(await appears("Disc jockey")).toEqual({ ...fresh, name: "Disc jockey" });
    await until("the cache", async () => (JSON.stringify(await cachedAccessories(homebridge)).includes('"DJ"') ? undefined : true));
    await phone.set("Disc jockey", true);
    await phone.shows("Disc jockey", "Ann at home");
    await phone.set("Automatic", true);
    await engine.owner.request("DELETE", "/v1/personas/dj");
    await editHome();
    await until("its end", async () => ((await phone.look()).length === before.length ? true : undefined));
    expect(phone.accessories).toEqual(before);
  });

  it("are called in German when the settings say so, and stay what they are", async () => {
    const nameless = () => phone.accessories.map(({ name: _, ...rest }) => rest);
    const [english, before] = [phone.names, nameless()];
    await phone.set("Ann Gamer", true);
    const speak = async (language: string | undefined, presence: string) => {
      await homebridge.stop();
      await homebridge.configure(settings({ personas: [], language }));
      await homebridge.start();
      await phone.close();
      await until(presence, async () => (await phone.look().catch(() => [])).some(({ name }) => name === presence) || undefined);
      expect(nameless()).toEqual(before);
    };
    await speak("de", "Ann zu Hause");
    expect(phone.names).toEqual(
      expect.arrayContaining(["Automatik", "Homeoffice", "Ann Spielen aktiv", "Ann Spielen bald", "Ben Spielen"]),
    );
    await phone.shows("Ann Spielen", "Ann zu Hause");
    expect(await phone.read("Ann Spielen aktiv")).toBe(true);
    await phone.set("Automatik", true);
    await speak(undefined, "Ann at home");
    expect(phone.names).toEqual(english);
  });

  it("stay where they are when the settings are lost or wrong", async () => {
    const before = phone.names;
    for (const [wrong, said] of [
      [{}, "not set up yet: open the settings of Network Personas"],
      [settings({ people: [{ id: "Ben Smith" }] }), "the settings cannot be used: people.0.id: expected an id"],
    ] as const) {
      await homebridge.stop();
      await homebridge.configure(wrong);
      await homebridge.start();
      await phone.close();
      expect(homebridge.log()).toContain(said);
      expect((await phone.look()).map(({ name }) => name)).toEqual(before);
      expect(await phone.read("Automatic")).toBe(noResponse);
    }
    await homebridge.stop();
    await homebridge.configure(settings({ personas: [] }));
    await homebridge.start();
    await phone.close();
    await until("the bridge", () => phone.look().catch(() => undefined));
    await phone.shows(...allAutomatic, "Ann at home");
    expect(phone.names).toEqual(before);
  });

  it("leave nothing in the log but changes: no warning of HAP-NodeJS, no error, no token", async () => {
    const log = homebridge.log();
    expect(log).not.toMatch(/HAP-NodeJS|slow|Unhandled|Error:/i);
    expect(log).not.toContain(engine.token);
    expect(log.split("\n").filter((line) => line.includes("[Network Personas] engine: ")).length).toBeLessThanOrEqual(10);
    expect(log).toContain("[Network Personas] Ann: Gamer (forced)");
  });

  it("can be un-paired, and paired anew", async () => {
    await phone.unpair();
    phone = await Controller.pair(homebridge.bridge);
    await phone.shows(...allAutomatic, "Ann at home");
  });
});

/** The home is what one edits last: it is the edit that the engine tells everybody about. */
async function editHome() {
  const { text } = (await engine.owner.request("GET", "/v1/home")) as { text: string };
  await engine.owner.request("PUT", "/v1/home", `${text}# edited\n`, { ifMatch: "*" });
}
async function putPersona(id: string, name: string) {
  const { document } = (await engine.owner.request("GET", "/v1/personas/gamer")) as { document: object };
  await engine.owner.request("PUT", `/v1/personas/${id}`, { ...document, id, name }, { ifMatch: "*" });
  await editHome();
}
