import type { DevicePlan } from "@network-personas/engine/model";
import { laptop, sampleApplications, samplePlan } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, type RigOptions, rig } from "../emulators/routeros/fixture.ts";
import type { Row } from "../emulators/routeros/values.ts";

let home: Rig;
afterEach(() => home.stop());

const laptopWith = (wishes: Partial<DevicePlan>) => samplePlan([laptop(wishes)]);
const strict = laptopWith({ firewall: "strict", allowedApplications: ["zoom"] });
const list = "ip/firewall/address-list";
const addresses = (name: string) =>
  home
    .ours(list)
    .filter((row) => row.list === name)
    .map((row) => row.address);
const idOf = (address: string) => home.ours(list).find((row) => row.address === address)![".id"];

/** A home whose catalogue can change. */
async function withCatalogue(options: RigOptions = {}) {
  const applications = new Map(sampleApplications);
  home = await rig({ ...options, context: { applications } });
  return (domains: string[]) => void applications.set("zoom", { ...sampleApplications.get("zoom")!, domains });
}

describe("lists of addresses on a MikroTik router, which takes no entry twice", () => {
  it("follow a catalogue that names an application otherwise, and keep what stays", async () => {
    const names = await withCatalogue();
    names(["zoom.us", "zoom.com"]);
    await home.bring(strict);
    expect(addresses("np-app-zoom")).toEqual(["zoom.com", "zoom.us"]);
    const stays = idOf("zoom.us");
    names(["zoom.us", "zoomgov.com"]);
    expect((await home.changesTo(strict)).map(({ action, target }) => [action, target])).toEqual([
      ["set", "ip firewall address-list np-app-zoom"],
      ["set", "ipv6 firewall address-list np-app-zoom"],
    ]);
    await home.bring(strict);
    expect(addresses("np-app-zoom").sort()).toEqual(["zoom.us", "zoomgov.com"]);
    expect(idOf("zoom.us")).toBe(stays);
    expect(await home.changesTo(strict)).toEqual([]);
  });

  it("are as before when that is not confirmed, by us or by the router alone", async () => {
    const names = await withCatalogue();
    names(["zoom.us", "zoom.com"]);
    await home.bring(strict);
    const before = home.kept();
    names(["zoom.us", "zoomgov.com"]);
    await home.apply(strict);
    await home.driver.rollback();
    expect(home.kept()).toEqual(before);
    await home.apply(strict);
    await home.emulator.time.advance(31_000);
    expect(home.kept()).toEqual(before);
  });

  it("take an entry back that an unconfirmed change had switched off", async () => {
    const names = await withCatalogue();
    names(["zoom.us", "zoom.com"]);
    await home.bring(strict);
    const before = home.kept();
    names(["zoom.us"]);
    await home.apply(strict);
    names(["zoom.us", "zoom.com", "zoomgov.com"]);
    await home.apply(strict);
    expect(addresses("np-app-zoom").sort()).toEqual(["zoom.com", "zoom.us", "zoomgov.com"]);
    await home.driver.rollback();
    expect(home.kept()).toEqual(before);
    await home.apply(strict);
    await home.driver.confirm();
    expect(await home.changesTo(strict)).toEqual([]);
  });

  it("are set right when somebody removed, switched off or added an entry", async () => {
    home = await rig();
    const tunnel = laptopWith({ tunnel: "wg0" });
    await home.bring(tunnel);
    const kept = home.kept();
    const { device } = home.emulator;
    const [first] = home.ours(list);
    for (const damage of [
      () => device.remove(list, first![".id"]!),
      () => Object.assign(home.ours(list)[1]!, { disabled: "true" } satisfies Row),
      () => device.put(list, { list: "np-local", address: "203.0.113.0/24", comment: "np:@line/local/9 g1" }),
    ]) {
      damage();
      expect((await home.changesTo(tunnel)).map(({ target }) => target)).toContain("ip firewall address-list @line/local");
      await home.bring(tunnel);
      expect(home.kept()).toEqual(kept);
    }
  });

  it("of somebody who blocks thousands of addresses for a while are left alone, and not even read", async () => {
    home = await rig();
    const { device } = home.emulator;
    for (let i = 0; i < 3_000; i++)
      device.put(list, { list: "blocked", address: `203.0.${i >> 8}.${i & 255}`, timeout: "4h", comment: "bouncer" });
    await home.bring(strict);
    expect(await home.changesTo(strict)).toEqual([]);
    expect(home.emulator.objectsShown()).toBeLessThan(1_500);
    expect(device.rows(list).filter((row) => row.list === "blocked")).toHaveLength(3_000);
  });
});
