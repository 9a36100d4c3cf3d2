import { expect, it } from "vitest";
import { Home } from "../model/index.ts";
import { ClientMemory } from "./client-memory.ts";

function facts(text: string | null = null) {
  const store = { text, writes: 0 };
  return Object.assign(store, {
    fact: async () => store.text,
    setFact: async (_: string, value: string | null) => {
      store.text = value;
      store.writes++;
    },
  });
}
const [monday, tuesday] = ["2026-11-23T08:00:00.000Z", "2026-11-24T08:00:00.000Z"] as const;

it("remembers over restarts since when an address is known, and writes only what is new", async () => {
  const store = facts();
  const first = new ClientMemory(store);
  await first.note([{ mac: "02:00:00:00:00:01" }], monday);
  await first.note([{ mac: "02:00:00:00:00:01" }], tuesday);
  expect(store.writes).toBe(1);
  const seen = await new ClientMemory(store).note([{ mac: "02:00:00:00:00:01" }, { mac: "02:00:00:00:00:02" }], tuesday);
  expect([...seen.firstSeen]).toEqual([
    ["02:00:00:00:00:01", monday],
    ["02:00:00:00:00:02", tuesday],
  ]);
});

it("forgets the devices of a person, and who was first seen in a stretch of time", async () => {
  const store = facts();
  const memory = new ClientMemory(store);
  const [mine, guest, late] = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"].map((mac) => ({ mac }));
  await memory.note([mine!, guest!], monday);
  await memory.note([late!], tuesday);
  const home = Home.parse({
    version: 1,
    home: { id: "h", timeZone: "Europe/Berlin" },
    wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
    people: [{ id: "ann", devices: ["phone"] }],
    devices: [{ id: "phone", kind: "phone", macs: [mine!.mac] }],
  });
  await memory.forget({ subject: "ann" }, home);
  expect(Object.keys(JSON.parse(store.text!))).toEqual([guest!.mac, late!.mac]);
  await memory.forget({ from: monday, to: tuesday }, home);
  expect(Object.keys(JSON.parse(store.text!))).toEqual([late!.mac]);
});

it("forgets those not seen for longest of very many, and starts anew when its memory is damaged", async () => {
  const store = facts("{ damaged");
  const memory = new ClientMemory(store);
  const mac = (i: number) => `02:00:00:00:${Math.floor(i / 256).toString(16)}:${(i % 256).toString(16)}`;
  for (let i = 0; i < 502; i++) await memory.note([{ mac: mac(i) }], monday);
  const { firstSeen: known } = await memory.note([], monday);
  expect([known.size, known.has(mac(1)), known.has(mac(2))]).toEqual([500, false, true]);
  const { firstSeen: later } = await memory.note([{ mac: mac(2) }, { mac: mac(600) }], monday);
  expect([later.size, later.has(mac(2)), later.has(mac(3))]).toEqual([500, true, false]);
});

it("remembers what an address last asked a DHCP server for, also while it does not tell", async () => {
  // As it was kept before fingerprints were.
  const store = facts(JSON.stringify({ "02:00:00:00:00:01": monday }));
  const asks = (dhcpFingerprint?: string) => [{ mac: "02:00:00:00:00:01", ...(dhcpFingerprint ? { dhcpFingerprint } : {}) }];
  const memory = new ClientMemory(store);
  for (const asked of ["1,3,6", "1,3,6", undefined, "1,3,6 other"]) await memory.note(asks(asked), tuesday);
  expect(store.writes).toBe(2);
  const { firstSeen, asked } = await new ClientMemory(store).note(asks(), tuesday);
  expect([[...firstSeen], [...asked]]).toEqual([[["02:00:00:00:00:01", monday]], [["02:00:00:00:00:01", "1,3,6 other"]]]);
});
