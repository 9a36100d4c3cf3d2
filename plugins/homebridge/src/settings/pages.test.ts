import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type HomeHandle, openHome } from "@network-personas/engine";
import { afterEach, beforeEach, expect, it } from "vitest";
import { silentLog } from "../open-engine.ts";
import { createHome } from "./look.ts";
import { letIn, release, wayIn } from "./pages.ts";

let storage: string;
let engine: HomeHandle | undefined;
const settings = { home: "personas/home.yaml" };
const home = () => join(storage, settings.home);
beforeEach(async () => {
  storage = await mkdtemp(join(tmpdir(), "np-pages-"));
});
afterEach(async () => {
  await engine?.close();
  engine = undefined;
  await rm(storage, { recursive: true, force: true });
});

/** A home made by the settings page, and its engine as Homebridge runs it. */
async function run(asked: { letIn: boolean }, host: string): Promise<void> {
  await createHome({ settings, answers: asked }, storage);
  engine = await openHome({ home: home(), log: silentLog, linger: 0, requireApi: true, listen: { host, port: 0 } });
}

it("leads the owner into the pages by links of which only the newest are good", async () => {
  await run({ letIn: true }, "127.0.0.1");
  const port = new URL(engine!.url!).port;
  const links: { url: string }[] = [];
  for (let browser = 0; browser < 4; browser++) links.push(await wayIn({ settings, hostname: "homebridge.local" }, storage));
  expect(links[3]!.url).toMatch(new RegExp(`^http://homebridge\\.local:${port}/#setup=np_`));
  const statusOf = async ({ url }: { url: string }, browser: number) => {
    const authorization = `Bearer ${url.split("#setup=")[1]}`;
    const order = { name: `browser-${browser}`, scopes: ["admin"] };
    const headers = { authorization, "content-type": "application/json" };
    return (await fetch(`${engine!.url}/v1/tokens`, { method: "POST", headers, body: JSON.stringify(order) })).status;
  };
  expect(await Promise.all(links.map(statusOf))).toEqual([401, 200, 200, 200]);
});

it("tells that only this machine can open the pages, and lets the devices of the home in", async () => {
  await run({ letIn: false }, "127.0.0.1");
  await expect(wayIn({ settings, hostname: "192.168.1.20" }, storage)).rejects.toMatchObject({ code: "only-here" });
  expect((await wayIn({ settings, hostname: "localhost" }, storage)).url).toContain("http://localhost:");
  await letIn({ settings }, storage);
  const text = await readFile(home(), "utf8");
  expect(text).toMatch(/host: 0\.0\.0\.0/);
  expect(text).toMatch(/^# Your home\./);
  expect((await wayIn({ settings, hostname: "192.168.1.20" }, storage)).url).toContain("http://192.168.1.20:");
});

it("asks nothing of an engine that does not run, and of no odd address", async () => {
  await createHome({ settings, answers: {} }, storage);
  await expect(wayIn({ settings, hostname: "localhost" }, storage)).rejects.toThrow("restart Homebridge");
  await expect(release({ settings }, storage)).rejects.toThrow("restart Homebridge");
  await expect(release({ settings: {} }, storage)).rejects.toThrow("Say where the engine is first");
  engine = await openHome({ home: home(), log: silentLog, linger: 0, listen: { host: "127.0.0.1", port: 0 } });
  await expect(wayIn({ settings, hostname: "evil.example/#" }, storage)).rejects.toThrow("does not know its address");
});

it("removes everything of ours from every router", async () => {
  await run({ letIn: false }, "127.0.0.1");
  const { document, etag } = (await engine!.client.request("GET", "/v1/home")) as { document: object; etag: string };
  const routers = [{ id: "main", driver: "virtual", mode: "live" }];
  await engine!.client.request("PUT", "/v1/home", { ...document, routers }, { ifMatch: etag });
  expect(await release({ settings }, storage)).toEqual(["main"]);
  expect((await engine!.client.state()).hold?.why).toBe("released");
});
