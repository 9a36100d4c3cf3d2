import { describe, expect, it } from "vitest";
import { lineBytes, nodeMacs, readSeen } from "./clients.ts";

const [laptop, tv] = ["02:00:00:00:00:11", "02:00:00:00:00:31"];

describe("the network map of an ASUS router", () => {
  it("has lists and versions beside its devices, and numbers and flags as text or not", () => {
    const map = {
      maclist: [laptop.toUpperCase(), tv],
      [laptop.toUpperCase()]: {
        mac: laptop.toUpperCase(),
        name: "Laptop",
        nickName: " Alice ",
        ip: "192.168.50.21",
        isWL: 2,
        isOnline: true,
        rssi: "-43",
      },
      [tv]: { nickName: "", name: "TV", ip: "", isWL: "0", isOnline: 0, isGateway: null, amesh_isRe: { odd: true } },
      ClientAPILevel: "6",
    };
    expect(readSeen(map)).toEqual([
      { mac: laptop, ipv4: "192.168.50.21", hostname: "Alice", connected: true, via: "wifi", infrastructure: false },
      { mac: tv, hostname: "TV", connected: false, via: "wired", infrastructure: false },
    ]);
  });
  it("is a list of one map in older firmware, and nothing where it is none", () => {
    expect(readSeen([{ [laptop]: { isOnline: "1" } }])).toEqual([{ mac: laptop, connected: true, infrastructure: false }]);
    for (const none of [undefined, null, "", [], [[]], 7, { maclist: [] }]) expect(readSeen(none)).toEqual([]);
  });
  it("tells mesh nodes in one list or in a list of it", () => {
    const node = { alias: "Bedroom", mac: "02:00:00:00:00:AA", online: "1" };
    for (const list of [[node], [[node]], [[[node]]], node, [{}, node]]) expect(nodeMacs(list)).toEqual(["02:00:00:00:00:aa"]);
    for (const none of [undefined, "", [{}], [[]]]) expect(nodeMacs(none)).toEqual([]);
  });
  it("tells what the line carried in hexadecimal, or does not", () => {
    expect(lineBytes({ INTERNET_rx: "0x1a", INTERNET_tx: "0xFFFFFFFFF" })).toEqual({ downBytes: 26, upBytes: 68_719_476_735 });
    for (const none of [undefined, null, {}, { INTERNET_rx: "0x1a" }, { INTERNET_rx: "26", INTERNET_tx: "27" }])
      expect(lineBytes(none)).toBeUndefined();
  });
});
