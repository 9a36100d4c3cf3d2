import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ApplyOutcome } from "@network-personas/engine/model";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startFritzBox } from "../../emulators/fritzbox/index.ts";
import { scaledTime } from "../../emulators/shared/time.ts";
import { startUnifi } from "../../emulators/unifi/index.ts";
import { run } from "./run.ts";

// Every call is a process of its own.
vi.setConfig({ testTimeout: 120_000 });

const laptop = "02:00:00:00:02:11";
const password = "correct horse battery";
const apiKey = "a-secret-of-the-console";

/** A router that cannot roll back by itself, seen from outside. */
interface Emulated {
  url: string;
  /** Whether the laptop goes first. */
  prefers(): boolean;
  logins(): number;
  kept(): string;
  stop(): Promise<void>;
}

const routers: Record<string, () => Promise<Emulated>> = {
  async fritzbox() {
    const emulator = await startFritzBox({ time: scaledTime() });
    const device = emulator.seedDevice({ mac: laptop, ipv4: "192.168.178.21", hostname: "ann-laptop" });
    emulator.seedDevice({ mac: "02:00:00:00:02:99", ipv4: "192.168.178.99", hostname: "kids-tablet", blocked: true });
    return {
      ...emulator,
      prefers: () => device.priority,
      logins: () => emulator.login.challenges,
      kept: () => JSON.stringify(emulator.box.devices),
    };
  },
  async unifi() {
    const emulator = await startUnifi({ time: scaledTime(), apiKey });
    emulator.seedStation({ mac: laptop, ip: "192.168.1.21", hostname: "ann-laptop" });
    const policies = () => emulator.site.collections.objects!;
    return {
      ...emulator,
      prefers: () => policies().some((one) => one.name === "np: ann-laptop" && /"mode":"\w*PRIORITIZE"/.test(JSON.stringify(one.qos))),
      logins: () => emulator.sessions.logins,
      kept: () => JSON.stringify(policies()),
    };
  },
};

for (const [driver, start] of Object.entries(routers)) {
  describe(`the command line with a router of ${driver}`, () => {
    let router: Emulated;
    let dir: string;
    const cli = (args: string[]) =>
      run([...args, "--home", join(dir, "home.yaml")], { env: { NP_E2E_PASSWORD: password, NP_E2E_KEY: apiKey } });
    const writeHome = (mode: string) =>
      writeFile(
        join(dir, "home.yaml"),
        `version: 1
home: { id: e2e, timeZone: UTC }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people: [{ id: ann, devices: [ann-laptop], calendars: [work] }]
devices: [{ id: ann-laptop, kind: laptop, macs: ["${laptop}"] }]
calendars: [{ id: work, ics: work.ics, meanings: [{ text: Standup, persona: remote-worker }] }]
routers: [{ id: main, driver: ${driver}, url: "${router.url}", username: personas, password: { env: NP_E2E_PASSWORD }, apiKey: { env: NP_E2E_KEY }, mode: ${mode} }]
`,
      );

    beforeEach(async () => {
      router = await start();
      dir = await mkdtemp(join(tmpdir(), `np-${driver}-`));
      const instant = (minutes: number) => `${new Date(Date.now() + minutes * 60_000).toISOString().replace(/[-:]|\.\d+/g, "")}`;
      const event = ["BEGIN:VEVENT", "UID:1", `DTSTART:${instant(-20)}`, `DTEND:${instant(60)}`, "SUMMARY:Standup", "END:VEVENT"];
      await writeFile(
        join(dir, "work.ics"),
        ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//e2e", ...event, "END:VCALENDAR", ""].join("\r\n"),
      );
    });
    afterEach(async () => {
      await router.stop();
      await rm(dir, { recursive: true, force: true });
    });

    it("shows in preview what it would do, applies it in live mode with one login, and releases without a trace", async () => {
      const before = router.kept();
      await writeHome("preview");
      const preview = await cli(["plan"]);
      expect(preview.out).toMatch(/router main \(preview\): 1 change/);
      expect(router.kept()).toBe(before);
      await writeHome("live");
      const tested = await cli(["doctor", "--test-rollback", "main"]);
      expect(tested.out).toMatch(
        /way back: this router cannot take a change back by itself, so only changes that cannot touch the way to it/,
      );
      expect(tested.out).toMatch(/✓ router main: trace of the test: none/);
      expect(router.kept()).toBe(before);
      const loggedIn = router.logins();
      expect(JSON.parse((await cli(["apply", "--json"])).out)).toMatchObject([
        { router: "main", result: "confirmed" } satisfies Partial<ApplyOutcome>,
      ]);
      expect(router.prefers()).toBe(true);
      expect(router.logins()).toBe(loggedIn + 1);
      expect(JSON.parse((await cli(["apply", "--json"])).out)).toMatchObject([{ result: "unchanged" }]);
      expect((await cli(["release"])).code).toBe(0);
      expect(router.kept()).toBe(before);
    });

    it("lists who is here, and finds nothing wrong but what the owner may leave", async () => {
      await writeHome("preview");
      expect((await cli(["clients"])).out).toMatch(new RegExp(`ann-laptop +here +${laptop}`));
      const { out, err } = await cli(["doctor"]);
      expect(out).not.toMatch(/✗ router/);
      const warnings = out.split("\n").filter((line) => line.startsWith("! router main"));
      expect(new Set(warnings).size).toBe(warnings.length);
      for (const secret of [password, apiKey]) expect(out + err).not.toContain(secret);
    });
  });
}
