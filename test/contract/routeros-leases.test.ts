import { type DevicePlan, neutralDevice } from "@network-personas/engine/model";
import { gameConsole, laptop, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, type RigOptions, rig } from "../emulators/routeros/fixture.ts";
import { type Packet, sentTo, verdict } from "../emulators/routeros/packets.ts";

let home: Rig;
afterEach(() => home.stop());
const open = async (options: RigOptions = {}) => {
  home = await rig(options);
};

const minutes = (count: number) => home.emulator.time.advance(count * 60_000);
const lists = ["ip/firewall/address-list", "ipv6/firewall/address-list"];
const coverings = () => lists.flatMap((menu) => home.rows(menu).filter((row) => row.list === "np-lease"));

const out = (wishes: Partial<Packet> = {}): Packet => ({
  family: "ip",
  mac: sampleMacs.laptop,
  from: "192.168.88.21",
  to: "198.51.100.1",
  in: "bridge",
  out: "ether1",
  state: "new",
  protocol: "tcp",
  port: 443,
  ...wishes,
});
const out6 = (wishes: Partial<Packet> = {}) => out({ family: "ipv6", from: "2001:db8::21", to: "2001:db8:f::1", ...wishes });
const does = (packet: Packet) => verdict(home.emulator.device, packet);
const asks = (packet: Packet) => sentTo(home.emulator.device, { ...packet, protocol: "udp", port: 53 });

const everything: Partial<DevicePlan> = {
  firewall: "strict",
  allowedApplications: ["zoom"],
  blockedApplications: ["minecraft", "steam"],
  inboundClosed: true,
  isolated: true,
  familyFilter: true,
};
const leased = ["blockedApplications.minecraft", "blockedApplications.steam", "familyFilter", "firewall", "inboundClosed", "isolated"];
/** A laptop restricted by nobody's order, a console by its owner's. */
const plan = samplePlan([
  laptop({ ...everything, leased }),
  gameConsole({ firewall: "strict", blockedApplications: ["minecraft"], malwareFilter: true, inboundClosed: true }),
]);

/** Everything the plan keeps from the laptop, and from the console. */
const refusals = (mac: string, last: number) => {
  const [v4, v6] = [`192.168.88.${last}`, `2001:db8::${last}`];
  // Closed devices are known by what they send.
  does(out({ mac, from: v4, state: "established" }));
  const outside = { mac: "02:00:00:00:00:99", from: "198.51.100.1", to: v4, in: "ether1", out: "bridge", translated: true };
  return {
    web: does(out({ mac, from: v4 })),
    web6: does(out6({ mac, from: v6 })),
    game: does(out({ mac, from: v4, port: 25565 })),
    inbound: does(out(outside)),
    names: asks(out({ mac, from: v4 })),
    names6: asks(out6({ mac, from: v6 })),
  };
};
const laptopNow = () => ({ ...refusals(sampleMacs.laptop, 21), neighbour: does(out({ out: "ether2" })) });
const consoleNow = () => refusals(sampleMacs.console, 22);

const held = {
  web: "reject",
  web6: "reject",
  game: "reject",
  inbound: "drop",
  names: "1.1.1.3",
  names6: "2606:4700:4700::1113/128",
  neighbour: "drop",
};
const free = {
  web: "accept",
  web6: "accept",
  game: "accept",
  inbound: "accept",
  names: undefined,
  names6: undefined,
  neighbour: "accept",
};
const ordered = { web: "reject", web6: "reject", game: "reject", inbound: "drop", names: "9.9.9.9", names6: "2620:fe::fe/128" };

