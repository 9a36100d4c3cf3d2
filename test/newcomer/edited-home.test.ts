import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { DriverResolver } from "@network-personas/engine";
import { MemoryDriver, MemoryRouter } from "@network-personas/engine/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { homeYaml, startHome, type TestHome } from "../scenarios/home.ts";

vi.setConfig({ testTimeout: 60_000 });

let home: TestHome;
let memory: MemoryRouter;
let open: Set<string>;
let mostOpen: number;
let beforeCall: (call: string) => Promise<void> | void;

/** Counts the drivers that may talk to the router at the same time. */
const resolver: DriverResolver = async () => ({
  create: async ({ router }) => {
    const name = `${router} ${Math.random()}`;
    open.add(name);
    mostOpen = Math.max(mostOpen, open.size);
    const driver = new MemoryDriver(memory, { trouble: (call, when) => (when === "before" ? beforeCall(call) : undefined) });
    driver.close = async () => void open.delete(name);
    return driver;
  },
});
const yaml = (mode: string, extra = "") =>
  homeYaml(extra).replace(/routers:[\s\S]*?personas:/, `routers:\n  - { id: main, driver: memory, mode: ${mode} }\npersonas:`);
/** Time for the engine to look at its file a few times. */
async function looks(times = 6) {
  for (let i = 0; i < times; i++) {
    await home.clock.advance(5_000);
    await home.engine.settled();
  }
}
const file = () => join(home.folder, "home.yaml");

beforeEach(async () => {
  [memory, open, mostOpen, beforeCall] = [new MemoryRouter(), new Set(), 0, () => {}];
  home = await startHome({ time: "13:30", yaml: yaml("preview"), resolver });
});
afterEach(() => home.stop());

describe("home.yaml edited by hand", () => {
  it("takes a router from preview to live without a restart", async () => {
    home.engine.run();
    await home.until("13:32");
    expect(memory.writes).toBe(0);
    await writeFile(file(), yaml("live"));
    await looks();
    await home.until("13:34");
    expect(home.engine.state().routers[0]).toMatchObject({ mode: "live" });
    expect(memory.writes).toBeGreaterThan(0);
  });
  it("is told about when it is malformed, with the line, and the home before stays in force until it is mended", async () => {
    home.engine.run();
    await writeFile(file(), yaml("live").replace("devices: [ben-console]", "devices: [ben-consle]"));
    await looks();
    expect(home.engine.state().problems).toEqual([expect.stringMatching(/home\.yaml.*ben-consle[\s\S]*stays in force/)]);
    expect(home.engine.state().subjects.map((s) => s.subject)).toContain("ben");
    await rm(file());
    await looks();
    expect(home.engine.state().problems).toEqual([expect.stringMatching(/there is no .*home\.yaml/)]);
    await writeFile(file(), yaml("preview"));
    await looks();
    expect(home.engine.state().problems).toEqual([]);
  });
  it("is not taken while it is being written", async () => {
    home.engine.run();
    await looks(1);
    const [whole, half] = [yaml("preview"), yaml("preview").split("calendars:\n")[0]!.replace(", calendars: [work]", "")];
    await writeFile(file(), half);
    await looks(1);
    await writeFile(file(), whole);
    await looks();
    expect(home.events.filter((e) => e.type === "home")).toEqual([]);
  });
});

describe("the home while it is exchanged", () => {
  it("never has two drivers at one router, however many edits come at once", async () => {
    const texts = [1, 2, 3].map((n) => yaml("live").replace("down: 50", `down: ${n}00`));
    await Promise.all(texts.map((text) => home.engine.putHome(text)));
    expect(mostOpen).toBe(1);
    expect(home.plan().lines[0]!.shaper.down).toBeGreaterThan(200_000);
    expect(memory.writes).toBeGreaterThan(0);
    await home.engine.close();
    expect(open.size).toBe(0);
    await home.restart();
  });
  it("lets a change that is being written finish, and answers who asks meanwhile with the new home", async () => {
    await home.engine.putHome(yaml("live"));
    const reached = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    beforeCall = async (call) => {
      if (call !== "apply") return;
      beforeCall = () => {};
      reached.resolve();
      await opened.promise;
    };
    const first = home.engine.override({ subject: "ben", persona: "gamer", source: "test" });
    await reached.promise;
    const edited = home.engine.putHome(yaml("live", "policy: { minimumDwell: PT2M }\n"));
    const proposed = home.engine.propose({
      subject: "ann",
      source: "flow",
      ttl: 300,
      distribution: { "video-editor": 1 },
      profile: undefined,
    });
    opened.resolve();
    await Promise.all([first, edited]);
    expect((await proposed).outcomes).toContainEqual(expect.objectContaining({ router: "main", result: "confirmed" }));
    const results = home.events.flatMap((e) => (e.type === "applied" ? [e.data.result] : []));
    expect(results).not.toContain("failed");
    expect(mostOpen).toBe(1);
  });
  it("keeps its identity", async () => {
    await expect(home.engine.putHome(yaml("preview").replace("id: test", "id: other"))).rejects.toThrow(/home\.id|cannot become/);
  });
  it("changes the predictor at once", async () => {
    await home.engine.putHome(yaml("preview", "predictor: additive\n"));
    expect(home.engine.predictions()[0]!.scorer).toBe("additive");
  });
});

describe("what a person asks for", () => {
  it("applies what is planned now, not the plan before the one on its way", async () => {
    await home.engine.putHome(yaml("live"));
    const before = memory.writes;
    const reached = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    beforeCall = async (call) => {
      if (call !== "apply") return;
      beforeCall = () => {};
      reached.resolve();
      await opened.promise;
    };
    await home.engine.override({ subject: "ben", persona: "gamer", source: "test" });
    await reached.promise;
    const asked = home.engine.apply();
    opened.resolve();
    await asked;
    await home.engine.settled();
    expect(memory.writes - before).toBe(1);
    expect(memory.owned["np ben-console"]).toMatch(/realtime/);
  });
  it("is what they said last, however much they say within a millisecond", async () => {
    for (let i = 0; i < 80; i++) {
      const persona = i % 2 === 0 ? "gamer" : "video-editor";
      await home.engine.override({ subject: "ben", persona, source: "test" });
      expect(home.engine.state().subjects.find((s) => s.subject === "ben")!.active).toBe(persona);
    }
  });
  it("sees a change that failed among the problems", async () => {
    beforeCall = (call) => {
      if (call === "apply") throw new Error("the flash is full");
    };
    await home.engine.putHome(yaml("live"));
    expect(home.engine.state().problems.join()).toMatch(/router main: the last change failed: .*flash is full/);
  });
});
