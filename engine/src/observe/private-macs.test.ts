import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Client, Home, later } from "../model/index.ts";
import { mayBe, type PrivateMacs, privateMacsFrom, withPrivateMacs } from "./index.ts";

const written = { version: 1, home: { timeZone: "UTC" }, wan: { down: "50 Mbit/s", up: "10 Mbit/s" } };
const home = Home.parse({
  ...written,
  devices: [
    { id: "phone", kind: "phone", macs: ["00:1b:63:84:45:e6"], knownByHostname: "Annas-iPhone" },
    { id: "tablet", kind: "tablet", macs: ["00:1b:63:84:45:e7"] },
  ],
});
const start = "2026-11-22T10:00:00.000Z";
const [first, second, real] = ["da:a1:19:00:00:01", "da:a1:19:00:00:02", "00:1b:63:00:00:01"];
const client = (mac: string, hostname: string, connected = true): Client => ({ mac, hostname, connected });
const look = (clients: readonly Client[], before: PrivateMacs = {}, at = start, of = home) =>
  Object.keys(privateMacsFrom(clients, before, of, at)).sort();

describe("a made-up address", () => {
  it("is a device's when it calls itself as the owner wrote down", () => {
    expect(look([client(first, "annas-iphone.lan")])).toEqual([first]);
    // Nobody agreed for the tablet, and an address of a maker's is never made up.
    expect(look([client(second, "tablet"), client(real, "Annas-iPhone")])).toEqual([]);
  });
  it("counts with the device's others in the home, until the owner lists it", () => {
    const seen = privateMacsFrom([client(first, "Annas-iPhone")], {}, home, start);
    const full = withPrivateMacs(home, seen);
    expect(full.devices[0]!.macs).toEqual(["00:1b:63:84:45:e6", first]);
    expect(full.devices[1]).toBe(home.devices[1]);
    const listed = {
      ...home,
      devices: home.devices.map((device) => ({ ...device, macs: [...device.macs, ...(device.id === "tablet" ? [first] : [])] })),
    };
    expect(look([client(first, "Annas-iPhone")], seen, start, listed)).toEqual([]);
    expect(withPrivateMacs(home, {})).toBe(home);
  });
  it("stays the device's while it is away, and not for ever", () => {
    const seen = privateMacsFrom([client(first, "Annas-iPhone")], {}, home, start);
    expect(look([], seen, later(start, 86_400_000))).toEqual([first]);
    expect(look([client(second, "Annas-iPhone")], seen, later(start, 86_400_000))).toEqual([first, second]);
    expect(look([], seen, later(start, 31 * 86_400_000))).toEqual([]);
  });
  it("is nobody's when two are here under one name, or when it comes under another", () => {
    const seen = privateMacsFrom([client(first, "Annas-iPhone")], {}, home, start);
    expect(look([client(first, "Annas-iPhone"), client(second, "Annas-iPhone")], seen)).toEqual([]);
    expect(look([client(first, "Annas-iPhone", false), client(second, "Annas-iPhone")], seen)).toEqual([first, second]);
    expect(look([client(first, "visitor")], seen)).toEqual([]);
  });
  it("is no longer the device's when the owner takes the name back", () => {
    const seen = privateMacsFrom([client(first, "Annas-iPhone")], {}, home, start);
    const without = { ...home, devices: home.devices.map(({ knownByHostname: _, ...device }) => device) };
    expect(look([client(first, "Annas-iPhone")], seen, start, without)).toEqual([]);
  });
});

const asks = "1,3,6,15,26,28,51,58,59,43 android-dhcp-14";
const agreed: Home = {
  ...home,
  devices: home.devices.map((device) => (device.id === "tablet" ? { ...device, knownByDhcpFingerprint: asks } : device)),
};
const asking = (mac: string, more: Partial<Client> = {}): Client => ({ mac, connected: true, dhcpFingerprint: asks, ...more });
const ownMac = "00:1b:63:84:45:e7";

describe("a made-up address that asks a DHCP server for what a device asks for", () => {
  const owners = (clients: readonly Client[], { before = {}, of = agreed, asked = new Map<string, string>() } = {}) =>
    Object.entries(privateMacsFrom(clients, before, of, start, asked)).map(([mac, { device }]) => `${mac} ${device}`);

  it("is that device's once its owner wrote it down, and not before", () => {
    expect(owners([asking(first)])).toEqual([`${first} tablet`]);
    expect(owners([asking(first)], { of: home })).toEqual([]);
    expect(owners([asking(first, { dhcpFingerprint: "1,3" })])).toEqual([]);
    expect(owners([asking(real)])).toEqual([]);
  });
  it("is nobody's when a name tells another, when two ask so, or while the device itself is here", () => {
    expect(owners([asking(first, { hostname: "Annas-iPhone" })])).toEqual([`${first} phone`]);
    expect(owners([asking(first), asking(second)])).toEqual([]);
    expect(owners([asking(first), asking(ownMac)])).toEqual([]);
    expect(owners([asking(first), asking(ownMac, { connected: false })])).toEqual([`${first} tablet`]);
  });
  it("is nobody's when another device of the home has asked for the same", () => {
    expect(owners([asking(first)], { asked: new Map([[ownMac, asks]]) })).toEqual([`${first} tablet`]);
    expect(owners([asking(first)], { asked: new Map([["00:1b:63:84:45:e6", asks]]) })).toEqual([]);
  });
  it("is no second one of a device that is here by its name, nor one called otherwise than the device", () => {
    const both: Home = { ...home, devices: home.devices.map((d) => (d.id === "phone" ? { ...d, knownByDhcpFingerprint: asks } : d)) };
    expect(owners([asking(first, { hostname: "Annas-iPhone" }), asking(second)], { of: both })).toEqual([`${first} phone`]);
    expect(owners([asking(first, { hostname: "visitor" })], { of: both })).toEqual([]);
  });
  it("is no longer the device's when its owner takes that back, or when it asks for something else", () => {
    const before = privateMacsFrom([asking(first)], {}, agreed, start);
    expect(owners([], { before })).toEqual([`${first} tablet`]);
    expect(owners([], { before, of: home })).toEqual([]);
    expect(owners([asking(first, { dhcpFingerprint: "1,3" })], { before })).toEqual([]);
    expect(owners([{ mac: first, connected: true }], { before })).toEqual([`${first} tablet`]);
  });
});

