import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AuthFailed, LockedOut, Rejected, type RouterDriver, Unreachable } from "@network-personas/engine/driver";
import { evening, sampleApplications, TestClock, workAndPlay } from "@network-personas/engine/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { LinuxDriver } from "../../plugins/routers/src/linux/driver.ts";
import { SshShell } from "../../plugins/routers/src/linux/ssh.ts";
import { describeIf } from "../support/require.ts";
import { linuxSupport, ownersRouter } from "./linux-rig.ts";
import { Namespaces, run } from "./namespace.ts";
import { Sshd } from "./sshd.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const accepted = /Accepted publickey/;
/** Said before anything is answered; how a login ended is said in several lines, some of them later. */
const knocked = /Connection from/;

describeIf(["namespaces", "nftables", "traffic-control", "sshd"], "a Linux router over SSH", () => {
  const namespaces = new Namespaces();
  const clock = new TestClock("2026-01-05T10:00:00Z");
  let router: string;
  let sshd: Sshd;
  let dataDir: string;
  const opened: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    router = namespaces.add("router");
    run(router, ownersRouter);
  });
  afterAll(() => namespaces.remove());
  beforeEach(async () => {
    sshd = await Sshd.start(router);
    dataDir = await mkdtemp(join(tmpdir(), "np-ssh-test-"));
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
    await sshd.stop();
    await rm(dataDir, { recursive: true });
  });

  function login(key: "client" | "stranger" = "client"): RouterDriver {
    const settings = {
      id: "main",
      driver: "linux",
      mode: "live",
      url: `ssh://127.0.0.1:${sshd.port}`,
      identityFile: sshd.key(key),
      lan: "br-lan",
      wan: "wan0",
      runDir: join(sshd.folder, "run"),
      requestTimeout: "PT3S",
    };
    const driver = new LinuxDriver(
      {
        settings,
        router: "main",
        home: { id: "home" },
        dataDir: join(dataDir, "routers", "main"),
        clock,
        log: quiet,
        applications: sampleApplications,
        protectedMacs: new Set(),
      },
      linuxSupport,
    );
    opened.push(driver);
    return driver;
  }
  const apply = async (driver: RouterDriver, plan: ReturnType<typeof evening> | null, confirmWithin = 30_000) =>
    driver.apply(await driver.plan(plan, await driver.read()), { confirmWithin });
  const rejection = (promise: Promise<unknown>) =>
    promise.then(
      () => undefined,
      (error: unknown) => error,
    );

  it("carries a plan out and takes it back, over one login", async () => {
    const driver = login();
    expect((await driver.identify()).vendor).toBe("Linux");
    expect(await driver.doctor!()).toContainEqual(expect.objectContaining({ check: "login", status: "ok" }));
    const before = await driver.read();
    await apply(driver, evening());
    await driver.confirm();
    expect(run(router, "nft list table inet network_personas")).toContain("02:00:00:00:00:11");
    expect(run(router, "tc class show dev wan0")).toContain("htb 4e50:1 ");
    const evenings = await driver.read();
    await apply(driver, workAndPlay());
    await driver.rollback();
    expect(await driver.read()).toEqual(evenings);
    await driver.release();
    expect(await driver.read()).toEqual(before);
    expect(await sshd.logged(accepted)).toBe(1);
  }, 60_000);

  it("the router undoes by itself what nobody confirms, also when the connection is cut", async () => {
    const driver = login();
    const before = run(router, "nft list ruleset; tc qdisc show; tc class show dev wan0");
    await apply(driver, workAndPlay(), 5_000);
    await sshd.cut();
    expect(await rejection(driver.confirm())).toBeInstanceOf(Unreachable);
    let now = "";
    for (let i = 0; i < 200 && now !== before; i++) {
      await sleep(100);
      now = run(router, "nft list ruleset; tc qdisc show; tc class show dev wan0");
    }
    expect(now).toBe(before);
  }, 40_000);

  it("a key that is refused is not shown again and again", async () => {
    const driver = login("stranger");
    const error = await rejection(driver.identify());
    expect(error).toBeInstanceOf(AuthFailed);
    expect((error as Error).message).not.toContain(sshd.folder);
    const attempts = await sshd.logged(knocked);
    expect(attempts).toBeGreaterThan(0);
    expect(await rejection(driver.read())).toBeInstanceOf(LockedOut);
    expect(await driver.doctor!()).toMatchObject([{ check: "login", status: "failed" }]);
    expect(await sshd.logged(knocked)).toBe(attempts);
    await sshd.accept("stranger");
    await clock.advance(60_000);
    expect((await driver.identify()).vendor).toBe("Linux");
  });

  it("a router that shows another host key than the first time is not talked to", async () => {
    await login().identify();
    await sshd.renewHostKey();
    const error = await rejection(login().identify());
    expect(error).toBeInstanceOf(Rejected);
    expect((error as Error).message).toMatch(/another host key/);
    expect(await sshd.logged(accepted)).toBe(1);
  });

  it("a server that says nothing, or is not there, is unreachable, and nobody waits for it", async () => {
    sshd.freeze();
    expect(await rejection(login().identify())).toBeInstanceOf(Unreachable);
    await sshd.cut();
    expect(await rejection(login().identify())).toBeInstanceOf(Unreachable);
  });

  it("finds its way back after the connection broke", async () => {
    const driver = login();
    await driver.identify();
    await sshd.cut();
    await rejection(driver.identify());
    await sshd.listen();
    expect((await driver.identify()).vendor).toBe("Linux");
  });

  it("what is run arrives word by word as it is", async () => {
    const shell = new SshShell(
      {
        router: "main",
        host: "127.0.0.1",
        port: sshd.port,
        username: "root",
        identityFile: sshd.key("client"),
        knownHosts: join(dataDir, "known hosts 100%"),
        timeLimit: 5_000,
      },
      clock,
    );
    opened.push(shell);
    for (const word of [`a'b"c`, "$(touch /tmp/never) `id` ; id", "one\ntwo\\n", "", "--help", "für 🏡"]) {
      expect(await shell.run(["printf", "%s|", word, word])).toEqual({ code: 0, stdout: `${word}|${word}|`, stderr: "" });
      expect((await shell.run(["cat"], word)).stdout).toBe(word);
    }
    expect((await shell.run(["sh", "-c", "echo why >&2; exit 3"])).code).toBe(3);
  });
});
