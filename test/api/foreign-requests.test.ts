import { createServer, request } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeService } from "./fake-service.ts";
import { type Harness, openStream, serveFake } from "./harness.ts";

/** A request with exactly these headers; fetch would not let a test forge Host and Origin. */
function raw(
  url: string,
  headers: Record<string, string>,
  method = "GET",
  path = "/v1/state",
  localAddress = "127.0.0.1",
): Promise<{ status: number; headers: Record<string, unknown>; body: string }> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const ask = request({ hostname, port, method, path, headers, localAddress }, (response) => {
      let body = "";
      response.on("data", (part) => {
        body += part;
      });
      response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    ask.on("error", reject);
    ask.end();
  });
}

describe("requests from elsewhere", () => {
  let harness: Harness<FakeService>;
  let port: string;
  beforeAll(async () => {
    harness = await serveFake({
      config: { loopbackWithoutToken: true, allowedHosts: ["home.example"], allowedOrigins: ["https://dashboard.example"] },
    });
    port = new URL(harness.server.url).port;
  });
  afterAll(() => harness.close());
  const lan = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find((i) => i.family === "IPv4" && !i.internal)?.address;

  it.each(["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.2", "[::1]", "home.example", "192.168.1.20", "nas.fritz.box"])(
    "answers to the name %s without a token from this machine",
    async (host) => {
      expect((await raw(harness.server.url, { host: `${host}:${port}` })).status).toBe(200);
    },
  );
  it.skipIf(!lan)("answers to the address of one of its interfaces", async () => {
    expect((await raw(harness.server.url, { host: `${lan}:${port}` })).status).toBe(200);
  });
  it.each([
    "evil.example",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "0.0.0.0",
    "203.0.113.9",
    "127.0.0.1@evil.example",
    "evil.example:8787/127.0.0.1",
  ])("does not answer to the name %j", async (host) => {
    const answer = await raw(harness.server.url, { host });
    expect([400, 403]).toContain(answer.status);
    expect(answer.body).not.toContain("alice");
  });

  it.each([
    ["HTTP/1.1", "Host: \r\n"],
    ["HTTP/1.1", ""],
    ["HTTP/1.0", ""],
  ])("does not answer to no name at all (%s, %j)", async (version, host) => {
    const socket = connect(Number(port), "127.0.0.1");
    let answer = "";
    socket.on("data", (part) => {
      answer += part;
    });
    socket.end(`GET /v1/state ${version}\r\n${host}Connection: close\r\n\r\n`);
    await new Promise((resolve) => socket.once("close", resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(answer).not.toContain("alice");
  });

  it("checks the name for everybody, a valid token included, and on open routes too", async () => {
    const token = await harness.token(["admin"]);
    expect((await raw(harness.server.url, { host: "evil.example", authorization: `Bearer ${token}` })).status).toBe(403);
    expect((await raw(harness.server.url, { host: "evil.example" }, "GET", "/v1/health")).status).toBe(403);
  });

  it.each(["https://evil.example", "http://localhost:1", "null", "http://127.0.0.1", "file://", "nonsense"])(
    "refuses pages of the origin %s",
    async (origin) => {
      const host = `127.0.0.1:${port}`;
      for (const method of ["GET", "POST"])
        expect((await raw(harness.server.url, { host, origin }, method, method === "GET" ? "/v1/state" : "/v1/apply")).status).toBe(403);
    },
  );
  it("lets its own and the listed pages in, and sends no CORS headers", async () => {
    const host = `127.0.0.1:${port}`;
    for (const origin of [`http://${host}`, "https://dashboard.example"]) {
      const answer = await raw(harness.server.url, { host, origin });
      expect(answer.status).toBe(200);
      expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
    }
  });
  it("refuses what a page of another site embeds, which sends no Origin", async () => {
    const host = `127.0.0.1:${port}`;
    expect((await raw(harness.server.url, { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" })).status).toBe(403);
    expect((await raw(harness.server.url, { host, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" })).status).toBe(200);
    expect((await raw(harness.server.url, { host, "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" }, "GET", "/")).status).toBe(
      200,
    );
  });
  it.each(["x-forwarded-for", "forwarded", "via"])(
    "does not take a stranger for this machine because a proxy runs on it (%s)",
    async (header) => {
      expect((await raw(harness.server.url, { host: `127.0.0.1:${port}`, [header]: "for=203.0.113.9" })).status).toBe(401);
    },
  );
  it("does not fall back to trust when a token is wrong", async () => {
    expect((await raw(harness.server.url, { host: `127.0.0.1:${port}`, authorization: "Bearer wrong" })).status).toBe(401);
  });
  it.each([[{ host: "evil.example" }], [{ origin: "https://evil.example" }], [{ origin: "null" }]])(
    "holds the stream to the same rules: %j",
    async (headers) => {
      const stream = openStream(harness.server.url, { headers: headers as Record<string, string> });
      expect((await stream.refused()).status).toBe(403);
    },
  );

  it("trusts this machine only when told to", async () => {
    const strict = await serveFake();
    expect((await raw(strict.server.url, { host: "127.0.0.1" })).status).toBe(401);
    const stream = openStream(strict.server.url);
    expect((await stream.refused()).status).toBe(401);
    await strict.close();
  });
  it("is never called by the address that means every interface", async () => {
    const open = await serveFake({ config: { host: "0.0.0.0", loopbackWithoutToken: true } });
    expect((await raw(open.server.url, { host: "0.0.0.0" })).status).toBe(403);
    expect((await raw(open.server.url, { host: "127.0.0.1" })).status).toBe(200);
    await open.close();
  });
  it.skipIf(!lan)("needs a token from another address although this machine is trusted", async () => {
    const open = await serveFake({ config: { host: "0.0.0.0", loopbackWithoutToken: true } });
    const { port } = new URL(open.server.url);
    const url = `http://${lan}:${port}`;
    expect((await raw(url, { host: `${lan}:${port}` }, "GET", "/v1/state", lan)).status).toBe(401);
    expect((await raw(open.server.url, { host: `127.0.0.1:${port}` })).status).toBe(200);
    await open.close();
  });
});

describe("guessing tokens", () => {
  it("is slowed after ten failures in a minute, and locks nobody else out", async () => {
    const harness = await serveFake();
    const good = await harness.token(["read"]);
    const other = await harness.token(["read"]);
    const guess = (i: number) => harness.ask("GET", "/v1/state", { token: `${good.slice(0, 16)}${String(i).padStart(43, "x")}` });
    for (let i = 0; i < 10; i++) expect((await guess(i)).status).toBe(401);
    const refused = await guess(10);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await harness.ask("GET", "/v1/state", { token: good })).status).toBe(429);
    expect((await harness.ask("GET", "/v1/state", { token: other })).status).toBe(200);
    await harness.clock.advance(61_000);
    expect((await harness.ask("GET", "/v1/state", { token: good })).status).toBe(200);
    for (let i = 0; i < 11; i++) await harness.ask("GET", "/v1/state", { token: `nonsense-${i}` });
    expect((await harness.ask("GET", "/v1/state", { token: "nonsense" })).status).toBe(429);
    expect((await harness.ask("GET", "/v1/state", { token: good })).status).toBe(200);
    await harness.close();
  });
});

describe("a port that cannot be used", () => {
  it("is named with what to do, and with who holds it", async () => {
    const first = await serveFake();
    const port = Number(new URL(first.server.url).port);
    await expect(serveFake({ config: { port } })).rejects.toMatchObject({
      code: "port-in-use",
      message: `port ${port} is in use by another Network Personas engine; stop it, or choose another port: with --listen where that is given, else with api.port in home.yaml`,
    });
    await first.close();
    const stranger = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
    await new Promise((resolve) => stranger.once("listening", resolve));
    const taken = (stranger.address() as AddressInfo).port;
    await expect(serveFake({ config: { port: taken } })).rejects.toMatchObject({
      message: `port ${taken} is in use by another program; stop it, or choose another port: with --listen where that is given, else with api.port in home.yaml`,
    });
    stranger.close();
    await expect(serveFake({ config: { host: "203.0.113.9" } })).rejects.toMatchObject({ code: "bad-host" });
  });
  it("is free again as soon as the server is closed, open streams and all", async () => {
    const first = await serveFake();
    const port = Number(new URL(first.server.url).port);
    const stream = openStream(first.server.url, { token: await first.token(["read"]) });
    await stream.next(1);
    await first.close();
    expect((await stream.closed()).code).toBe(1001);
    expect(first.service.listeners()).toBe(0);
    const second = await serveFake({ config: { port } });
    expect(second.server.url).toBe(first.server.url);
    await second.close();
  });
});

describe("pages", () => {
  it("are asked for navigation only, never for the API", async () => {
    const asked: string[] = [];
    const harness = await serveFake({
      pages: async (request) => {
        const { pathname } = new URL(request.url);
        asked.push(pathname);
        return pathname === "/missing.js" ? undefined : new Response("<p>page", { headers: { "content-type": "text/html" } });
      },
    });
    const get = (path: string, accept: string) => fetch(`${harness.server.url}${path}`, { headers: { accept } });
    expect(await (await get("/", "text/html")).text()).toBe("<p>page");
    expect(((await (await get("/", "application/json")).json()) as { openapi: string }).openapi).toBe("/openapi.json");
    expect((await get("/missing.js", "*/*")).status).toBe(404);
    expect((await get("/v1/state", "text/html")).status).toBe(401);
    expect(asked).toEqual(["/", "/missing.js"]);
    await harness.close();
  });
});
