import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { routes, type Scope, scopes } from "../../engine/src/api/index.ts";
import type { FakeService } from "./fake-service.ts";
import { type Harness, idOf, openStream, secretOf, serveFake } from "./harness.ts";

/** Which scopes let each operation through; written out once more, so that a slip in the table shows. */
const expected: Record<string, readonly Scope[] | "everybody"> = {
  getIndex: "everybody",
  getHealth: "everybody",
  getOpenApi: "everybody",
  getState: ["read", "control", "admin"],
  getPredictions: ["read", "control", "admin"],
  getPlan: ["read", "control", "admin"],
  getHistory: ["read", "control", "admin"],
  getCalibration: ["read", "control", "admin"],
  predict: ["read", "control", "admin"],
  blend: ["read", "control", "admin"],
  planQuery: ["read", "control", "admin"],
  submitSignals: ["signal", "control", "admin"],
  submitEvidence: ["signal", "control", "admin"],
  listOverrides: ["read", "control", "admin"],
  setOverride: ["control", "admin"],
  clearOverride: ["control", "admin"],
  listProposals: ["read", "control", "admin"],
  propose: ["control", "admin"],
  withdrawProposal: ["control", "admin"],
  listConstraints: ["read", "control", "admin"],
  addConstraint: ["control", "admin"],
  removeConstraint: ["control", "admin"],
  apply: ["control", "admin"],
  rollback: ["control", "admin"],
  release: ["control", "admin"],
  pause: ["control", "admin"],
  forgetHistory: ["admin"],
  importHome: ["admin"],
  previewImport: ["admin"],
  exportHome: ["admin"],
  getClients: ["read", "control", "admin"],
  getRouters: ["read", "control", "admin"],
  runDoctor: ["control", "admin"],
  testRollback: ["control", "admin"],
  getUpcoming: ["read", "control", "admin"],
  describeProfile: ["read", "control", "admin"],
  listPersonas: ["read", "control", "admin"],
  getPersona: ["read", "control", "admin"],
  putPersona: ["admin"],
  deletePersona: ["admin"],
  getHome: ["admin"],
  putHome: ["admin"],
  listDrivers: ["admin"],
  findRouters: ["admin"],
  tryRouter: ["admin"],
  tryCalendar: ["admin"],
  putSecret: ["admin"],
  deleteSecret: ["admin"],
  listTokens: ["admin"],
  createToken: ["admin"],
  revokeToken: ["admin"],
};
const wholeHome = [
  "getClients",
  "getRouters",
  "runDoctor",
  "testRollback",
  "apply",
  "rollback",
  "release",
  "pause",
  "forgetHistory",
  "exportHome",
  "previewImport",
  "importHome",
  "putPersona",
  "deletePersona",
  "getHome",
  "putHome",
  "listDrivers",
  "findRouters",
  "tryRouter",
  "tryCalendar",
  "putSecret",
  "deleteSecret",
  "listTokens",
  "createToken",
  "revokeToken",
];

