import type { DeviceKind } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { Device } from "../model/index.ts";
import { floorsOf } from "./floors.ts";

const device = (id: string, kind: DeviceKind = "laptop", infrastructure = false) => Device.parse({ id, kind, infrastructure });
const all = (devices: readonly Device[]) => new Set(devices.map(({ id }) => id));

describe("floors", () => {
  it("hold the acknowledgements of a fair share of the downstream for whoever downloads", () => {
    const devices = [device("a"), device("b", "phone"), device("away"), device("sensor", "sensor"), device("router", "other", true)];
    const { of, degraded } = floorsOf(devices, new Set(["a", "b", "sensor", "router"]), { down: 47_500, up: 9_500 }, 1);
    // 3 % of 47.5 / 2 Mbit/s, and 64 kbit/s of its own.
    expect(of.get("a")).toEqual({ down: 64, up: 777 });
    expect(of.get("b")).toEqual({ down: 64, up: 777 });
    for (const id of ["away", "sensor", "router"]) expect(of.get(id)).toEqual({ down: 64, up: 64 });
    expect(degraded).toEqual({ down: false, up: false });
  });
  it("do not change for who stays when somebody comes or goes", () => {
    const devices = ["a", "b", "c", "d"].map((id) => device(id));
    const floorOfA = (...here: string[]) => floorsOf(devices, new Set(here), { down: 47_500, up: 9_500 }, 2).of.get("a");
    expect(floorOfA("a", "b", "c", "d")).toEqual(floorOfA("a"));
  });
  it("are fair shares of what is here where nobody is known to live", () => {
    const devices = ["a", "b"].map((id) => device(id));
    expect(floorsOf(devices, all(devices), { down: 20_000, up: 9_500 }, 0).of.get("a")!.up).toBe(64 + 300);
    expect(floorsOf(devices, new Set(["a"]), { down: 20_000, up: 9_500 }, 0).of.get("a")!.up).toBe(64 + 600);
  });
  it("hold no more than the acknowledgements of 25 Mbit/s", () => {
    expect(floorsOf([device("a")], new Set(["a"]), { down: 1_900_000, up: 950_000 }, 1).of.get("a")!.up).toBe(64 + 750);
  });
  it("are cut at an equal share of half the line, and say so", () => {
    const devices = ["a", "b", "c", "d"].map((id) => device(id));
    const { of, degraded } = floorsOf(devices, all(devices), { down: 950, up: 190 }, 0);
    expect([...of.values()]).toEqual(Array.from({ length: 4 }, () => ({ down: 64, up: 24 })));
    expect(degraded).toEqual({ down: false, up: true });
  });
  it("leave what one does not need to the others", () => {
    const devices = [device("a"), device("b"), device("sensor", "sensor")];
    const { of } = floorsOf(devices, all(devices), { down: 100_000, up: 1_000 }, 1);
    expect(of.get("sensor")!.up).toBe(64);
    expect(of.get("a")!.up).toBe(218);
  });
  it("never take more than the line can promise, however many devices there are", () => {
    const devices = Array.from({ length: 1_000 }, (_, i) => device(`d${i}`));
    const { of } = floorsOf(devices, all(devices), { down: 950, up: 190 }, 0);
    expect([...of.values()].reduce((sum, floor) => sum + floor.up, 0)).toBeLessThanOrEqual(171);
  });
});
