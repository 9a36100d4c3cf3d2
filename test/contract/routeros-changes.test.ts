import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PermissionMissing, ReadBackMismatch, Rejected } from "@network-personas/engine/driver";
import type { DevicePlan } from "@network-personas/engine/model";
import { evening, laptop, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, rig } from "../emulators/routeros/fixture.ts";
import { Refused, type Row } from "../emulators/routeros/values.ts";
import { failureOf } from "../emulators/shared/rig.ts";

const password = "s3cret/with:odd@signs";
let home: Rig;
afterEach(() => home.stop());

const failure = (call: () => Promise<unknown>) => failureOf(call, password);
const laptopWith = (wishes: Partial<DevicePlan>) => samplePlan([laptop(wishes)]);

describe("what somebody else did on a MikroTik router", () => {
  const plan = laptopWith({ blocked: true });

  it("is set right, and said: a rule switched off, changed or removed", async () => {
    home = await rig();
    await home.bring(plan);
    const kept = home.kept();
    for (const damage of [
      (row: Row) => Object.assign(row, { disabled: "true" }),
      (row: Row) => Object.assign(row, { "connection-state": "invalid" }),
      (row: Row) => home.rows("ip/firewall/filter").splice(home.rows("ip/firewall/filter").indexOf(row), 1),
    ]) {
      damage(home.ours("ip/firewall/filter").find((row) => row.action === "reject")!);
      expect((await home.changesTo(plan)).map(({ action, target }) => [action, target])).toContainEqual([
        "set",
        "ip firewall filter alice-laptop/internet",
      ]);
      await home.bring(plan);
      expect(home.kept()).toEqual(kept);
    }
  });

  it("is set right when it came before ours", async () => {
    home = await rig();
    await home.bring(plan);
    home.rows("ip/firewall/filter").splice(1, 0, {
      ".id": "*AA",
      chain: "forward",
      action: "accept",
      disabled: "false",
      dynamic: "false",
      comment: "quick",
    });
    expect((await home.changesTo(plan)).map(({ target }) => target)).toEqual(["ip firewall filter @line/entry"]);
    await home.bring(plan);
    expect(await home.changesTo(plan)).toEqual([]);
    expect(home.rows("ip/firewall/filter").findIndex((row) => row.comment === "quick")).toBeGreaterThan(
      home.rows("ip/firewall/filter").findIndex((row) => row["jump-target"] === "np-out"),
    );
  });

  it("is a queue of ours set right in its place", async () => {
    home = await rig();
    await home.bring(plan);
    const named = (name: string) => home.rows("queue/tree").find((row) => row.name === name)!;
    for (const name of ["np-up.alice-laptop", "np-up"]) {
      const queue = named(name);
      Object.assign(queue, { disabled: "true", "max-limit": "1" });
      await home.bring(plan);
      expect([queue.disabled, queue["max-limit"], named(name)]).toEqual(["false", "19000000", queue]);
    }
  });
});

describe("a change of a MikroTik router that waits for its confirmation", () => {
  it("is all that is seen in force, whatever is still there of what it replaces", async () => {
    home = await rig();
    const plans = [
      workAndPlay(),
      evening(),
      laptopWith({ tunnel: "wg0", firewall: "strict", leased: ["firewall"] }),
      laptopWith({ isolated: true }),
      null,
    ];
    for (const plan of plans) {
      await home.apply(plan);
      expect((await home.changesTo(plan)).map(({ summary }) => summary)).toEqual([]);
      await home.driver.confirm();
      expect(await home.changesTo(plan)).toEqual([]);
    }
  });
});

describe("what was not said to a MikroTik router", () => {
  for (const nothings of ["shown", "hidden"] as const)
    it(`is no difference when it is ${nothings}`, async () => {
      home = await rig();
      home.emulator.nothings = nothings;
      const plan = laptopWith({ blocked: true, cutEstablished: true, isolated: true, inboundClosed: true, tunnel: "wg0" });
      await home.bring(plan);
      expect(await home.changesTo(plan)).toEqual([]);
      // A block that is there already cuts nothing anew.
      home.emulator.device.put("ip/firewall/connection", {
        protocol: "tcp",
        "src-address": "192.168.88.21:50001",
        "dst-address": "198.51.100.1:443",
      });
      await home.bring({ ...plan, lines: [{ wan: "wan", shaper: { down: 80_000, up: 15_000 } }] });
      expect(home.rows("ip/firewall/connection")).toHaveLength(1);
    });
});

