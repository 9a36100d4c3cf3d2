import { Rejected, type RouterDriver, Unreachable } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { gameConsole, inClass, laptop, neutralDevice, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, rig, saved } from "../emulators/routeros/fixture.ts";
import { failureOf } from "../emulators/shared/rig.ts";

let home: Rig;
afterEach(() => home.stop());
const failure = (call: () => Promise<unknown>) => failureOf(call, home.emulator.account.password);

/** Two plans that differ in everything that is changed in different ways: queues, rules, lists, tunnels, leases, devices that come and go. */
const before = samplePlan([
  laptop({ ...inClass("bulk"), ceiling: { down: 60_000, up: 8_000 }, firewall: "strict", allowedApplications: ["zoom"] }),
  gameConsole({ ...inClass("streaming"), guarantee: { down: 16_000, up: 500 }, inboundClosed: true, leased: ["inboundClosed"] }),
]);
const after = samplePlan([
  laptop({ ...inClass("realtime"), blockedApplications: ["steam"], tunnel: "wg0", latencyTarget: 15 }),
  neutralDevice("tv", [sampleMacs.tv], { blocked: true, isolated: true, familyFilter: true, leased: ["familyFilter", "isolated"] }),
]);
const entries = () => home.rows("system/scheduler");

describe("the way back of a MikroTik router", () => {
  it("is there before the first write, and gone with the confirmation", async () => {
    home = await rig();
    const writes: string[] = [];
    home.emulator.spoil((method, menu) => {
      writes.push(`${method} ${menu}`);
      return undefined;
    });
    await home.apply(workAndPlay());
    expect(writes[0]).toBe("PUT system/scheduler");
    expect(entries()).toEqual([expect.objectContaining({ name: "np-undo", interval: "30s", policy: "read,write", disabled: "false" })]);
    await home.driver.confirm();
    expect(entries()).toEqual([]);
  });

  it("takes everything back, also what was changed in place, without us", async () => {
    home = await rig();
    await home.bring(before);
    const kept = home.kept();
    await home.apply(after);
    await home.driver.close();
    await home.emulator.time.advance(31_000);
    expect(home.kept()).toEqual(kept);
    expect(entries()).toEqual([]);
    expect(home.emulator.device.log).toEqual([expect.stringContaining("going back")]);
  });

  it("is taken after the router was restarted in between", async () => {
    home = await rig();
    await home.bring(before);
    const kept = home.kept();
    await home.apply(after);
    home.emulator.device.reboot();
    await home.emulator.time.advance(31_000);
    expect(home.kept()).toEqual(saved(kept));
  });

  it("is tried again when part of it failed", async () => {
    home = await rig();
    await home.bring(before);
    const kept = home.kept();
    await home.apply(after);
    const { device } = home.emulator;
    const remove = device.remove.bind(device);
    device.remove = (menu, id) => {
      if (menu === "ip/firewall/filter") throw new Error("action failed (6)");
      remove(menu, id);
    };
    await home.emulator.time.advance(31_000);
    expect(entries()).toHaveLength(1);
    device.remove = remove;
    await home.emulator.time.advance(31_000);
    expect(home.kept()).toEqual(kept);
    expect(entries()).toEqual([]);
  });

  it("is not confirmed past in its last moment", async () => {
    home = await rig();
    await home.bring(before);
    const kept = home.kept();
    await home.apply(after);
    await home.emulator.time.advance(29_000);
    expect(await failure(() => home.driver.confirm())).toBeInstanceOf(Rejected);
    expect(home.kept()).toEqual(kept);
    expect(entries()).toEqual([]);
  });

  it("leads back to where the first of two unconfirmed changes began", async () => {
    home = await rig();
    await home.bring(before);
    const kept = home.kept();
    await home.apply(after);
    await home.apply(workAndPlay());
    expect(entries()).toHaveLength(1);
    await home.emulator.time.advance(31_000);
    expect(home.kept()).toEqual(kept);
  });

  it("survives an answer with raw control characters", async () => {
    home = await rig();
    home.emulator.rawControls = true;
    home.emulator.device.rows("ip/firewall/filter")[1]!.comment = "two\nlines";
    await home.bring(before);
    expect(await home.changesTo(before)).toEqual([]);
  });
});