describe("authorisation", () => {
  let harness: Harness<FakeService>;
  const byScope = new Map<Scope, string>();
  let limited: string;
  beforeAll(async () => {
    harness = await serveFake();
    for (const scope of scopes) byScope.set(scope, await harness.token([scope]));
    limited = await harness.token(["admin"], ["alice"]);
  });
  afterAll(() => harness.close());
  // Wrong on purpose where there is input: whoever is let through gets 400, 404 or 428, and nothing is changed by the test.
  const knock = (route: (typeof routes)[number], token?: string) =>
    harness.ask(route.method, route.path.replace(/\{\w+\}/, "nobody-here"), {
      ...(token ? { token } : {}),
      ...(route.body ? { body: { wrong: true } } : {}),
    });

  it("has an expectation for every operation", () => {
    expect(routes.map((r) => r.operationId).sort()).toEqual(Object.keys(expected).sort());
    expect(
      routes
        .filter((r) => r.reach === "home")
        .map((r) => r.operationId)
        .sort(),
    ).toEqual([...wholeHome].sort());
  });

  it.each(routes.map((route) => [route.operationId, route] as const))("%s lets in exactly whom it should", async (operationId, route) => {
    const allowed = expected[operationId]!;
    expect((await knock(route)).status === 401).toBe(allowed !== "everybody");
    for (const scope of scopes) {
      const { status, body } = await knock(route, byScope.get(scope));
      const let_in = allowed === "everybody" || allowed.includes(scope);
      expect(status === 403, `${scope}: ${status} ${JSON.stringify(body)}`).toBe(!let_in);
      expect(status, scope).not.toBe(401);
      expect(status, scope).toBeLessThan(500);
    }
    const { status, body } = await knock(route, limited);
    expect(status === 403 && JSON.stringify(body).includes("whole home")).toBe(wholeHome.includes(operationId));
  });

  it("names the scope that is missing, and never the token", async () => {
    const token = byScope.get("signal")!;
    const { status, body } = await harness.ask("GET", "/v1/state", { token });
    expect(status).toBe(403);
    expect(JSON.stringify(body)).toContain('needs the scope \\"read\\"');
    expect(JSON.stringify(body)).not.toContain(secretOf(token));
  });

  it.each([
    ["override", { persona: "gamer" }],
    ["activity", { persona: "gamer" }],
  ])("does not let a sensor decide by a signal of kind %s", async (kind, rest) => {
    const body = { kind, subject: "alice", source: "sensor", ...rest };
    expect((await harness.ask("POST", "/v1/signals", { token: byScope.get("signal")!, body })).status).toBe(403);
    expect((await harness.ask("POST", "/v1/signals", { token: byScope.get("control")!, body })).status).toBe(200);
  });

  it("refuses malformed, unknown, foreign, expired and revoked tokens alike", async () => {
    const good = await harness.token(["read"]);
    const [id, secret] = [idOf(good), secretOf(good)];
    const other = await harness.token(["read"]);
    const { token: expiring } = await harness.tokens.create({
      name: "expiring",
      scopes: ["read"],
      expiresAt: new Date(harness.clock.now() + 1000).toISOString(),
    });
    expect((await harness.ask("GET", "/v1/state", { token: expiring })).status).toBe(200);
    await harness.clock.advance(2000);
    expect(await harness.tokens.revoke(idOf(other))).toBe(true);
    const answers = await Promise.all(
      [
        "nonsense",
        `np_${id}_${secret.slice(0, -1)}`,
        `np_${id}_${secret.split("").reverse().join("")}`,
        `np_000000000000_${secret}`,
        expiring,
        other,
      ].map((token) => harness.ask("GET", "/v1/state", { token })),
    );
    expect(answers.map((a) => a.status)).toEqual([401, 401, 401, 401, 401, 401]);
    expect(new Set(answers.map((a) => JSON.stringify(a.body))).size).toBe(1);
    expect(answers[0]!.headers.get("www-authenticate")).toBe("Bearer");
    expect((await harness.ask("GET", "/v1/state", { headers: { authorization: "Basic YTpi" } })).status).toBe(401);
    expect((await harness.ask("GET", "/v1/state", { token: good })).status).toBe(200);
  });

  it("refuses a token in an address, in requests and on the stream", async () => {
    const token = byScope.get("read")!;
    expect((await harness.ask("GET", `/v1/state?access_token=${token}`, { token })).status).toBe(400);
    const stream = openStream(harness.server.url, { token, query: `?token=${token}` });
    expect((await stream.refused()).status).toBe(400);
    for (const line of harness.log.lines) expect(line).not.toContain(token);
  });

  it("shows tokens without their secret, once revoked no more", async () => {
    const admin = byScope.get("admin")!;
    const created = (
      await harness.ask("POST", "/v1/tokens", { token: admin, body: { name: "phone", scopes: ["signal"], subjects: ["alice"] } })
    ).body as { token: string; record: { id: string } };
    const list = JSON.stringify((await harness.ask("GET", "/v1/tokens", { token: admin })).body);
    expect(list).toContain('"phone"');
    expect(list).not.toContain("hash");
    expect(list).not.toContain(secretOf(created.token));
    expect((await harness.ask("POST", "/v1/tokens", { token: admin, body: { name: "phone", scopes: ["read"] } })).status).toBe(400);
    expect(
      (await harness.ask("POST", "/v1/tokens", { token: admin, body: { name: "x", scopes: ["read"], subjects: ["nobody"] } })).status,
    ).toBe(400);
    expect((await harness.ask("DELETE", `/v1/tokens/${created.record.id}`, { token: admin })).status).toBe(204);
    expect((await harness.ask("DELETE", `/v1/tokens/${created.record.id}`, { token: admin })).status).toBe(404);
  });
});

