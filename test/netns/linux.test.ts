import { setTimeout as sleep } from "node:timers/promises";
import type { NetworkPlan } from "@network-personas/engine/model";
import { inClass, neutralDevice, sampleMacs, samplePlan } from "@network-personas/engine/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { describeIf } from "../support/require.ts";
import { beyondTunnel, families, far, filtering, type Home, leaseOfRig, makeHome, zoom } from "./home.ts";
import { sampleTunnel } from "./linux-rig.ts";
import { run } from "./namespace.ts";

// Real packets through a real kernel: whatever a plan says must be true of them, over IPv4 and IPv6.

// A busy machine takes its time to start a dozen programs for every plan.
vi.setConfig({ testTimeout: 60_000 });

let home: Home;
type Wishes = Partial<NetworkPlan["devices"][number]>;
const planFor = (wishes: Wishes, tv: Wishes = {}) =>
  samplePlan([
    { ...neutralDevice("laptop", [sampleMacs.laptop]), ...wishes },
    { ...neutralDevice("tv", [sampleMacs.console]), ...tv },
  ]);
async function bring(plan: NetworkPlan | null): Promise<void> {
  const { driver } = home;
  await driver.apply(await driver.plan(plan, await driver.read()), { confirmWithin: 30_000 });
  await driver.confirm();
}
/** Bytes each class has sent, by minor number. */
const sent = (device: string) =>
  Object.fromEntries(
    [...run(home.namespace, `tc -s class show dev ${device}`).matchAll(/class htb 4e50:(\S+) [\s\S]*?Sent (\d+) bytes/g)].map(
      ([, minor, bytes]) => [minor, Number(bytes)],
    ),
  );

const minorOfLaptop = () =>
  new RegExp(`${sampleMacs.laptop} : 0x4e50([0-9a-f]+)`)
    .exec(run(home.namespace, "nft list map inet network_personas mark_of"))![1]!
    .replace(/^0+/, "");

/** Packets from an address that came to the server over the line. */
const arrived = (from: string) => Number(/packets (\d+)/.exec(run(home.server, `nft list chain inet seen arriving | grep ${from}`))![1]);

