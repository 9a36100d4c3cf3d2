import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryDriver, MemoryRouter } from "../testing/index.ts";
import type { DriverResolver } from "./driver-resolver.ts";
import { type HomeHandle, openHome } from "./open-home.ts";
import { silentLog } from "./system.ts";

let folder: string;
let memory: MemoryRouter;
let beforeCall: (call: string) => Promise<void> | void;
const handles: HomeHandle[] = [];

let opened: Record<string, unknown>[];
const resolver: DriverResolver = async () => ({
  create: async ({ settings }) => {
    opened.push(settings);
    return new MemoryDriver(memory, { trouble: (call, when) => (when === "before" ? beforeCall(call) : undefined) });
  },
});
const open = async (linger = 0): Promise<HomeHandle> => {
  const handle = await openHome({ home: join(folder, "home.yaml"), log: silentLog, resolver, linger });
  handles.push(handle);
  return handle;
};
const yaml = (router: string) => `version: 1
home: { id: test, timeZone: Europe/Berlin }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people: [{ id: ann, devices: [laptop] }]
devices: [{ id: laptop, kind: laptop, macs: ["02:00:00:00:01:11"] }]
routers: [${router}]
api: { host: 127.0.0.1, port: 0 }
`;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-open-"));
  [memory, beforeCall, opened] = [new MemoryRouter(), () => {}, []];
  await writeFile(join(folder, "home.yaml"), yaml("{ id: main, driver: memory, mode: live }"));
});
afterEach(async () => {
  beforeCall = () => {};
  for (const handle of handles.splice(0)) await handle.close();
  await rm(folder, { recursive: true, force: true });
});

describe("a home in one process", () => {
  it("is shared by all who open it, and closes with the last", async () => {
    const [first, second] = await Promise.all([open(), open()]);
    expect([first.own, second.own, first.url === second.url]).toEqual([true, true, true]);
    await first.close();
    expect((await second.client.state()).home.id).toBe("test");
    await second.close();
    await expect(fetch(`${second.url}/v1/state`)).rejects.toThrow();
  });
  it("outlives a redeploy without a new engine", async () => {
    const first = await open(5_000);
    const { url } = first;
    await first.close();
    const second = await open(0);
    expect(second.url).toBe(url);
  });
  it("opened while it is being closed waits for a new engine instead of talking to the dying one", async () => {
    const reached = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    beforeCall = async (call) => {
      if (call !== "apply") return;
      beforeCall = () => {};
      reached.resolve();
      await opened.promise;
    };
    const first = await open();
    await reached.promise;
    const closed = first.close();
    const opening = open();
    opened.resolve();
    await closed;
    const second = await opening;
    expect(second.own).toBe(true);
    expect((await second.client.state()).home.id).toBe("test");
  });
  it("that is edited keeps the login of a router unless something about that router changed", async () => {
    await writeFile(join(folder, "secret"), "first-password");
    await writeFile(join(folder, "home.yaml"), yaml("{ id: main, driver: memory, mode: live, password: { file: secret } }"));
    const { client } = await open();
    const edit = async (from: string, to: string) => {
      const { text, etag } = (await client.request("GET", "/v1/home")) as { text: string; etag: string };
      expect(text).toContain(from);
      await client.request("PUT", "/v1/home", text.replace(from, to), { ifMatch: etag });
    };
    await edit("{ id: ann, devices", "{ id: ann, name: Ann Smith, devices");
    expect((await client.state()).subjects[0]!.name).toBe("Ann Smith");
    await edit("down: 50", "down: 40");
    expect(memory.owned["np wan"]).toBe("38000/9500");
    expect(opened.length).toBe(1);
    await edit("kind: laptop", "kind: laptop, infrastructure: true");
    await edit("id: main,", "id: main, url: http://192.0.2.1,");
    expect(opened.length).toBe(3);
    // The secret is another one under the name it had.
    await writeFile(join(folder, "secret"), "second-password");
    await edit("name: Ann Smith", "name: Ann");
    expect(opened.map(({ password }) => password)).toEqual(["first-password", "first-password", "first-password", "second-password"]);
  });
  it("that cannot be opened leaves no lock behind", async () => {
    await writeFile(join(folder, "home.yaml"), yaml("{ id: main }"));
    await expect(open()).rejects.toThrow(/home\.yaml:6.*driver/s);
    await writeFile(join(folder, "home.yaml"), yaml("{ id: main, driver: memory }"));
    expect((await open()).own).toBe(true);
  });
});
