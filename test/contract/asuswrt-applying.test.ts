import { ReadBackMismatch, Unreachable } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { gameConsole, inClass, laptop, neutralDevice, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { ownersMacs, ownersRules, type Rig, rig } from "../emulators/asuswrt/fixture.ts";
import { failureOf } from "../emulators/shared/rig.ts";

let home: Rig;
afterEach(() => home.stop());

const effect = () => home.emulator.router.effect;
const nvram = () => home.emulator.router.nvram;
const blockLaptop = samplePlan([laptop({ blocked: true })]);
const traditional = { settings: { qos: "traditional" } };
const limiter = { settings: { qos: "limiter" } };

const apply = async (plan: NetworkPlan | null) => home.driver.apply(await home.planned(plan), { confirmWithin: 30_000 });

describe("an ASUS router that says yes", () => {
  it("is asked again when its services have restarted and its web server is back", async () => {
    home = await rig({ restartTime: 20, awayTime: 31 });
    const before = home.emulator.time.now();
    await home.bring(blockLaptop);
    expect(home.emulator.time.now() - before).toBeGreaterThanOrEqual(31_000);
    expect(effect().blocked).toContain(sampleMacs.laptop);
  });

  it("but never comes back is given up after a while, and put right by who comes after", async () => {
    home = await rig({ awayTime: 100_000 });
    expect(await failureOf(() => apply(blockLaptop))).toBeInstanceOf(Unreachable);
    await home.emulator.time.advance(100_000_000);
    home.emulator.router.awayTime = 3;
    const successor = await home.another();
    await successor.rollback();
    expect(nvram().MULTIFILTER_ENABLE).toBe(ownersRules.MULTIFILTER_ENABLE);
  });

  it("but loses the answer is believed by what it holds", async () => {
    home = await rig();
    home.emulator.cutAfterApply();
    await home.bring(blockLaptop);
    expect(home.emulator.router.writes).toBe(1);
    expect(effect().blocked).toContain(sampleMacs.laptop);
  });

  it("while it restarts something else is waited for, and told again when the order met another", async () => {
    home = await rig();
    home.emulator.router.busyWith("restart_wireless", 20);
    await home.bring(blockLaptop);
    expect(home.emulator.router.dropped).toBe(0);
    let met = false;
    home.emulator.spoil(() => {
      if (!met) home.emulator.router.busyWith("restart_wireless", 20);
      met = true;
      return undefined;
    });
    await home.bring(null);
    expect(home.emulator.router.dropped).toBe(1);
    expect(effect().blocked).toEqual([ownersMacs.tablet]);
  });

  it("but drops a value without a word is not believed, and mended", async () => {
    home = await rig();
    const plan = samplePlan(
      Array.from({ length: 60 }, (_, i) =>
        neutralDevice(`device-with-a-long-name-${String(i).padStart(2, "0")}`, [`02:00:00:00:01:${i.toString(16).padStart(2, "0")}`], {
          blocked: true,
        }),
      ),
    );
    // So many names do not fit into the variable, while the other columns do.
    nvram().MULTIFILTER_DEVICENAME = `${"x".repeat(900)}>y`;
    const before = { ...nvram() };
    const error = await failureOf(() => apply(plan));
    expect(error).toBeInstanceOf(ReadBackMismatch);
    expect(error.message).toMatch(/MULTIFILTER_DEVICENAME is not as written/);
    expect(nvram()).toEqual(before);
  });

  for (const [what, held, least] of [
    ["the first", null, 11],
    ["a later", samplePlan([gameConsole({ ...inClass("streaming"), blocked: true })]), 5],
  ] as const)
    it(`and takes any part of ${what} change is mended by who comes after, though the first attempt ends in the middle, too`, async () => {
      const rules = Array.from({ length: 9 }, (_, i) => `<Täblet ${i}>02:00:00:00:09:0${i}>7>1`).join("");
      const split = { dnsfilter_enable_x: "1", dnsfilter_rulelist: rules.slice(0, 255), dnsfilter_rulelist1: rules.slice(255) };
      const plan = samplePlan([
        laptop({ ...inClass("realtime"), blocked: true, malwareFilter: true, tunnel: "wgc1" }),
        gameConsole({ ...inClass("bulk"), malwareFilter: true }),
      ]);
      let variables = 0;
      for (let part = 0; part === 0 || part < variables; part++) {
        await home?.stop();
        home = await rig({ ...traditional, nvram: split });
        await home.bring(held);
        const before = { ...nvram(), rc_service: "" };
        const changes = await home.planned(plan);
        const breaksAfter = (left: number) =>
          home.emulator.spoil(() => {
            variables = Math.max(variables, home.emulator.lastChange().length);
            setImmediate(() => void home.emulator.unplug());
            return left;
          });
        breaksAfter(part);
        await failureOf(() => home.driver.apply(changes, { confirmWithin: 30_000 }));
        await home.emulator.listen();
        breaksAfter(Math.floor(part / 2));
        await (await home.another()).rollback().catch(() => {});
        home.emulator.spoil(undefined);
        await home.emulator.listen();
        await (await home.another()).rollback();
        expect(nvram(), `after ${part} variables`).toEqual(before);
      }
      expect(variables).toBeGreaterThanOrEqual(least);
    });

  it("by forms only does the same", async () => {
    home = await rig({ formsOnly: true, buildno: "380", without: ["dnsfilter"], ...limiter });
    await home.bring(samplePlan([laptop({ blocked: true, ceiling: { down: 20_000, up: 5_000 } })]));
    expect(effect().blocked).toContain(sampleMacs.laptop);
    expect(effect().limits).toHaveProperty(sampleMacs.laptop);
    expect(await home.driver.clients!()).toContainEqual(expect.objectContaining({ mac: sampleMacs.laptop, hostname: "alice-laptop" }));
    await home.driver.release();
    expect(effect()).toMatchObject({ blocked: [ownersMacs.tablet], limits: {} });
  });
});
