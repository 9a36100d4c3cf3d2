import { readFile } from "node:fs/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Admin } from "../emulators/openwrt/admin.ts";
import { type OpenWrtEmulator, scaledTime, startOpenWrt, steppedTime, unsupported } from "../emulators/openwrt/index.ts";
import { homeInterfaces } from "../emulators/openwrt/router.ts";
import type { Account, AclGroup } from "../emulators/openwrt/sessions.ts";

const fixtures = new URL("../emulators/openwrt/fixtures/", import.meta.url);
const recorded = JSON.parse(await readFile(new URL("accounts.json", fixtures), "utf8")) as {
  groups: Record<string, AclGroup>;
  accounts: Account[];
};

let emulator: OpenWrtEmulator;
afterEach(() => emulator.stop());

/** One step of a recording: an exchange with a real router, or what stood between two of them. */
interface Step {
  name?: string;
  method?: string;
  path?: string;
  json?: unknown;
  raw?: string;
  status?: number;
  response?: unknown;
  text?: string;
  login?: string;
  user?: string;
  do?: [string, string, string, Record<string, unknown>];
  advance?: number;
  router?: string;
  disk?: [string, string, string, string];
}

const password = (user: string) => recorded.accounts.find((a) => a.username === user)!.password;

/** Plays a recording against the emulator; names what differs. */
async function replay(steps: readonly Step[]): Promise<{ played: number; different: unknown[] }> {
  emulator = await startOpenWrt({ time: steppedTime(), groups: recorded.groups, accounts: recorded.accounts, interfaces: homeInterfaces });
  const tokens = new Map<string, string>();
  const different: unknown[] = [];
  let played = 0;
  const withTokens = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replace(/"\$([A-Za-z]+)"/g, (_, name: string) => JSON.stringify(tokens.get(name))));
  for (const step of steps) {
    if (step.login) tokens.set(step.login, (await Admin.of(emulator, step.user, password(step.user!))).token);
    else if (step.advance) await emulator.time.advance(step.advance);
    else if (step.router === "restart-rpcd") emulator.router.restartRpcd();
    else if (step.do) {
      const admin = new Admin(emulator);
      admin.token = tokens.get(step.do[0])!;
      expect(await admin.call(step.do[1], step.do[2], step.do[3]), JSON.stringify(step.do)).toMatchObject([0]);
    } else if (step.disk) {
      const [config, name, option, value] = step.disk;
      const { sections } = emulator.router.store.file(config)!;
      const section = name.startsWith("@") ? sections[0] : sections.find((s) => s.name === name);
      if (section?.options.get(option) !== value) different.push({ disk: step.disk, found: section?.options.get(option) });
    } else {
      played++;
      const answer = await exchange(step, withTokens);
      const expected = { status: step.status, body: stable(withTokens(step.response ?? step.text ?? null)) };
      if (JSON.stringify(sorted(answer)) !== JSON.stringify(sorted(expected))) different.push({ name: step.name, expected, answer });
    }
  }
  return { played, different };
}

