import { LockedOut, Rejected, Unreachable, Unsupported } from "@network-personas/engine/driver";
import { BadInput, inEnglish, type NetworkPlan } from "@network-personas/engine/model";
import { evening, inClass, laptop, sampleMacs, samplePlan, workAndPlay } from "@network-personas/engine/testing";
import { afterEach, describe, expect, it } from "vitest";
import { type Rig, type RigOptions, rig } from "../emulators/routeros/fixture.ts";
import type { WireFault } from "../emulators/routeros/index.ts";
import { Refused, type Row } from "../emulators/routeros/values.ts";
import { failureOf } from "../emulators/shared/rig.ts";
import { opensslFor, selfSigned } from "../support/certificate.ts";
import { describeIf } from "../support/require.ts";

const password = "s3cret/with:odd@signs";
let home: Rig;
afterEach(() => home.stop());

const start = async (options: RigOptions = {}) => {
  home = await rig({ ...options, account: { password, ...options.account } });
  return home.emulator.device;
};
const failure = (call: () => Promise<unknown>) => failureOf(call, password);
const checks = async () => new Map((await home.driver.doctor!()).map((finding) => [finding.check, finding]));
const omitted = async (plan: NetworkPlan) => (await home.driver.plan(plan, await home.driver.read())).omissions.map(({ field }) => field);
const everything = samplePlan([
  laptop({
    ...inClass("realtime"),
    guarantee: { down: 1_000, up: 1_000 },
    ceiling: { down: 9_000, up: 9_000 },
    latencyTarget: 15,
    tunnel: "wg0",
    blocked: true,
  }),
]);

