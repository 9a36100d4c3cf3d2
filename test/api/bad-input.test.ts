import { request } from "node:http";
import { Rejected, Unreachable } from "@network-personas/engine/driver";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ErrorBody } from "../../engine/src/api/index.ts";
import type { FakeService } from "./fake-service.ts";
import { homeText } from "./fake-service.ts";
import { type Harness, serveFake, startTime } from "./harness.ts";

describe("bad input", () => {
  let harness: Harness<FakeService>;
  let token: string;
  beforeAll(async () => {
    harness = await serveFake();
    token = await harness.token(["admin"]);
  });
  afterAll(() => harness.close());
  const refused = async (method: string, path: string, options: Parameters<typeof harness.ask>[2] = {}) => {
    const { status, body, headers } = await harness.ask(method, path, { token, ...options });
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    return { status, ...(body as ErrorBody).error };
  };

  it.each([
    ["/v1/signals", { kind: "presence", subject: "alice-laptop", present: "yes", source: "s" }, "present"],
    [
      "/v1/signals",
      [
        { kind: "presence", subject: "alice-laptop", present: true, source: "s" },
        { kind: "presence", subject: "alice-laptop", present: true },
      ],
      "1.source",
    ],
    ["/v1/signals", { _type: "location", lat: 52.5, lon: 13.4, tst: 1 }, "kind"],
    ["/v1/signals", { kind: "presence", subject: "nobody", present: true, source: "s" }, "subject"],
    ["/v1/signals", { kind: "location", subject: "alice", place: "home", source: "s", at: "2030-01-01T00:00:00Z" }, "at"],
    ["/v1/signals", [], ""],
    ["/v1/evidence", { subject: "alice", source: "s", logOdds: { "no-such": 1 } }, "logOdds.no-such"],
    ["/v1/evidence", { subject: "alice", source: "s", logOdds: { gamer: 99 } }, "logOdds.gamer"],
    ["/v1/blend", { subject: "alice", distribution: { gamer: 0.4 } }, "distribution"],
    ["/v1/blend", { subject: "alice", distribution: { "no-such": 1 } }, "distribution.no-such"],
    ["/v1/blend", { subject: "alice-laptop", distribution: { gamer: 1 } }, "subject"],
    ["/v1/plan", { distributions: { carol: { gamer: 1 } } }, "distributions.carol"],
    ["/v1/predict", { subject: "alice", horizn: 1 }, "horizn"],
    ["/v1/overrides", { subject: "alice", persona: "gamer", ttl: -5 }, "ttl"],
    ["/v1/proposals", { subject: "alice", source: "s" }, ""],
    ["/v1/constraints", { subject: "alice", source: "s" }, ""],
    ["/v1/constraints", { subject: "alice", source: "s", floor: { down: "20 Mbit/s" }, cap: { down: "10 Mbit/s" } }, "floor.down"],
    ["/v1/constraints", { subject: "alice", source: "s", tighten: ["open"] }, "tighten.0"],
    ["/v1/constraints", { subject: "alice", source: "s", weight: 2, expiresAt: "2026-11-01T00:00:00Z" }, "expiresAt"],
    ["/v1/constraints", { subject: "alice", source: "s", cap: { down: "fast" } }, "cap.down"],
  ])("POST %s %j is refused naming the field", async (path, body, field) => {
    const before = harness.service.state().sequence;
    const answer = await refused("POST", path, { body });
    expect(answer.status, answer.message).toBe(400);
    expect(answer.field ?? "").toBe(field);
    expect(answer.message.length).toBeGreaterThan(10);
    expect(harness.service.state().sequence).toBe(before);
  });

  it("names every field that is wrong, not only the first", async () => {
    const { problems } = await refused("POST", "/v1/overrides", { body: { persona: 7, ttl: "long", extra: true } });
    expect(problems!.map((p) => p.field).sort()).toEqual(["extra", "persona", "subject", "ttl"]);
  });

  it.each([
    ["/v1/history?limit=many", "limit"],
    ["/v1/history?limit=0", "limit"],
    ["/v1/history?from=yesterday", "from"],
    ["/v1/history?limit=1&limit=2", "limit"],
    ["/v1/history?from=2026-11-23T00:00:00Z&to=2026-11-22T00:00:00Z", "from"],
    ["/v1/calendar/upcoming?hour=3", "hour"],
    ["/v1/calendar/upcoming?subject=Alice!", "subject"],
    ["/v1/state?verbose=1", "verbose"],
  ])("GET %s is refused naming the parameter", async (path, field) => {
    expect(await refused("GET", path)).toMatchObject({ status: 400, field });
  });

  it("takes milliseconds and instants as query parameters", async () => {
    expect((await harness.ask("GET", `/v1/history?from=${Date.parse(startTime)}&to=2026-11-24T00:00:00Z&limit=2`, { token })).status).toBe(
      200,
    );
  });

  it.each([['{"kind":'], ["nonsense"], ['{"password":"hunter2" oops']])("does not repeat a body that is not JSON: %s", async (body) => {
    const answer = await refused("POST", "/v1/signals", { body });
    expect(answer).toMatchObject({ status: 400, code: "bad-input" });
    expect(answer.message).not.toMatch(/hunter2|nonsense|kind/);
  });

  it.each([["text/plain"], ["application/x-www-form-urlencoded"], ["application/yaml"], ["multipart/form-data; boundary=x"]])(
    "refuses a body of type %s",
    async (type) => {
      const answer = await refused("POST", "/v1/signals", { body: "{}", headers: { "content-type": type } });
      expect(answer).toMatchObject({ status: 415, code: "unsupported-media-type" });
      expect(answer.message).toContain("application/json");
    },
  );

  it("refuses a body above 256 KiB, with and without a declared length", async () => {
    const large = JSON.stringify({ kind: "presence", subject: "a", present: true, source: "x".repeat(300_000) });
    expect(await refused("POST", "/v1/signals", { body: large })).toMatchObject({ status: 413, code: "too-large" });
    const status = await new Promise<number>((resolve, reject) => {
      const ask = request(
        `${harness.server.url}/v1/signals`,
        {
          method: "POST",
          headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "transfer-encoding": "chunked" },
        },
        (response) => {
          response.resume();
          resolve(response.statusCode!);
        },
      );
      ask.on("error", reject);
      for (let i = 0; i < 6; i++) ask.write("x".repeat(60_000));
      ask.end();
    });
    expect(status).toBe(413);
    expect((await harness.ask("GET", "/v1/state", { token })).status).toBe(200);
  });

  it("refuses oversized headers and lives on", async () => {
    const answer = await fetch(`${harness.server.url}/v1/state`, { headers: { authorization: `Bearer ${"x".repeat(20_000)}` } });
    expect(answer.status).toBe(431);
    expect((await harness.ask("GET", "/v1/health")).status).toBe(200);
  });

  it("answers unknown paths and methods in JSON", async () => {
    expect(await refused("GET", "/v1/nothing")).toMatchObject({ status: 404, code: "not-found" });
    expect(await refused("GET", "/favicon.ico")).toMatchObject({ status: 404 });
    const answer = await harness.ask("PATCH", "/v1/personas/gamer", { token });
    expect(answer.status).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, PUT, DELETE");
    expect(await refused("GET", "/v1/stream")).toMatchObject({ status: 426, code: "upgrade-required" });
    expect(await refused("GET", "/v1/personas/no-such")).toMatchObject({ status: 404, message: 'there is no persona "no-such"' });
  });

  it("says which line of a home or a persona is wrong, and changes nothing", async () => {
    const headers = { "content-type": "application/yaml", "if-match": "*" };
    const before = harness.service.home().etag;
    const home = await refused("PUT", "/v1/home", {
      body: homeText.replace("Europe/Berlin", "Mars/Olympus").replace("100 Mbit/s", "fast"),
      headers,
    });
    expect(home.status).toBe(400);
    expect(home.problems!.map((p) => [p.field, p.line])).toEqual([
      ["home.timeZone", 2],
      ["wan.down", 3],
    ]);
    expect(await refused("PUT", "/v1/home", { body: "version: 1\n  home: [", headers })).toMatchObject({ status: 400 });
    const persona = await refused("PUT", "/v1/personas/musician", {
      body: "id: musician\nname: Musician\nprofile: { qos: { weight: 99 } }\n",
      headers: { "content-type": "application/yaml" },
    });
    expect(persona).toMatchObject({ status: 400, field: "profile.qos.weight" });
    expect(persona.problems![0]!.line).toBe(3);
    expect(await refused("PUT", "/v1/personas/musician", { body: { id: "other", name: "Other" } })).toMatchObject({
      status: 400,
      field: "id",
    });
    expect(harness.service.home().etag).toBe(before);
  });

  it("refuses to edit a version that is no longer the current one", async () => {
    const headers = { "content-type": "application/yaml" };
    expect(await refused("PUT", "/v1/home", { body: homeText, headers })).toMatchObject({ status: 428, code: "precondition-required" });
    const { etag } = harness.service.home();
    const edit = (name: string) =>
      harness.ask("PUT", "/v1/home", {
        token,
        body: homeText.replace("Demo home", name),
        headers: { ...headers, "if-match": `"${etag}"` },
      });
    const first = await edit("First");
    expect(first.status).toBe(200);
    expect(first.headers.get("etag")).toBe(`"${(first.body as { etag: string }).etag}"`);
    expect((await edit("Second")).status).toBe(409);
    expect(harness.service.home().text).toContain("First");
    expect(harness.service.home().text).toContain("# measured in spring");
  });

  it("will not delete a built-in persona", async () => {
    expect(await refused("DELETE", "/v1/personas/gamer")).toMatchObject({ status: 400, field: "id" });
  });

  it("tells a router's error as 502 and keeps our own errors for the log", async () => {
    harness.service.failNext("apply", new Unreachable("no answer within 5 s", { router: "main", request: "login" }));
    expect(await refused("POST", "/v1/apply")).toMatchObject({
      status: 502,
      code: "unreachable",
      message: "main: no answer within 5 s (login)",
    });
    harness.service.failNext("doctor", new Rejected("no such option", { router: "main" }));
    expect(await refused("GET", "/v1/doctor")).toMatchObject({ status: 502, code: "rejected" });
    harness.service.failNext("clients", new TypeError("password=hunter2 is undefined"));
    const ours = await refused("GET", "/v1/clients");
    expect(ours).toMatchObject({ status: 500, code: "internal" });
    expect(JSON.stringify(ours)).not.toMatch(/hunter2|TypeError|at /);
    const reference = /under (\w{8})$/.exec(ours.message)![1]!;
    expect(harness.log.lines.some((line) => line.includes(reference) && line.includes("TypeError"))).toBe(true);
  });
});

