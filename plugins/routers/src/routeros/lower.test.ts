import { DevicePlan, NetworkPlan } from "@network-personas/engine/model";
import { laptop, neutralDevice, sampleApplications, samplePlan } from "@network-personas/engine/testing";
import { trafficClasses } from "@network-personas/personas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { changesBetween } from "./changes.ts";
import { isCovering, isLeased } from "./leases.ts";
import { lower, type Offer } from "./lower.ts";
import { shareOfOne } from "./queues.ts";
import { readSettings } from "./settings.ts";
import { type Found, groupsOf, inForce, same, sorted, steps, type Thing } from "./things.ts";

const settings = readSettings("main", { url: "http://192.168.88.1", username: "personas", password: "x" });
const look: Offer["look"] = {
  line: "ether1",
  exits: ["ether1", "wg0"],
  fastTrack: [],
  offloadedPorts: [],
  tunnels: [{ id: "*1", name: "wg0", disabled: true, comment: "np:tunnel" }],
  tunnelsWithIpv6: [],
};
const offer = (more: Partial<Offer["look"]> = {}): Offer => ({
  look: { ...look, ...more },
  settings,
  applications: sampleApplications,
  infrastructure: ["02:00:00:00:00:fe"],
});

const rate = fc.integer({ min: 0, max: 40 }).map((n) => n * 500);
const device = (id: number) =>
  fc
    .record({
      class: fc.constantFrom(...trafficClasses),
      dscp: fc.constantFrom(0, 1, 26, 34, 46),
      guarantee: fc.record({ down: fc.constantFrom(0, 500, 2_000), up: fc.constantFrom(0, 200, 500) }),
      ceiling: fc.record({ down: fc.option(rate.map((n) => n + 64)), up: fc.option(rate.map((n) => n + 64)) }),
      weight: fc.constantFrom(0.25, 0.5, 1, 3, 8),
      latencyTarget: fc.constantFrom(10, 15, 30, 60, 200),
      blocked: fc.boolean(),
      cutEstablished: fc.boolean(),
      blockedApplications: fc.subarray(["zoom", "steam", "minecraft", "unknown"]),
      allowedApplications: fc.subarray(["zoom", "steam", "minecraft"]),
      firewall: fc.constantFrom("open" as const, "standard" as const, "strict" as const),
      inboundClosed: fc.boolean(),
      isolated: fc.boolean(),
      tunnel: fc.constantFrom(null, "wg0", "other"),
      malwareFilter: fc.boolean(),
      familyFilter: fc.boolean(),
      leased: fc.subarray([
        "blockedApplications.steam",
        "blockedApplications.zoom",
        "familyFilter",
        "firewall",
        "inboundClosed",
        "isolated",
      ]),
      macs: fc.constantFrom([], [`02:00:00:00:01:0${id}`], [`02:00:00:00:01:0${id}`, `02:00:00:00:02:0${id}`]),
    })
    .map((wishes) => DevicePlan.parse({ ...neutralDevice(`device-${id}`, []), ...wishes }));
const plans = fc
  .uniqueArray(fc.integer({ min: 0, max: 9 }), { maxLength: 5 })
  .chain((ids) => fc.tuple(...ids.map(device)))
  .map((devices): NetworkPlan => NetworkPlan.parse(samplePlan(devices)));

/** Carries steps out as a router does that has nothing else: new things at the end, or before what is not ours. */
function carriedOut(found: readonly Found[], wanted: readonly Thing[], generation: number): Found[] {
  const held = found.map((one) => ({ ...one }));
  for (const step of steps(wanted, held)) {
    if (step.action === "add") held.push({ ...step.thing, id: `*${held.length}-${generation}`, generation, disabled: false });
    else if (step.action !== "set") held.find((one) => one.id === step.found.id)!.disabled = step.action === "retire";
    else {
      const { disabled: _, ...props } = step.props;
      Object.assign(held.find((one) => one.id === step.found.id)!, { props, disabled: false });
    }
  }
  return held.filter((one) => !one.disabled);
}

/** A device as it would be had nobody but its owner asked for anything. */
function withoutLeased({ leased = [], ...one }: DevicePlan): DevicePlan {
  const has = (field: string) => leased.includes(field);
  return {
    ...one,
    blockedApplications: one.blockedApplications.filter((id) => !has(`blockedApplications.${id}`)),
    firewall: has("firewall") && one.firewall === "strict" ? "open" : one.firewall,
    familyFilter: one.familyFilter && !has("familyFilter"),
    inboundClosed: one.inboundClosed && !has("inboundClosed"),
    isolated: one.isolated && !has("isolated"),
  };
}

const runs = { numRuns: 60, seed: 7 };
const named = (things: readonly Thing[], menu: string) => things.filter((one) => one.menu === menu);

