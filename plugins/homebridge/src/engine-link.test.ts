import type { PersonasClient, StreamListener } from "@network-personas/engine/client";
import type { EngineState, SubjectState } from "@network-personas/engine/model";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EngineLink, type LinkListener, type Opened } from "./engine-link.ts";

const person = (subject: string, active: string) => ({ subject, name: subject.toUpperCase(), appliesTo: "person", active }) as SubjectState;
const tv = { ...person("tv", "everyday"), appliesTo: "device" } as SubjectState;
const stateOf = (sequence: number, ...subjects: SubjectState[]) => ({ home: { id: "demo" }, sequence, subjects }) as unknown as EngineState;
const persona = (id: string, appliesTo = "person") => ({ persona: { id, name: id.toUpperCase(), appliesTo } });

/** An engine that a test moves: `state` is what it answers when asked. */
function engine({ runs = "elsewhere", fails }: { runs?: Opened["runs"]; fails?: Error } = {}) {
  const made = {
    opened: 0,
    closed: 0,
    fails: fails as Error | undefined,
    confused: undefined as Error | undefined,
    stream: undefined as StreamListener | undefined,
    state: stateOf(1, person("ann", "everyday"), tv),
    personas: [persona("gamer"), persona("iot-device", "device"), persona("everyday", "any")],
  };
  const client = {
    state: async () => made.state,
    request: async () => made.personas,
    stream: (listener: StreamListener) => {
      made.stream = listener;
      return () => {
        made.stream = undefined;
      };
    },
  } as unknown as PersonasClient;
  const told: unknown[][] = [];
  const listener: LinkListener = {
    online: () => told.push(["online"]),
    offline: (why) => told.push(["offline", why]),
    changed: (now, before) => told.push(["changed", now.subject, before?.active, now.active]),
    directory: (directory) => {
      told.push(["directory", directory]);
      if (made.confused) throw made.confused;
    },
    failed: (error) => told.push(["failed", error]),
  };
  const open = async () => {
    made.opened++;
    if (made.fails) throw made.fails;
    return { client, runs, close: async () => void made.closed++ };
  };
  const link = new EngineLink(open, listener);
  return { made, told, link, named: (what: string) => told.filter(([name]) => name === what) };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the link to the engine", () => {
  it("knows the people, and tells who changed and from what", async () => {
    const { made, link, told, named } = engine();
    await vi.advanceTimersByTimeAsync(0);
    expect(link.people).toBeUndefined();
    made.stream!.snapshot(made.state);
    expect(told[0]).toEqual(["online"]);
    expect(link.people!.map(({ subject }) => subject)).toEqual(["ann"]);
    await vi.advanceTimersByTimeAsync(0);
    expect(named("directory").at(-1)![1]).toEqual({
      home: "demo",
      people: [{ id: "ann", name: "ANN" }],
      personas: [
        { id: "gamer", name: "GAMER" },
        { id: "everyday", name: "EVERYDAY" },
      ],
    });
    made.stream!.event({ type: "subject", sequence: 2, at: "", data: person("ann", "gamer") });
    made.stream!.event({ type: "subject", sequence: 3, at: "", data: tv });
    expect(named("changed").at(-1)).toEqual(["changed", "ann", "everyday", "gamer"]);
    expect(link.people).toHaveLength(1);
    await link.close();
    expect(made.closed).toBe(1);
  });
  it("does not fall over a listener that does", async () => {
    const { made, link, named } = engine();
    made.confused = new Error("a bug");
    await vi.advanceTimersByTimeAsync(0);
    made.stream!.snapshot(made.state);
    await vi.advanceTimersByTimeAsync(0);
    expect(named("failed")).toEqual([["failed", made.confused]]);
    await link.close();
  });
  it("does not let an answer that was overtaken undo what the stream told", async () => {
    const { made, link } = engine();
    await vi.advanceTimersByTimeAsync(0);
    made.stream!.snapshot(made.state);
    made.stream!.event({ type: "subject", sequence: 2, at: "", data: person("ann", "gamer") });
    await vi.advanceTimersByTimeAsync(0);
    expect(link.people![0]!.active).toBe("gamer");
    made.state = stateOf(2, person("ann", "everyday"), person("ben", "everyday"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(link.people!.map(({ subject, active }) => [subject, active])).toEqual([
      ["ann", "everyday"],
      ["ben", "everyday"],
    ]);
    made.state = stateOf(2, person("ben", "everyday"));
    made.stream!.event({ type: "home", sequence: 2, at: "", data: { reason: "" } });
    await vi.advanceTimersByTimeAsync(0);
    expect(link.people!.map(({ subject }) => subject)).toEqual(["ben"]);
    await link.close();
  });
  it("takes what was acknowledged for so before the stream tells it", async () => {
    const { made, link, named } = engine();
    await vi.advanceTimersByTimeAsync(0);
    made.stream!.snapshot(made.state);
    link.note("ann", (state) => ({ ...state, active: "gamer" }));
    link.note("nobody", (state) => ({ ...state, active: "gamer" }));
    expect(named("changed")).toEqual([["changed", "ann", "everyday", "gamer"]]);
    await link.close();
  });
  it("knows nobody while the engine is away, and everybody again when it is back", async () => {
    const { made, link, told } = engine();
    await vi.advanceTimersByTimeAsync(0);
    made.stream!.snapshot(made.state);
    made.stream!.connection("offline", "gone");
    expect([link.people, link.client]).toEqual([undefined, undefined]);
    expect(told).toContainEqual(["offline", "gone"]);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(made.opened).toBe(1);
    made.stream!.connection("online");
    made.stream!.snapshot(made.state);
    expect(link.people).toHaveLength(1);
    await link.close();
  });
  it("opens again when that failed, less and less often", async () => {
    const { made, link, named } = engine({ fails: new Error("home.yaml: line 3") });
    await vi.advanceTimersByTimeAsync(0);
    expect(named("offline")).toEqual([["offline", "home.yaml: line 3"]]);
    await vi.advanceTimersByTimeAsync(1_000 + 2_000 + 4_000 + 8_000 + 16_000 + 30_000 + 30_000);
    expect(made.opened).toBe(8);
    made.fails = undefined;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(made.stream).toBeDefined();
    await link.close();
  });
  it("lets go of an engine that opens after it was closed", async () => {
    const { made, link } = engine();
    await link.close();
    await vi.advanceTimersByTimeAsync(0);
    expect([made.opened, made.closed, made.stream]).toEqual([1, 1, undefined]);
  });
  it("opens the home anew when another process's engine is gone for good, not when it only blinks", async () => {
    const { made, link } = engine({ runs: "beside" });
    await vi.advanceTimersByTimeAsync(0);
    made.stream!.connection("offline", "gone");
    await vi.advanceTimersByTimeAsync(19_000);
    made.stream!.connection("online");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(made.opened).toBe(1);
    made.stream!.connection("offline", "gone");
    made.stream!.connection("offline", "gone");
    await vi.advanceTimersByTimeAsync(20_000);
    expect([made.opened, made.closed]).toEqual([2, 1]);
    await link.close();
  });
});
