import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FakeService } from "./fake-service.ts";
import { type Harness, idOf, openStream, serveFake, until } from "./harness.ts";

describe("the stream", () => {
  let harness: Harness<FakeService>;
  let token: string;
  const presence = (present: boolean) => harness.service.emit({ type: "presence", data: { device: "tv", present } });
  beforeEach(async () => {
    harness = await serveFake({ held: 5, limits: { heartbeatMs: 1000, bufferBytes: 200_000 } });
    token = await harness.token(["read"]);
  });
  afterEach(() => harness.close());

  it("begins with a snapshot and goes on with every event, in order", async () => {
    const stream = openStream(harness.server.url, { token });
    await stream.next(1);
    for (let i = 0; i < 4; i++) presence(i % 2 === 0);
    const messages = await stream.next(5);
    expect(messages[0]).toMatchObject({ type: "snapshot", gap: false, state: { sequence: 1000, home: { id: "demo" } } });
    expect(messages.slice(1).map((m) => m.sequence)).toEqual([1001, 1002, 1003, 1004]);
    expect(stream.socket.protocol).toBe("np.v1");
    stream.close();
  });

  it("takes a browser's token as a sub-protocol and does not repeat it", async () => {
    const stream = openStream(harness.server.url, { protocols: ["np.v1", `np.token.${token}`] });
    await stream.next(1);
    expect(stream.socket.protocol).toBe("np.v1");
    stream.close();
    expect((await openStream(harness.server.url, { protocols: ["np.v1", "np.token.wrong"] }).refused()).status).toBe(401);
    expect((await openStream(harness.server.url, { protocols: ["mqtt"], token }).refused()).status).toBe(400);
    expect((await openStream(harness.server.url, { token: await harness.token(["signal"]) }).refused()).status).toBe(403);
  });

  it("sends what was missed, then a snapshot", async () => {
    const first = openStream(harness.server.url, { token });
    const [snapshot] = await first.next(1);
    first.close();
    for (let i = 0; i < 3; i++) presence(true);
    const again = openStream(harness.server.url, { token, query: `?since=1001&epoch=${snapshot!.epoch}` });
    const messages = await again.next(3);
    expect(messages.map((m) => [m.type, m.sequence])).toEqual([
      ["presence", 1002],
      ["presence", 1003],
      ["snapshot", undefined],
    ]);
    expect(messages[2]).toMatchObject({ gap: false, state: { sequence: 1003 } });
    again.close();
  });

  it.each([
    ["they are no longer held", "?since=1001"],
    ["they are of another run of the engine", "?since=1009&epoch=another"],
    ["they are from the future", "?since=5000"],
  ])("sends a snapshot that says so when %s", async (_why, query) => {
    for (let i = 0; i < 10; i++) presence(true);
    const stream = openStream(harness.server.url, { token, query });
    const messages = await stream.next(1);
    expect(messages[0]).toMatchObject({ type: "snapshot", gap: true, state: { sequence: 1010 } });
    stream.close();
  });

  it.each(["?since=abc", "?since=-1", "?until=3"])("refuses %s", async (query) => {
    expect((await openStream(harness.server.url, { token, query }).refused()).status).toBe(400);
  });

  it("loses and doubles nothing while events come during the connection", async () => {
    const streams = Array.from({ length: 5 }, () => openStream(harness.server.url, { token, query: "?since=1000" }));
    for (let i = 0; i < 5; i++) {
      presence(true);
      await new Promise((resolve) => setImmediate(resolve));
    }
    for (const stream of streams) {
      await until(() => (stream.messages.some((m) => m.sequence === 1005) ? true : undefined));
      expect(stream.messages.flatMap((m) => m.sequence ?? [])).toEqual([1001, 1002, 1003, 1004, 1005]);
      stream.close();
    }
  });

  it("ends at once when its token is withdrawn, and only then", async () => {
    const other = openStream(harness.server.url, { token: await harness.token(["read"]) });
    const stream = openStream(harness.server.url, { token });
    await Promise.all([stream.next(1), other.next(1)]);
    await harness.tokens.revoke(idOf(token));
    expect(await stream.closed()).toMatchObject({ code: 1008 });
    presence(true);
    await other.next(2);
    expect(stream.messages.length).toBe(1);
    other.close();
  });

  it("ends when its token expires", async () => {
    const { token: short } = await harness.tokens.create({
      name: "short",
      scopes: ["read"],
      expiresAt: new Date(harness.clock.now() + 500).toISOString(),
    });
    const stream = openStream(harness.server.url, { token: short });
    await stream.next(1);
    await harness.clock.advance(1000);
    expect(await stream.closed()).toMatchObject({ code: 1008 });
  });

  it("pings, keeps who answers and lets go who does not", async () => {
    const alive = openStream(harness.server.url, { token });
    const dead = openStream(harness.server.url, { token });
    await Promise.all([alive.next(1), dead.next(1)]);
    dead.pause();
    let pings = 0;
    alive.socket.on("ping", () => {
      pings++;
    });
    for (let beat = 1; beat <= 3; beat++) {
      await harness.clock.advance(1000);
      await until(() => (pings >= beat ? true : undefined));
      // The pong needs a moment to arrive before the next beat.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await until(() => (harness.service.listeners() === 1 ? true : undefined));
    presence(true);
    await alive.next(2);
    alive.close();
    dead.close();
  });

  it("lets a reader go that does not keep up", async () => {
    const slow = openStream(harness.server.url, { token });
    const quick = openStream(harness.server.url, { token });
    await Promise.all([slow.next(1), quick.next(1)]);
    slow.pause();
    const message = "x".repeat(50_000);
    for (let i = 0; i < 400 && harness.service.listeners() > 1; i++) {
      harness.service.emit({ type: "problem", data: { message } });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(harness.service.listeners()).toBe(1);
    slow.resume();
    expect(await slow.closed()).toMatchObject({ code: 1013 });
    presence(true);
    await until(() => (quick.messages.at(-1)?.type === "presence" ? true : undefined));
    quick.close();
  });

  it("is read only", async () => {
    const stream = openStream(harness.server.url, { token });
    await stream.next(1);
    stream.socket.send("{}");
    expect(await stream.closed()).toMatchObject({ code: 1003 });
    await until(() => (harness.service.listeners() === 0 ? true : undefined));
  });
});
