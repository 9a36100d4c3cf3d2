import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { TestClock } from "../testing/test-clock.ts";
import { type CalendarSource, openCalendar, type ResolvedCalendar } from "./index.ts";
import { acquireExpander, releaseExpander } from "./shared-expander.ts";

const minute = 60_000;
const feed = (title: string, ...headers: string[]): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    ...headers,
    "BEGIN:VEVENT",
    "UID:a",
    `SUMMARY:${title}`,
    "DTSTART:20261122T180000Z",
    "DURATION:PT1H",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");

let server: Server;
let base: string;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
const requests: IncomingMessage[] = [];
let clock: TestClock;
let dataDir: string;
const said: string[] = [];
const keep = (message: string): void => void said.push(message);
const log = { debug: keep, info: keep, warn: keep, error: keep };
const opened: CalendarSource[] = [];

async function open(
  ics: string,
  more: Partial<ResolvedCalendar> & { fetch?: typeof fetch; random?: () => number } = {},
): Promise<CalendarSource> {
  const { fetch, random = () => 0, ...config } = more;
  const source = await openCalendar(
    { id: "work", refresh: 15 * minute, ics, ...config },
    { clock, log, dataDir, timeZone: "Europe/Berlin", random, ...(fetch ? { fetch } : {}) },
  );
  opened.push(source);
  return source;
}
const titles = async (source: CalendarSource): Promise<string[]> =>
  (await source.occurrences("2026-11-22T00:00:00Z", "2026-11-24T00:00:00Z")).map((o) => o.summary);
const serve = (text: string | Buffer, headers: Record<string, string> = {}, status = 200): void => {
  answer = (_, response) => response.writeHead(status, { "content-type": "text/calendar", ...headers }).end(text);
};

