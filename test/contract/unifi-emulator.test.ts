import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startUnifi, type UnifiEmulator } from "../emulators/unifi/index.ts";

let emulator: UnifiEmulator;
afterEach(() => emulator.stop());

const send = (method: string, path: string, options: { body?: unknown; headers?: Record<string, string> } = {}) =>
  fetch(`${emulator.url}${path}`, {
    method,
    redirect: "manual",
    headers: { ...(options.body === undefined ? {} : { "content-type": "application/json" }), ...options.headers },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  });
const login = (password = "correct horse battery", path = "/api/auth/login") =>
  send("POST", path, { body: { username: "personas", password, rememberMe: true } });
async function session(): Promise<{ cookie: string; "x-csrf-token": string }> {
  const answer = await login();
  return { cookie: answer.headers.get("set-cookie")!.split(";")[0]!, "x-csrf-token": answer.headers.get("x-csrf-token")! };
}

const objects = "/proxy/network/v2/api/site/default/object-oriented-network-config";
const off = { enabled: false, values: [] };
const limit = { enabled: false, limit: 10_000, burst: "DISABLED" };
const object = {
  enabled: true,
  name: "test",
  target_type: "CLIENTS",
  targets: ["02:00:00:00:00:11"],
  secure: { enabled: true, internet: { mode: "TURN_OFF_INTERNET", schedule: { mode: "ALWAYS" } } },
  route: { enabled: false, apps: off, domains: off, ip_addresses: off, regions: off },
  qos: {
    enabled: false,
    all_traffic: true,
    apps: off,
    domains: off,
    ip_addresses: off,
    regions: off,
    mode: "LIMIT",
    download_limit: limit,
    upload_limit: limit,
  },
};

describe("the login", () => {
  it("gives a cookie and a token, and writes need both", async () => {
    emulator = await startUnifi();
    expect((await send("GET", `${objects}s`)).status).toBe(401);
    const headers = await session();
    expect((await send("GET", `${objects}s`, { headers: { cookie: headers.cookie } })).status).toBe(200);
    const forged = await send("POST", objects, { body: object, headers: { cookie: headers.cookie } });
    expect([forged.status, (await forged.json()).message]).toEqual([403, "Invalid CSRF Token"]);
    expect((await send("POST", objects, { body: object, headers })).status).toBe(200);
  });

  it("is refused after five in a minute, right or wrong, for five minutes", async () => {
    emulator = await startUnifi();
    const seen: number[] = [];
    for (const password of ["no", undefined, "no", undefined, undefined, undefined]) seen.push((await login(password)).status);
    expect(seen).toEqual([403, 200, 403, 200, 200, 429]);
    await emulator.time.advance(120_000);
    const locked = await login();
    expect([locked.status, (await locked.json()).code]).toEqual([429, "AUTHENTICATION_FAILED_LIMIT_REACHED"]);
    await emulator.time.advance(200_000);
    expect((await login()).status).toBe(200);
  });

  it("changes its token when it likes, and takes the old one no more", async () => {
    emulator = await startUnifi();
    emulator.rotating = true;
    const headers = await session();
    const answer = await send("GET", `${objects}s`, { headers });
    expect((await send("POST", objects, { body: object, headers })).status).toBe(403);
    const next = answer.headers.get("x-updated-csrf-token")!;
    expect((await send("POST", objects, { body: object, headers: { ...headers, "x-csrf-token": next } })).status).toBe(200);
  });

  it("is another one without UniFi OS", async () => {
    emulator = await startUnifi({ classic: true });
    expect((await send("GET", "/")).status).toBe(302);
    expect((await login()).status).toBe(401);
    const wrong = await login("no", "/api/login");
    expect([wrong.status, (await wrong.json()).meta.msg]).toEqual([400, "api.err.Invalid"]);
    expect((await login(undefined, "/api/login")).headers.get("set-cookie")).toMatch(/^unifises=/);
  });
});

describe("policy objects", () => {
  let headers: Record<string, string>;
  beforeEach(async () => {
    emulator = await startUnifi();
    headers = await session();
  });

  const bad: [string, unknown][] = [
    ["an unknown field", { ...object, surprise: 1 }],
    ["no targets", { ...object, targets: [] }],
    ["a target that is no MAC address", { ...object, targets: ["laptop"] }],
    ["a mode nobody knows", { ...object, secure: { enabled: true, internet: { mode: "OFF", schedule: { mode: "ALWAYS" } } } }],
    [
      "a network nobody knows",
      { ...object, route: { ...object.route, enabled: true, all_traffic: true, kill_switch: true, network_id: "x" } },
    ],
    ["a limit of nothing", { ...object, qos: { ...object.qos, download_limit: { enabled: true, limit: 0, burst: "DISABLED" } } }],
    ["nothing at all", { ...object, secure: { ...object.secure, enabled: false } }],
    ["an id of our own", { ...object, id: "5f0000000000000000000001" }],
  ];
  for (const [what, body] of bad) {
    it(`are refused with ${what}`, async () => {
      expect((await send("POST", objects, { body, headers })).status).toBe(400);
      expect(emulator.site.writes).toBe(0);
    });
  }

  it("are listed in the plural and changed in the singular", async () => {
    expect((await send("POST", `${objects}s`, { body: object, headers })).status).toBe(405);
    expect((await send("GET", objects, { headers })).status).toBe(405);
    expect((await send("GET", "/proxy/network/v2/api/site/default/trafficrules", { headers })).status).toBe(404);
  });

  it("lose what is not sent back", async () => {
    const made = await (await send("POST", objects, { body: object, headers })).json();
    expect(made).toMatchObject({ origin: "USER", id: expect.stringMatching(/^[0-9a-f]{24}$/) });
    const kept = await (await send("PUT", `${objects}/${made.id}`, { body: { ...object, enabled: false }, headers })).json();
    expect(kept).not.toHaveProperty("origin");
    expect((await send("DELETE", `${objects}/${made.id}`, { headers })).status).toBe(200);
    expect((await send("DELETE", `${objects}/${made.id}`, { headers })).status).toBe(404);
  });
});