describe("answers of a MikroTik router that got lost", () => {
  for (const method of ["PUT", "PATCH"])
    it(`to a ${method} leave nothing twice, and the change can be made again`, async () => {
      home = await rig();
      await home.bring(evening());
      const before = home.kept();
      home.emulator.cutAfter(method);
      const lost = await home.apply(workAndPlay()).then(
        () => undefined,
        (error: unknown) => error,
      );
      await home.emulator.time.advance(2_000);
      if (lost) {
        await home.driver.rollback();
        expect(home.kept()).toEqual(before);
      }
      await home.bring(workAndPlay());
      expect(await home.changesTo(workAndPlay())).toEqual([]);
    });

  it("to a rule that was made twice leave one", async () => {
    home = await rig();
    const { device } = home.emulator;
    const add = device.add.bind(device);
    device.add = (menu, body, policies) => {
      const made = add(menu, body, policies);
      return menu === "ip/firewall/mangle" ? add(menu, body, policies) : made;
    };
    await home.bring(workAndPlay());
    device.add = add;
    expect(await home.changesTo(workAndPlay())).toEqual([]);
    expect(new Set(home.ours("ip/firewall/mangle").map((row) => row.comment)).size).toBe(home.ours("ip/firewall/mangle").length);
  });

  it("to the confirmation do not make it a refused one", async () => {
    home = await rig();
    await home.apply(workAndPlay());
    home.emulator.cutAfter("DELETE");
    await home.driver.confirm().catch(async () => {
      await home.emulator.time.advance(2_000);
      await home.driver.confirm();
    });
    expect(await home.changesTo(workAndPlay())).toEqual([]);
    await home.emulator.time.advance(120_000);
    expect(await home.changesTo(workAndPlay())).toEqual([]);
  });
});

describe("writes of a MikroTik router", () => {
  it("that it did not carry out are not believed, and undone", async () => {
    home = await rig();
    await home.bring(evening());
    const before = home.kept();
    const { device } = home.emulator;
    const set = device.set.bind(device);
    device.set = (menu, id, body, policies) =>
      menu === "queue/tree" && "limit-at" in body ? device.find(menu, id) : set(menu, id, body, policies);
    const error = await failure(() => home.apply(workAndPlay()));
    expect(error).toBeInstanceOf(ReadBackMismatch);
    expect(error.message).toMatch(/queue-/);
    device.set = set;
    expect(home.kept()).toEqual(before);
    expect(home.rows("system/scheduler")).toEqual([]);
  });

  it("that it refuses are named with what it said, and undone", async () => {
    home = await rig();
    const before = home.kept();
    home.emulator.spoil((_, menu) => (menu === "ipv6/firewall/filter" ? new Refused("failure: no space") : undefined));
    const error = await failure(() => home.apply(laptopWith({ blocked: true })));
    expect(error).toBeInstanceOf(Rejected);
    expect(error.message).toMatch(/failure: no space \(add ipv6\/firewall\/filter\)/);
    home.emulator.spoil(undefined);
    expect(home.kept()).toEqual(before);
  });

  it("do not begin when no way back can be left", async () => {
    home = await rig({ account: { policies: ["read", "api", "rest-api"] } });
    const error = await failure(() => home.apply(workAndPlay()));
    expect(error).toBeInstanceOf(PermissionMissing);
    expect((error as PermissionMissing).right).toBe("write");
    expect(home.emulator.device.writes).toBe(0);
  });

  it("stop when our record is damaged", async () => {
    home = await rig();
    await home.apply(laptopWith({ blocked: true }));
    const file = join(home.dataDir, "routeros.json");
    await writeFile(file, (await readFile(file, "utf8")).slice(0, -4));
    const { writes } = home.emulator.device;
    expect((await failure(() => home.driver.rollback())).message).toMatch(/routeros\.json.*damaged/);
    expect(home.emulator.device.writes).toBe(writes);
  });

  it("clean up after a change whose record is lost", async () => {
    home = await rig();
    await home.bring(laptopWith({ blocked: true }));
    await home.apply(workAndPlay());
    await rm(join(home.dataDir, "routeros.json"));
    const successor = await home.another();
    const { changes } = await successor.plan(workAndPlay(), await successor.read());
    expect(changes.map(({ target }) => target)).toEqual(["leftovers"]);
    await home.bring(workAndPlay());
    const direct = home.kept();
    await home.driver.release();
    await home.bring(workAndPlay());
    expect(home.kept()).toEqual(direct);
  });
});