describeIf(["namespaces", "nftables", "traffic-control", "conntrack"], "a home behind a Linux router", () => {
  beforeAll(async () => {
    home = await makeHome();
    run(
      home.server,
      `nft -f - <<'RULES'
table inet seen {
  chain arriving {
    type filter hook prerouting priority 0; policy accept;
    ip saddr 192.168.1.11 counter
    ip6 saddr fd00::11 counter
  }
}
RULES`,
    );
  }, 30_000);
  afterEach(async () => {
    await home.hangUp();
    await bring(null);
  });
  afterAll(() => home.stop());

  describe.each(families)("over %s", (family) => {
    const server = far[family];
    const laptopAt = family === "ipv4" ? "192.168.1.11" : "fd00::11";
    const tvAt = family === "ipv4" ? "192.168.1.31" : "fd00::31";

    it("everybody reaches the server, each in a class of their own", async () => {
      await bring(planFor({}));
      const before = { down: sent("br-lan"), up: sent("wan0") };
      expect(await home.reaches(home.laptop, server)).toBe(true);
      const after = { down: sent("br-lan"), up: sent("wan0") };
      const minor = minorOfLaptop();
      const grown = (way: "down" | "up") => Object.keys(after[way]).filter((m) => m !== "1" && after[way][m]! > before[way][m]!);
      expect(grown("down")).toContain(minor);
      expect(grown("up")).toContain(minor);
      const tvs = Object.keys(after.up).find((m) => !["1", "fffe", minor].includes(m))!;
      expect(grown("up")).not.toContain(tvs);
    });
    it("connections of small packets of UDP go before transfers, and those of full ones only where their device does what must not wait", async () => {
      const wentFirst = async (bytes: number) => {
        const urgent = (0x4000 + Number.parseInt(minorOfLaptop(), 16)).toString(16);
        const before = [sent("wan0"), sent("br-lan")];
        expect(await home.echoes(home.laptop, server, bytes)).toBe(5);
        return [sent("wan0"), sent("br-lan")].map((after, i) => after[urgent]! - before[i]![urgent]! > 5 * bytes);
      };
      await bring(planFor({}));
      expect(await wentFirst(200)).toEqual([true, true]);
      expect(await wentFirst(1_350)).toEqual([false, false]);
      await bring(planFor(inClass("interactive")));
      expect(await wentFirst(1_350)).toEqual([true, true]);
    });
    it("a blocked device opens nothing, and what runs goes on unless the owner cuts it", async () => {
      await bring(planFor({}));
      const goesOn = await home.stays(home.laptop, server);
      await bring(planFor({ blocked: true }));
      expect(await home.reaches(home.laptop, server)).toBe(false);
      expect(await home.reaches(home.tv, server)).toBe(true);
      expect(await goesOn()).toBe(true);
      await bring(planFor({ blocked: true, cutEstablished: true }));
      expect(await goesOn()).toBe(false);
    });
    it("who has left the plan is not taken for who has their number now", async () => {
      const { laptop, console } = sampleMacs;
      const goesOn = await home.stays(home.laptop, server);
      await bring(samplePlan([neutralDevice("laptop", [laptop])]));
      expect(await goesOn()).toBe(true);
      await bring(samplePlan([]));
      await bring(samplePlan([{ ...neutralDevice("tv", [console]), blocked: true, cutEstablished: true }]));
      expect(await home.reaches(home.tv, server)).toBe(false);
      expect(await goesOn()).toBe(true);
    });
    it("an application is refused by its ports, on that device alone", async () => {
      await bring(planFor({ blockedApplications: ["minecraft"] }));
      expect(await home.reaches(home.laptop, server, 25565)).toBe(false);
      expect(await home.reaches(home.laptop, server, 5001)).toBe(true);
      expect(await home.reaches(home.tv, server, 25565)).toBe(true);
    });
    it("a strict firewall lets nothing out but what is allowed", async () => {
      await bring(planFor({ firewall: "strict", allowedApplications: ["minecraft"] }));
      expect(await home.reaches(home.laptop, server, 25565)).toBe(true);
      expect(await home.reaches(home.laptop, server, 5001)).toBe(false);
    });
    it("a closed device is not reached from outside, and reaches out itself", async () => {
      await bring(planFor({ inboundClosed: true }));
      expect(await home.reaches(home.laptop, server)).toBe(true);
      expect(await home.reaches(home.server, laptopAt)).toBe(false);
      expect(await home.reaches(home.server, tvAt)).toBe(true);
    });
    it("an isolated device sees the internet and none of the home", async () => {
      await bring(planFor({ isolated: true }));
      expect(await home.reaches(home.laptop, server)).toBe(true);
      expect(await home.reaches(home.laptop, tvAt)).toBe(false);
      expect(await home.reaches(home.tv, laptopAt)).toBe(false);
    });
    it("a device in a tunnel goes through it and nowhere else, its questions for names too", async () => {
      expect(await home.reaches(home.laptop, beyondTunnel[family])).toBe(false);
      await bring(planFor({ tunnel: "work" }));
      const seenBefore = arrived(laptopAt);
      expect(await home.reaches(home.laptop, beyondTunnel[family])).toBe(true);
      expect(await home.reaches(home.laptop, server)).toBe(false);
      // A resolver the device insists on, and the router's own: both are the one behind the tunnel.
      const resolver = sampleTunnel.work.dns[family === "ipv4" ? 0 : 1];
      for (const asked of [server, family === "ipv4" ? "192.168.1.1" : "fd00::1"])
        expect(await home.asks(home.laptop, asked)).toBe(resolver);
      expect(await home.reaches(home.tv, server)).toBe(true);
      run(home.namespace, "ip link set tun0 down");
      for (const to of [beyondTunnel[family], server]) expect(await home.reaches(home.laptop, to)).toBe(false);
      expect(await home.asks(home.laptop, server)).toBe("");
      expect(arrived(laptopAt)).toBe(seenBefore);
      // The next look notices that the tunnel is up again.
      run(home.namespace, "ip link set tun0 up; ip address add fd08::2/64 dev tun0 nodad");
      await bring(planFor({ tunnel: "work" }));
      expect(await home.reaches(home.laptop, beyondTunnel[family])).toBe(true);
    });
    it("questions for names go to the filtering resolver", async () => {
      expect(await home.asks(home.laptop, server)).toBe(server);
      await bring(planFor({ malwareFilter: true }));
      // The answer comes from whom was asked; what it says tells who really answered.
      expect(await home.asks(home.laptop, server)).toBe(filtering[family]);
      expect(await home.asks(home.tv, server)).toBe(server);
    });
  });

  describeIf("dnsmasq", "an application told by name", () => {
    beforeAll(() => home.knowNames());

    it.each(families)("is refused over %s on that device alone, whatever resolver it asks", async (family) => {
      await bring(planFor({ blockedApplications: ["zoom"] }));
      // The server knows no names: the answer is the router's.
      const found = await home.resolves(home.laptop, far[family], "us02web.zoom.us", family);
      expect(found).toBe(zoom[family]);
      expect(await home.reaches(home.laptop, found)).toBe(false);
      expect(await home.reaches(home.laptop, far[family])).toBe(true);
      expect(await home.reaches(home.tv, found)).toBe(true);
      // Questions over TLS would go round it.
      expect(await home.reaches(home.laptop, far[family], 853)).toBe(false);
      expect(await home.reaches(home.tv, far[family], 853)).toBe(true);
      expect(await home.resolves(home.laptop, far[family], "use-application-dns.net", family)).toBe("");
    });
    it.each(families)("is all that a strict firewall lets out over %s, and nothing when the owner cuts it", async (family) => {
      await bring(planFor({ firewall: "strict", allowedApplications: ["zoom"] }));
      const found = await home.resolves(home.laptop, far[family], "zoom.us", family);
      expect(await home.reaches(home.laptop, found)).toBe(true);
      expect(await home.reaches(home.laptop, far[family])).toBe(false);
      const goesOn = await home.stays(home.laptop, found);
      await bring(planFor({ blockedApplications: ["zoom"], cutEstablished: true }));
      expect(await goesOn()).toBe(false);
    });
    it("leaves nothing that answers names when nobody confirms it, and none when it is released", async () => {
      const answering = () => run(home.namespace, "ss -Hlun | grep -c ':200[0-9][0-9] ' || true").trim();
      const { driver } = home;
      const plan = planFor({ blockedApplications: ["zoom"], malwareFilter: true }, { blockedApplications: ["zoom"] });
      await driver.apply(await driver.plan(plan, await driver.read()), { confirmWithin: 30_000 });
      expect(answering()).not.toBe("0");
      await home.advance(60_000);
      expect(answering()).toBe("0");
      await bring(plan);
      expect(answering()).not.toBe("0");
      // One that was killed is noticed, and started again.
      run(home.namespace, `kill -9 $(cat ${home.runDir}/main/names/plain.pid)`);
      const { changes } = await driver.plan(plan, await driver.read());
      expect(changes.map(({ target }) => target)).toEqual(["names plain"]);
      await bring(plan);
      expect(await home.resolves(home.tv, far.ipv4, "zoom.us", "ipv4")).toBe(zoom.ipv4);
      await driver.release();
      expect(answering()).toBe("0");
    });
  });

  it("lets run out what nobody ordered and nobody renews, and nothing of the owner's", async () => {
    const wishes: Wishes = { firewall: "strict", blockedApplications: ["minecraft"], isolated: true };
    await bring(planFor({ ...wishes, leased: ["firewall", "isolated"] }));
    const plan = planFor({ ...wishes, leased: ["firewall", "isolated"] });
    const left = () =>
      ["inet network_personas strict", "bridge network_personas isolated"].map((set) =>
        Number(/expires (\d+)s/.exec(run(home.namespace, `nft list set ${set}`))?.[1] ?? 0),
      );
    const reached = () =>
      Promise.all([...families.map((family) => home.reaches(home.laptop, far[family])), home.reaches(home.tv, "fd00::11")]);
    expect(await reached()).toEqual([false, false, false]);
    while (Math.max(...left()) > leaseOfRig / 2) await sleep(100);
    const before = Math.max(...left());
    await home.driver.renew();
    expect(Math.min(...left())).toBeGreaterThan(before);
    expect((await home.driver.plan(plan, await home.driver.read())).changes).toEqual([]);
    while ((await reached()).includes(false)) await sleep(200);
    for (const family of families) expect(await home.reaches(home.laptop, far[family], 25565)).toBe(false);
    // The next comparison with the plan brings it back.
    const { changes } = await home.driver.plan(plan, await home.driver.read());
    expect(changes.map(({ target }) => target.split(" ")[0])).toEqual(["strict", "isolated"]);
  });
  it("undoes ways into a tunnel that nobody confirms, and touches no rule of the owner", async () => {
    const rules = () => run(home.namespace, "for f in 4 6; do ip -$f rule show; ip -$f route show table all | grep -v fe80; done");
    run(home.namespace, "ip rule add fwmark 0x7 table 100 priority 20048");
    const before = rules();
    const { driver } = home;
    await driver.apply(await driver.plan(planFor({ tunnel: "work" }), await driver.read()), { confirmWithin: 30_000 });
    expect(rules()).toMatch(/fwmark 0x4e510000\/0xffff0000 lookup 20049/);
    await home.advance(60_000);
    expect(rules()).toBe(before);
    expect(await home.reaches(home.laptop, far.ipv6)).toBe(true);
  });
  it("shows connections from the devices' side", async () => {
    await bring(planFor({}));
    await home.stays(home.laptop, far.ipv4);
    const flows = await home.driver.flows();
    expect(flows).toContainEqual(expect.objectContaining({ mac: sampleMacs.laptop, protocol: "tcp", remotePort: 5001 }));
    const { wan } = await home.driver.counters();
    expect(wan!.upBytes).toBeGreaterThan(0);
    expect((await home.driver.clients()).find(({ mac }) => mac === sampleMacs.laptop)).toMatchObject({ connected: true });
  });
  // Last: connections of its time are known without counts for a while.
  it("counts what each device carries, also where connections are not counted", async () => {
    run(home.namespace, "sysctl -qw net.netfilter.nf_conntrack_acct=0");
    onTestFinished(() => void run(home.namespace, "sysctl -qw net.netfilter.nf_conntrack_acct=1"));
    await bring(planFor({}));
    const capabilities = await home.driver.capabilities();
    expect(capabilities.flows).toBeUndefined();
    expect(capabilities.counters).toMatchObject({ perDevice: true });
    const carried = async () => (await home.driver.counters()).devices;
    for (const [family, header] of [
      ["ipv4", 28],
      ["ipv6", 48],
    ] as const) {
      const before = await carried();
      const end = await home.probe(home.laptop, far[family]);
      // Counting goes on over a change of plan.
      await bring(planFor({ weight: family === "ipv4" ? 2 : 3 }));
      const { sent: all, lost } = await end();
      const after = await carried();
      const grown = (mac: string, way: "upBytes" | "downBytes") => after.get(mac)![way] - before.get(mac)![way];
      expect(grown(sampleMacs.laptop, "upBytes")).toBeLessThanOrEqual(all * (100 + header));
      expect(grown(sampleMacs.laptop, "upBytes")).toBeGreaterThanOrEqual((all - lost) * (100 + header));
      expect(grown(sampleMacs.laptop, "downBytes")).toBeGreaterThanOrEqual((all - lost) * (100 + header));
      expect(grown(sampleMacs.console, "upBytes")).toBe(0);
    }
  });
});
