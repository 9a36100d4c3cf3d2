import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { servePages } from "./pages.ts";

const ask = (headers: Record<string, string> = {}) => servePages(new Request("http://home.invalid/style.css", { headers }));

it("sends a page small to who takes that, and plain to who does not", async () => {
  const [plain, zipped] = [(await ask())!, (await ask({ "accept-encoding": "gzip, br" }))!];
  const [text, bytes] = [await plain.text(), await zipped.bytes()];
  expect(zipped.headers.get("content-encoding")).toBe("gzip");
  expect(gunzipSync(bytes).toString()).toBe(text);
  expect(bytes.length).toBeLessThan(text.length / 2);
  expect((await ask({ "accept-encoding": "gzip;q=0" }))!.headers.get("content-encoding")).toBe(null);
});
it("does not send again what is known, by whichever way it came", async () => {
  const etag = (await ask())!.headers.get("etag")!;
  expect((await ask({ "accept-encoding": "gzip" }))!.headers.get("etag")).toBe(etag);
  for (const known of [etag, etag.replace("W/", ""), `"else", ${etag}`]) {
    const answer = (await ask({ "if-none-match": known }))!;
    expect([answer.status, await answer.text()]).toEqual([304, ""]);
  }
  expect((await ask({ "if-none-match": '"else"' }))!.status).toBe(200);
});
it("keeps to what is below the pages, from folders in them, too", async () => {
  const from = async (path: string) =>
    /from "([./]+)model\/sentence/.exec(await (await servePages(new Request(`http://home.invalid${path}`)))!.text())?.[1];
  expect([await from("/words.js"), await from("/pages/network.js")]).toEqual(["./", "../"]);
});
it("has no page that is no file of the pages", async () => {
  for (const path of ["/nothing.js", "/../api/tokens.js", "/words.test.js", "/v1/state"])
    expect(await servePages(new Request(`http://home.invalid${path}`))).toBeUndefined();
  const head = (await servePages(new Request("http://home.invalid/", { method: "HEAD" })))!;
  expect([head.status, await head.text()]).toEqual([200, ""]);
});
