import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ApiError, connectEmbedded, connectRemote, type PersonasClient } from "@network-personas/engine/client";
import type { EngineEvent, EngineState } from "@network-personas/engine/model";
import { TestClock } from "@network-personas/engine/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApi, hostPrincipal, Tokens } from "../../engine/src/api/index.ts";
import { type FakeService, fakeService, homeText } from "./fake-service.ts";
import { type Harness, idOf, keptLog, secretOf, serveEngine, serveFake, startTime, until } from "./harness.ts";
import { memoryTokenRecords } from "./memory-token-records.ts";

/** A listener that keeps what it is told. */
function kept() {
  const told: string[] = [];
  const events: EngineEvent[] = [];
  const states: EngineState[] = [];
  return {
    told,
    events,
    states,
    listener: {
      snapshot(state: EngineState) {
        states.push(state);
        told.push("snapshot");
      },
      event(event: EngineEvent) {
        events.push(event);
        told.push(`${event.type} ${event.sequence}`);
      },
      connection(status: "online" | "offline", why?: string) {
        told.push(why ? `${status}: ${why}` : status);
      },
    },
    count: (wanted: number) => until(() => (told.length >= wanted ? told : undefined)),
  };
}
const presence = (service: FakeService, device = "tv") => service.emit({ type: "presence", data: { device, present: true } });

describe.each(["remote", "embedded"] as const)("the %s client", (kind) => {
  let harness: Harness<FakeService>;
  let client: PersonasClient;
  beforeEach(async () => {
    harness = await serveFake();
    client =
      kind === "remote"
        ? connectRemote({ url: harness.server.url, token: await harness.token(["admin"]) })
        : connectEmbedded(harness.server.api, hostPrincipal("node-red"));
  });
  afterEach(async () => {
    await client.close();
    await harness.close();
  });

  it("reaches every operation", async () => {
    expect((await client.state()).home.name).toBe("Demo home");
    expect((await client.predictions()).map((p) => p.subject)).toEqual(["alice", "bob", "tv"]);
    expect((await client.predict({ subject: "bob", horizon: 60_000 }))[0]).toMatchObject({ subject: "bob", horizon: 60_000 });
    expect((await client.blend({ subject: "alice", distribution: { gamer: 1 } })).subject).toBe("alice");
    expect((await client.plan({ at: "2026-11-24T08:00:00Z" })).plan.at).toBe("2026-11-24T08:00:00.000Z");
    expect((await client.clients())[0]!.router).toBe("main");
    expect((await client.routers())[0]!.driver).toBe("virtual");
    expect((await client.doctor())[0]!.status).toBe("ok");
    expect((await client.testRollback("main"))[0]!.check).toBe("way back");
    expect((await client.upcoming({ subject: "alice", hours: 24 })).map((e) => e.summary)).toEqual(["Standup"]);
    expect((await client.history({ subject: "alice", limit: 1 })).length).toBe(1);
    expect((await client.submit([{ kind: "presence", subject: "tv", present: true, source: "s" }]))[0]!.id).toBeTypeOf("string");
    const constraint = await client.constrain({ id: "a b/c?d", subject: "tv", source: "s", weight: 2 });
    await client.removeConstraint(constraint.id);
    expect(await client.request("GET", "/v1/constraints")).toEqual([]);
    const { proposal, outcomes } = await client.propose({ subject: "alice", source: "s", distribution: { gamer: 1 } });
    expect([proposal.ttl, outcomes[0]!.result]).toEqual([900, "previewed"]);
    await client.withdraw(proposal.id);
    expect(await client.override({ subject: "bob", persona: "gamer", source: "s", ttl: 60 })).toMatchObject({
      kind: "override",
      persona: "gamer",
    });
    await client.clearOverride("bob");
    expect(await client.request("GET", "/v1/overrides")).toEqual([]);
    expect((await client.apply())[0]!.result).toBe("previewed");
    expect((await client.rollback())[0]!.result).toBe("rolled-back");
    expect((await client.release())[0]!.result).toBe("confirmed");
    expect(await client.pause(30)).toMatchObject({ why: "paused" });
    await client.forget({ subject: "alice" });
  });

  it("edits the home as text, naming the version", async () => {
    const { etag, text } = (await client.request("GET", "/v1/home")) as { etag: string; text: string };
    expect(text).toBe(homeText);
    await client.request("PUT", "/v1/home", text.replace("Demo home", "Ours"), { ifMatch: etag });
    expect((await client.state()).home.name).toBe("Ours");
    await expect(client.request("PUT", "/v1/home", text, { ifMatch: etag })).rejects.toMatchObject({ code: "conflict", status: 409 });
  });

  it("rejects with ApiError that names every field", async () => {
    const error = await client.override({ subject: "nobody", persona: 7, source: "s" } as never).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ code: "bad-input", status: 400, field: "persona", problems: [{ field: "persona" }] });
    await expect(client.withdraw("nothing")).rejects.toMatchObject({ code: "not-found", status: 404 });
  });

  it("follows the stream: a snapshot, then events, until stopped", async () => {
    const one = kept();
    const two = kept();
    const stop = client.stream(one.listener);
    const stopTwo = client.stream(two.listener);
    expect(one.told).toEqual([]);
    await Promise.all([one.count(2), two.count(2)]);
    presence(harness.service);
    await Promise.all([one.count(3), two.count(3)]);
    expect(one.told).toEqual(["online", "snapshot", "presence 1001"]);
    stop();
    stop();
    presence(harness.service);
    await two.count(4);
    expect(one.told.length).toBe(3);
    stopTwo();
    await until(() => (harness.service.listeners() === 0 ? true : undefined));
  });

  it("outlives a listener that throws", async () => {
    const good = kept();
    client.stream({
      snapshot: () => {
        throw new Error("mine");
      },
      event: () => {
        throw new Error("mine");
      },
      connection: () => {
        throw new Error("mine");
      },
    });
    client.stream(good.listener);
    await good.count(2);
    presence(harness.service);
    await good.count(3);
    expect((await client.state()).home.id).toBe("demo");
  });

  it("is silent once closed", async () => {
    const one = kept();
    client.stream(one.listener);
    await one.count(2);
    await client.close();
    presence(harness.service);
    await until(() => (harness.service.listeners() === 0 ? true : undefined));
    expect(one.told).toEqual(["online", "snapshot"]);
    await expect(client.state()).rejects.toMatchObject({ code: "closed" });
  });
});

