import { sampleMacs } from "@network-personas/engine/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AgentProcess } from "../emulators/openwrt/agent.ts";
import { describeIf } from "../support/require.ts";
import { families, far, filtering, type Home, makeHome } from "./home.ts";
import { Namespaces, run, succeeds } from "./namespace.ts";

// What the agent's rules and queues do to real packets, over IPv4 and IPv6 and from every network of the home.

const line = { down: 47_500, up: 19_000 };
const guestMac = "02:00:00:00:00:41";
const deviceClass = (number: number, mac: string, ceil = line.down) => ({
  number,
  macs: [mac],
  class: "default",
  quantum: 3_028,
  down: { rate: 64, ceil, queue: 60_000 },
  up: { rate: 64, ceil: line.up, queue: 60_000 },
});

let home: Home;
let agent: AgentProcess;
const guests = new Namespaces();
let guest: string;

async function bring(sets: Record<string, readonly (string | number)[]> = {}, more: object = {}): Promise<void> {
  const plan = {
    version: 1,
    inside: ["br-guest", "br-lan"],
    wan: "wan0",
    line: { ...line, queue: "bfifo" },
    classes: [deviceClass(16, sampleMacs.laptop), deviceClass(17, sampleMacs.console), deviceClass(18, guestMac)],
    sets,
    closed_at: [],
    resolvers: { malware4: filtering.ipv4, malware6: filtering.ipv6 },
    ...more,
  };
  const { stdout } = await agent.raw(["call", "apply"], JSON.stringify({ plan, confirm_within: 60 }));
  expect(JSON.parse(stdout).error).toBeUndefined();
}
/** Bytes each class of an interface has sent. */
const sent = (device: string) =>
  Object.fromEntries(
    [...run(home.namespace, `tc -s class show dev ${device}`).matchAll(/class htb 4e50:(\S+) [\s\S]*?Sent (\d+) bytes/g)].map(
      ([, minor, bytes]) => [minor!, Number(bytes)],
    ),
  );
const guestReaches = (address: string) => succeeds(guest, `timeout 1 bash -c 'exec 3<>/dev/tcp/${address}/5001'`);