describe("restrictions on a MikroTik router that nobody ordered", () => {
  it("end a quarter of an hour after the last renewal, for IPv4 and IPv6, and those of the owner do not", async () => {
    await open();
    await home.bring(plan);
    expect([laptopNow(), consoleNow()]).toEqual([held, ordered]);
    await minutes(14);
    expect(laptopNow()).toEqual(held);
    await home.driver.renew!();
    await minutes(14);
    expect(laptopNow()).toEqual(held);
    await minutes(2);
    expect([laptopNow(), consoleNow()]).toEqual([free, ordered]);
    expect(coverings()).toEqual([]);
  });

  it("are in memory only: renewals change no configuration, and a restart ends them", async () => {
    await open();
    await home.bring(plan);
    expect(coverings().map(({ address, dynamic, timeout }) => [address, dynamic, timeout])).toEqual(
      ["0.0.0.0/1", "128.0.0.0/1", "8000::/1", "::/1"].map((address) => [address, "true", "15m"]),
    );
    const saved = () => [...home.emulator.device.menus.keys()].map((menu) => home.rows(menu).filter((row) => row.dynamic !== "true"));
    const before = structuredClone(saved());
    await minutes(5);
    await home.driver.renew!();
    expect(saved()).toEqual(before);
    home.emulator.device.reboot();
    expect([laptopNow(), consoleNow()]).toEqual([free, ordered]);
    expect((await home.changesTo(plan)).map(({ action, summary }) => [action, summary])).toEqual([
      ["add", "the line: restrictions that must be renewed to stay are in force"],
      ["add", "the line: restrictions that must be renewed to stay are in force (IPv6)"],
    ]);
    await home.bring(plan);
    expect(laptopNow()).toEqual(held);
  });

  it("hold at every instant of a renewal, and of a change to another plan", async () => {
    await open();
    await home.bring(plan);
    await minutes(14);
    const seen = new Set<string>();
    home.emulator.spoil(() => {
      seen.add(JSON.stringify(laptopNow()));
      return undefined;
    });
    await home.driver.renew!();
    expect([...seen]).toEqual([JSON.stringify(held)]);
    await minutes(14.9);
    await home.bring(samplePlan([laptop({ ...everything, leased, class: "bulk" }), gameConsole()]));
    expect([...seen]).toEqual([JSON.stringify(held)]);
    expect(laptopNow()).toEqual(held);
    expect(home.left().every((seconds) => seconds > 890)).toBe(true);
  });

  it("hand over to what its owner ordered, and to what a tunnel needs", async () => {
    await open();
    const layered = (leases: string[]) =>
      samplePlan([laptop({ tunnel: "wg0", familyFilter: true, malwareFilter: true, blockedApplications: ["minecraft"], leased: leases })]);
    const now = () => [asks(out()), does(out({ out: "wg0", port: 25565 }))];
    for (const [leases, after] of [
      [["familyFilter"], ["9.9.9.9", "reject"]],
      [
        ["familyFilter", "malwareFilter", "blockedApplications.minecraft"],
        ["9.9.9.9", "accept"],
      ],
      [["malwareFilter"], ["1.1.1.3", "reject"]],
    ] as const) {
      await home.bring(layered([...leases]));
      expect(now()).toEqual(["1.1.1.3", "reject"]);
      await minutes(16);
      expect(now()).toEqual(after);
    }
  });

  it("become lasting when their owner orders them, and the other way round", async () => {
    await open();
    const lasting = samplePlan([laptop(everything)]);
    await home.bring(plan);
    expect((await home.changesTo(lasting)).map(({ summary }) => summary)).toContain(
      "alice-laptop: its way into the internet is restricted (was: its way into the internet is restricted (as long as it is renewed))",
    );
    await home.bring(lasting);
    expect(coverings()).toEqual([]);
    await minutes(16);
    expect(laptopNow()).toEqual(held);
    await home.bring(plan);
    await minutes(16);
    expect(laptopNow()).toEqual(free);
  });

  it("that ran out are not brought back by another change, a rollback or the router's own way back", async () => {
    await open();
    const other = samplePlan([gameConsole({ firewall: "strict", leased: ["firewall"] })]);
    await home.bring(plan);
    await minutes(16);
    const before = home.kept();
    const seen = new Set<string>();
    home.emulator.spoil(() => {
      seen.add(JSON.stringify(laptopNow()));
      return undefined;
    });
    await home.apply(other);
    await home.driver.rollback();
    expect(home.kept()).toEqual(before);
    await home.bring(other);
    expect([...seen]).toEqual([JSON.stringify(free)]);
    home.emulator.spoil(undefined);
    await home.bring(plan);
    await minutes(16);
    await home.apply(other);
    await minutes(1);
    expect([laptopNow(), home.kept()]).toEqual([free, before]);
  });

  it("leave nothing with their plan, its rollback or the release", async () => {
    await open();
    const untouched = home.kept();
    await home.apply(plan);
    await home.driver.rollback();
    expect(home.kept()).toEqual(untouched);
    await home.bring(plan);
    await home.bring(null);
    expect(home.kept()).toEqual(untouched);
    await home.apply(plan);
    await minutes(1);
    expect(home.kept()).toEqual(untouched);
    await home.bring(plan);
    laptopNow();
    await home.driver.release();
    expect([home.kept(), lists.flatMap((menu) => home.rows(menu).filter((row) => row.list?.startsWith("np-")))]).toEqual([untouched, []]);
  });

  it("are ended by a rollback when they were not there before, and stay when they were", async () => {
    await open();
    const other = samplePlan([neutralDevice("tv", [sampleMacs.tv], { isolated: true, leased: ["isolated"] })]);
    await home.bring(plan);
    await home.apply(other);
    await home.driver.rollback();
    expect(laptopNow()).toEqual(held);
    await home.apply(other);
    await minutes(1);
    expect(laptopNow()).toEqual(held);
  });
});

describe("what somebody did to what runs out on a MikroTik router", () => {
  it("is set right: half of it removed, or more than we need", async () => {
    await open();
    await home.bring(plan);
    const { device } = home.emulator;
    for (const damage of [
      () => device.remove(lists[0]!, coverings()[0]![".id"]!),
      () => device.put(lists[0]!, { list: "np-lease", address: "0.0.0.0/2", timeout: "1w", comment: "np:@line/lease/0 g1" }),
    ]) {
      damage();
      expect((await home.changesTo(plan)).map(({ action, target }) => [action, target])).toEqual([
        ["set", "ip firewall address-list @line/lease"],
      ]);
      await home.bring(plan);
      expect(
        coverings()
          .map(({ address }) => address)
          .sort(),
      ).toEqual(["0.0.0.0/1", "128.0.0.0/1", "8000::/1", "::/1"]);
    }
  });

  it("is nothing of ours when it is an entry of the owner's, which is neither renewed nor removed", async () => {
    await open();
    const foreign = home.emulator.device.put(lists[0]!, { list: "np-lease", address: "203.0.113.0/24", timeout: "20m" });
    await home.bring(plan);
    await minutes(14);
    await home.driver.renew!();
    expect(home.rows(lists[0]!).find((row) => row[".id"] === foreign[".id"])?.timeout).toBe("6m");
    await home.driver.release();
    expect(coverings()).toHaveLength(1);
  });

  it("does not fail a renewal when it ran out in the middle of it", async () => {
    await open();
    await home.bring(plan);
    const { device } = home.emulator;
    home.emulator.spoil(() => {
      for (const one of coverings()) device.remove(one.address!.includes(":") ? lists[1]! : lists[0]!, one[".id"]!);
      return undefined;
    });
    await home.driver.renew!();
    expect(coverings()).toEqual([]);
  });
});
