import { readFile } from "node:fs/promises";
import { loadSupport, ReadBackMismatch, Rejected, supportedFields, Unsupported } from "@network-personas/engine/driver";
import { type NetworkPlan, planFields } from "@network-personas/engine/model";
import { fieldSample, gameConsole, laptop, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, expect, it } from "vitest";
import { type Rig, type RigOptions, rig, shippedAcl } from "../emulators/openwrt/fixture.ts";
import { run } from "../netns/namespace.ts";
import { describeIf } from "../support/require.ts";

let home: Rig;
const start = async (options: RigOptions = {}): Promise<Rig> => {
  home = await rig({ withAgent: true, ...options });
  return home;
};
const bring = async (plan: NetworkPlan | null, driver = home.driver) => {
  await driver.apply(await driver.plan(plan, await driver.read()), { confirmWithin: 30_000 });
  await driver.confirm();
};
const sections = () =>
  ["firewall", "sqm"].flatMap((config) =>
    home.emulator.router.store
      .file(config)!
      .sections.map((s) => s.name)
      .filter((n) => n.startsWith("np_")),
  );
const kernel = () => run(home.agent!.namespace, "nft list tables; tc class show dev eth1");
/** rpcd finds a new plugin, or misses one, when it starts. */
function install(installed: boolean): void {
  home.emulator.router.agent = installed ? home.agent : undefined;
  home.emulator.router.restartRpcd();
}
const limited = () => samplePlan([laptop({ blocked: true, ceiling: { down: 20_000, up: 5_000 } }), gameConsole()]);