describe("what third parties say", () => {
  let harness: Harness<FakeService>;
  beforeAll(async () => {
    harness = await serveFake();
  });
  afterAll(() => harness.close());

  it("is kept under the token's name, whatever it calls itself", async () => {
    const { token } = await harness.tokens.create({ name: "sensor", scopes: ["control"] });
    const say = async (source: string) =>
      (
        (await harness.ask("POST", "/v1/signals", { token, body: { kind: "presence", subject: "tv", present: true, source } })).body as {
          source: string;
        }[]
      )[0]!.source;
    expect(await say("router:main")).toBe("token:sensor/router:main");
    expect(await say("token:owner/x")).toBe("token:sensor/token:owner/x");
    expect(await say("token:sensor/desk")).toBe("token:sensor/desk");
    expect((await say("x".repeat(100))).length).toBe(100);
    const override = (await harness.ask("POST", "/v1/overrides", { token, body: { subject: "bob", persona: "gamer", source: "owner" } }))
      .body as { source: string };
    expect(override.source).toBe("token:sensor/owner");
  });

  it("is clamped in strength and time, and the answer shows what was kept", async () => {
    const token = await harness.token(["control"]);
    const sent = {
      subject: "alice",
      source: "s",
      logOdds: { gamer: 15, "remote-worker": -15, everyday: 1 },
      expiresAt: "2027-01-01T00:00:00Z",
    };
    const kept = (await harness.ask("POST", "/v1/evidence", { token, body: sent })).body as { logOdds: object; expiresAt: string };
    expect(kept.logOdds).toEqual({ gamer: 4, "remote-worker": -4, everyday: 1 });
    expect(Date.parse(kept.expiresAt) - harness.clock.now()).toBeLessThanOrEqual(24 * 3_600_000);
    const [signal] = (await harness.ask("POST", "/v1/signals", { token, body: [{ kind: "evidence", ...sent }] })).body as {
      logOdds: object;
    }[];
    expect(signal!.logOdds).toEqual(kept.logOdds);
    const long = (
      await harness.ask("POST", "/v1/constraints", {
        token,
        body: { subject: "tv", source: "s", cap: { down: "5 Mbit/s" }, expiresAt: "2027-01-01T00:00:00Z" },
      })
    ).body as { expiresAt: string; cap: object };
    expect(long.expiresAt).toBe("2026-11-24T08:55:00.000Z");
    expect(long.cap).toEqual({ down: 5000 });
    const short = (await harness.ask("POST", "/v1/constraints", { token, body: { subject: "tv", source: "s", weight: 2 } })).body as {
      expiresAt: string;
    };
    expect(short.expiresAt).toBe("2026-11-23T09:55:00.000Z");
  });

  it("cannot replace another source's constraint", async () => {
    const mine = await harness.token(["control"]);
    const theirs = await harness.token(["control"]);
    const body = { id: "homework", subject: "tv", source: "flow", weight: 0.5 };
    expect((await harness.ask("POST", "/v1/constraints", { token: mine, body })).status).toBe(200);
    expect((await harness.ask("POST", "/v1/constraints", { token: mine, body })).status).toBe(200);
    expect((await harness.ask("POST", "/v1/constraints", { token: theirs, body })).status).toBe(409);
  });
});
