import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApplyOutcome, PlanView } from "@network-personas/engine/model";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type OpenWrtEmulator, startOpenWrt } from "../../emulators/openwrt/index.ts";
import { run } from "./run.ts";

const acl = JSON.parse(
  await readFile(new URL("../../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url), "utf8"),
);

// Every call is a process of its own.
vi.setConfig({ testTimeout: 120_000 });

let router: OpenWrtEmulator;
let dir: string;
let home: string;
const ours = () =>
  ["firewall", "sqm"].flatMap((config) => router.router.store.file(config)?.sections ?? []).filter((s) => s.name.startsWith("np_"));
const others = () =>
  JSON.stringify(
    ["firewall", "sqm", "network"]
      .flatMap((config) => router.router.store.file(config)?.sections ?? [])
      .filter((s) => !s.name.startsWith("np_"))
      .map((s) => [s.name, s.type, [...s.options]]),
  );

async function writeHome(mode: string, extra: { url?: string; password?: string } = {}) {
  await writeFile(
    home,
    `version: 1
home: { id: e2e, timeZone: Europe/Berlin }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people: [{ id: ann, devices: [ann-laptop] }]
devices:
  - { id: ann-laptop, name: Ann's laptop, kind: laptop, macs: ["02:00:00:00:02:11"] }
  - { id: camera, kind: camera, macs: ["02:00:00:00:02:41"] }
routers: [{ id: main, driver: openwrt, url: "${extra.url ?? router.url}", username: "${router.username}", password: { env: NP_E2E_PASSWORD }, mode: ${mode} }]
`,
  );
}
const cli = (args: string[], password = router.password) => run([...args, "--home", home], { env: { NP_E2E_PASSWORD: password } });

beforeEach(async () => {
  // The account of the installation instructions, and a router that is faster than a real one in everything alike.
  router = await startOpenWrt({ acl, timeScale: 0.05 });
  router.seedDevice({ mac: "02:00:00:00:02:11", ipv4: "192.168.1.111", hostname: "ann-laptop", connected: true });
  dir = await mkdtemp(join(tmpdir(), "np-openwrt-"));
  home = join(dir, "home.yaml");
  await writeHome("preview");
});
afterEach(async () => {
  await router.stop();
  await rm(dir, { recursive: true, force: true });
});

describe("the command line with an OpenWrt router", () => {
  it("shows a plan one can read in preview, and writes nothing", async () => {
    const before = others();
    const { code, out } = await cli(["plan"]);
    expect(code).toBe(0);
    expect(out).toMatch(/router main \(preview\): \d+ changes/);
    expect(out).toMatch(/camera/);
    expect(out).toMatch(/not as planned: .*rate/i);
    expect((await cli(["apply"])).out).toMatch(/preview: nothing written/);
    expect(ours()).toEqual([]);
    expect(others()).toBe(before);
  });

  it("applies in live mode with one login, confirms, is idempotent, and releases without a trace", async () => {
    await writeHome("live");
    const before = others();
    const [outcome] = JSON.parse((await cli(["apply", "--json"])).out) as ApplyOutcome[];
    expect(outcome).toMatchObject({ router: "main", result: "confirmed" });
    expect(ours().length).toBeGreaterThan(0);
    expect(router.logins()).toBe(1);
    expect(others()).toBe(before);
    expect(JSON.parse((await cli(["apply", "--json"])).out)).toMatchObject([{ result: "unchanged" }]);
    expect((JSON.parse((await cli(["plan", "--json"])).out) as PlanView).routers[0]!.changes).toEqual([]);
    expect((await cli(["release"])).code).toBe(0);
    expect(ours()).toEqual([]);
    expect(others()).toBe(before);
  });

  it("lists who is on the network", async () => {
    const { code, out } = await cli(["clients"]);
    expect(code).toBe(0);
    expect(out).toMatch(/ann-laptop +here +02:00:00:00:02:11/);
  });

  it("says what to do about a wrong password, tries it once, and never shows it", async () => {
    const { code, out, err } = await cli(["doctor"], "wrong-password-1");
    expect(code).toBe(1);
    expect(out).toMatch(/✗ router main/);
    expect(out + err).toMatch(/password/);
    expect(out + err).not.toContain("wrong-password-1");
    expect(router.logins()).toBeLessThanOrEqual(2);
    expect(await cli(["plan"], "")).toMatchObject({ code: 1, out: expect.stringMatching(/NP_E2E_PASSWORD is not set/) });
  });

  it.each([
    ["answers garbage", { kind: "garbage" }],
    ["hangs up", { kind: "cut" }],
    ["redirects", { kind: "redirect", to: "https://192.0.2.1/" }],
  ] as const)("tells when the router %s, and plans all the same", async (_, fault) => {
    router.fault(fault);
    const { code, out } = await cli(["plan"]);
    expect(code).toBe(1);
    expect(out).toMatch(/line wan: 47\.4 Mbit\/s down/);
    expect(out).toMatch(/router main \(preview\): main: /);
  });

  it("tells when nothing answers", async () => {
    await writeHome("preview", { url: "http://127.0.0.1:9" });
    const { code, out } = await cli(["doctor"]);
    expect(code).toBe(1);
    expect(out).toMatch(/✗ router main: reachable: .*refuses connections/);
  });
});