describe("what would defeat a plan on a MikroTik router", () => {
  it("is nothing on one that is prepared, and doctor writes nothing to find out", async () => {
    const device = await start();
    const findings = await home.driver.doctor!();
    expect(findings.filter(({ status }) => status !== "ok").map(({ check }) => check)).toEqual(["transport"]);
    expect(device.writes).toBe(0);
  });

  for (const menu of ["ip/firewall/filter", "ipv6/firewall/filter"])
    it(`is FastTrack in ${menu}: named, with the command that tames it, and nothing is shaped until then`, async () => {
      const device = await start();
      const rule = device.put(menu, {
        chain: "forward",
        action: "fasttrack-connection",
        "connection-state": "established,related",
        comment: "defconf: fasttrack",
      });
      const finding = (await checks()).get("FastTrack")!;
      expect(finding.message).toContain(`${menu} ${rule[".id"]} "defconf: fasttrack"`);
      expect(finding.remedy).toContain(`/${menu.replaceAll("/", " ")} set ${rule[".id"]} connection-mark=no-mark`);
      expect((await home.driver.read()).foreign.map((found) => inEnglish(found))).toEqual([expect.stringContaining("FastTrack rule")]);
      const { fields, classes, tunnels } = await home.driver.capabilities();
      expect([fields["line.shaper"], fields["device.class"], fields["device.tunnel"]]).toEqual(["impossible", "impossible", "impossible"]);
      expect([classes, tunnels]).toEqual([["default"], []]);
      expect(await omitted(everything)).toEqual([
        "line.shaper",
        "device.class",
        "device.guarantee",
        "device.ceiling",
        "device.latencyTarget",
        "device.tunnel",
      ]);
      await home.bring(everything);
      expect(home.ours("queue/tree")).toEqual([]);
      // A block needs no queue.
      expect(home.ours(menu).some((row) => row.action === "reject")).toBe(true);
      device.set(menu, rule[".id"]!, { "connection-mark": "no-mark" }, new Set());
      expect(await omitted(everything)).toEqual([]);
      expect((await checks()).get("FastTrack")?.status).toBe("ok");
    });

  it("is a switch chip that forwards frames past the bridge filter", async () => {
    const device = await start();
    device.rows("interface/bridge/port")[0]!["hw-offload"] = "true";
    expect((await home.driver.capabilities()).fields["device.isolated"]).toBe("substituted");
    expect((await checks()).get("hardware offload")).toMatchObject({ status: "warning", message: expect.stringContaining("ether2") });
    const { omissions, changes } = await home.driver.plan(samplePlan([laptop({ isolated: true })]), await home.driver.read());
    expect(omissions).toEqual([expect.objectContaining({ field: "device.isolated", why: expect.stringContaining("hw=no") })]);
    expect(changes.map(({ target }) => target)).toContain("interface bridge filter alice-laptop/isolated");
  });

  it("is a switch chip that routes by itself", async () => {
    const device = await start();
    device.put("interface/ethernet/switch", { name: "switch1", "l3-hw-offloading": "true" });
    expect((await checks()).get("hardware offload")).toMatchObject({ status: "warning", remedy: expect.stringContaining("set switch1") });
  });

  it("is no line that is down for a while: what was written stays", async () => {
    const device = await start();
    const plan = samplePlan([laptop({ ...inClass("realtime"), blocked: true })]);
    await home.bring(plan);
    device.menus.set("ip/route", []);
    expect(await home.changesTo(plan)).toEqual([]);
    expect(await omitted(plan)).toEqual([]);
  });

  it("are queues of the owner's", async () => {
    const device = await start();
    device.put("queue/simple", { name: "kids", target: "192.168.88.0/24" });
    device.put("queue/tree", { name: "mine", parent: "global" });
    device.put("queue/simple", { name: "old", target: "192.168.88.0/24", disabled: "true" });
    await home.bring(workAndPlay());
    expect((await checks()).get("foreign queues")?.message).toBe("queues that are not ours shape, too: kids, mine");
    expect((await home.driver.read()).foreign.map((found) => inEnglish(found))).toEqual([expect.stringContaining("kids, mine")]);
  });

  it("is a RouterOS that is too old", async () => {
    await start({ version: "7.8 (stable)" });
    const error = await failure(async () => home.driver.plan(workAndPlay(), await home.driver.read()));
    expect(error).toBeInstanceOf(Unsupported);
    expect(error.message).toMatch(/RouterOS 7\.8 \(stable\) is too old; 7\.9 or newer/);
    expect((await checks()).get("version")?.status).toBe("failed");
  });

  it("is no line: then nothing can be restricted or shaped, and it says so", async () => {
    const device = await start();
    device.menus.set("ip/route", []);
    device.menus.set("interface/list/member", []);
    device.menus.set("interface/wireguard", []);
    expect((await checks()).get("line")?.remedy).toMatch(/Set `wan`/);
    expect(await omitted(samplePlan([laptop({ ...inClass("realtime"), blocked: true })]))).toEqual([
      "line.shaper",
      "device.class",
      "device.blocked",
    ]);
    await home.bring(samplePlan([laptop({ blocked: true })]));
    expect(device.writes).toBe(0);
  });

  it("is not another way out: a second line, a table of its own, a tunnel for IPv6, what the owner calls WAN", async () => {
    const device = await start();
    const route = (menu: string, row: Row) => device.put(menu, { disabled: "false", active: "true", distance: "2", ...row });
    for (const name of ["lte1", "ether3", "sit1", "ether4"]) device.put("interface", { name, "mac-address": "02:00:00:0B:0B:07" });
    route("ip/route", { "dst-address": "0.0.0.0/0", gateway: "lte1", active: "false" });
    route("ip/route", {
      "dst-address": "0.0.0.0/0",
      gateway: "198.51.100.1",
      "immediate-gw": "198.51.100.1%ether3",
      "routing-table": "to-second",
    });
    route("ipv6/route", { "dst-address": "2000::/3", gateway: "sit1" });
    route("ipv6/route", { "dst-address": "::/0", gateway: "fe80::1%ether1", "immediate-gw": "fe80::1%ether1" });
    device.put("interface/list/member", { list: "WAN", interface: "ether4", disabled: "false" });
    await home.bring(samplePlan([laptop({ blocked: true })]));
    for (const family of ["ip", "ipv6"]) {
      const exits = home.ours(`${family}/firewall/filter`).filter((row) => row["jump-target"] === "np-out");
      expect(exits.map((row) => row["out-interface"])).toEqual(["ether1", "ether3", "ether4", "lte1", "sit1", "wg0"]);
    }
    expect(new Set(home.ours("ip/firewall/mangle").flatMap((row) => row["out-interface"] ?? []))).toEqual(new Set(["ether1"]));
  });
});