describe("a MikroTik router whose device-mode forbids the scheduler", () => {
  it("says that only we can go back, and we do", async () => {
    home = await rig({ deviceMode: "home" });
    const { rollback, notes } = await home.driver.capabilities();
    expect(rollback).toBe("engine");
    expect(notes.join()).toMatch(/device-mode "home" forbids the scheduler/);
    expect((await home.driver.doctor!()).find((f) => f.check === "way back")).toMatchObject({
      status: "warning",
      remedy: expect.stringContaining("device-mode update scheduler=yes"),
    });
    await home.bring(before);
    const kept = home.kept();
    await home.apply(after);
    await home.emulator.time.advance(600_000);
    await (await home.another()).rollback();
    expect(home.kept()).toEqual(kept);
    await home.apply(after);
    await home.emulator.time.advance(600_000);
    await home.driver.confirm();
    expect(await home.changesTo(after)).toEqual([]);
  });

  it("and one that knows no device-mode has its scheduler", async () => {
    home = await rig({ deviceMode: "none" });
    expect((await home.driver.capabilities()).rollback).toBe("router");
  });
});

/** Lets router and engine vanish at one of the writes of a call. @returns whether the call was finished before */
async function interrupt(call: () => Promise<unknown>, write: number): Promise<boolean> {
  // What is written and not answered, and what comes next and is not written, leave the same behind.
  home.emulator.goDarkAt(Math.ceil(write / 2), write % 2 === 1 ? "before" : "after", "writes");
  const done = await call().then(
    () => true,
    (error: unknown) => {
      expect(error).toBeInstanceOf(Unreachable);
      return false;
    },
  );
  await home.emulator.listen();
  return done;
}

describe("a change of a MikroTik router that ends in the middle, with router and engine gone", () => {
  const one = samplePlan([laptop({ ...inClass("bulk"), blocked: true, inboundClosed: true }), gameConsole({ firewall: "strict" })]);
  const two = samplePlan([
    laptop({ ...inClass("realtime"), blockedApplications: ["steam"], latencyTarget: 15 }),
    neutralDevice("tv", [sampleMacs.tv], { isolated: true, familyFilter: true, leased: ["familyFilter", "isolated"] }),
  ]);
  const planned = async (driver: RouterDriver, plan: NetworkPlan | null) => driver.plan(plan, await driver.read());

  it("at any write of it is taken back, by the next start or by the router alone", async () => {
    home = await rig();
    await home.bring(one);
    const kept = home.kept();
    const changes = await planned(home.driver, two);
    let write = 1;
    for (; ; write += 6) {
      const driver = await home.another();
      const place = write + (write % 4 === 1 ? 1 : 0);
      if (await interrupt(() => driver.apply(changes, { confirmWithin: 30_000 }), place)) break;
      await driver.close();
      // Every second time nobody comes.
      const alone = write % 12 === 1;
      if (alone) await home.emulator.time.advance(31_000);
      else await (await home.another()).rollback();
      expect(home.kept(), `write ${write}`).toEqual(kept);
      expect(entries()).toEqual([]);
      if (alone) await (await home.another()).rollback();
    }
    expect(write).toBeGreaterThan(60);
  });

  it("in its confirmation is the old plan or the new one, entirely", async () => {
    home = await rig();
    const holds = async () => {
      const driver = await home.another();
      await driver.rollback();
      return (await planned(driver, one)).changes.length === 0
        ? "old"
        : (await planned(driver, two)).changes.length === 0
          ? "new"
          : "neither";
    };
    const seen = new Set<string>();
    for (let write = 1; ; write += 9) {
      const driver = await home.another();
      await home.bring(one, driver);
      await home.apply(two, driver);
      const done = await interrupt(() => driver.confirm(), write);
      const held = await holds();
      await home.emulator.time.advance(60_000);
      expect(await holds(), `write ${write}`).toBe(held);
      seen.add(held);
      if (done) break;
    }
    expect([...seen].sort()).toEqual(["new", "old"]);
  });

  it("in its release is gone with the next one", async () => {
    home = await rig();
    const untouched = home.kept();
    for (let write = 2; ; write += 46) {
      const driver = await home.another();
      await home.bring(after, driver);
      const done = await interrupt(() => driver.release(), write);
      await (await home.another()).release();
      expect(home.kept(), `write ${write}`).toEqual(untouched);
      if (done) break;
    }
    expect(home.rows("interface/wireguard")[0]).toMatchObject({ disabled: "true", comment: "np:tunnel" });
  });

  it("is no reason to insist: the next attempts wait longer and longer", async () => {
    home = await rig();
    const changes = await planned(home.driver, two);
    await home.emulator.unplug();
    await failure(() => home.driver.apply(changes, { confirmWithin: 30_000 }));
    expect((await failure(() => home.driver.read())).message).toMatch(/asking again in 1 s/);
    await home.emulator.time.advance(1_000);
    await failure(() => home.driver.read());
    expect((await failure(() => home.driver.read())).message).toMatch(/asking again in 2 s/);
    await home.emulator.listen();
    await home.emulator.time.advance(2_000);
    await home.driver.read();
  });
});