describeIf(["namespaces", "nftables", "traffic-control", "conntrack", "busybox"], "a home behind a router with the agent", () => {
  beforeAll(async () => {
    home = await makeHome();
    agent = await AgentProcess.on(home.namespace, Date.now());
    guest = guests.add("guest");
    run(
      home.namespace,
      `ip link add br-guest type bridge
ip link set br-guest up
ip address add 192.168.3.1/24 dev br-guest
ip link add port41 type veth peer name eth0 netns ${guest}
ip link set port41 master br-guest up`,
    );
    run(
      guest,
      `ip link set eth0 address ${guestMac} up
ip address add 192.168.3.41/24 dev eth0
ip route add default via 192.168.3.1`,
    );
    run(home.server, "ip route add 192.168.3.0/24 via 203.0.113.1");
  }, 60_000);
  afterEach(async () => {
    await home.hangUp();
    await agent.raw(["call", "release"], "{}");
  });
  afterAll(async () => {
    guests.remove();
    await agent.stop();
    await home.stop();
  });

  describe.each(families)("over %s", (family) => {
    const server = far[family];
    const [laptopAt, tvAt] = family === "ipv4" ? ["192.168.1.11", "192.168.1.31"] : ["fd00::11", "fd00::31"];

    it("everybody is in a class of their own, up and down", async () => {
      await bring();
      const before = { down: sent("br-lan"), up: sent("wan0") };
      expect(await home.reaches(home.laptop, server)).toBe(true);
      const after = { down: sent("br-lan"), up: sent("wan0") };
      // What the router itself says on the line is nobody's.
      const grown = (way: "down" | "up") => ["10", "11", "12"].filter((minor) => after[way][minor]! > before[way][minor]!);
      expect([grown("down"), grown("up")]).toEqual([["10"], ["10"]]);
    });
    it("who is blocked opens nothing, and what runs goes on unless it is cut, too", async () => {
      await bring();
      const goesOn = await home.stays(home.laptop, server);
      await bring({ blocked: [sampleMacs.laptop] });
      expect(await home.reaches(home.laptop, server)).toBe(false);
      expect(await home.reaches(home.tv, server)).toBe(true);
      expect(await goesOn()).toBe(true);
      await bring({ blocked: [sampleMacs.laptop], blocked_cut: [sampleMacs.laptop], marks_cut: [16] });
      expect(await goesOn()).toBe(false);
    });
    it("who has left the plan is not taken for who has their number now", async () => {
      await bring();
      const goesOn = await home.stays(home.laptop, server);
      expect(await goesOn()).toBe(true);
      const tv = [deviceClass(16, sampleMacs.console)];
      await bring({ blocked: [sampleMacs.console], blocked_cut: [sampleMacs.console], marks_cut: [16] }, { classes: tv });
      expect(await goesOn()).toBe(true);
      expect(await home.reaches(home.tv, server)).toBe(false);
    });
    it("who is closed is not reached from outside, even before it has sent anything", async () => {
      await bring({ closed: [sampleMacs.laptop] }, { closed_at: [laptopAt] });
      expect(await home.reaches(home.server, laptopAt)).toBe(false);
      expect(await home.reaches(home.server, tvAt)).toBe(true);
      expect(await home.reaches(home.laptop, server)).toBe(true);
    });
    it("questions for names go to the filtering resolver", async () => {
      await bring({ dns_malware: [sampleMacs.laptop] });
      expect(await home.asks(home.laptop, server)).toBe(filtering[family]);
      expect(await home.asks(home.tv, server)).toBe(server);
    });
  });

  it("a strict firewall lets nothing out but what is allowed, and an application is refused by its ports", async () => {
    await bring({
      strict: [sampleMacs.laptop],
      app_allowed: [`${sampleMacs.laptop} tcp 25565`],
      app_blocked: [`${sampleMacs.console} tcp 25565`],
    });
    expect(await home.reaches(home.laptop, far.ipv4, 25565)).toBe(true);
    expect(await home.reaches(home.laptop, far.ipv4)).toBe(false);
    expect(await home.reaches(home.tv, far.ipv4, 25565)).toBe(false);
    expect(await home.reaches(home.tv, far.ipv4)).toBe(true);
  });
  it("a device of another network is blocked and classed like any", async () => {
    await bring();
    const before = sent("br-guest");
    expect(guestReaches(far.ipv4)).toBe(true);
    expect(sent("br-guest")["12"]).toBeGreaterThan(before["12"]!);
    await bring({ blocked: [guestMac] });
    expect(guestReaches(far.ipv4)).toBe(false);
  });
  it("who is kept apart sees the internet, and neither its own network nor another", async () => {
    await bring();
    expect(guestReaches("192.168.1.31")).toBe(true);
    await bring({ apart: [sampleMacs.laptop, guestMac] });
    expect(await home.reaches(home.laptop, far.ipv6)).toBe(true);
    expect(await home.reaches(home.laptop, "fd00::31")).toBe(false);
    expect(guestReaches("192.168.1.31")).toBe(false);
    expect(guestReaches(far.ipv4)).toBe(true);
  });
  it("what stays at home, and what the router itself says to the home, is in no class of the line", async () => {
    await bring();
    const before = sent("br-lan");
    expect(guestReaches("192.168.1.31")).toBe(true);
    run(home.namespace, "busybox ping -c 1 -W 2 192.168.1.31 >/dev/null");
    expect(sent("br-lan")).toEqual(before);
  });
  it("nobody gets more than their limit", async () => {
    const limit = 4_000;
    await bring({}, { classes: [deviceClass(16, sampleMacs.laptop, limit)] });
    const stop = await home.load(home.laptop, far.ipv4);
    const [began, before] = [performance.now(), sent("br-lan")["10"]!];
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    const carried = (sent("br-lan")["10"]! - before) * 8;
    const took = performance.now() - began;
    await stop();
    expect(carried).toBeGreaterThan(0);
    // Bits, at most the rate for as long as it took and what a bucket of HTB holds.
    expect(carried).toBeLessThan(limit * took * 1.05 + 400_000);
  });
});
