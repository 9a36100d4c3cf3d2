import { AuthFailed, PermissionMissing, ReadBackMismatch, Rejected, type RouterDriver, Unreachable } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { gameConsole, inClass, laptop, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { Admin } from "../emulators/openwrt/admin.ts";
import { type Rig, type RigOptions, rig, shippedAcl } from "../emulators/openwrt/fixture.ts";

let open: Rig[] = [];
afterEach(async () => {
  await Promise.all(open.map((each) => each.stop()));
  open = [];
});

async function start(options: RigOptions = {}): Promise<Rig> {
  const made = await rig(options);
  open.push(made);
  made.emulator.seedDevice({ mac: sampleMacs.laptop, ipv4: "192.168.1.11", hostname: "alice-laptop" });
  return made;
}

const difference = async (driver: RouterDriver, plan: NetworkPlan | null) => driver.plan(plan, await driver.read());
const applyOnly = async (driver: RouterDriver, plan: NetworkPlan | null) =>
  driver.apply(await difference(driver, plan), { confirmWithin: 30_000 });
const bring = async (driver: RouterDriver, plan: NetworkPlan | null) => {
  await applyOnly(driver, plan);
  await driver.confirm();
};

const blocked = samplePlan([laptop({ blocked: true })]);
const attempt = { mac: sampleMacs.laptop, address: "192.168.1.11" };
const uciCalls = ({ emulator }: Rig, ...methods: string[]) =>
  emulator.calls().filter((call) => call.object === "uci" && methods.includes(call.method));
const ownSections = ({ emulator }: Rig, config: string) =>
  emulator.router.store.file(config)!.sections.filter((s) => s.name.startsWith("np_"));
const titles = ({ emulator }: Rig) =>
  emulator.router.liveFirewall.rules.filter((rule) => rule.comment.includes("np ")).map((rule) => rule.section);

/** The fifteen things a driver author would get wrong, in the order of the observations. */
describe("OpenWrt traps", () => {
  it("1: apply says ok, and nft refused the ruleset: seen, explained and undone", async () => {
    const home = await start();
    home.emulator.router.brokenDropIn = true;
    const failure = await applyOnly(home.driver, blocked).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ReadBackMismatch);
    expect((failure as ReadBackMismatch).diff.join("\n")).toMatch(
      /rule "np block alice-laptop .*" is not in force[\s\S]*fw4 check: .*syntax error/,
    );
    expect(ownSections(home, "firewall")).toEqual([]);
    expect(uciCalls(home, "confirm")).toEqual([]);
  });

  it("1b: apply says ok, and sqm could not start the queue: undone, the old shaper runs again", async () => {
    const home = await start();
    await bring(home.driver, samplePlan([]));
    home.emulator.router.qdiscs = ["fq_codel"];
    const set = await difference(home.driver, samplePlan([], { shaper: { down: 50_000, up: 9_000 } }));
    home.emulator.router.qdiscs = [];
    await expect(home.driver.apply(set, { confirmWithin: 30_000 })).rejects.toThrow(/no shaper runs on eth1/);
    expect(String(ownSections(home, "sqm")[0]!.options.get("download"))).toBe("95000");
  });

  it("2: plain connections are not kept: every request has its own", async () => {
    const home = await start();
    await bring(home.driver, workAndPlay());
    expect(home.emulator.requests()).toBeGreaterThan(5);
    expect(home.emulator.connections()).toBe(home.emulator.requests());
  });

  it("2b: one login serves everything", async () => {
    const home = await start();
    await bring(home.driver, workAndPlay());
    await home.driver.clients?.();
    await home.driver.doctor?.();
    await home.driver.release();
    expect(home.emulator.logins()).toBe(1);
  });

  it("3: 'access denied' of a missing right is told from a lost login, without logging in again", async () => {
    const acl = await shippedAcl();
    const group = acl["network-personas"]!;
    group.read!.ubus!.system = [];
    const home = await start({ acl });
    for (let i = 0; i < 3; i++) {
      const error = await home.driver.identify().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(PermissionMissing);
      expect((error as PermissionMissing).right).toBe("ubus system board");
    }
    expect(home.emulator.logins()).toBe(1);
  });

  it("3b: without the right to ask, one new login tells, and never a second one", async () => {
    const acl = await shippedAcl();
    const group = acl["network-personas"]!;
    group.read!.ubus!.system = [];
    group.read!.ubus!.session = [];
    const home = await start({ acl });
    for (let i = 0; i < 3; i++) await expect(home.driver.identify()).rejects.toBeInstanceOf(PermissionMissing);
    expect(home.emulator.logins()).toBe(2);
  });

  it("3c: a login that has ended is renewed once, and the call goes through", async () => {
    const home = await start();
    await home.driver.identify();
    await home.emulator.time.advance(301_000);
    await home.driver.identify();
    home.emulator.router.restartRpcd();
    await home.emulator.time.advance(120_000);
    await home.driver.identify();
    expect(home.emulator.logins()).toBe(3);
  });

  it("3d: a router that keeps forgetting logins is not flooded with them", async () => {
    const home = await start();
    let refused = 0;
    for (let i = 0; i < 20; i++) {
      home.emulator.router.sessions.clear();
      await home.driver.identify().catch((error: unknown) => {
        expect(error).toBeInstanceOf(Unreachable);
        refused++;
      });
    }
    expect(refused).toBeGreaterThan(15);
    expect(home.emulator.logins()).toBeLessThanOrEqual(3);
    await home.emulator.time.advance(10 * 60_000);
    await home.driver.identify();
  });

  it("3e: a wrong password is tried once", async () => {
    const home = await start({ settings: { password: "guessed" } });
    for (let i = 0; i < 3; i++) await expect(home.driver.identify()).rejects.toBeInstanceOf(AuthFailed);
    expect(home.emulator.logins()).toBe(1);
  });

  it("4: every apply asks for the way back with JSON true and whole seconds", async () => {
    const home = await start();
    await bring(home.driver, workAndPlay());
    await home.driver.release();
    const applies = uciCalls(home, "apply");
    expect(applies).toHaveLength(2);
    for (const { args } of applies) {
      expect(args.rollback).toBe(true);
      expect(Number.isInteger(args.timeout) && Number(args.timeout) >= 15).toBe(true);
    }
  });

  it("5: a section somebody removed is seen as missing although the router answers ok", async () => {
    const home = await start();
    await bring(home.driver, blocked);
    const admin = await Admin.of(home.emulator);
    const [name] = ownSections(home, "firewall").map((s) => s.name);
    await admin.call("uci", "delete", { config: "firewall", section: name });
    await admin.call("uci", "apply");
    expect(await admin.call("uci", "get", { config: "firewall", section: name })).toEqual([0]);
    await home.emulator.time.advance(3_000);
    const { changes } = await difference(home.driver, blocked);
    expect(changes.map((c) => `${c.action} ${c.target}`)).toEqual([`add firewall.${name}`]);
    await bring(home.driver, blocked);
    expect(titles(home)).toContain(name);
  });

  it("6: what was rolled back is not left staged, and does not come back with the next apply", async () => {
    const home = await start();
    await applyOnly(home.driver, blocked);
    await home.driver.rollback();
    await bring(home.driver, samplePlan([gameConsole({ blocked: true })]));
    expect(ownSections(home, "firewall").map((s) => s.name)).toEqual(["np_block__bob_console__wan"]);
  });

  it("6b: nor when the router rolled back by itself", async () => {
    const home = await start();
    await applyOnly(home.driver, blocked);
    await home.emulator.time.advance(45_000);
    const state = await home.driver.read();
    expect((state.owned as { sections: unknown[] }).sections).toEqual([]);
    await bring(home.driver, samplePlan([gameConsole({ blocked: true })]));
    expect(ownSections(home, "firewall").map((s) => s.name)).toEqual(["np_block__bob_console__wan"]);
  });

  it("7: changes another program staged with our account are neither applied nor dropped", async () => {
    const home = await start();
    await applyOnly(home.driver, samplePlan([]));
    // While our apply waits, a login of the same name gets our token.
    const other = await Admin.of(home.emulator, home.emulator.username, home.emulator.password);
    await other.call("uci", "set", { config: "firewall", section: "guest", values: { input: "ACCEPT" } });
    await home.driver.confirm();
    const failure = await home.driver.read().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Rejected);
    expect((failure as Rejected).message).toMatch(/another program uses the same account .*guest/);
    expect(await other.call("uci", "changes", { config: "firewall" })).toEqual([0, { changes: [["set", "guest", "input", "ACCEPT"]] }]);
    expect(
      home.emulator.router.store
        .file("firewall")!
        .sections.find((s) => s.name === "guest")!
        .options.get("input"),
    ).toBe("REJECT");
    await other.call("uci", "revert", { config: "firewall" });
    await home.driver.read();
  });

  it("7b: nor what it stages between our staging and our apply", async () => {
    const home = await start();
    const set = await difference(home.driver, blocked);
    const { router } = home.emulator;
    home.emulator.spoil(({ method }) => {
      if (method === "add") router.store.stage(router.sessions.tokens()[0]!, "firewall", ["set", "guest", "input", "ACCEPT"]);
      return undefined;
    });
    await expect(home.driver.apply(set, { confirmWithin: 30_000 })).rejects.toThrow(/another program uses the same account/);
    expect(uciCalls(home, "apply")).toEqual([]);
  });

  it("8: the next apply keeps its distance from the one that has just landed", async () => {
    const home = await start();
    const at: number[] = [];
    home.emulator.spoil(({ object, method }) => {
      if (object === "uci" && method === "apply") at.push(home.emulator.time.now());
      return undefined;
    });
    const first = await difference(home.driver, blocked);
    await home.driver.apply(first, { confirmWithin: 30_000 });
    const landed = home.emulator.time.now();
    await home.driver.confirm();
    await home.driver.apply(await difference(home.driver, null), { confirmWithin: 30_000 });
    expect(at[1]! - landed).toBeGreaterThanOrEqual(1_000);
  });

  it("8b: a shaper change that fell into a reload of sqm is noticed, and sqm restarted", async () => {
    const home = await start();
    await bring(home.driver, samplePlan([]));
    const set = await difference(home.driver, samplePlan([], { shaper: { down: 40_000, up: 8_000 } }));
    await home.emulator.time.advance(10_000);
    const admin = await Admin.of(home.emulator);
    await admin.call("uci", "set", { config: "sqm", section: "eth1", values: { linklayer: "ethernet" } });
    await admin.call("uci", "apply");
    await home.emulator.time.advance(1_300);
    await home.driver.apply(set, { confirmWithin: 30_000 });
    expect(home.emulator.router.sqm.lost).toBe(1);
    expect(home.emulator.router.sqm.live.get("eth1")).toMatchObject({ download: 40_000, upload: 8_000 });
    await home.driver.confirm();
  });

  it("8c: a shaper lost while nobody looked is a change, and applying it starts sqm", async () => {
    const home = await start();
    await bring(home.driver, samplePlan([]));
    home.emulator.router.sqm.live.clear();
    const { changes } = await difference(home.driver, samplePlan([]));
    expect(changes.map((c) => c.summary)).toEqual(["Start the shaper: its configuration is there, but it does not run"]);
    await bring(home.driver, samplePlan([]));
    expect(home.emulator.router.sqm.live.has("eth1")).toBe(true);
  });

  it("9: a block lets running connections go on, and ends them when the plan says so", async () => {
    const home = await start();
    const flow = home.emulator.router.connect(attempt)!;
    await bring(home.driver, blocked);
    expect(home.emulator.router.connect(attempt)).toBeUndefined();
    expect(home.emulator.router.flowAlive(flow)).toBe(true);
    await bring(home.driver, null);
    expect(home.emulator.router.connect(attempt)).toBeDefined();
    const { omissions } = await difference(home.driver, samplePlan([laptop({ blocked: true, cutEstablished: true })]));
    expect(omissions).toEqual([]);
    await bring(home.driver, samplePlan([laptop({ blocked: true, cutEstablished: true })]));
    expect(home.emulator.router.flowAlive(flow)).toBe(false);
  });

  it("9a: a block that let connections be can end them later, once", async () => {
    const home = await start();
    const flow = home.emulator.router.connect(attempt)!;
    await bring(home.driver, blocked);
    const ordered = samplePlan([laptop({ blocked: true, cutEstablished: true })]);
    await bring(home.driver, ordered);
    expect(home.emulator.router.flowAlive(flow)).toBe(false);
    expect((await difference(home.driver, ordered)).changes).toEqual([]);
    const deletions = home.emulator.calls().filter((call) => String(call.args.command).endsWith("conntrack"));
    expect(deletions.map((call) => call.args.params)).toEqual([["-D", "-s", "192.168.1.11"]]);
  });

  it("9b: where conntrack is not granted an omission says that running connections go on", async () => {
    const acl = await shippedAcl();
    delete acl["network-personas"]!.write!.file!["/usr/sbin/conntrack -D -s *"];
    const home = await start({ acl });
    expect((await home.driver.capabilities()).cutsEstablished).toBe(false);
    const { omissions } = await difference(home.driver, samplePlan([laptop({ blocked: true, cutEstablished: true })]));
    expect(omissions).toMatchObject([
      { field: "device.blocked", device: "alice-laptop", instead: expect.stringMatching(/running ones go on/) },
    ]);
  });

  it("10: sections are addressed by our own names, never by cfgXXXX or an index", async () => {
    const home = await start();
    await bring(home.driver, workAndPlay());
    await bring(home.driver, samplePlan([laptop(inClass("bulk"))]));
    await home.driver.release();
    const named = uciCalls(home, "set", "add", "delete", "get").flatMap(({ args }) =>
      [args.section, args.name].filter((name) => name !== undefined),
    );
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(name).toMatch(/^np_[A-Za-z0-9_]+$/);
  });

  it("11: nothing is committed past the way back, and the shipped account is enough", async () => {
    const home = await start();
    await bring(home.driver, workAndPlay());
    await home.driver.release();
    expect(uciCalls(home, "commit")).toEqual([]);
    expect(home.emulator.calls().filter((call) => call.object === "rc" || call.object === "service")).toEqual([]);
  });

  it("12: it looks at nft and tc between apply and confirm", async () => {
    const home = await start();
    await applyOnly(home.driver, samplePlan([laptop({ blocked: true })]));
    expect(titles(home)).toEqual(["np_block__alice_laptop__wan"]);
    expect(home.emulator.router.sqm.live.get("eth1")).toMatchObject({ download: 95_000 });
    await home.driver.confirm();
    const calls = home.emulator.calls();
    const applied = calls.findIndex((call) => call.method === "apply");
    const confirmed = calls.findIndex((call) => call.method === "confirm");
    const looked = calls
      .slice(applied, confirmed)
      .filter((call) => call.method === "exec")
      .map((call) => String(call.args.command));
    expect(looked).toContain("/usr/sbin/nft");
    expect(looked).toContain("/sbin/tc");
  });

  it("13: 'running: false' of firewall and sqm alarms nobody", async () => {
    const home = await start();
    await bring(home.driver, workAndPlay());
    const admin = await Admin.of(home.emulator);
    expect(await admin.call("rc", "list", { name: "sqm" })).toMatchObject([0, { sqm: { running: false } }]);
    const findings = await home.driver.doctor!();
    expect(findings.filter((f) => f.status === "failed")).toEqual([]);
    expect(findings.find((f) => f.check === "in force")?.status).toBe("ok");
  });

  it("14: only text and non-empty lists of text are written", async () => {
    const home = await start();
    await bring(home.driver, workAndPlay());
    await bring(
      home.driver,
      samplePlan([laptop({ blockedApplications: ["zoom", "steam"], isolated: true })], { shaper: { down: 12_345, up: 999 } }),
    );
    const written = uciCalls(home, "set", "add").flatMap(({ args }) => Object.values(args.values as Record<string, unknown>));
    expect(written.length).toBeGreaterThan(20);
    const isText = (value: unknown) => typeof value === "string";
    expect(written.filter((value) => !(isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText))))).toEqual([]);
  });

  it("15: while somebody else's change waits for its confirmation ours waits too, and takes nobody's way back", async () => {
    const home = await start();
    const set = await difference(home.driver, blocked);
    const admin = await Admin.of(home.emulator);
    await admin.call("uci", "set", { config: "firewall", section: "guest", values: { input: "ACCEPT" } });
    await admin.call("uci", "apply", { rollback: true, timeout: 20 });
    const failure = await home.driver.apply(set, { confirmWithin: 30_000 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Rejected);
    expect((failure as Rejected).retryable).toBe(true);
    await home.emulator.time.advance(25_000);
    expect(
      home.emulator.router.store
        .file("firewall")!
        .sections.find((s) => s.name === "guest")!
        .options.get("input"),
    ).toBe("REJECT");
    await bring(home.driver, blocked);
    expect(ownSections(home, "firewall")).toHaveLength(1);
  });
});

