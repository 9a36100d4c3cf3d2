import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type RouterOsEmulator, startRouterOs } from "../emulators/routeros/index.ts";
import { runScript, ScriptError } from "../emulators/routeros/script.ts";
import { steppedTime } from "../emulators/shared/time.ts";

let emulator: RouterOsEmulator;
beforeEach(async () => {
  emulator = await startRouterOs();
});
afterEach(() => emulator.stop());

const basic = (password = "correct horse battery") => `Basic ${Buffer.from(`personas:${password}`).toString("base64")}`;
const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  fetch(`${emulator.url}/rest/${path}`, {
    method,
    headers: { authorization: basic(), ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const said = async (answer: Response | Promise<Response>) => {
  const response = await answer;
  return [response.status, (await response.json()) as Record<string, unknown>] as const;
};
const rights = new Set(["read", "write"]);

describe("RouterOS' REST API", () => {
  it("wants the password with every request, and answers its web page to everybody", async () => {
    expect((await fetch(emulator.url)).status).toBe(200);
    const [status, body] = await said(send("GET", "system/resource", undefined, { authorization: basic("no") }));
    expect([status, body]).toEqual([401, { error: 401, message: "Unauthorized" }]);
    expect((await send("GET", "system/resource")).status).toBe(200);
  });

  it("answers texts only, and what was asked for", async () => {
    const [, rules] = await said(send("GET", "ip/firewall/filter?chain=input&.proplist=.id,disabled,action"));
    expect(rules).toEqual([
      { ".id": "*2", disabled: "false", action: "accept" },
      { ".id": "*3", disabled: "false", action: "drop" },
    ]);
  });

  it("creates with PUT, changes with PATCH, and forgets with DELETE", async () => {
    const [created, made] = await said(
      send("PUT", "queue/tree", { name: "a", parent: "global", "max-limit": "5M", priority: 3, disabled: false }),
    );
    expect([created, made]).toMatchObject([201, { "max-limit": "5000000", priority: "3", disabled: "false", queue: "default-small" }]);
    const [changed, after] = await said(send("PATCH", `queue/tree/${made[".id"]}`, { comment: null, "limit-at": "64k" }));
    expect([changed, after]).toMatchObject([200, { comment: "", "limit-at": "64000" }]);
    expect((await send("DELETE", `queue/tree/${made[".id"]}`)).status).toBe(204);
    const [status, gone] = await said(send("DELETE", `queue/tree/${made[".id"]}`));
    expect([status, gone]).toEqual([404, { detail: "no such item", error: 404, message: "Not Found" }]);
  });

  it("takes its own content type only, and no POST to a menu", async () => {
    const body = { list: "x", address: "192.0.2.1" };
    const charset = { "content-type": "application/json; charset=utf-8" };
    expect((await send("PUT", "ip/firewall/address-list", body, charset)).status).toBe(415);
    expect(await said(send("POST", "ip/firewall/address-list", body))).toMatchObject([400, { detail: "no such command" }]);
    expect(await said(send("GET", "ip/accounting"))).toMatchObject([400, { detail: "no such command or directory" }]);
    expect(emulator.device.writes).toBe(0);
  });

  const filter = { chain: "forward", action: "drop" };
  const mangle = { chain: "prerouting", action: "mark-connection", "new-connection-mark": "x" };
  const refused: [string, string, unknown, RegExp][] = [
    ["an argument it does not know", "ip/firewall/filter", { ...filter, surprise: "1" }, /^unknown parameter surprise$/],
    ["a comment of a type of queues", "queue/type", { name: "x", kind: "pfifo", comment: "x" }, /^unknown parameter comment$/],
    [
      "IPv4's name of an address in IPv6",
      "ipv6/firewall/nat",
      { chain: "dstnat", "to-addresses": "::1" },
      /^unknown parameter to-addresses$/,
    ],
    ["an action it does not know", "ip/firewall/filter", { ...filter, action: "deny" }, /does not match any value of action/],
    [
      "an interface it does not have",
      "ip/firewall/filter",
      { ...filter, "in-interface": "eth0" },
      /does not match any value of in-interface/,
    ],
    ["ports of no protocol", "ip/firewall/filter", { ...filter, "dst-port": "443" }, /ports can be specified if proto is/],
    ["names of TLS over UDP", "ip/firewall/filter", { ...filter, protocol: "udp", "tls-host": "x.org" }, /proto is 6 tcp/],
    ["a jump to nowhere", "ip/firewall/filter", { ...filter, action: "jump" }, /jump-target must be specified/],
    ["no chain", "ip/firewall/filter", { action: "drop" }, /missing value\(s\) of argument\(s\) chain/],
    [
      "a way out before the route is known",
      "ip/firewall/mangle",
      { ...mangle, "out-interface": "ether1" },
      /outgoing interface matching not possible/,
    ],
    [
      "the sender's MAC address on the way out",
      "ip/firewall/mangle",
      { ...mangle, chain: "postrouting", "src-mac-address": "02:00:00:00:00:11" },
      /source mac address matching not possible/,
    ],
    [
      "a table of routes that is not there",
      "ip/firewall/mangle",
      { chain: "prerouting", action: "mark-routing", "new-routing-mark": "x" },
      /any value of new-routing-mark/,
    ],
    [
      "a code point out of range",
      "ip/firewall/mangle",
      { chain: "forward", action: "change-dscp", "new-dscp": "64" },
      /out of range \(0\.\.63\)/,
    ],
    ["half a MAC address", "ip/firewall/filter", { ...filter, "src-mac-address": "02:00" }, /invalid value for argument src-mac-address/],
    ["a parent that is not there", "queue/tree", { name: "x", parent: "y" }, /does not match any value of parent/],
    [
      "a floor above the ceiling",
      "queue/tree",
      { name: "x", parent: "global", "limit-at": "2M", "max-limit": "1M" },
      /limit-at must not be more/,
    ],
    ["a queue that is there", "interface/list", { name: "WAN" }, /^failure: already have list with such name$/],
    ["a place that is not there", "ip/firewall/filter", { ...filter, "place-before": "*99" }, /no such item/],
    ["a place before what the router made", "ip/firewall/filter", { ...filter, "place-before": "*1" }, /before dynamic item/],
    [
      "a protocol of frames that are none of IP",
      "interface/bridge/filter",
      { chain: "forward", "ip-protocol": "udp" },
      /for mac-protocol ip/,
    ],
    ["a list as a value", "ip/firewall/filter", { ...filter, comment: ["x"] }, /invalid value for argument comment/],
  ];
  for (const [what, menu, body, detail] of refused)
    it(`refuses ${what}`, async () => {
      const [status, answer] = await said(send("PUT", menu, body));
      expect([status, answer.error, answer.message]).toEqual([400, 400, "Bad Request"]);
      expect(answer.detail).toMatch(detail);
      expect(emulator.device.writes).toBe(0);
    });

  it("keeps rules in order, and puts one where it is told", async () => {
    const before = emulator.device.rows("ip/firewall/filter").map((row) => row[".id"]);
    const [, made] = await said(send("PUT", "ip/firewall/filter", { ...filter, "place-before": "*4" }));
    expect(made).not.toHaveProperty("place-before");
    const after = emulator.device.rows("ip/firewall/filter").map((row) => row[".id"]);
    expect(after).toEqual(before.flatMap((id) => (id === "*4" ? [made[".id"], id] : [id])));
  });

  it("gives no number twice, and keeps them over a restart", async () => {
    const add = async () =>
      (await said(send("PUT", "ip/firewall/address-list", { list: "x", address: "192.0.2.1", timeout: "1h" })))[1][".id"];
    const first = await add();
    await send("DELETE", `ip/firewall/address-list/${first}`);
    expect(await add()).not.toBe(first);
    const rules = structuredClone(emulator.device.rows("ip/firewall/nat"));
    emulator.device.reboot();
    expect(emulator.device.rows("ip/firewall/nat")).toEqual(rules);
  });

  const entries = "ip/firewall/address-list";
  it("takes no entry of a list twice, however it is written", async () => {
    const twice: [string, string, string, string][] = [
      ["ip", "198.51.100.7/24", "198.51.100.99/24", "198.51.100.0/24"],
      ["ip", "198.51.100.1/32", "198.51.100.1", "198.51.100.1"],
      ["ip", "zoom.us", "zoom.us", "zoom.us"],
      ["ipv6", "2001:DB8:0:0::2", "2001:db8::2/128", "2001:db8::2/128"],
      ["ipv6", "2001:db8:1::5/64", "2001:0db8:0001::/64", "2001:db8:1::/64"],
      ["ipv6", "8000::/1", "ffff::/1", "8000::/1"],
    ];
    for (const [family, once, again, shown] of twice) {
      const menu = `${family}/firewall/address-list`;
      expect(await said(send("PUT", menu, { list: "x", address: once }))).toMatchObject([201, { address: shown, dynamic: "false" }]);
      const refused = [400, { detail: "failure: already have such entry" }];
      expect(await said(send("PUT", menu, { list: "x", address: again, timeout: "1h" }))).toMatchObject(refused);
      const [, other] = await said(send("PUT", menu, { list: "y", address: again }));
      expect(await said(send("PATCH", `${menu}/${other[".id"]}`, { list: "x" }))).toMatchObject(refused);
    }
  });

  it("keeps an entry with a time in memory until that ends, and gives it more when it is told to", async () => {
    const shown = async (id: unknown) => (await said(send("GET", `${entries}/${id}`)))[1];
    const [, made] = await said(send("PUT", entries, { list: "x", address: "0.0.0.0/1", timeout: "900s", comment: "mine" }));
    expect(made).toMatchObject({ dynamic: "true", timeout: "15m", comment: "mine", "creation-time": "2026-01-05 09:00:00" });
    await emulator.time.advance(61_500);
    expect(await shown(made[".id"])).toMatchObject({ timeout: "13m59s" });
    expect(await said(send("PATCH", `${entries}/${made[".id"]}`, { timeout: "1m" }))).toMatchObject([
      200,
      { timeout: "1m", dynamic: "true" },
    ]);
    for (const change of [{ disabled: "true" }, { address: "128.0.0.0/1" }, { list: "y" }])
      expect((await said(send("PATCH", `${entries}/${made[".id"]}`, change)))[1].detail).toBe("failure: can not change dynamic item");
    await emulator.time.advance(60_000);
    expect(await said(send("PATCH", `${entries}/${made[".id"]}`, { timeout: "1m" }))).toMatchObject([404, { detail: "no such item" }]);
    await send("PUT", entries, { list: "x", address: "0.0.0.0/1", timeout: "1h" });
    emulator.device.reboot();
    expect(emulator.device.rows(entries).map(({ list }) => list)).toEqual(["friends"]);
  });

  it("looks up an entry that is a name, again after a restart, and not while it is off", async () => {
    const found = () => emulator.device.rows(entries).filter((row) => row.comment === "zoom.us");
    const [, made] = await said(send("PUT", entries, { list: "x", address: "zoom.us" }));
    expect(found()).toMatchObject([{ list: "x", address: "203.0.113.99", dynamic: "true" }]);
    emulator.device.reboot();
    expect(found()).toHaveLength(1);
    await send("PATCH", `${entries}/${made[".id"]}`, { disabled: "true" });
    expect(found()).toEqual([]);
  });

  it("removes nothing that something else needs", async () => {
    await send("PUT", "queue/type", { name: "t", kind: "fq-codel", "fq-codel-target": "5ms" });
    await send("PUT", "queue/tree", { name: "p", parent: "global", queue: "t" });
    await send("PUT", "queue/tree", { name: "c", parent: "p" });
    const idOf = (menu: string, name: string) => emulator.device.rows(menu).find((row) => row.name === name)![".id"];
    expect((await said(send("DELETE", `queue/type/${idOf("queue/type", "t")}`)))[1].detail).toMatch(/in use/);
    expect((await said(send("DELETE", `queue/tree/${idOf("queue/tree", "p")}`)))[1].detail).toMatch(/children/);
  });

  it("says what right is missing with one number for all of them", async () => {
    emulator.account.policies = ["read", "api", "rest-api"];
    const lacking = { detail: "not enough permissions (9)", error: 500, message: "Internal Server Error" };
    expect(await said(send("PUT", "ip/firewall/filter", filter))).toEqual([500, lacking]);
    emulator.account.policies = ["api", "rest-api"];
    expect(await said(send("GET", "ip/firewall/filter"))).toEqual([500, lacking]);
  });

  it("shows no private key to whoever may not see it", async () => {
    expect((await said(send("GET", "interface/wireguard")))[1]).toMatchObject([{ name: "wg0" }]);
    expect(await (await send("GET", "interface/wireguard")).text()).not.toContain("not-to-be-shown");
  });

  it("makes everybody wait behind a monitor that nobody ends", async () => {
    await emulator.stop();
    const time = steppedTime();
    const begun = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const sleep = () => {
      begun.resolve();
      return over.promise;
    };
    emulator = await startRouterOs({
      account: { policies: ["read", "write", "test", "api", "rest-api"] },
      time: { ...time, clock: { ...time.clock, sleep } },
    });
    await send("POST", "interface/monitor-traffic", { interface: "ether1", once: "" });
    const monitor = send("POST", "interface/monitor-traffic", { interface: "ether1" });
    await begun.promise;
    const behind = send("GET", "system/resource");
    await new Promise((resolve) => setTimeout(resolve, 50));
    over.resolve();
    await Promise.all([monitor, behind]);
    expect(
      emulator
        .requests()
        .slice(1)
        .map((one) => one.split(" ")[0]),
    ).toEqual(["POST", "GET"]);
  });
});

describe("RouterOS' scheduler", () => {
  const entry = { name: "undo", interval: "90s", policy: "read,write", "on-event": ':log info "ran"' };

  it("runs a script after its interval, again and again, over a restart", async () => {
    const [, made] = await said(send("PUT", "system/scheduler", entry));
    expect(made).toMatchObject({ interval: "1m30s", "next-run": "2026-01-05 09:01:30" });
    await emulator.time.advance(89_000);
    expect(emulator.device.log).toEqual([]);
    emulator.device.reboot();
    await emulator.time.advance(180_000);
    expect(emulator.device.log).toEqual(["ran", "ran"]);
  });

  it("gives no script more rights than its maker has", async () => {
    expect((await said(send("PUT", "system/scheduler", { ...entry, policy: "read,write,policy" })))[1].detail).toMatch(/permissions/);
    expect((await said(send("PUT", "system/scheduler", { ...entry, policy: "everything" })))[1].detail).toMatch(/any value of policy/);
  });

  it("is off in device-mode home", async () => {
    await emulator.stop();
    emulator = await startRouterOs({ deviceMode: "home" });
    expect((await said(send("PUT", "system/scheduler", entry)))[1].detail).toBe("failure: not allowed by device-mode");
  });
});

describe("RouterOS' scripts", () => {
  const add = (comment: string, more = {}) =>
    emulator.device.put("ip/firewall/filter", { chain: "forward", action: "drop", comment, ...more });
  const comments = () => emulator.device.rows("ip/firewall/filter").map((row) => row.comment);
  const run = (script: string) => runScript(emulator.device, script, rights);

  it("find by value and pattern, change and remove", () => {
    add("np:a/0 g1", { disabled: "true" });
    add("np:b/0 g2");
    add("np:c/0 g22");
    run('/ip firewall filter enable [find disabled=yes comment~"^np:"]; /ip firewall filter remove [find comment~"^np:.* g2\\$"]');
    expect(comments()).toEqual(expect.arrayContaining(["np:a/0 g1", "np:c/0 g22"]));
    expect(comments()).not.toContain("np:b/0 g2");
    expect(emulator.device.rows("ip/firewall/filter").find((row) => row.comment === "np:a/0 g1")!.disabled).toBe("false");
  });

  it("catch what fails, and go on", () => {
    emulator.device.put("queue/type", { name: "np-x", kind: "pfifo" });
    emulator.device.put("queue/tree", { name: "q", parent: "global", queue: "np-x" });
    run(
      ':local failed 0; :do { /queue type remove [find name="np-x"] } on-error={ :set failed 1 }; :if ($failed = 1) do={ :log info "caught" }',
    );
    expect(emulator.device.log).toEqual(["caught"]);
    run(':foreach one in=[/queue type find name~"^np-"] do={ :do { /queue type remove $one } on-error={} }');
    expect(emulator.device.of("queue/type")).toContain("np-x");
  });

  for (const script of [
    '/ip firewall filter remove [find comment~"open]',
    "/ip firewall nosuch remove [find]",
    "/ip firewall filter vanish [find]",
    ":set unknown 1",
    ":do { /system reboot",
    '/ip firewall filter set [find comment="\\x"] disabled=yes',
  ])
    it(`are not understood when they are wrong: ${script}`, () => {
      expect(() => run(script)).toThrow(ScriptError);
    });

  it("may do no more than their policies", () => {
    expect(() => runScript(emulator.device, "/ip firewall filter remove [find]", new Set(["read"]))).toThrow(/permissions/);
  });
});