describe("rights at a MikroTik router", () => {
  it("that lack are named one by one", async () => {
    await start({ account: { policies: ["read", "api", "rest-api"] } });
    const all = await checks();
    expect(all.get("right: write")).toMatchObject({ status: "failed", remedy: expect.stringContaining("/user group set") });
    expect(all.has("right: read")).toBe(false);
  });

  it("that may not be seen are tried on nothing", async () => {
    const device = await start({ account: { policies: ["read", "api", "rest-api"], seesUsers: false } });
    expect((await checks()).get("right: write")).toMatchObject({ status: "failed" });
    home.emulator.account.policies.push("write");
    expect((await checks()).get("rights")).toMatchObject({ status: "ok" });
    expect(device.writes).toBe(0);
  });

  it("that are too many are warned of", async () => {
    await start({ account: { policies: ["read", "write", "api", "rest-api", "policy", "sensitive"] } });
    expect((await checks()).get("too many rights")).toMatchObject({
      status: "warning",
      message: expect.stringContaining("policy, sensitive"),
    });
  });

  it("to log in over REST are told apart from nothing else, as the router does not", async () => {
    await start({ account: { policies: ["read", "write", "api"] } });
    expect((await checks()).get("login")).toMatchObject({ status: "failed", remedy: expect.stringContaining("rest-api") });
  });
});

describe("who is at a MikroTik router", () => {
  it("are its Wi-Fi, hosts behind its bridges, and neighbours that answer; a lease alone is nobody", async () => {
    const device = await start();
    device.put("ip/dhcp-server/lease", {
      "mac-address": "02:00:00:00:00:77",
      address: "192.168.88.77",
      "host-name": "away",
      status: "waiting",
    });
    device.put("ip/arp", { "mac-address": "02:00:00:00:00:78", address: "192.168.88.78", interface: "bridge", status: "reachable" });
    device.put("ip/arp", { "mac-address": "02:00:00:00:00:79", address: "192.168.88.79", interface: "bridge", status: "stale" });
    device.put("ip/arp", { "mac-address": "02:00:00:00:99:01", address: "203.0.113.1", interface: "ether1", status: "reachable" });
    device.put("interface/bridge/host", { "mac-address": "02:00:00:0B:0B:02", "on-interface": "bridge", local: "true" });
    device.put("ipv6/neighbor", {
      "mac-address": sampleMacs.laptop.toUpperCase(),
      address: "2001:db8::21",
      interface: "bridge",
      status: "reachable",
    });
    device.put("ip/dhcp-server/lease", { "mac-address": "not one", address: "192.168.88.80", "host-name": "odd" });
    expect(await home.driver.clients!()).toEqual([
      { mac: sampleMacs.laptop, ipv4: "192.168.88.21", ipv6: ["2001:db8::21"], hostname: "alice-laptop", connected: true, via: "wifi" },
      { mac: sampleMacs.console, ipv4: "192.168.88.22", hostname: "bob-console", connected: true, via: "wired" },
      { mac: "02:00:00:00:00:77", ipv4: "192.168.88.77", hostname: "away", connected: false },
      { mac: "02:00:00:00:00:78", ipv4: "192.168.88.78", connected: true },
      { mac: "02:00:00:00:00:79", ipv4: "192.168.88.79", connected: false },
    ]);
  });

  it("are seen also where menus of newer or older versions are missing", async () => {
    const device = await start({
      missing: ["interface/wifi", "interface/wireguard", "ipv6/neighbor", "ip/kid-control", "ipv6/firewall/connection"],
    });
    device.put("interface/wireless/registration-table", {
      "mac-address": sampleMacs.laptop.toUpperCase(),
      "signal-strength": "-51@5GHz-Ac/80",
    });
    expect((await home.driver.clients!()).find((c) => c.mac === sampleMacs.laptop)?.via).toBe("wifi");
    expect((await home.driver.capabilities()).tunnels).toEqual([]);
    await home.driver.flows!();
  });

  it("is counted by the queues of the plan, from the device's side", async () => {
    const device = await start();
    await home.bring(workAndPlay());
    for (const [name, bytes] of [
      ["np-down.alice-laptop", "70000"],
      ["np-up.alice-laptop", "9000"],
    ] as const)
      device.rows("queue/tree").find((row) => row.name === name)!.bytes = bytes;
    const { devices, wan } = await home.driver.counters!();
    expect(devices.get(sampleMacs.laptop)).toEqual({ downBytes: 70_000, upBytes: 9_000 });
    expect(devices.size).toBe(2);
    expect(wan).toEqual({ downBytes: 5_000_000, upBytes: 700_000 });
  });

  it("is counted by kid-control where that is used, address by address", async () => {
    const device = await start();
    const count = (down: string, up: string) =>
      device.put("ip/kid-control/device", { "mac-address": sampleMacs.tv.toUpperCase(), "bytes-down": down, "bytes-up": up });
    count("1000", "10");
    count("500", "5");
    expect((await home.driver.counters!()).devices).toEqual(new Map([[sampleMacs.tv, { downBytes: 1_500, upBytes: 15 }]]));
  });

  it("has connections, of both families, whichever way they are counted", async () => {
    const device = await start();
    device.put("ipv6/neighbor", {
      "mac-address": sampleMacs.laptop.toUpperCase(),
      address: "2001:db8::21",
      interface: "bridge",
      status: "stale",
    });
    const bytes = { "orig-packets": "10", "orig-bytes": "1000", "repl-packets": "20", "repl-bytes": "30000" };
    device.put("ip/firewall/connection", {
      protocol: "tcp",
      "src-address": "192.168.88.21:50000",
      "dst-address": "198.51.100.1:443",
      "reply-src-address": "198.51.100.1:443",
      "reply-dst-address": "203.0.113.2:50000",
      ...bytes,
      "repl-fasttrack-bytes": "90000",
      "repl-fasttrack-packets": "60",
    });
    device.put("ipv6/firewall/connection", {
      protocol: "udp",
      "src-address": "2001:db8::21",
      "src-port": "50001",
      "dst-address": "2001:db8:1::1",
      "dst-port": "3478",
      "reply-src-address": "2001:db8:1::1",
      "reply-src-port": "3478",
      "reply-dst-address": "2001:db8::21",
      "reply-dst-port": "50001",
      ...bytes,
    });
    device.put("ip/firewall/connection", {
      protocol: "udp",
      "src-address": "192.168.88.21:50002",
      "dst-address": "192.168.88.22:53",
      "reply-src-address": "192.168.88.22:53",
      "reply-dst-address": "192.168.88.21:50002",
      ...bytes,
    });
    device.put("ip/firewall/connection", { protocol: "icmp", "src-address": "192.168.88.21", "dst-address": "198.51.100.1" });
    const flow = { mac: sampleMacs.laptop, upBytes: 1_000, upPackets: 10 };
    expect((await home.driver.flows!()).map(({ id: _, ageMs: __, ...rest }) => rest)).toEqual([
      { ...flow, protocol: "tcp", remotePort: 443, downBytes: 90_000, downPackets: 60 },
      { ...flow, protocol: "udp", remotePort: 3478, downBytes: 30_000, downPackets: 20 },
    ]);
  });

  it("is never asked by a command that waits for events, nor for a private key", async () => {
    await start();
    await home.bring(everything);
    await home.driver.doctor!();
    await home.driver.counters!();
    expect(home.emulator.requests().filter((one) => one.startsWith("POST"))).toEqual([]);
    expect(JSON.stringify([await home.driver.read(), await home.driver.capabilities(), home.logged])).not.toContain("not-to-be-shown");
  });
});