describe("a token limited to subjects", () => {
  let harness: Harness<FakeService>;
  let alice: string;
  let admin: string;
  beforeAll(async () => {
    harness = await serveFake();
    alice = await harness.token(["control"], ["alice"]);
    admin = await harness.token(["admin"]);
  });
  afterAll(() => harness.close());

  it.each([
    ["/v1/state"],
    ["/v1/predictions"],
    ["/v1/plan"],
    ["/v1/history"],
    ["/v1/calendar/upcoming"],
    ["/v1/overrides"],
    ["/v1/proposals"],
    ["/v1/constraints"],
  ])("sees nothing of others in %s", async (path) => {
    for (const subject of ["alice", "bob"]) {
      await harness.ask("POST", "/v1/overrides", { token: admin, body: { subject, persona: "gamer" } });
      await harness.ask("POST", "/v1/proposals", { token: admin, body: { subject, source: "flow", distribution: { gamer: 1 } } });
      await harness.ask("POST", "/v1/constraints", { token: admin, body: { subject, source: "flow", weight: 2 } });
    }
    const { status, body } = await harness.ask("GET", path, { token: alice });
    expect(status).toBe(200);
    expect(JSON.stringify(body)).toContain("alice");
    expect(JSON.stringify(body)).not.toMatch(/bob|"tv"|np-shaper|school/);
  });

  it("sees nothing of others in answers to queries and proposals", async () => {
    const predicted = await harness.ask("POST", "/v1/predict", { token: alice, body: {} });
    const planned = await harness.ask("POST", "/v1/plan", { token: alice, body: {} });
    const proposed = await harness.ask("POST", "/v1/proposals", {
      token: alice,
      body: { subject: "alice", source: "flow", distribution: { gamer: 1 } },
    });
    expect([predicted.status, planned.status, proposed.status]).toEqual([200, 200, 200]);
    expect((predicted.body as unknown[]).length).toBe(1);
    expect(JSON.stringify([predicted.body, planned.body, proposed.body])).not.toMatch(/bob|"tv"|np-shaper/);
  });

  it.each([
    ["POST", "/v1/signals", { kind: "presence", subject: "bob-console", present: true, source: "s" }],
    [
      "POST",
      "/v1/signals",
      [
        { kind: "presence", subject: "alice-phone", present: true, source: "s" },
        { kind: "location", subject: "bob", place: "away", source: "s" },
      ],
    ],
    ["POST", "/v1/evidence", { subject: "bob", source: "s", logOdds: { gamer: 1 } }],
    ["POST", "/v1/overrides", { subject: "tv", persona: "everyday" }],
    ["DELETE", "/v1/overrides/bob", undefined],
    ["POST", "/v1/proposals", { subject: "bob", source: "s", distribution: { gamer: 1 } }],
    ["POST", "/v1/constraints", { subject: "bob", source: "s", weight: 0.5 }],
    ["POST", "/v1/predict", { subject: "bob" }],
    ["POST", "/v1/blend", { subject: "bob", distribution: { gamer: 1 } }],
    ["POST", "/v1/plan", { distributions: { bob: { gamer: 1 } } }],
    ["GET", "/v1/history?subject=bob", undefined],
    ["GET", "/v1/calendar/upcoming?subject=bob", undefined],
  ])("may not speak for others: %s %s", async (method, path, body) => {
    const answer = await harness.ask(method, path, { token: alice, ...(body ? { body } : {}) });
    expect(answer.status).toBe(403);
    expect(JSON.stringify(answer.body)).toContain("alice only");
  });

  it("may not withdraw or replace what is others'", async () => {
    const theirs = (
      await harness.ask("POST", "/v1/constraints", { token: admin, body: { id: "homework", subject: "bob", source: "flow", weight: 2 } })
    ).body as { id: string };
    const proposal = (
      await harness.ask("POST", "/v1/proposals", { token: admin, body: { subject: "bob", source: "flow", distribution: { gamer: 1 } } })
    ).body as { proposal: { id: string } };
    expect((await harness.ask("DELETE", `/v1/constraints/${theirs.id}`, { token: alice })).status).toBe(404);
    expect((await harness.ask("DELETE", `/v1/proposals/${proposal.proposal.id}`, { token: alice })).status).toBe(404);
    expect(
      (
        await harness.ask("POST", "/v1/constraints", {
          token: alice,
          body: { id: "homework", subject: "alice", source: "flow", weight: 2 },
        })
      ).status,
    ).toBe(409);
  });

  it("may speak for the devices of its subject", async () => {
    const body = { kind: "presence", subject: "alice-phone", present: true, source: "phone" };
    expect((await harness.ask("POST", "/v1/signals", { token: alice, body })).status).toBe(200);
  });

  it("gets only the events that concern it", async () => {
    const stream = openStream(harness.server.url, { token: alice });
    await stream.next(1);
    await harness.ask("POST", "/v1/apply", { token: admin });
    harness.service.emit({ type: "problem", data: { message: "bob's console is offline" } });
    harness.service.emit({ type: "home", data: { reason: "bob moved out" } });
    await harness.ask("POST", "/v1/signals", {
      token: admin,
      body: [
        { kind: "presence", subject: "bob-console", present: true, source: "s" },
        { kind: "presence", subject: "alice-phone", present: false, source: "s" },
      ],
    });
    await stream.next(3);
    expect(stream.messages.map((m) => m.type)).toEqual(["snapshot", "home", "presence"]);
    expect(JSON.stringify(stream.messages)).not.toMatch(/bob/);
    stream.close();
  });
});