async function exchange(step: Step, withTokens: (value: unknown) => unknown): Promise<{ status: number; body: unknown }> {
  const body = step.raw ?? (step.json === undefined ? undefined : JSON.stringify(withTokens(step.json)));
  const response = await fetch(emulator.url + step.path, {
    method: step.method!,
    headers: { connection: "close" },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  const parsed: unknown = /^[[{]/.test(text) ? JSON.parse(text) : text || null;
  return { status: response.status, body: stable(parsed) };
}

/** Without what differs from run to run: tokens handed out, seconds left. */
const stable = (value: unknown): unknown =>
  value === null
    ? null
    : JSON.parse(
        JSON.stringify(value)
          .replace(/"[0-9a-f]{32}"/g, '"<token>"')
          .replace(/"expires":\d+/g, '"expires":0'),
      );
/** Objects by their keys. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === "object" && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([k, v]) => [k, sorted(v)]),
        )
      : value;

describe("the emulated OpenWrt answers as the recorded one", () => {
  for (const name of ["protocol", "reading", "writing", "rights", "applying"]) {
    it(`${name}.jsonl`, async () => {
      const lines = (await readFile(new URL(`${name}.jsonl`, fixtures), "utf8")).trim().split("\n");
      const { played, different } = await replay(lines.map((line) => JSON.parse(line) as Step));
      expect(played).toBeGreaterThan(10);
      expect(different).toEqual([]);
    });
  }
});

describe("the emulated OpenWrt behaves as the recorded one in time", () => {
  const rules = () => emulator.router.liveFirewall.rules.map((rule) => rule.section);
  const stepped = async () => {
    emulator = await startOpenWrt({ time: steppedTime() });
    return Admin.of(emulator);
  };
  const enable = (admin: Admin) => admin.call("uci", "set", { config: "firewall", section: "kids_tablet_block", values: { enabled: "1" } });

  it("a rule lands between 1.1 and 1.2 s after its apply", async () => {
    const admin = await stepped();
    await enable(admin);
    expect(await admin.call("uci", "apply", { rollback: true, timeout: 10 })).toEqual([0]);
    await emulator.time.advance(1_100);
    expect(rules()).not.toContain("kids_tablet_block");
    await emulator.time.advance(100);
    expect(rules()).toContain("kids_tablet_block");
  });

  it("applies closer than a second postpone the reload", async () => {
    const admin = await stepped();
    for (let i = 0; i < 20; i++) {
      await admin.call("uci", "set", {
        config: "firewall",
        section: "kids_tablet_block",
        values: { enabled: i % 2 ? "0" : "1", name: `n${i}` },
      });
      await admin.call("uci", "apply");
      await emulator.time.advance(400);
    }
    expect(rules()).not.toContain("kids_tablet_block");
    await admin.call("uci", "set", { config: "firewall", section: "kids_tablet_block", values: { enabled: "1" } });
    await admin.call("uci", "apply");
    await emulator.time.advance(1_200);
    expect(rules()).toContain("kids_tablet_block");
  });

  it("nobody confirms: file back at the timeout, ruleset 1.2 s later", async () => {
    const admin = await stepped();
    await enable(admin);
    await admin.call("uci", "apply", { rollback: true, timeout: 4 });
    await emulator.time.advance(4_050);
    expect(await admin.call("uci", "changes", {})).toEqual([0, { changes: { firewall: [["set", "kids_tablet_block", "enabled", "1"]] } }]);
    expect(rules()).toContain("kids_tablet_block");
    await emulator.time.advance(1_200);
    expect(rules()).not.toContain("kids_tablet_block");
  });

  it("sqm: a change inside the reload of another is lost, the file having been read, and none before or after", async () => {
    for (const [offset, lost] of [
      [900, false],
      [1_200, false],
      [1_300, true],
      [1_350, true],
      [1_500, false],
    ] as const) {
      const admin = await stepped();
      const shape = async (download: string) => {
        await admin.call("uci", "set", { config: "sqm", section: "eth1", values: { enabled: "1", download } });
        await admin.call("uci", "apply");
      };
      await shape("5000");
      await emulator.time.advance(offset);
      await shape("3000");
      await emulator.time.advance(5_000);
      expect(emulator.router.sqm.live.get("eth1")?.download, `${offset} ms`).toBe(lost ? 5000 : 3000);
      if (lost) {
        await admin.call("rc", "init", { name: "sqm", action: "restart" });
        expect(emulator.router.sqm.live.get("eth1")?.download).toBe(3000);
      }
      await emulator.stop();
    }
    await stepped();
  });

  it("sqm with a queue the kernel lacks: nothing runs, and apply said ok", async () => {
    const admin = await stepped();
    emulator.router.qdiscs = [];
    await admin.call("uci", "set", { config: "sqm", section: "eth1", values: { enabled: "1", qdisc: "cake", script: "layer_cake.qos" } });
    expect(await admin.call("uci", "apply")).toEqual([0]);
    await emulator.time.advance(5_000);
    expect(emulator.router.sqm.live.size).toBe(0);
    expect(emulator.router.sqm.log.join()).toMatch(/cake is not usable/);
  });

  it("a rule with an invalid value is skipped in silence; fw4 check tells", async () => {
    const admin = await stepped();
    await admin.call("uci", "add", {
      config: "firewall",
      type: "rule",
      name: "bad1",
      values: { name: "bad1", src: "lan", dest: "wan", src_ip: "999.1.1.1", target: "DROP" },
    });
    await admin.call("uci", "apply");
    await emulator.time.advance(2_000);
    expect(rules()).not.toContain("bad1");
    const answer = JSON.stringify(await admin.call("file", "exec", { command: "/sbin/fw4", params: ["check"] }));
    expect(answer).toMatch(/option 'src_ip' specifies invalid value '999\.1\.1\.1'/);
    expect(answer).toMatch(/skipped due to invalid options/);
  });

  it("a comment nft finds too long keeps the whole ruleset out", async () => {
    const admin = await stepped();
    await enable(admin);
    await admin.call("uci", "set", { config: "firewall", section: "kids_tablet_block", values: { name: "x".repeat(140) } });
    await admin.call("uci", "apply");
    await emulator.time.advance(2_000);
    expect(rules()).not.toContain("kids_tablet_block");
  });

  it("requests above 64 KiB are refused, values of 60 000 characters are not", async () => {
    const admin = await stepped();
    const set = (length: number) => ({
      jsonrpc: "2.0",
      id: 1,
      method: "call",
      params: [admin.token, "uci", "set", { config: "system", section: "@system[0]", values: { x: "y".repeat(length) } }],
    });
    expect(await admin.post(set(60_000))).toEqual({ jsonrpc: "2.0", id: 1, result: [0] });
    expect(await admin.post(set(70_000))).toEqual({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "Parse error" } });
  });

  it("a login ends after idle time, and every use keeps it", async () => {
    const admin = await stepped();
    for (let i = 0; i < 3; i++) {
      await emulator.time.advance(200_000);
      expect(await admin.call("uci", "changes")).toEqual([0, { changes: {} }]);
    }
    await emulator.time.advance(301_000);
    expect(await admin.call("uci", "changes")).toBe(-32002);
  });

  it("what it does not do is answered like what no router knows", async () => {
    emulator = await startOpenWrt({ time: steppedTime(), acl: {} });
    const nobody = await Admin.of(emulator, emulator.username, emulator.password);
    for (const name of unsupported.filter((n) => /^[a-z-]+\.[a-z]+$/.test(n))) {
      const [object, method] = name.split(".") as [string, string];
      expect([-32000, -32002], name).toContain(await nobody.call(object, method));
    }
    expect((await fetch(`${emulator.url}/ubus/list`)).status).toBe(404);
  });

  it("runs at any pace of real time: rules land late on a slow router, and soon on a quick one", async () => {
    for (const scale of [100, 0.01]) {
      emulator = await startOpenWrt({ time: scaledTime(scale) });
      const admin = await Admin.of(emulator);
      await enable(admin);
      await admin.call("uci", "apply");
      if (scale > 1) {
        expect(rules()).not.toContain("kids_tablet_block");
        await emulator.stop();
      } else await vi.waitFor(() => expect(rules()).toContain("kids_tablet_block"), { timeout: 10_000 });
    }
  });
});