const badAnswers: [string, WireFault, typeof Rejected | typeof Unreachable | typeof Unsupported, RegExp][] = [
  ["a web page", { kind: "garbage" }, Rejected, /expected JSON but got a web page/],
  ["nothing", { kind: "garbage", body: "", type: "application/json" }, Rejected, /expected JSON but got nothing/],
  ["a number", { kind: "garbage", body: "42" }, Rejected, /not one of RouterOS/],
  ["an object of something else", { kind: "garbage", body: '{"hello":["world"]}' }, Rejected, /not one of RouterOS/],
  ["JSON that ends too early", { kind: "truncate" }, Rejected, /ends too early/],
  ["without end", { kind: "huge", bytes: 60_000_000 }, Rejected, /larger than 16777216 bytes/],
  ["HTTP 502", { kind: "status", code: 502 }, Rejected, /HTTP 502/],
  ["HTTP 404 without REST", { kind: "status", code: 404 }, Unsupported, /no REST API at this address/],
  ["a redirect", { kind: "redirect", to: "https://192.168.88.1/x?token=1" }, Rejected, /redirects to https:\/\/192\.168\.88\.1; set `url`/],
  ["not at all, the connection ends", { kind: "cut" }, Unreachable, /closed the connection/],
  ["not in time", { kind: "hang" }, Unreachable, /no complete answer within 2 s/],
];
describe("a MikroTik router that answers badly", () => {
  for (const [what, fault, kind, message] of badAnswers)
    it(`answers ${what}: one clear error`, async () => {
      await start({ settings: { requestTimeout: "PT2S" } });
      await home.driver.read();
      home.emulator.fault(fault);
      const error = await failure(() => home.driver.read());
      expect(error).toBeInstanceOf(kind);
      expect(error).not.toBeInstanceOf(LockedOut);
      expect(error.message).toMatch(message);
      home.emulator.fault(null);
      await home.emulator.time.advance(2_000);
      await home.driver.read();
    });

  it("gives its last answer again, which has no number to tell it by: a change notices, and leaves nothing half done", async () => {
    await start({ settings: { requestTimeout: "PT2S" } });
    await home.bring(evening());
    const before = home.kept();
    const changes = await home.driver.plan(workAndPlay(), await home.driver.read());
    home.emulator.fault({ kind: "replay" });
    const error = await failure(() => home.driver.apply(changes, { confirmWithin: 30_000 }));
    expect(error).toBeInstanceOf(Rejected);
    expect(home.kept()).toEqual(before);
    home.emulator.fault(null);
    await home.driver.rollback();
    expect(home.kept()).toEqual(before);
    await home.bring(workAndPlay());
    expect(await home.changesTo(workAndPlay())).toEqual([]);
  });

  it("is not repeated when it tells our password, nor with anything but plain words", async () => {
    await start();
    home.emulator.spoil(() => new Refused(`wrong <b>${password}</b>\u0007 here`));
    expect((await failure(() => home.apply(workAndPlay()))).message).toMatch(/refused it: wrong b…\/b here|refused it: wrong b\/b here/);
  });
});

