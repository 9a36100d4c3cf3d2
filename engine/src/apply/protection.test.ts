import { expect, it } from "vitest";
import { Home } from "../model/index.ts";
import { protectionOf } from "./protection.ts";

it("protects infrastructure, what is never blocked (a person's devices included) and the line", () => {
  const home = Home.parse({
    version: 1,
    home: { timeZone: "Europe/Berlin" },
    wan: { down: "100 Mbit/s", up: "20 Mbit/s" },
    people: [{ id: "alice", devices: ["alice-phone", "alice-laptop"] }],
    devices: [
      { id: "alice-phone", macs: ["02:00:00:00:00:12"] },
      { id: "alice-laptop" },
      { id: "engine-host", macs: ["02-00-00-00-00-FE"], infrastructure: true },
      { id: "tv" },
    ],
    policy: { neverBlock: ["alice", "tv"] },
  });
  expect(protectionOf(home)).toEqual({
    macs: new Set(["02:00:00:00:00:fe"]),
    devices: new Set(["engine-host"]),
    neverBlock: new Set(["alice-phone", "alice-laptop", "tv"]),
    lines: new Map([["wan", { down: 100_000, up: 20_000 }]]),
  });
});