describeIf(["namespaces", "nftables", "traffic-control", "busybox"], "the OpenWrt driver and the agent", () => {
  afterEach(() => home.stop());

  it("capabilities say which way a plan takes", async () => {
    await start();
    install(false);
    const support = await loadSupport(new URL("../../plugins/routers/src/openwrt/support.yaml", import.meta.url));
    const without = await home.driver.capabilities();
    expect(without.fields).toEqual(supportedFields(support));
    expect(without.notes.join()).toMatch(/no agent on the router/);
    install(true);
    const withIt = await home.driver.capabilities();
    expect(withIt.fields).toMatchObject({ "device.ceiling": "lowered", "device.guarantee": "lowered", "device.weight": "lowered" });
    expect(withIt.applyMs).toBeLessThanOrEqual(1_000);
    expect(withIt.minApplyIntervalMs).toBe(0);
    expect(withIt.rollback).toBe("router");
    expect(withIt.notes.join()).toMatch(/the agent on the router/);
  });
  it("a plan reaches the kernel in one call, and no configuration", async () => {
    await start();
    const set = await home.driver.plan(limited(), await home.driver.read());
    const before = home.emulator.calls().length;
    await home.driver.apply(set, { confirmWithin: 30_000 });
    expect(
      home.emulator
        .calls()
        .slice(before)
        .map(({ object, method }) => `${object} ${method}`),
    ).toEqual(["np-agent apply"]);
    await home.driver.confirm();
    expect(kernel()).toMatch(/ceil 5Mbit/);
    expect(sections()).toEqual([]);
  });
  it("takes over what was in the configuration, and gives it back unless that is confirmed", async () => {
    await start();
    install(false);
    await bring(limited());
    const written = sections();
    expect(written).toContain("np_wan");
    install(true);
    const { driver } = home;
    await driver.apply(await driver.plan(limited(), await driver.read()), { confirmWithin: 30_000 });
    expect(sections()).toEqual([]);
    expect(kernel()).toMatch(/ceil 5Mbit/);
    await driver.rollback();
    expect(sections()).toEqual(written);
    expect(kernel()).not.toMatch(/network_personas|4e50/);
    await bring(limited());
    expect(sections()).toEqual([]);
    expect((await driver.plan(limited(), await driver.read())).changes).toEqual([]);
  });
  it("without the agent again the configuration takes its place", async () => {
    await start();
    await bring(limited());
    await home.agent!.call("release", {}, "0");
    install(false);
    await bring(limited());
    expect(sections()).toContain("np_wan");
    expect(kernel()).not.toMatch(/network_personas/);
  });
  it("an account that may not use the agent goes the other way", async () => {
    const acl = await shippedAcl("wg0");
    delete acl["network-personas"]!.write!.ubus!["np-agent"];
    await start({ acl });
    await bring(limited());
    expect(sections()).toContain("np_wan");
    const findings = await home.driver.doctor!();
    expect(findings.find(({ check }) => check === "right: ubus np-agent apply")).toMatchObject({
      status: "warning",
      remedy: expect.stringContaining("network-personas.json"),
    });
  });
  it("the shipped ACL file grants of the agent what the driver uses", async () => {
    await start();
    await bring(workAndPlay());
    await home.driver.rollback();
    await home.driver.renew!();
    const used = new Set(
      home.emulator
        .calls()
        .filter(({ object }) => object === "np-agent")
        .map(({ method }) => method),
    );
    const { "network-personas": group } = JSON.parse(
      await readFile(new URL("../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url), "utf8"),
    );
    expect([...used].sort()).toEqual([...group.read.ubus["np-agent"], ...group.write.ubus["np-agent"]].sort());
  });
  it("for every field plan() does what its support.yaml says", async () => {
    await start();
    const { fields } = await home.driver.capabilities();
    for (const field of planFields) {
      const { changes, omissions } = await home.driver.plan(fieldSample(field, "wg0").to, await home.driver.read());
      const omission = omissions.find((one) => one.field === field);
      expect({ changes: changes.length > 0, omitted: omission !== undefined }, field).toEqual({
        changes: true,
        omitted: fields[field] !== "lowered",
      });
    }
  });
  it("without the right to renew restrictions stay until they are taken away", async () => {
    const acl = await shippedAcl("wg0");
    const granted = acl["network-personas"]!.write!.ubus!;
    granted["np-agent"] = granted["np-agent"]!.filter((method) => method !== "renew");
    await start({ acl });
    expect((await home.driver.capabilities()).leases).toBe(false);
    await bring(samplePlan([laptop({ firewall: "strict", leased: ["firewall"] })]));
    expect(run(home.agent!.namespace, "nft list set inet network_personas strict")).not.toContain("expires");
    await home.driver.renew!();
  });
  it("leaves the line to a queue of the owner's, and says so", async () => {
    await start();
    run(home.agent!.namespace, "tc qdisc replace dev eth1 root handle 8001: pfifo");
    const { fields, notes } = await home.driver.capabilities();
    expect(fields["device.ceiling"]).toBe("impossible");
    expect(notes.join()).toMatch(/eth1 already has a queue that is not ours \(pfifo 8001:\)/);
    await bring(limited());
    expect(run(home.agent!.namespace, "tc qdisc show dev eth1")).toMatch(/pfifo 8001:/);
    expect(run(home.agent!.namespace, "nft list set inet network_personas blocked")).toContain(sampleMacs.laptop);
  });
  it("does not take the agent's word: what the kernel has is compared, and taken back when it differs", async () => {
    await start();
    await bring(samplePlan([laptop()]));
    const before = kernel();
    const set = await home.driver.plan(limited(), await home.driver.read());
    const status = (await home.agent!.call("status", {}, "0"))[1];
    home.emulator.spoil(({ object, method }) => (object === "np-agent" && method === "apply" ? [0, { ...status, id: "1" }] : undefined));
    await expect(home.driver.apply(set, { confirmWithin: 30_000 })).rejects.toBeInstanceOf(ReadBackMismatch);
    expect(kernel()).toBe(before);
  });
  it("a strange, old or silent agent is a typed error that says what to do", async () => {
    await start();
    const answers: [Record<string, unknown> | undefined, new (...args: never[]) => Error, RegExp][] = [
      [{ hello: "world" }, Rejected, /not what OpenWrt sends/],
      [undefined, Rejected, /not what OpenWrt sends/],
      [{ error: { code: "failed", field: "", message: "tc: not found" } }, Rejected, /failed.*tc: not found/],
    ];
    for (const [answer, type, message] of answers) {
      home.emulator.spoil(({ object, method }) =>
        object === "np-agent" && method === "status" ? (answer ? [0, answer] : [0]) : undefined,
      );
      const error = await home.driver.read().catch((e: unknown) => e);
      expect(error).toBeInstanceOf(type);
      expect(String(error)).toMatch(message);
    }
    home.emulator.spoil(undefined);
    const state = (await home.agent!.call("status", {}, "0"))[1] as { features: object };
    home.emulator.spoil(({ object }) =>
      object === "np-agent" ? [0, { ...state, features: { ...state.features, json: false } }] : undefined,
    );
    await expect(home.driver.read()).rejects.toBeInstanceOf(Unsupported);
    home.emulator.spoil(({ object }) => (object === "np-agent" ? [7] : undefined));
    await expect(home.driver.read()).rejects.toMatchObject({ code: "unreachable" });
  });
  it("doctor tells whether there is an agent", async () => {
    await start();
    expect((await home.driver.doctor!()).find(({ check }) => check === "agent")).toMatchObject({
      status: "ok",
      message: expect.stringMatching(/^installed/),
    });
    install(false);
    expect((await home.driver.doctor!()).find(({ check }) => check === "agent")).toMatchObject({
      status: "ok",
      message: expect.stringMatching(/^not installed/),
    });
  });
});