describe("a plan for RouterOS", () => {
  it("is the same whatever the order of devices, and there when it is there", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { things, omissions } = lower(plan, offer());
        expect(lower({ ...plan, devices: plan.devices.toReversed() }, offer())).toEqual(lower(plan, offer()));
        expect(things).toEqual(sorted(things));
        expect(new Set(things.map((one) => JSON.stringify(one))).size).toBe(things.length);
        expect(omissions.every(({ why, wanted }) => why !== "" && wanted !== "")).toBe(true);
        const held = carriedOut([], things, 1);
        expect(steps(things, held)).toEqual([]);
        expect(changesBetween(inForce(held), things, 0)).toEqual([]);
      }),
      runs,
    );
  });

  it("replaces any other without a trace", () => {
    fc.assert(
      fc.property(plans, plans, (one, two) => {
        const [first, second] = [lower(one, offer()).things, lower(two, offer()).things];
        const held = carriedOut(carriedOut([], first, 1), second, 2);
        const left = inForce(held);
        const [has, wants] = [groupsOf(left), groupsOf(second)];
        for (const [key, group] of has) expect(same(group, wants.get(key)), key).toBe(true);
        expect(steps(second, held)).toEqual([]);
      }),
      runs,
    );
  });

  it("gives no queue more than the line, no floor above its ceiling, and all floors together no more than the line", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const queues = named(lower(plan, offer()).things, "queue/tree").map(({ props }) => props);
        for (const way of ["down", "up"] as const) {
          const line = plan.lines[0]!.shaper[way] * 1_000;
          const leaves = queues.filter(({ parent }) => parent === `np-${way}`);
          const known = plan.devices.filter(({ macs }) => macs.length > 0);
          expect(leaves).toHaveLength(known.length + 1);
          for (const leaf of leaves) {
            expect(Number(leaf["limit-at"])).toBeLessThanOrEqual(Number(leaf["max-limit"]));
            expect(Number(leaf["max-limit"])).toBeLessThanOrEqual(line);
          }
          expect(leaves.reduce((sum, leaf) => sum + Number(leaf["limit-at"]), 0)).toBeLessThanOrEqual(line);
        }
      }),
      runs,
    );
  });

  it("writes for IPv6 what it writes for IPv4, and accepts nothing before the owner's rules", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { things } = lower(plan, offer());
        const rules = (family: string) =>
          named(things, `${family}/firewall/filter`).map(({ group, props, first }) => ({ group, props, first }));
        expect(rules("ipv6")).toEqual(rules("ip"));
        expect(things.some(({ props }) => props.action === "accept")).toBe(false);
      }),
      runs,
    );
  });

  it("lets run out what is leased and nothing else, and has what that hangs on where something does", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { things } = lower(plan, offer());
        const leased = things.filter(isLeased);
        expect(named(things.filter(isCovering), "ip/firewall/address-list")).toHaveLength(leased.length > 0 ? 2 : 0);
        expect(leased.map(({ props }) => props.action)).not.toEqual(expect.arrayContaining(["accept", "jump", "return"]));
        const lasting = lower({ ...plan, devices: plan.devices.map(({ leased: _, ...one }) => one) }, offer()).things;
        expect(lasting.some((one) => isLeased(one) || isCovering(one))).toBe(false);
        // When it has run out, what is there is what the same plan without it would have, but for what leads nowhere.
        const refusing = (list: readonly Thing[]) =>
          list
            .filter(
              (one) =>
                ["reject", "drop", "dst-nat"].includes(one.props.action ?? "") && !isLeased(one) && one.menu !== "interface/bridge/filter",
            )
            .map(({ menu, props: { chain: _, ...props } }) => JSON.stringify([menu, props]))
            .sort();
        expect(refusing(things)).toEqual(refusing(lower({ ...plan, devices: plan.devices.map(withoutLeased) }, offer()).things));
      }),
      runs,
    );
  });

  it("makes the queue of the line first, whatever devices are called", () => {
    const plan = samplePlan(["line", "down", "rest", "a"].map((id, i) => neutralDevice(id, [`02:00:00:00:03:0${i}`])));
    const names = named(lower(plan, offer()).things, "queue/tree").map(({ props }) => props.name);
    expect(names.slice(0, 4)).toEqual(["np-down", "np-down-rest", "np-up", "np-up-rest"]);
    expect(new Set(names).size).toBe(12);
  });

  it("is told in sentences, and in the router's words beside them", () => {
    const [bulk, game] = [{ class: "bulk" as const }, { class: "realtime" as const, guarantee: { down: 3_000, up: 1_000 } }].map(
      (wishes) => lower(samplePlan([laptop({ ...wishes, tunnel: "wg0" })]), offer()).things,
    );
    const changes = changesBetween(bulk!, game!, 2);
    expect(changes.map(({ summary }) => summary)).toEqual([
      "alice-laptop: at least 3 Mbit/s and at most 95 Mbit/s down, priority 1 of 8 (was: at least 1.02 Mbit/s and at most 95 Mbit/s down, priority 8 of 8)",
      "alice-laptop: at least 1 Mbit/s and at most 19 Mbit/s up, priority 1 of 8 (was: at least 256 kbit/s and at most 19 Mbit/s up, priority 8 of 8)",
      "alice-laptop: what it sends is marked, in another way",
      "alice-laptop: what it sends is marked (IPv6), in another way",
      "Remove 2 things of ours that no change waits for",
    ]);
    expect(changes[0]!.after).toContain("limit-at=3000000");
    const all = changesBetween([], game!, 0).map(({ summary }) => summary);
    expect(all).toContain("the tunnel wg0: devices can be sent through it");
    expect(changesBetween(game!, [], 0)[0]!.summary).toMatch(/^queues: no longer: a kind/);
  });

  it("changes no floors of others when one weight changes a little", () => {
    expect(shareOfOne(95_000, [laptop({ weight: 1 })], "down")).toBe(shareOfOne(95_000, [laptop({ weight: 3 })], "down"));
    expect(shareOfOne(100, [laptop({ guarantee: { down: 100, up: 0 } })], "down")).toBe(0);
  });
});
