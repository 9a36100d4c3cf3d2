import { AuthFailed, UnsafePlan } from "@network-personas/engine/driver";
import type { DevicePlan } from "@network-personas/engine/model";
import {
  evening,
  gameConsole,
  inClass,
  laptop,
  neutralDevice,
  sampleMacs,
  samplePlan,
  workAndPlay,
} from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, rig } from "../emulators/routeros/fixture.ts";
import type { Row } from "../emulators/routeros/values.ts";
import { failureOf } from "../emulators/shared/rig.ts";

const password = "s3cret/with:odd@signs";
let home: Rig;
afterEach(() => home.stop());

const failure = (call: () => Promise<unknown>) => failureOf(call, password);
const laptopWith = (wishes: Partial<DevicePlan>) => samplePlan([laptop(wishes)]);
const upper = sampleMacs.laptop.toUpperCase();
/** What a rule does, without what it is called. */
const bare = ({
  ".id": _,
  comment: __,
  bytes: ___,
  packets: ____,
  disabled: _____,
  dynamic: ______,
  invalid: _______,
  log: ________,
  "log-prefix": _________,
  ...row
}: Row) => row;

describe("the login at a MikroTik router", () => {
  it("goes over one connection", async () => {
    home = await rig();
    await home.bring(workAndPlay());
    await home.driver.clients!();
    await home.driver.flows!();
    expect(home.emulator.connections()).toBe(1);
  });

  it("is given up after one refused password, whatever is asked then", async () => {
    home = await rig({ account: { password } });
    const driver = await home.another({ password: "wrong" });
    for (let i = 0; i < 4; i++) {
      expect(await failure(() => driver.read())).toBeInstanceOf(AuthFailed);
      await home.emulator.time.advance(60 * 60_000);
    }
    expect(home.emulator.refusals()).toBe(1);
  });
});

describe("queues of a MikroTik router", () => {
  it("are a tree for each way, with the line, a queue for each device and one for everybody else", async () => {
    home = await rig();
    await home.bring(
      samplePlan([
        laptop({ ...inClass("realtime"), guarantee: { down: 3_000, up: 1_000 }, latencyTarget: 15 }),
        gameConsole({ ...inClass("bulk"), ceiling: { down: 20_000, up: null } }),
      ]),
    );
    const tree = home
      .rows("queue/tree")
      .map((row) => ["name", "parent", "packet-mark", "limit-at", "max-limit", "priority", "queue"].map((name) => row[name]).join(" "));
    expect(tree).toEqual([
      "np-down global  0 95000000 8 default-small",
      "np-down-rest np-down np-down-rest 1024000 95000000 5 np-fq-codel-15ms",
      "np-up global  0 19000000 8 default-small",
      "np-up-rest np-up np-up-rest 256000 19000000 5 np-fq-codel-15ms",
      "np-down.alice-laptop np-down np-down.alice-laptop 3000000 95000000 1 np-fq-codel-5ms",
      "np-up.alice-laptop np-up np-up.alice-laptop 1000000 19000000 1 np-fq-codel-5ms",
      "np-down.bob-console np-down np-down.bob-console 1024000 20000000 8 np-fq-codel-15ms",
      "np-up.bob-console np-up np-up.bob-console 256000 19000000 8 np-fq-codel-15ms",
    ]);
    expect(home.rows("queue/type").filter((row) => row.name!.startsWith("np-"))).toEqual([
      expect.objectContaining({ kind: "fq-codel", "fq-codel-target": "15ms" }),
      expect.objectContaining({ kind: "fq-codel", "fq-codel-target": "5ms" }),
    ]);
  });

  it("get what mangle marks by MAC address, of IPv6 as of IPv4", async () => {
    home = await rig();
    await home.bring(laptopWith(inClass("interactive")));
    const expected = [
      {
        chain: "np-connections",
        action: "mark-connection",
        "src-mac-address": upper,
        "new-connection-mark": "np-alice-laptop",
        passthrough: "true",
      },
      {
        chain: "np-down",
        action: "mark-packet",
        "connection-mark": "np-alice-laptop",
        "new-packet-mark": "np-down.alice-laptop",
        passthrough: "false",
      },
      {
        chain: "np-up",
        action: "mark-packet",
        "connection-mark": "np-alice-laptop",
        "new-packet-mark": "np-up.alice-laptop",
        passthrough: "false",
      },
      { chain: "np-dscp", action: "change-dscp", "connection-mark": "np-alice-laptop", "new-dscp": "34", passthrough: "false" },
      { chain: "prerouting", action: "jump", "jump-target": "np-connections", "connection-mark": "no-mark" },
      { chain: "forward", action: "jump", "jump-target": "np-down", "in-interface": "ether1", "packet-mark": "no-mark" },
      { chain: "forward", action: "jump", "jump-target": "np-up", "out-interface": "ether1", "packet-mark": "no-mark" },
      {
        chain: "forward",
        action: "mark-packet",
        "in-interface": "ether1",
        "packet-mark": "no-mark",
        "new-packet-mark": "np-down-rest",
        passthrough: "true",
      },
      {
        chain: "forward",
        action: "mark-packet",
        "out-interface": "ether1",
        "packet-mark": "no-mark",
        "new-packet-mark": "np-up-rest",
        passthrough: "true",
      },
      { chain: "postrouting", action: "jump", "jump-target": "np-dscp", "out-interface": "ether1" },
    ];
    for (const family of ["ip", "ipv6"]) {
      const mangle = home.ours(`${family}/firewall/mangle`).map(bare);
      expect(mangle).toHaveLength(expected.length);
      expect(mangle, family).toEqual(expect.arrayContaining(expected));
    }
  });

  it("are changed in place, so that nothing in them is lost", async () => {
    home = await rig();
    await home.bring(workAndPlay());
    const before = home.ours("queue/tree").map((row) => row[".id"]);
    await home.bring(evening());
    expect(home.ours("queue/tree").map((row) => row[".id"])).toEqual(before);
  });
});

