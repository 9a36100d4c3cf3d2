import { gunzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { servePages } from "./pages.ts";

it("sends a page small, and not again when it is known", async () => {
  const ask = (headers: Record<string, string> = {}) => servePages(new Request("http://home.invalid/style.css", { headers }));
  const [plain, zipped] = [(await ask())!, (await ask({ "accept-encoding": "gzip, br" }))!];
  const [text, bytes] = [await plain.text(), await zipped.bytes()];
  expect(zipped.headers.get("content-encoding")).toBe("gzip");
  expect(gunzipSync(bytes).toString()).toBe(text);
  expect(bytes.length).toBeLessThan(text.length / 2);
  const etag = plain.headers.get("etag")!;
  expect(zipped.headers.get("etag")).toBe(etag);
  const known = (await ask({ "if-none-match": etag }))!;
  expect([known.status, await known.text()]).toEqual([304, ""]);
  expect((await ask({ "if-none-match": '"else"' }))!.status).toBe(200);
});
