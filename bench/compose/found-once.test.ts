import { compose } from "@network-personas/engine/compose";
import { Home } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import { composition, fullCapabilities, hours, type Scene } from "./households.ts";

/** Households that random search found once in a hundred thousand. */
describe("a household found once", () => {
  it("settles at once when a device leaves the priority classes", () => {
    const scene: Scene = {
      home: Home.parse({
        version: 1,
        home: { timeZone: "Europe/Berlin" },
        wan: { down: 4_303, up: 172_986 },
        people: [{ id: "p0" }, { id: "p2", devices: ["d5"] }],
        devices: [
          { id: "d2", kind: "laptop" },
          { id: "d5", kind: "phone" },
        ],
      }),
      present: new Set(["d2", "d5"]),
      distributions: new Map([
        ["p0", { "streaming-enthusiast": 0.36, "remote-worker": 0.48, everyday: 0.16 }],
        ["p2", { "streaming-enthusiast": 1 }],
        ["d2", { everyday: 1 }],
      ]),
      overridden: new Set(["p2"]),
      constraints: [],
      capabilities: fullCapabilities,
    };
    const input = composition(scene);
    const { plan } = compose(input);
    const inCall = plan.devices.map((device) =>
      device.device === "d2" ? { ...device, class: "interactive" as const, dscp: 34, guarantee: { down: 1_400, up: 3_200 } } : device,
    );
    const settled = compose({ ...input, previous: { ...plan, devices: inCall }, at: hours(5) }).plan;
    expect(settled.devices.find(({ device }) => device === "d2")!.class).toBe("streaming");
    expect(compose({ ...input, previous: settled, at: hours(10) }).plan).toBe(settled);
  });
});