describe("restrictions of a MikroTik router", () => {
  it("come before all rules of the owner, also those that let established connections pass", async () => {
    home = await rig();
    await home.bring(laptopWith({ blocked: true }));
    for (const family of ["ip", "ipv6"]) {
      const forward = home.rows(`${family}/firewall/filter`).filter((row) => row.chain === "forward" && row.dynamic === "false");
      const first = forward.findIndex((row) => !row.comment?.startsWith("np:"));
      expect(forward.slice(0, first).map(bare)).toContainEqual({
        chain: "forward",
        action: "jump",
        "jump-target": "np-out",
        "out-interface": "ether1",
      });
      expect(forward.slice(first).some((row) => row.comment?.startsWith("np:"))).toBe(false);
      const chain = home.ours(`${family}/firewall/filter`).find((row) => row["src-mac-address"] === upper && row.chain === "np-out")![
        "jump-target"
      ];
      expect(
        home
          .ours(`${family}/firewall/filter`)
          .filter((row) => row.chain === chain)
          .map(bare),
      ).toEqual([{ chain, action: "reject", "reject-with": "icmp-admin-prohibited", "connection-state": "new" }]);
    }
  });

  it("never accept anything, which would go round rules of the owner", async () => {
    home = await rig();
    await home.bring(laptopWith({ firewall: "strict", allowedApplications: ["zoom"], isolated: true, inboundClosed: true, tunnel: "wg0" }));
    for (const menu of ["ip/firewall/filter", "ipv6/firewall/filter", "interface/bridge/filter"])
      expect(home.ours(menu).map((row) => row.action)).not.toContain("accept");
  });

  it("tell applications by ports and by names in TLS, and let allowed ones out before the rest is refused", async () => {
    home = await rig();
    await home.bring(
      samplePlan([laptop({ blockedApplications: ["steam"] }), gameConsole({ firewall: "strict", allowedApplications: ["zoom"] })]),
    );
    const chainOf = (mac: string) => {
      const chain = home.ours("ip/firewall/filter").find((row) => row["src-mac-address"] === mac.toUpperCase() && row.chain === "np-out")![
        "jump-target"
      ];
      return home
        .ours("ip/firewall/filter")
        .filter((row) => row.chain === chain)
        .map(({ chain: _, ...row }) => bare(row));
    };
    expect(chainOf(sampleMacs.laptop)).toEqual([
      { action: "reject", "reject-with": "icmp-admin-prohibited", "connection-state": "new", protocol: "tcp", "dst-port": "27015-27050" },
      { action: "reject", "reject-with": "tcp-reset", protocol: "tcp", "dst-port": "443", "tls-host": "*.steamcontent.com" },
    ]);
    expect(chainOf(sampleMacs.console)).toEqual([
      { action: "return", "connection-state": "new", protocol: "udp", "dst-port": "8801-8810" },
      { action: "return", "connection-state": "new", protocol: "udp", "dst-port": "3478-3481" },
      { action: "return", "connection-state": "new", "dst-address-list": "np-app-zoom" },
      { action: "reject", "reject-with": "icmp-admin-prohibited", "connection-state": "new" },
    ]);
    expect(home.ours("ipv6/firewall/address-list").map(({ list, address }) => [list, address])).toEqual([["np-app-zoom", "zoom.us"]]);
    // What the router looked up itself is not taken for ours, nor for a difference.
    expect(home.rows("ip/firewall/address-list").some((row) => row.list === "np-app-zoom" && row.dynamic === "true")).toBe(true);
  });

  it("end running connections when the owner's block says so, once, and of nobody else", async () => {
    home = await rig();
    const connection = (menu: string, from: string) =>
      home.emulator.device.put(menu, { protocol: "tcp", "src-address": from, "dst-address": "198.51.100.1:443" });
    home.emulator.device.put("ipv6/neighbor", { address: "2001:db8::21", "mac-address": upper, interface: "bridge", status: "stale" });
    connection("ip/firewall/connection", "192.168.88.21:50000");
    connection("ip/firewall/connection", "192.168.88.22:50000");
    connection("ipv6/firewall/connection", "[2001:db8::21]:50000");
    await home.bring(laptopWith({ blocked: true }));
    expect(home.rows("ip/firewall/connection")).toHaveLength(2);
    const cut = laptopWith({ blocked: true, cutEstablished: true });
    await home.bring(cut);
    expect(home.rows("ip/firewall/connection").map((row) => row["src-address"])).toEqual(["192.168.88.22:50000"]);
    expect(home.rows("ipv6/firewall/connection")).toEqual([]);
    connection("ip/firewall/connection", "192.168.88.21:50001");
    await home.bring({ ...cut, lines: [{ wan: "wan", shaper: { down: 80_000, up: 15_000 } }] });
    expect(home.rows("ip/firewall/connection")).toHaveLength(2);
  });

  it("forget addresses of a device that may be reached again", async () => {
    home = await rig();
    const closed = (menu: string, address: string) =>
      home.emulator.device.put(menu, { list: "np-closed", address, dynamic: "true", timeout: "23h" });
    await home.bring(laptopWith({ inboundClosed: true }));
    closed("ip/firewall/address-list", "192.168.88.21");
    closed("ipv6/firewall/address-list", "2001:db8::21");
    await home.bring(laptopWith({}));
    const left = () =>
      [...home.rows("ip/firewall/address-list"), ...home.rows("ipv6/firewall/address-list")].filter((row) => row.list === "np-closed");
    expect(left()).toEqual([]);
    await home.apply(laptopWith({ inboundClosed: true }));
    closed("ip/firewall/address-list", "192.168.88.21");
    await home.emulator.time.advance(60_000);
    expect(left()).toEqual([]);
  });

  it("leave an isolated device the router and the infrastructure", async () => {
    home = await rig();
    await home.bring(laptopWith({ isolated: true }));
    const frames = home.ours("interface/bridge/filter").map(bare);
    const mask = (mac: string) => `${mac.toUpperCase()}/FF:FF:FF:FF:FF:FF`;
    const [own, infrastructure] = [mask(sampleMacs.laptop), mask(sampleMacs.protected)];
    expect(frames.slice(0, 4)).toEqual([
      { chain: "np-isolated", action: "return", "src-mac-address": own, "dst-mac-address": infrastructure },
      { chain: "np-isolated", action: "return", "src-mac-address": infrastructure, "dst-mac-address": own },
      { chain: "np-isolated", action: "drop", "src-mac-address": own },
      { chain: "np-isolated", action: "drop", "dst-mac-address": own },
    ]);
    expect(frames.slice(4).map((row) => [row.chain, row.action])).toEqual([
      ["np-bridge", "return"],
      ["np-bridge", "return"],
      ["np-bridge", "jump"],
      ["forward", "jump"],
    ]);
  });

  it("are refused where they would hit the router itself", async () => {
    home = await rig();
    for (const wish of [
      { blocked: true },
      { isolated: true },
      { tunnel: "wg0" },
      { firewall: "strict" as const },
      { blockedApplications: ["zoom"] },
    ]) {
      const plan = samplePlan([neutralDevice("router", ["02:00:00:0b:0b:02"], wish)]);
      const error = await failure(async () => home.driver.plan(plan, await home.driver.read()));
      expect(error).toBeInstanceOf(UnsafePlan);
      expect(error.message).toMatch(new RegExp(`"router".*devices\\.router\\.${Object.keys(wish)[0]}`));
    }
    const starving = { ...workAndPlay(), lines: [{ wan: "wan", shaper: { down: 10, up: 10 } }] };
    expect(await failure(async () => home.driver.plan(starving, await home.driver.read()))).toBeInstanceOf(UnsafePlan);
  });
});

