import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type KnownCollection, syncAccount } from "./caldav-sync.ts";

/** A calendar server that knows ETags and a ctag but no sync-tokens, and answers only what it was asked. */
class PlainServer {
  readonly url = "https://dav.example/cal/alice/work/";
  readonly objects = new Map<string, { etag: string; ics: string }>();
  readonly asked: string[] = [];
  ctag = "1";
  /** Objects that a multiget leaves out. */
  shy = new Set<string>();
  token = "";
  status = 207;

  fetch = async (input: unknown, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(String(input));
    const body = String(init.body ?? "");
    const method = init.method ?? "GET";
    const report = /<(?:\w+:)?(sync-collection|calendar-query|calendar-multiget)/.exec(body)?.[1];
    this.asked.push(report ?? `${method} ${url.pathname}`);
    if (new Headers(init.headers).get("authorization") !== `Basic ${Buffer.from("alice:pw").toString("base64")}`)
      return new Response("", { status: 401 });
    if (this.status !== 207) return new Response("busy", { status: this.status });
    if (method === "GET") {
      const found = this.objects.get(url.pathname);
      return found ? new Response(found.ics, { headers: { etag: found.etag } }) : new Response("", { status: 404 });
    }
    if (method === "PROPFIND")
      return xml([
        response(
          url.pathname,
          `<d:resourcetype><d:collection/><c:calendar/></d:resourcetype><d:displayname>Work</d:displayname><cs:getctag>${this.ctag}</cs:getctag>${this.token && `<d:sync-token>${this.token}</d:sync-token>`}`,
        ),
      ]);
    if (report === "sync-collection")
      return new Response('<?xml version="1.0"?><d:error xmlns:d="DAV:"><d:valid-sync-token/></d:error>', {
        status: 403,
        headers: { "content-type": "application/xml" },
      });
    if (report === "calendar-query")
      return xml([...this.objects].map(([href, { etag }]) => response(href, `<d:getetag>${escaped(etag)}</d:getetag>`)));
    const wanted = [...body.matchAll(/<d:href>([^<]+)<\/d:href>/g)].map((m) => m[1]!);
    return xml(
      wanted
        .filter((href) => !this.shy.has(href))
        .map((href) => {
          const found = this.objects.get(href);
          return found
            ? response(href, `<d:getetag>${escaped(found.etag)}</d:getetag><c:calendar-data>${escaped(found.ics)}</c:calendar-data>`)
            : `<d:response><d:href>${href}</d:href><d:status>HTTP/1.1 404 Not Found</d:status></d:response>`;
        }),
    );
  };
}
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const response = (href: string, props: string): string =>
  `<d:response><d:href>${href}</d:href><d:propstat><d:prop>${props}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>`;
const xml = (responses: readonly string[]): Response =>
  new Response(
    `<?xml version="1.0" encoding="utf-8"?><d:multistatus xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:cs="http://calendarserver.org/ns/">${responses.join("")}</d:multistatus>`,
    { status: 207, headers: { "content-type": "application/xml; charset=utf-8" } },
  );

let server: PlainServer;
const put = (name: string, version: string): void =>
  void server.objects.set(`/cal/alice/work/${name}`, {
    etag: `"${version}"`,
    ics: `BEGIN:VCALENDAR\r\nX-VERSION:${version}\r\nEND:VCALENDAR`,
  });
const sync = async (known: KnownCollection[] = []) =>
  (await syncAccount({ url: server.url, username: "alice", password: "pw" }, known, server.fetch as typeof fetch)).collections[0]!;
const knownAfter = ({ url, name, ctag, syncToken, changed }: Awaited<ReturnType<typeof sync>>): KnownCollection => ({
  url,
  name,
  ctag,
  syncToken,
  etags: Object.fromEntries(changed.map((o) => [o.href, o.etag])),
});
const names = (hrefs: readonly (string | { href: string })[]): string[] =>
  hrefs.map((h) => (typeof h === "string" ? h : h.href).slice("/cal/alice/work/".length)).sort();

beforeEach(() => {
  server = new PlainServer();
  put("a.ics", "a1");
  put("b", "b1");
});
afterEach(() => {
  server.objects.clear();
});

describe("a server without sync-tokens", () => {
  it("is read as a whole once, then not at all while its ctag stands", async () => {
    const first = await sync();
    expect(names(first.changed)).toEqual(["a.ics", "b"]);
    server.asked.length = 0;
    const second = await sync([knownAfter(first)]);
    expect([names(second.changed), names(second.kept), server.asked]).toEqual([[], ["a.ics", "b"], ["PROPFIND /cal/alice/work/"]]);
  });
  it("is asked only for what has another ETag when its ctag changed", async () => {
    const known = knownAfter(await sync());
    put("a.ics", "a2");
    put("c.ics", "c1");
    server.objects.delete("/cal/alice/work/b");
    server.ctag = "2";
    const change = await sync([known]);
    expect([names(change.changed), names(change.kept), change.ctag]).toEqual([["a.ics", "c.ics"], [], "2"]);
    expect(change.changed.map((o) => o.ics).join()).toContain("X-VERSION:a2");
  });
  it("gives up objects one by one that it leaves out of a multiget, and never silently loses one", async () => {
    server.shy.add("/cal/alice/work/b");
    expect(names((await sync()).changed)).toEqual(["a.ics", "b"]);
    expect(server.asked).toContain("GET /cal/alice/work/b");
  });
});

describe("what a server says", () => {
  it("about a token it no longer knows leads to a whole reading", async () => {
    server.token = "http://dav.example/sync/1";
    const known = knownAfter(await sync());
    server.token = "http://dav.example/sync/9";
    put("a.ics", "a2");
    const change = await sync([known]);
    expect([names(change.changed), names(change.kept), change.syncToken]).toEqual([["a.ics"], ["b"], "http://dav.example/sync/9"]);
    expect(server.asked.filter((a) => a === "sync-collection")).toHaveLength(1);
  });
  it("is told in words, without the address", async () => {
    const fail = (url: string, password: string) => syncAccount({ url, username: "alice", password }, [], server.fetch as typeof fetch);
    await expect(fail(server.url, "no")).rejects.toMatchObject({ code: "calendar-refused", lasting: true });
    await expect(fail("https://apidata.googleusercontent.com/caldav/v2/x/events/", "no")).rejects.toThrow(/secret address in iCal format/);
    await expect(fail("https://caldav.icloud.com/", "no")).rejects.toThrow(/app-specific password/);
    server.status = 503;
    await expect(fail(server.url, "pw")).rejects.toSatisfy((error: Error) => !error.message.includes("/cal/alice"));
  });
});
