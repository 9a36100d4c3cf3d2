import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { Rejected, Unreachable } from "./errors.ts";
import { type HttpOptions, HttpTransport, parseJsonAnswer } from "./transport.ts";

let server: Server | undefined;
let transport: HttpTransport | undefined;
const sockets = new Set<Socket>();
let connections = 0;
afterEach(() => {
  transport?.close();
  server?.closeAllConnections();
  server?.close();
  connections = 0;
});

async function serve(listener: RequestListener, options: Partial<HttpOptions> = {}): Promise<URL> {
  server = createServer(listener);
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  transport = new HttpTransport({ router: "main", timeLimit: 3_000, sizeLimit: 10_000, keepAlive: false, ...options });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}
const get = { what: "status" };

describe("HttpTransport", () => {
  it("sends method, headers and body, and returns status, headers and text", async () => {
    const url = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += chunk;
      response.writeHead(201, { "x-seen": `${request.method} ${request.headers["x-token"]} ${request.headers["content-length"]}` });
      response.end(body.toUpperCase());
    });
    const answer = await transport!.send(url, { method: "POST", headers: { "x-token": "t" }, body: "größe", what: "echo" });
    expect(answer).toMatchObject({ status: 201, headers: { "x-seen": "POST t 7" }, text: "GRÖSSE" });
  });

  it("opens a connection per request, or keeps one", async () => {
    const closing = await serve((_request, response) => void response.end("ok"));
    for (let i = 0; i < 3; i++) await transport!.send(closing, get);
    expect(connections).toBe(3);
    const kept = await serve((_request, response) => void response.end("ok"), { keepAlive: true });
    connections = 0;
    for (let i = 0; i < 3; i++) await transport!.send(kept, get);
    expect(connections).toBe(1);
  });

  it("asks once more when a kept connection had ended", async () => {
    const url = await serve((_request, response) => void response.end("ok"), { keepAlive: true });
    await transport!.send(url, get);
    for (const socket of sockets) socket.resetAndDestroy();
    expect((await transport!.send(url, get)).text).toBe("ok");
    expect(connections).toBe(2);
  });

  it("does not ask again when a fresh connection ends", async () => {
    let asked = 0;
    const url = await serve((request) => {
      asked++;
      request.socket.resetAndDestroy();
    });
    await expect(transport!.send(url, get)).rejects.toThrow(/^main: closed the connection before it answered \(status\)$/);
    expect(asked).toBe(1);
  });

  it("follows no redirect", async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked++;
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect((await transport!.send(url, get)).status).toBe(302);
    expect(asked).toBe(1);
  });

  it("takes answers up to the limit and not a byte more", async () => {
    const url = await serve((request, response) => void response.end("x".repeat(Number(request.url!.slice(1)))));
    expect((await transport!.send(new URL("/10000", url), get)).text).toHaveLength(10_000);
    await expect(transport!.send(new URL("/10001", url), get)).rejects.toBeInstanceOf(Rejected);
  });

  it("waits no longer than the limit of transport or request", async () => {
    const url = await serve(() => {}, { timeLimit: 60 });
    await expect(transport!.send(url, get)).rejects.toThrow(/no complete answer within 0\.06 s/);
    await expect(transport!.send(url, { ...get, timeLimit: 30 })).rejects.toBeInstanceOf(Unreachable);
  });

  it("an answer that ends in the middle is none", async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => request.socket.destroy());
    });
    await expect(transport!.send(url, get)).rejects.toThrow(/ended in the middle/);
  });
});

describe("parseJsonAnswer", () => {
  const where = { router: "main", request: "status" };
  it("says what it got instead of JSON, and shows nothing of it", () => {
    expect(parseJsonAnswer('{"a":1}', where)).toEqual({ a: 1 });
    const cases: [string, RegExp][] = [
      ["", /nothing/],
      [" <html>token-1", /a web page/],
      ['{"token-1":', /ends too early/],
      ["token-1", /something else/],
    ];
    for (const [text, message] of cases) {
      expect(() => parseJsonAnswer(text, where)).toThrow(message);
      expect(() => parseJsonAnswer(text, where)).not.toThrow(/token-1/);
    }
  });
});