beforeAll(async () => {
  acquireExpander(); // one worker for all tests
  server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  base = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
});
afterAll(async () => {
  server.close();
  await releaseExpander();
});
beforeEach(async () => {
  clock = new TestClock("2026-11-22T12:00:00Z");
  dataDir = await mkdtemp(join(tmpdir(), "np-feed-"));
  requests.length = 0;
  said.length = 0;
});
afterEach(async () => {
  for (const source of opened.splice(0)) await source.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe("a published calendar", () => {
  it("is asked for conditionally, and only when it is time", async () => {
    serve(feed("Call"), { etag: '"1"', "last-modified": "Sun, 22 Nov 2026 10:00:00 GMT" });
    const source = await open(`${base}/cal.ics`);
    expect(source.status()).toMatchObject({ status: "loading", fetchedAt: null });
    await source.refresh();
    await source.refresh();
    expect(requests).toHaveLength(1);
    answer = (request, response) => response.writeHead(request.headers["if-none-match"] === '"1"' ? 304 : 500).end();
    await clock.advance(15 * minute);
    await source.refresh();
    expect(requests[1]!.headers["if-modified-since"]).toBe("Sun, 22 Nov 2026 10:00:00 GMT");
    expect(source.status()).toEqual({ calendar: "work", status: "ok", fetchedAt: "2026-11-22T12:15:00.000Z", events: 1, problems: [] });
    expect(await titles(source)).toEqual(["Call"]);
  });
  it("is asked conditionally after a restart too", async () => {
    serve(feed("Call"), { etag: '"1"' });
    const first = await open(`${base}/cal.ics`);
    await first.refresh();
    await first.close();
    answer = (_, response) => response.writeHead(304).end();
    const second = await open(`${base}/cal.ics`);
    expect(await titles(second)).toEqual(["Call"]);
    await second.refresh();
    expect(requests[1]!.headers["if-none-match"]).toBe('"1"');
    expect(second.status().status).toBe("ok");
  });
  it("writes the time of an unchanged calendar at most once an hour", async () => {
    const kept: string[] = [];
    const copies = {
      get: async () => undefined,
      put: async (_: string, copy: { fetchedAt: string }) => void kept.push(copy.fetchedAt.slice(11, 16)),
    };
    serve(feed("Call"), { etag: '"1"' });
    const source = await openCalendar(
      { id: "work", refresh: 15 * minute, ics: `${base}/cal.ics` },
      { clock, log, dataDir, timeZone: "Europe/Berlin", random: () => 0, copies },
    );
    opened.push(source);
    for (let i = 0; i < 10; i++) {
      await source.refresh();
      await clock.advance(15 * minute);
    }
    expect(kept).toEqual(["12:00", "13:00", "14:00"]);
  });
  it("does not take up the copy of another address", async () => {
    serve(feed("Call"));
    await (await open(`${base}/one.ics`)).refresh();
    expect(await titles(await open(`${base}/two.ics`))).toEqual([]);
  });
  it.each([
    ["gzip", () => serve(gzipSync(feed("Café")), { "content-encoding": "gzip" })],
    ["Latin-1 as announced", () => serve(Buffer.from(feed("Café"), "latin1"), { "content-type": "text/calendar; charset=iso-8859-1" })],
    ["Latin-1 that nobody announced", () => serve(Buffer.from(feed("Café"), "latin1"), { "content-type": "text/calendar" })],
    ["UTF-8 announced as Latin-1", () => serve(Buffer.from(feed("Café")), { "content-type": 'text/calendar; charset="ISO-8859-1"' })],
    [
      "UTF-16 with a mark",
      () => serve(Buffer.from(`\ufeff${feed("Café")}`, "utf16le"), { "content-type": "text/calendar; charset=nonsense" }),
    ],
  ])("is read from %s", async (_, prepare) => {
    prepare();
    const source = await open(`${base}/cal.ics`);
    await source.refresh();
    expect(await titles(source)).toEqual(["Café"]);
  });
  it("follows redirects and sends a login that is part of the address, but not on to other hosts", async () => {
    answer = (request, response) => {
      if (request.url === "/old") response.writeHead(302, { location: `${base.replace("127.0.0.1", "localhost")}/new` }).end();
      else response.end(feed("Moved"));
    };
    const source = await open(`${base.replace("//", "//alice:geheim%21@")}/old`);
    await source.refresh();
    expect(await titles(source)).toEqual(["Moved"]);
    expect(requests.map((r) => r.headers.authorization)).toEqual([`Basic ${Buffer.from("alice:geheim!").toString("base64")}`, undefined]);
  });
  it("asks https for webcal addresses", async () => {
    const asked: string[] = [];
    const fetchInstead = async (url: unknown): Promise<Response> => {
      asked.push(String(url));
      return new Response(feed("Call"));
    };
    await (await open("webcal://calendar.example/private-token/basic.ics", { fetch: fetchInstead as typeof fetch })).refresh();
    expect(asked).toEqual(["https://calendar.example/private-token/basic.ics"]);
  });
});

describe("a calendar that fails", () => {
  it.each([
    [
      "a login page answered with 200",
      () => serve("<!DOCTYPE html><html>Sign in</html>", { "content-type": "text/html" }),
      /web page, not a calendar/,
    ],
    ["an address that was revoked", () => serve("no", {}, 403), /secret address is wrong or was revoked/],
    ["one that is not there", () => serve("no", {}, 404), /no such calendar/],
    ["one that is too large", () => serve(Buffer.alloc(21_000_000, 65)), /larger than 20 MB/],
    [
      "a connection that breaks",
      () => {
        answer = (_, response) => response.destroy();
      },
      /closed the connection/,
    ],
  ])("keeps the last good copy over %s", async (_, fail, message) => {
    serve(feed("Call"));
    const source = await open(`${base}/private-1234567890/basic.ics`);
    await source.refresh();
    fail();
    await clock.advance(60 * minute);
    await source.refresh();
    expect(source.status()).toMatchObject({ status: "stale", fetchedAt: "2026-11-22T12:00:00.000Z", events: 1 });
    expect(source.status().problems[0]).toMatch(message);
    expect(source.status().problems[0]).toContain("60 min old");
    expect(await titles(source)).toEqual(["Call"]);
    expect([...said, ...source.status().problems].join("\n")).not.toContain("private-1234567890");
    serve(feed("New call"));
    await source.refresh({ force: true });
    expect(source.status()).toMatchObject({ status: "ok", problems: [] });
    expect(await titles(source)).toEqual(["New call"]);
  });
  it("is failed, not empty and fine, when there never was a copy", async () => {
    serve("<html>", {}, 200);
    const source = await open(`${base}/cal.ics`);
    await source.refresh();
    expect(source.status()).toMatchObject({ status: "failed", fetchedAt: null });
    expect(await titles(source)).toEqual([]);
  });
  it("is asked less and less often, and not before the server said", async () => {
    serve("busy", { "retry-after": "600" }, 429);
    const source = await open(`${base}/cal.ics`);
    await source.refresh();
    await clock.advance(9 * minute);
    await source.refresh();
    expect(requests).toHaveLength(1);
    serve("busy", {}, 503);
    const times: number[] = [];
    for (let i = 0; i < 60; i++) {
      await clock.advance(minute);
      const before = requests.length;
      await source.refresh();
      if (requests.length > before) times.push(i);
    }
    expect(times).toEqual([0, 2, 6, 14, 30]);
  });
});

describe("how often", () => {
  it.each([
    ["the publisher wishes longer", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", 59, 61],
    ["its wish is beyond reason", "X-PUBLISHED-TTL:P1W", 23 * 60, 24 * 60 + 1],
    ["it would like to be asked all the time", "X-PUBLISHED-TTL:PT1S", 14, 16],
  ])("%s", async (_, header, early, late) => {
    serve(feed("Call", header));
    const source = await open(`${base}/cal.ics`);
    await source.refresh();
    await clock.advance(early * minute);
    await source.refresh();
    expect(requests).toHaveLength(1);
    await clock.advance((late - early) * minute);
    await source.refresh();
    expect(requests).toHaveLength(2);
  });
  it("is spread by up to a tenth", async () => {
    serve(feed("Call"));
    const source = await open(`${base}/cal.ics`, { random: () => 0.9 });
    await source.refresh();
    await clock.advance(16 * minute);
    await source.refresh();
    expect(requests).toHaveLength(1);
    await clock.advance(minute);
    await source.refresh();
    expect(requests).toHaveLength(2);
  });
});