describe("the embedded client", () => {
  it("has the rights of its principal only", async () => {
    const clock = new TestClock(startTime);
    const api = createApi({ service: await fakeService({ clock }), clock, log: keptLog() });
    const guest = connectEmbedded(api, { kind: "host", name: "kiosk", scopes: ["read"], subjects: ["alice"] });
    const state = await guest.state();
    expect(state.subjects.map((s) => s.subject)).toEqual(["alice"]);
    expect([...new Set(state.devices.map((d) => d.owner))]).toEqual(["alice"]);
    await expect(guest.apply()).rejects.toMatchObject({ code: "forbidden", status: 403 });
    await expect(guest.clients()).rejects.toMatchObject({ code: "forbidden" });
    await guest.close();
  });
  it("keeps the source its host gives", async () => {
    const clock = new TestClock(startTime);
    const client = connectEmbedded(createApi({ service: await fakeService({ clock }), clock, log: keptLog() }));
    expect((await client.submit([{ kind: "presence", subject: "tv", present: true, source: "homekit" }]))[0]!.source).toBe("homekit");
  });
});

describe("the remote client, when the engine goes away", () => {
  it("connects again by itself, gets what it missed, and says each reason once", async () => {
    const clock = new TestClock(startTime);
    const tokens = new Tokens(memoryTokenRecords(), clock);
    const service = await fakeService({ clock });
    const api = createApi({ service, tokens, clock, log: keptLog() });
    const first = await serveEngine(service, clock, { tokens, api });
    const port = Number(new URL(first.server.url).port);
    const log = keptLog();
    const patience = new TestClock(startTime);
    const client = connectRemote({ url: first.server.url, token: await first.token(["read"]), clock: patience, random: () => 1, log });
    const one = kept();
    client.stream(one.listener);
    await one.count(2);
    await first.close();
    await one.count(3);
    expect(one.told[2]).toBe("offline: closed: the engine stops");
    presence(service);
    presence(service);
    // Nobody there: 0.5 s, 1 s, 2 s, each answered by a refused connection.
    for (const [wait, told] of [
      [500, 4],
      [1000, 5],
      [2000, 6],
    ] as const) {
      await patience.advance(wait - 1);
      expect(one.told.length).toBe(told - 1);
      await patience.advance(1);
      await one.count(told);
      expect(one.told[told - 1]).toBe("offline: no connection (ECONNREFUSED)");
    }
    expect(log.lines.filter((line) => line.includes("ECONNREFUSED")).length).toBe(1);
    const second = await serveEngine(service, clock, { tokens, api, config: { port } });
    await patience.advance(4000);
    await one.count(10);
    expect(one.told.slice(6)).toEqual(["online", "presence 1001", "presence 1002", "snapshot"]);
    presence(service);
    await one.count(11);
    expect(one.told[10]).toBe("presence 1003");
    await client.close();
    await second.close();
  });

  it("takes a snapshot from an engine that was restarted, and goes on from there", async () => {
    const clock = new TestClock(startTime);
    const tokens = new Tokens(memoryTokenRecords(), clock);
    const first = await serveEngine(await fakeService({ clock, start: 5000 }), clock, { tokens });
    const port = Number(new URL(first.server.url).port);
    const client = connectRemote({ url: first.server.url, token: await first.token(["read"]), reconnect: { firstDelayMs: 1 } });
    const one = kept();
    client.stream(one.listener);
    await one.count(2);
    await first.close();
    await one.count(3);
    const service = await fakeService({ clock, start: 5001 });
    for (let i = 0; i < 3; i++) presence(service);
    const second = await serveEngine(service, clock, { tokens, config: { port } });
    await until(() => (one.told.at(-1) === "snapshot" && one.states.length === 2 ? true : undefined));
    expect(one.events).toEqual([]);
    expect(one.states[1]!.sequence).toBe(5004);
    presence(service);
    await until(() => (one.events.length > 0 ? true : undefined));
    expect(one.events[0]!.sequence).toBe(5005);
    await client.close();
    await second.close();
  });

  it("gives up on a connection in which nothing is heard any more", async () => {
    const harness = await serveFake();
    const patience = new TestClock(startTime);
    const client = connectRemote({ url: harness.server.url, token: await harness.token(["read"]), clock: patience });
    const one = kept();
    client.stream(one.listener);
    await one.count(2);
    await patience.advance(59_000);
    presence(harness.service);
    await one.count(3);
    await patience.advance(59_000);
    expect(one.told.length).toBe(3);
    await patience.advance(1000);
    await one.count(4);
    expect(one.told[3]).toBe("offline: nothing was heard for 60 s");
    await client.close();
    await harness.close();
  });

  it("says that its token was withdrawn, and comes back when that is mended", async () => {
    const harness = await serveFake();
    const token = await harness.token(["read"]);
    const log = keptLog();
    const client = connectRemote({ url: harness.server.url, token, log, reconnect: { firstDelayMs: 1 } });
    const one = kept();
    client.stream(one.listener);
    await one.count(2);
    await harness.tokens.revoke(idOf(token));
    await one.count(4);
    expect(one.told.slice(2, 4)).toEqual(["offline: closed: the token was withdrawn", "offline: the token is not valid"]);
    expect(log.lines.join("\n")).not.toContain(secretOf(token));
    await client.close();
    await harness.close();
  });
});

