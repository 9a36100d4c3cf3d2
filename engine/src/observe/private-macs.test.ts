import { describe, expect, it } from "vitest";
import { type Client, Home, later } from "../model/index.ts";
import { type PrivateMacs, privateMacsFrom, withPrivateMacs } from "./index.ts";

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

it("infrastructure is known by its own addresses only, and no two devices by one name", () => {
  const broken = (devices: object[]) => Home.safeParse({ ...written, devices }).error?.issues.map(({ path }) => path.join("."));
  expect(broken([{ id: "gateway", infrastructure: true, knownByHostname: "gateway" }])).toEqual(["devices.0.knownByHostname"]);
  expect(
    broken([
      { id: "a", knownByHostname: "iPhone" },
      { id: "b", knownByHostname: "iphone.lan" },
    ]),
  ).toEqual(["devices.1.knownByHostname"]);
});