describe("settings of a MikroTik router", () => {
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ url: undefined }, /routers\.main\.url.*https:\/\/192\.168\.88\.1/],
    [{ url: "https://me:secret@192.168.88.1" }, /must not hold a user name/],
    [{ password: undefined }, /routers\.main\.password/],
    [{ wan: "ether1; /system reset" }, /name of an interface/],
    [{ dns: { family: { ipv4: "1.1.1.3", ipv6: "1.1.1.3" } } }, /routers\.main\.dns\.family\.ipv6.*IPv6 address/],
    [{ dns: { malware: { ipv4: "9.9.9.9" } } }, /routers\.main\.dns\.malware\.ipv6/],
  ];
  for (const [settings, message] of bad)
    it(`are refused: ${JSON.stringify(settings)}`, async () => {
      await start();
      const error = await failure(() => home.another(settings));
      expect(error).toBeInstanceOf(BadInput);
      expect(error.message).toMatch(message);
    });

  it("may name the line, and resolvers", async () => {
    await start({ settings: { wan: "ether2", dns: { family: { ipv4: "185.228.168.168", ipv6: "2a0d:2a00:1::" } } } });
    await home.bring(samplePlan([laptop({ familyFilter: true })]));
    expect(
      home
        .ours("ip/firewall/mangle")
        .filter((row) => row["in-interface"])
        .map((row) => row["in-interface"]),
    ).toEqual(["ether2", "ether2"]);
    expect(home.ours("ip/firewall/nat").map((row) => row["to-addresses"])).toContain("185.228.168.168");
    expect(home.ours("ipv6/firewall/nat").map((row) => row["to-address"])).toContain("2a0d:2a00:1::/128");
  });
});

const first = selfSigned("MikroTik");
describeIf(opensslFor(first), "a MikroTik router over https", () => {
  const second = selfSigned("MikroTik");

  it("is remembered on first use, and no other is spoken to", async () => {
    await start({ tls: first! });
    await home.bring(workAndPlay());
    expect((await checks()).get("transport")?.status).toBe("ok");
    const impostor = await rig({ tls: second! });
    try {
      const error = await failure(async () => (await home.another({ url: impostor.emulator.url })).identify());
      expect(error).toBeInstanceOf(Rejected);
      expect(error.message).toContain(second!.fingerprint);
      expect(impostor.emulator.requests()).toEqual([]);
    } finally {
      await impostor.stop();
    }
  });
});