describe("the remote client, given something wrong", () => {
  it.each([
    ["not a url", "expected the URL"],
    ["ftp://home.example", "http:// or https://"],
    ["http://user:secret@home.example", "holds no secrets"],
    ["http://home.example?token=secret", "holds no secrets"],
    ["http://home.example/v1", "address alone"],
  ])("refuses the URL %s without repeating secrets", (url, message) => {
    const attempt = () => connectRemote({ url });
    expect(attempt).toThrow(ApiError);
    expect(attempt).toThrow(message);
    expect(attempt).not.toThrow("secret@");
  });

  it("says where nobody answers, and never the token", async () => {
    const token = `np_0123456789ab_${"s".repeat(43)}`;
    const gone = await serveFake();
    await gone.close();
    const client = connectRemote({ url: gone.server.url, token });
    const error = (await client.state().catch((e: unknown) => e)) as ApiError;
    expect(error).toMatchObject({ code: "unreachable", status: 0 });
    expect(error.message).toBe(`no answer from ${gone.server.url} (ECONNREFUSED); is the engine running there?`);
    expect(JSON.stringify(error) + String(error.stack) + String(error.cause)).not.toContain("sssss");
    expect(() => connectRemote({ url: "http://127.0.0.1:9", token: "np_broken\nline" })).toThrow("copy it again");
  });

  it("follows no redirect with its token, and takes no stranger for an engine", async () => {
    const asked: string[] = [];
    const stranger = createServer((request, response) => {
      asked.push(request.url!);
      if (request.url === "/v1/state") response.writeHead(302, { location: "/elsewhere" }).end();
      else if (request.url === "/v1/plan") response.end("<html>");
      else response.writeHead(500).end("broken");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => stranger.once("listening", resolve));
    const client = connectRemote({ url: `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`, token: "t" });
    await expect(client.state()).rejects.toMatchObject({ code: "unreachable" });
    await expect(client.request("GET", "/v1/plan")).rejects.toMatchObject({ code: "bad-response" });
    await expect(client.routers()).rejects.toMatchObject({ code: "bad-response", status: 500 });
    expect(asked).toEqual(["/v1/state", "/v1/plan", "/v1/routers"]);
    await client.close();
    stranger.closeAllConnections();
    stranger.close();
  });

  it.each(["//evil.example/v1/state", "/\\evil.example", "v1/state", "http://evil.example/"])(
    "sends its token nowhere else: %s",
    async (path) => {
      const client = connectRemote({ url: "http://127.0.0.1:9", token: "t" });
      await expect(client.request("GET", path)).rejects.toMatchObject({ code: "bad-input", status: 0 });
    },
  );

  it("waits no longer than it was told, for the body too", async () => {
    const silent = createServer((request, response) => {
      if (request.url === "/v1/plan") response.writeHead(200).write("{");
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => silent.once("listening", resolve));
    const client = connectRemote({ url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`, timeoutMs: 30 });
    await expect(client.state()).rejects.toMatchObject({ code: "timeout", message: expect.stringContaining("0.03 s") });
    await expect(client.request("GET", "/v1/plan")).rejects.toMatchObject({ code: "timeout" });
    silent.closeAllConnections();
    silent.close();
  });

  it("does not let two clients disturb each other", async () => {
    const harness = await serveFake();
    const [a, b] = [
      connectRemote({ url: harness.server.url, token: await harness.token(["control"]) }),
      connectRemote({ url: harness.server.url, token: await harness.token(["control"]) }),
    ];
    const [one, two] = [kept(), kept()];
    a.stream(one.listener);
    b.stream(two.listener);
    await Promise.all([one.count(2), two.count(2)]);
    await Promise.all([
      a.override({ subject: "alice", persona: "gamer", source: "a" }),
      b.override({ subject: "bob", persona: "gamer", source: "b" }),
    ]);
    await Promise.all([one.count(4), two.count(4)]);
    expect(one.told).toEqual(two.told);
    await a.close();
    presence(harness.service);
    await two.count(5);
    await b.close();
    await harness.close();
  });
});
