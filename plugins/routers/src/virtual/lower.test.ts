import type { DevicePlan, NetworkPlan } from "@network-personas/engine/model";
import {
  fieldSample,
  gameConsole,
  inClass,
  laptop,
  neutralDevice,
  sampleApplications,
  samplePlan,
  workAndPlay,
} from "@network-personas/engine/testing";
import { trafficClasses } from "@network-personas/personas";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { difference } from "./difference.ts";
import { lower } from "./lower.ts";

const offer = { applications: sampleApplications, tunnels: ["office"] };
const sectionsOf = (plan: NetworkPlan | null) => (plan ? lower(plan, offer).sections : {});
const summaries = (from: NetworkPlan | null, to: NetworkPlan | null) =>
  difference(sectionsOf(from), sectionsOf(to)).map((change) => change.summary);

const kbps = fc.integer({ min: 0, max: 50_000 });
const limit = fc.option(kbps, { nil: null });
const wishes: fc.Arbitrary<Partial<DevicePlan>> = fc
  .record({
    class: fc.constantFrom(...trafficClasses),
    guarantee: fc.record({ down: kbps, up: kbps }),
    ceiling: fc.record({ down: limit, up: limit }),
    weight: fc.constantFrom(0.5, 1, 2, 4),
    blocked: fc.boolean(),
    firewall: fc.constantFrom("open", "standard", "strict"),
    blockedApplications: fc.subarray(["steam", "zoom"]),
    tunnel: fc.constantFrom(null, "office"),
    isolated: fc.boolean(),
  })
  .map((wish) => ({ ...wish, ...inClass(wish.class) }) as Partial<DevicePlan>);
const plans = fc
  .record({ alice: fc.option(wishes), bob: fc.option(wishes) })
  .map(({ alice, bob }) => samplePlan([...(alice ? [laptop(alice)] : []), ...(bob ? [gameConsole(bob)] : [])]));

describe("lowering and difference", () => {
  it("agree: no change is told exactly when both plans become the same sections", async () => {
    await fc.assert(
      fc.property(plans, plans, (a, b) => {
        expect(difference(sectionsOf(a), sectionsOf(a))).toEqual([]);
        const same = JSON.stringify(sectionsOf(a)) === JSON.stringify(sectionsOf(b));
        expect(difference(sectionsOf(a), sectionsOf(b)).length === 0).toBe(same);
      }),
      { seed: 7 },
    );
  });

  it("tell the way back as the mirror image of the way there", async () => {
    await fc.assert(
      fc.property(plans, plans, (a, b) => {
        const there = difference(sectionsOf(a), sectionsOf(b)).map(({ target, before, after }) => ({ target, before, after }));
        const back = difference(sectionsOf(b), sectionsOf(a)).map(({ target, before, after }) => ({
          target,
          before: after,
          after: before,
        }));
        expect(back).toEqual(there);
      }),
      { seed: 7 },
    );
  });

  it("are told in words people understand", () => {
    expect(
      summaries(
        samplePlan([laptop()]),
        samplePlan([laptop({ ...inClass("interactive"), guarantee: { down: 0, up: 3_000 }, malwareFilter: true })]),
      ),
    ).toEqual([
      "alice-laptop: class interactive (was: class default)",
      "alice-laptop: marked with DSCP 34 (was: not marked)",
      "alice-laptop: at least 3 Mbit/s up (was: no guarantee up)",
      "alice-laptop: names of known malware are not answered (was: names of known malware are answered)",
    ]);
    expect(summaries(fieldSample("line.shaper", "").from, fieldSample("line.shaper", "").to)).toEqual([
      "wan: shaped to 80 Mbit/s down (was: shaped to 95 Mbit/s down)",
      "wan: shaped to 15 Mbit/s up (was: shaped to 19 Mbit/s up)",
    ]);
    expect(summaries(samplePlan([laptop({ blocked: true })]), samplePlan([laptop()]))).toEqual([
      "alice-laptop: internet allowed (was: no internet)",
    ]);
    expect(
      summaries(samplePlan([laptop({ weight: 2 })]), samplePlan([neutralDevice("alice-laptop", ["02:00:00:00:00:99"], { weight: 2 })])),
    ).toEqual(["alice-laptop: known as 02:00:00:00:00:99 (was: known as 02:00:00:00:00:11)"]);
  });

  it("leave out what does not exist, device by device, and keep the rest", () => {
    const plan = samplePlan([
      laptop({ blockedApplications: ["steam", "nope"], tunnel: "narnia", weight: 2 }),
      neutralDevice("guest", [], { weight: 2, isolated: true }),
    ]);
    const { sections, omissions } = lower(plan, offer);
    expect(sections["np-device-alice-laptop"]!.options).toEqual({ macs: ["02:00:00:00:00:11"], weight: 2, blockedApplications: ["steam"] });
    expect(sections["np-device-guest"]).toBeUndefined();
    expect(omissions.map(({ device, field }) => `${device} ${field}`)).toEqual([
      "alice-laptop device.blockedApplications",
      "alice-laptop device.tunnel",
      "guest device.weight",
      "guest device.isolated",
    ]);
  });

  it("tag every section", () => {
    expect(Object.values(sectionsOf(workAndPlay())).every((section) => section.tag === "np")).toBe(true);
  });
});
