import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DriverResolver, packageResolver } from "@network-personas/engine";
import type { SubjectState } from "@network-personas/engine/model";
import { afterEach, describe, expect, it, vi } from "vitest";
import { homeYaml, startHome, type TestHome } from "./home.ts";

vi.setConfig({ testTimeout: 60_000 });

const consoleMac = "02:00:00:00:01:21";
const tvMac = "02:00:00:00:01:41";
const laptopMac = "02:00:00:00:01:11";

const showing = (what: string) => ({ yaml: homeYaml().replace("driver: virtual", `driver: virtual\n    shows: ${what}`) });
const watched = showing("connections");

let home: TestHome;
afterEach(() => home.stop());

const subject = (id: string): SubjectState => home.engine.state().subjects.find((s) => s.subject === id)!;
/** What the simulated devices do from now on. */
async function use(...clients: { mac: string; activity?: string; connected?: boolean }[]): Promise<void> {
  const folder = join(home.folder, ".network-personas/routers/main");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "clients.json"), JSON.stringify(clients));
}
/** Lets the engine live by itself for some seconds. */
async function live(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i += 2) {
    await home.clock.advance(2_000);
    await home.engine.settled();
  }
}
const applied = () => home.events.filter((e) => e.type === "applied").length;

describe("traffic", () => {
  it("finds a game nobody announced, meets its need within ten seconds, and forgets it after a while", async () => {
    home = await startHome({ time: "10:00", ...watched });
    home.engine.run();
    await use({ mac: laptopMac, connected: true });
    await live(60);
    expect(subject("ann").active).not.toBe("gamer");
    expect(home.device("ann-laptop").class).not.toBe("realtime");
    await use({ mac: laptopMac, connected: true, activity: "gamer" });
    await live(10);
    expect(home.engine.state().activities).toContainEqual(expect.objectContaining({ device: "ann-laptop", kind: "game", router: "main" }));
    expect(subject("ann").active).toBe("gamer");
    expect(
      subject("ann")
        .evidence.map((e) => e.why)
        .join(),
    ).toMatch(/game on ann-laptop/);
    expect(home.device("ann-laptop").class).toBe("realtime");
    const clients = await home.engine.clients();
    expect(clients[0]!.clients.find((c) => c.mac === laptopMac)!.doing).toMatchObject({ kind: "game" });
    await use({ mac: laptopMac, connected: true });
    await live(90);
    expect(home.engine.state().activities).toEqual([]);
    const seen = home.events.flatMap((e) => (e.type === "activity" ? [e.data.activity?.kind ?? null] : []));
    expect(seen).toEqual(["game", null]);
  });
  it("corrects what was thought within a minute, and writes nothing while it is right", async () => {
    home = await startHome({ time: "15:00", ...watched });
    home.engine.run();
    await use({ mac: consoleMac, connected: true });
    await live(60);
    // A console that comes on is for playing, as far as anybody knows.
    expect(subject("ben").active).toBe("gamer");
    await use({ mac: consoleMac, connected: true, activity: "streaming-enthusiast" });
    await live(60);
    expect(subject("ben").active).toBe("streaming-enthusiast");
    const corrected = { subject: "ben", expected: "gamer", really: "streaming-enthusiast", why: expect.stringMatching(/on ben-console/) };
    expect(home.events.filter((e) => e.type === "corrected").map((e) => e.data)).toMatchObject([corrected]);
    expect(home.engine.state().today.corrections).toMatchObject([corrected]);
    // What was reserved for the game is released slowly.
    await live(660);
    const before = applied();
    await live(300);
    expect(applied()).toBe(before);
    await live(780);
    const { today } = home.engine.state();
    const ofBen = today.subjects.find((s) => s.subject === "ben")!;
    expect(ofBen.known).toBeGreaterThanOrEqual(15);
    expect(ofBen.stretches.at(-1)).toMatchObject({ really: "streaming-enthusiast", expected: "streaming-enthusiast" });
    expect(home.events.flatMap((e) => (e.type === "today" && e.data.subject === "ben" ? [e.data.right] : [])).length).toBeGreaterThan(0);
    await home.restart();
    // What goes on is written down now and then; the first look at the time takes it up from the signals.
    await home.engine.step();
    const after = home.engine.state().today;
    expect(after.corrections).toEqual(today.corrections);
    expect(after.subjects.find((s) => s.subject === "ben")).toEqual(ofBen);
  });
  it("never fights an owner's word, and teaches what really happened", async () => {
    home = await startHome({ time: "10:00", ...watched });
    home.engine.run();
    await home.engine.override({ subject: "ben", persona: "streaming-enthusiast", source: "homekit", ttl: 3600 });
    await use({ mac: consoleMac, connected: true, activity: "gamer" });
    await live(180);
    expect(subject("ben")).toMatchObject({ active: "streaming-enthusiast", decidedBy: "override" });
    expect(home.events).toContainEqual(
      expect.objectContaining({ type: "label", data: { subject: "ben", persona: "gamer", source: "router:main/traffic" } }),
    );
  });
  it("is unknown while the router cannot show it: nothing is changed, unlearned or taken for quiet", async () => {
    const real = packageResolver(process.cwd());
    let blind = false;
    const resolver: DriverResolver = async (name, field) => {
      const module = await real(name, field);
      return {
        ...module,
        create: async (context) => {
          const driver = await module.create(context);
          const flows = driver.flows!.bind(driver);
          driver.flows = () => (blind ? Promise.reject(new Error("the table is being rebuilt")) : flows());
          return driver;
        },
      };
    };
    home = await startHome({ time: "10:00", ...watched, resolver });
    home.engine.run();
    await use({ mac: laptopMac, connected: true, activity: "gamer" });
    await live(120);
    expect(home.device("ann-laptop").class).toBe("realtime");
    const before = applied();
    blind = true;
    await live(60);
    expect(home.engine.state().activities).toMatchObject([{ kind: "game" }]);
    await live(300);
    expect(home.engine.state()).not.toHaveProperty("activities");
    blind = false;
    await live(60);
    expect(home.engine.state().activities).toMatchObject([{ kind: "game" }]);
    expect(home.device("ann-laptop").class).toBe("realtime");
    expect(applied()).toBe(before);
    const learned = home.events.flatMap((e) => (e.type === "label" ? [e.data.persona] : []));
    expect(new Set(learned)).toEqual(new Set(["gamer"]));
    // Nothing stands for ever.
    const isSeen = () =>
      subject("ann")
        .evidence.map(({ why }) => why)
        .some((why) => /game on ann-laptop/.test(why));
    blind = true;
    await home.until("10:18");
    expect(isSeen()).toBe(true);
    await home.until("10:30");
    expect(isSeen()).toBe(false);
  });
  it("is told from totals where the router shows no connections", async () => {
    const { yaml } = showing("totals");
    home = await startHome({ time: "10:00", yaml: yaml.replace("{ id: camera, kind: camera", "{ id: tv, kind: tv") });
    home.engine.run();
    await use({ mac: tvMac, connected: true, activity: "streaming-enthusiast" });
    await live(90);
    expect(home.engine.state().activities).toEqual([expect.objectContaining({ device: "tv", kind: "streaming" })]);
    expect(subject("ann").evidence.map(({ why }) => why)).toContainEqual(expect.stringMatching(/streaming on tv/));
  });
  it("makes plans with what the line really carries, once delay tells", async () => {
    const asked: string[] = [];
    let roundTrip = 20;
    const { yaml } = showing("line");
    home = await startHome({
      time: "10:00",
      yaml: yaml.replace("up: 10 Mbit/s }", 'up: 10 Mbit/s, probe: "192.0.2.1:443" }'),
      probe: async (target) => {
        asked.push(target);
        return roundTrip;
      },
    });
    home.engine.run();
    await live(20);
    expect(home.engine.state().line).toMatchObject({ stated: { up: 10_000 }, inForce: { up: 10_000 }, idleRoundTripMs: 20 });
    // An idle line is left alone.
    expect(asked).toEqual(["192.0.2.1:443"]);
    const before = home.plan().lines[0]!.shaper;
    await use({ mac: laptopMac, connected: true, activity: "video-editor" });
    roundTrip = 200;
    await live(60);
    const { line } = home.engine.state();
    expect(line!.inForce.up).toBeLessThan(7_600);
    expect(line!.inForce.down).toBe(50_000);
    expect(home.plan().lines[0]!.shaper.up).toBeLessThan(before.up);
    expect(home.plan().lines[0]!.shaper.down).toBe(before.down);
    expect(home.events.some(({ type }) => type === "line")).toBe(true);
  });
  it("is unknown, not nothing, where the router cannot show it", async () => {
    home = await startHome({ time: "10:00" });
    expect(home.engine.state()).not.toHaveProperty("activities");
  });
});