describe("OpenWrt when the way back is lost", () => {
  it("somebody applied without a way back in our window: rollback writes what was before", async () => {
    const home = await start();
    await bring(home.driver, samplePlan([gameConsole({ blocked: true })]));
    await applyOnly(home.driver, blocked);
    const admin = await Admin.of(home.emulator);
    await admin.call("uci", "set", { config: "system", section: "@system[0]", values: { hostname: "other" } });
    await admin.call("uci", "apply");
    await home.driver.rollback();
    expect(ownSections(home, "firewall").map((s) => s.name)).toEqual(["np_block__bob_console__wan"]);
    expect(titles(home)).toEqual(["np_block__bob_console__wan"]);
  });

  it("rpcd restarted in our window: rollback writes what was before", async () => {
    const home = await start();
    await applyOnly(home.driver, blocked);
    home.emulator.router.restartRpcd();
    await home.emulator.time.advance(60_000);
    await home.driver.rollback();
    expect(ownSections(home, "firewall")).toEqual([]);
    expect(ownSections(home, "sqm")).toEqual([]);
  });

  it("rpcd restarted in our window: confirm finds the change in force and says so", async () => {
    const home = await start();
    await applyOnly(home.driver, blocked);
    home.emulator.router.restartRpcd();
    await home.driver.confirm();
    expect(home.logged.join("\n")).toMatch(/lost its way back/);
    await home.emulator.time.advance(120_000);
    expect(titles(home)).toEqual(["np_block__alice_laptop__wan"]);
  });

  it("the login is lost between staging and apply: nothing is applied, and it says so", async () => {
    const home = await start();
    const set = await difference(home.driver, blocked);
    // Gone with the login is what was staged: the next call must not be made with a new one.
    home.emulator.spoil(({ method }) => {
      if (method === "add") home.emulator.router.sessions.clear();
      return undefined;
    });
    await expect(home.driver.apply(set, { confirmWithin: 30_000 })).rejects.toThrow(/forgot our login in the middle of a change/);
    expect(uciCalls(home, "apply")).toEqual([]);
    home.emulator.spoil(undefined);
    expect(ownSections(home, "firewall")).toEqual([]);
  });

  it("the answer to apply never arrives: the change is undone at once", async () => {
    const home = await start();
    const set = await difference(home.driver, blocked);
    home.emulator.cutAfter("uci", "apply");
    await expect(home.driver.apply(set, { confirmWithin: 30_000 })).rejects.toBeInstanceOf(Unreachable);
    expect(ownSections(home, "firewall")).toEqual([]);
    expect(titles(home)).toEqual([]);
  });
});