describe("tunnels of a MikroTik router", () => {
  const inTunnel = laptopWith({ tunnel: "wg0" });

  it("are brought up when their owner lent them, and down again", async () => {
    home = await rig();
    const wg = home.rows("interface/wireguard")[0]!;
    await home.bring(inTunnel);
    expect([wg.disabled, wg.comment]).toEqual(["false", "np:tunnel on"]);
    await home.bring(laptopWith({}));
    expect([wg.disabled, wg.comment]).toEqual(["true", "np:tunnel"]);
    await home.bring(inTunnel);
    await home.driver.release();
    expect([wg.disabled, wg.comment]).toEqual(["true", "np:tunnel"]);
  });

  it("that are up anyway stay up, and unmarked", async () => {
    home = await rig();
    const wg = home.rows("interface/wireguard")[0]!;
    Object.assign(wg, { disabled: "false", comment: "office" });
    await home.bring(inTunnel);
    await home.bring(null);
    expect([wg.disabled, wg.comment]).toEqual(["false", "office"]);
  });

  it("have a name that a plan can say", async () => {
    home = await rig();
    const [wg] = home.rows("interface/wireguard");
    const [link] = home.rows("interface").filter((row) => row.name === "wg0");
    wg!.name = link!.name = "WG Office";
    expect((await home.driver.capabilities()).tunnels).toEqual(["wg-office"]);
    await home.bring(laptopWith({ tunnel: "wg-office" }));
    expect([wg!.disabled, home.ours("ip/route")[0]!.gateway]).toEqual(["false", "WG Office"]);
  });

  it("that are off and not lent are left out, with how to lend them", async () => {
    home = await rig();
    home.rows("interface/wireguard")[0]!.comment = "mine";
    expect((await home.driver.capabilities()).fields["device.tunnel"]).toBe("impossible");
    const { omissions } = await home.driver.plan(inTunnel, await home.driver.read());
    expect(omissions).toContainEqual(expect.objectContaining({ field: "device.tunnel", why: expect.stringContaining("np:tunnel") }));
  });

  it("carry everything of a device or nothing, and its questions for names", async () => {
    home = await rig();
    await home.bring(inTunnel);
    expect(home.ours("ip/route").map(bare)).toEqual([
      { active: "true", distance: "1", "dst-address": "0.0.0.0/0", gateway: "wg0", "routing-table": "np-wg0" },
    ]);
    const routes = home.ours("ip/firewall/mangle").filter((row) => row.chain === "np-routes");
    expect(routes.map((row) => row["dst-port"] ?? row["dst-address-list"])).toEqual(["53", "53", "!np-local"]);
    expect(home.ours("ip/firewall/nat").map(({ chain, action, "to-addresses": to = "" }) => [chain, action, to])).toEqual([
      ["dstnat", "jump", ""],
      ["dstnat", "jump", ""],
      ["np-names", "dst-nat", "9.9.9.9"],
      ["srcnat", "masquerade", ""],
    ]);
    // No address of the tunnel for IPv6, so nothing of it goes in, and nothing past it.
    expect(home.ours("ipv6/route")).toEqual([]);
    for (const family of ["ip", "ipv6"])
      expect(home.ours(`${family}/firewall/filter`).map(bare)).toContainEqual(
        expect.objectContaining({ action: "reject", "out-interface": "ether1" }),
      );
  });

  it("carry IPv6 when they have an address of it", async () => {
    home = await rig();
    home.emulator.device.put("ipv6/address", { address: "fd00::2/64", interface: "wg0", disabled: "false" });
    await home.bring(inTunnel);
    expect(home.ours("ipv6/route").map((row) => row.gateway)).toEqual(["wg0"]);
  });

  it("go down again when a change is not confirmed", async () => {
    home = await rig();
    const before = home.kept();
    const wg = structuredClone(home.rows("interface/wireguard"));
    await home.apply(inTunnel);
    await home.emulator.time.advance(60_000);
    expect(home.kept()).toEqual(before);
    expect(home.rows("interface/wireguard")).toEqual(wg);
  });
});