describe("whose a made-up address may be", () => {
  const asked = new Map([[ownMac, asks]]);
  it("is proposed when one device asked for the same, is away, and no name tells", () => {
    expect(mayBe(asking(first), [asking(first)], asked, home)).toEqual(["tablet"]);
    expect(mayBe(asking(first), [asking(first), asking(ownMac)], asked, home)).toEqual([]);
    expect(mayBe(asking(first, { hostname: "annas-iphone" }), [], asked, home)).toEqual([]);
    expect(mayBe(asking(real), [], asked, home)).toEqual([]);
    expect(mayBe(asking(ownMac), [], asked, home)).toEqual([]);
    expect(mayBe(asking(first), [], new Map(), home)).toEqual([]);
    const server: Home = { ...home, devices: home.devices.map((device) => ({ ...device, infrastructure: true })) };
    expect(mayBe(asking(first), [], asked, server)).toEqual([]);
  });
  it("is told of all that asked for the same", () => {
    expect(mayBe(asking(first), [asking(ownMac)], new Map([...asked, ["00:1b:63:84:45:e6", asks]]), home)).toEqual(["phone", "tablet"]);
  });
});

it("whatever is on the network, no address is anybody's without its owner's word, and none is two devices'", () => {
  const [macs, names, prints] = [
    [first, second, real, ownMac, "00:1b:63:84:45:e6"],
    ["Annas-iPhone", "tablet", "x"],
    [asks, "1,3", "1,3 x"],
  ];
  const maybe = <T>(values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
  const someone = fc.record({
    mac: fc.constantFrom(...macs),
    connected: fc.boolean(),
    hostname: maybe(names),
    dhcpFingerprint: maybe(prints),
  });
  const network = fc.uniqueArray(someone, { selector: ({ mac }) => mac }) as fc.Arbitrary<Client[]>;
  const print = maybe(prints);
  fc.assert(
    fc.property(
      fc.array(network, { maxLength: 3 }),
      maybe(names),
      print,
      print,
      fc.uniqueArray(fc.constantFrom(...macs)),
      (looks, name, of, others, known) => {
        fc.pre(of === undefined || of !== others);
        const agreement = (device: Home["devices"][number]) =>
          device.id === "phone"
            ? { ...device, knownByHostname: name, knownByDhcpFingerprint: of }
            : { ...device, knownByDhcpFingerprint: others };
        const agreedTo = { ...home, devices: home.devices.map(agreement) } as Home;
        const asked = new Map(known.map((mac) => [mac, asks]));
        let macsNow: PrivateMacs = {};
        for (const clients of looks) {
          macsNow = privateMacsFrom(clients, macsNow, agreedTo, start, asked);
          for (const [mac, { device, by }] of Object.entries(macsNow)) {
            const { knownByHostname, knownByDhcpFingerprint } = agreedTo.devices.find(({ id }) => id === device)!;
            expect([`hostname ${knownByHostname?.toLowerCase()}`, `dhcp ${knownByDhcpFingerprint}`]).toContain(by);
            expect([first, second]).toContain(mac);
          }
          const here = clients.filter(({ mac, connected }) => connected && macsNow[mac]?.by.startsWith("dhcp"));
          expect(new Set(here.map(({ mac }) => macsNow[mac]!.device)).size).toBe(here.length);
          expect(new Set(withPrivateMacs(agreedTo, macsNow).devices.flatMap((device) => device.macs)).size).toBe(
            2 + Object.keys(macsNow).length,
          );
        }
      },
    ),
    { seed: 7 },
  );
});

it("infrastructure is known by its own addresses only, and no two devices by one name", () => {
  const broken = (devices: object[]) => Home.safeParse({ ...written, devices }).error?.issues.map(({ path }) => path.join("."));
  expect(broken([{ id: "gateway", infrastructure: true, knownByHostname: "gateway" }])).toEqual(["devices.0.knownByHostname"]);
  expect(
    broken([
      { id: "a", knownByHostname: "iPhone" },
      { id: "b", knownByHostname: "iphone.lan" },
    ]),
  ).toEqual(["devices.1.knownByHostname"]);
  expect(
    broken([
      { id: "a", knownByDhcpFingerprint: asks },
      { id: "b", knownByDhcpFingerprint: asks },
      { id: "c", knownByDhcpFingerprint: "1,3", infrastructure: true },
      { id: "d", knownByDhcpFingerprint: "1,3,\u0007" },
    ]),
  ).toEqual([3, 1, 2].map((device) => `devices.${device}.knownByDhcpFingerprint`));
});
