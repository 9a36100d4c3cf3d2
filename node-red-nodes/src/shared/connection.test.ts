import type { PersonasClient, StreamListener } from "@network-personas/engine/client";
import type { EngineState, SubjectState } from "@network-personas/engine/model";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ConnectionStatus, EngineConnection, type Opened } from "./connection.ts";

const subject = (id: string, active: string) => ({ subject: id, name: id.toUpperCase(), appliesTo: "person", active }) as SubjectState;
const state = (...subjects: SubjectState[]) =>
  ({ at: "2026-11-22T18:00:00.000Z", sequence: 1, subjects, plan: null }) as unknown as EngineState;

/** An engine that a test switches on and off; `stream` is what the connection listens with. */
function engine({ replaceable = false } = {}) {
  const made = {
    opened: 0,
    closed: 0,
    stream: undefined as StreamListener | undefined,
    fails: undefined as Error | undefined,
    homeFails: false,
  };
  const client = {
    request: async (_method: string, path: string) => {
      if (path === "/v1/personas") return [{ persona: { id: "gamer", name: "Gamer" } }];
      if (made.homeFails) throw new Error("forbidden");
      return { home: { people: [{ id: "alice", devices: ["laptop"] }], devices: [{ id: "laptop", macs: [] }] } };
    },
    stream(listener: StreamListener) {
      made.stream = listener;
      return () => {
        made.stream = undefined;
      };
    },
  } as unknown as PersonasClient;
  const open = async (): Promise<Opened> => {
    if (made.fails) throw made.fails;
    made.opened++;
    return { client, replaceable, close: async () => void made.closed++ };
  };
  return { made, open, client };
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const reports: string[] = [];

describe("the connection of a config node", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    reports.length = 0;
  });
  afterEach(() => void vi.useRealTimers());
  const connect = (open: () => Promise<Opened>) => new EngineConnection(open, (message) => reports.push(message));

  it("lets a message wait for an engine that is still starting", async () => {
    const { made, open, client } = engine();
    const waiting = connect(open).client();
    await settle();
    made.stream!.connection("online");
    expect(await waiting).toBe(client);
  });

  it("refuses a message when the engine stays away, and says why", async () => {
    const { made, open } = engine();
    const connection = connect(open);
    await settle();
    made.stream!.connection("offline", "no connection (ECONNREFUSED)");
    const refused = expect(connection.client()).rejects.toMatchObject({ key: "offline", values: { why: "no connection (ECONNREFUSED)" } });
    await vi.advanceTimersByTimeAsync(15_000);
    await refused;
  });

  it("opens again by itself when opening failed, ever less often, and reports a reason once", async () => {
    const { made, open } = engine();
    made.fails = new Error("home.yaml:3: expected version: 1");
    const connection = connect(open);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(reports).toEqual(["home.yaml:3: expected version: 1"]);
    made.fails = undefined;
    await vi.advanceTimersByTimeAsync(30_000);
    expect(made.opened).toBe(1);
    made.stream!.connection("online");
    expect(connection.status).toEqual({ status: "online", why: "" });
  });

  it("tells late listeners where it stands and what is known, subjects up to date", async () => {
    const { made, open } = engine();
    const connection = connect(open);
    await settle();
    made.stream!.connection("online");
    made.stream!.snapshot(state(subject("alice", "everyday"), subject("bob", "everyday")));
    made.stream!.event({ type: "subject", sequence: 2, at: "2026-11-22T18:01:00.000Z", data: subject("bob", "gamer") });
    const statuses: ConnectionStatus[] = [];
    let told: EngineState | undefined;
    const stop = connection.subscribe({
      connection: (status) => void statuses.push(status),
      snapshot: (now) => {
        told = now;
      },
    });
    expect(statuses).toEqual(["online"]);
    expect(Object.fromEntries(told!.subjects.map((s) => [s.subject, s.active]))).toEqual({ alice: "everyday", bob: "gamer" });
    made.stream!.connection("offline", "lost");
    stop();
    made.stream!.connection("online");
    expect(statuses).toEqual(["online", "offline"]);
  });

  it("knows people, devices and their owners, and does without the home where the token may not read it", async () => {
    const { made, open } = engine();
    const connection = connect(open);
    await settle();
    made.stream!.connection("online");
    made.stream!.snapshot(state(subject("alice", "everyday")));
    expect((await connection.ready()).directory).toEqual({
      subjects: [{ id: "alice", name: "ALICE", appliesTo: "person" }],
      devices: [{ id: "laptop", name: "laptop", macs: [], owner: "alice" }],
      personas: [{ id: "gamer", name: "Gamer" }],
    });
    made.homeFails = true;
    made.stream!.event({ type: "home", sequence: 3, at: "2026-11-22T18:01:00.000Z", data: { reason: "edited" } });
    expect((await connection.ready()).directory).toMatchObject({ subjects: [{ id: "alice" }], devices: [] });
  });

  it("takes the home over when the process that ran its engine is gone for good", async () => {
    const { made, open } = engine({ replaceable: true });
    connect(open);
    await settle();
    made.stream!.connection("online");
    made.stream!.connection("offline", "lost");
    await vi.advanceTimersByTimeAsync(19_000);
    expect(made.opened).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect({ opened: made.opened, closed: made.closed }).toEqual({ opened: 2, closed: 1 });
  });

  it("stays with a remote engine, and with one that comes back soon", async () => {
    const remote = engine();
    connect(remote.open);
    const soon = engine({ replaceable: true });
    connect(soon.open);
    await settle();
    for (const { made } of [remote, soon]) made.stream!.connection("offline", "lost");
    await vi.advanceTimersByTimeAsync(10_000);
    soon.made.stream!.connection("online");
    await vi.advanceTimersByTimeAsync(60_000);
    expect([remote.made.opened, soon.made.opened]).toEqual([1, 1]);
  });

  it("lets go when it is closed, also of what was still opening, and wakes who waits", async () => {
    const { made, open } = engine();
    const connection = connect(open);
    const refused = expect(connection.client()).rejects.toMatchObject({ key: "offline" });
    await connection.close();
    await refused;
    await settle();
    expect({ opened: made.opened, closed: made.closed, stream: made.stream }).toEqual({ opened: 1, closed: 1, stream: undefined });
  });
});
