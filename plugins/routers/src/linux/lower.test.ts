import { verbatim } from "@network-personas/engine/model";
import { inClass, neutralDevice, sampleApplications, samplePlan } from "@network-personas/engine/testing";
import { classTable, trafficClasses } from "@network-personas/personas";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nothing } from "./held.ts";
import { layoutOf } from "./layout.ts";
import { lower, type Offer } from "./lower.ts";
import { readSettings } from "./settings.ts";

const layout = layoutOf(
  readSettings("main", {
    id: "main",
    driver: "linux",
    lan: "br-lan",
    wan: "wan0",
    tunnels: { work: { device: "wg0", dns: ["10.8.0.1"] }, abroad: { device: "tun3", dns: ["10.9.0.1", "fd09::1"] } },
  }),
  "main",
  sampleApplications,
);
const offer: Offer = {
  applications: sampleApplications,
  queueKind: "fq_codel",
  bridge: true,
  shaperObstacle: undefined,
  layout,
  tellsNames: true,
  carries: new Map([
    ["work", { ipv4: true, ipv6: false }],
    ["abroad", { ipv4: false, ipv6: false }],
  ]),
};
const mac = (n: number) => `02:00:00:00:01:${n.toString(16).padStart(2, "0")}`;
const device = (n: number, wishes: object = {}) => neutralDevice(`d${n}`, [mac(n)], wishes);

describe("lower", () => {
  it("keeps a device in its class when others come, go and are renamed", () => {
    const first = lower(samplePlan([device(1), device(2), device(3)]), nothing, offer).held;
    const next = lower(samplePlan([device(0), { ...device(3), device: "zz" }, device(1)]), first, offer).held;
    const classOf = ({ sets }: typeof first, n: number) => sets!.mark_of!.find((element) => element.startsWith(mac(n)));
    expect(classOf(next, 1)).toBe(classOf(first, 1));
    expect(classOf(next, 3)).toBe(classOf(first, 3));
    // The place of the second is free again.
    expect(classOf(next, 0)?.split(" : ")[1]).toBe(classOf(first, 2)?.split(" : ")[1]);
  });
  it("gives every device one class of its own, and never more than the line", () => {
    const wish = fc.record({
      class: fc.constantFrom(...trafficClasses),
      weight: fc.double({ min: 0.125, max: 8, noNaN: true }),
      guarantee: fc.record({ down: fc.nat(90_000), up: fc.nat(18_000) }),
      ceiling: fc.record({ down: fc.option(fc.integer({ min: 1, max: 200_000 })), up: fc.option(fc.integer({ min: 1, max: 200_000 })) }),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 40 }), (wishes) => {
        const plan = samplePlan(wishes.map((w, n) => ({ ...device(n), ...w })));
        const { held } = lower(plan, nothing, offer);
        expect(Object.keys(held.down!.classes)).toHaveLength(wishes.length);
        expect(new Set(held.sets!.mark_of!.map((element) => element.split(" : ")[1])).size).toBe(wishes.length);
        for (const tree of [held.down!, held.up!])
          for (const { urgent, rest, ...all } of Object.values(tree.classes)) {
            expect(all.ceil).toBeLessThanOrEqual(tree.rate);
            // What a device has for its transfers is never more than what its queues have together.
            expect(all.rate).toBeLessThanOrEqual(Math.max(8, urgent.rate + rest.rate));
            expect(Math.min(urgent.quantum, rest.quantum)).toBeGreaterThanOrEqual(1_514);
            for (const { rate, ceil } of [urgent, rest]) {
              expect(rate).toBeGreaterThan(0);
              expect(rate).toBeLessThanOrEqual(ceil);
              expect(ceil).toBeLessThanOrEqual(all.ceil);
            }
            expect(Math.min(urgent.queue, rest.queue)).toBeGreaterThan(0);
            // Transfers never ride in front of other people's.
            expect(rest.prio).toBeGreaterThanOrEqual(trafficClasses.indexOf("streaming"));
          }
        // The same again is the same.
        expect(lower(plan, held, offer).held).toEqual(held);
      }),
      { numRuns: 60, seed: 3 },
    );
  });
  it("lets transfers have all that was promised for them, and nothing of what was promised for a call", () => {
    const classOf = (trafficClass: "default" | "interactive") => {
      const plan = samplePlan([device(1, { class: trafficClass, guarantee: { down: 2_000, up: 3_000 } })]);
      return Object.values(lower(plan, nothing, offer).held.up!.classes)[0]!;
    };
    const transfers = classOf("default");
    expect(transfers.rate).toBe(3_000);
    expect(transfers.urgent.rate + transfers.rest.rate).toBe(3_000);
    expect(classOf("interactive")).toMatchObject({ rate: 1, rest: { rate: expect.closeTo(3_000 - classOf("interactive").urgent.rate) } });
  });
  it("lets small UDP of an ordinary device go before transfers, after what is known not to wait, and within the share of calls", () => {
    const { sets, up } = lower(samplePlan([device(1), device(2, inClass("interactive"))]), nothing, offer).held;
    const [unknown, known] = Object.values(up!.classes);
    expect(sets).toMatchObject({ small_of: ["0x4e500010 : 4e50:4010"], urgent_of: ["0x4e500011 : 4e50:4011"] });
    expect(unknown!.urgent.prio).toBeLessThan(unknown!.rest.prio);
    expect(unknown!.urgent.prio).toBeGreaterThan(known!.urgent.prio);
    expect(unknown!.urgent.ceil).toBe(Math.round(up!.rate * classTable.interactive.ceiling));
  });
  it("lets nobody's uploads ride in front of others' because somebody watches something", () => {
    const { held } = lower(samplePlan([device(1, inClass("streaming")), device(2)]), nothing, offer);
    const [watching, other] = [held.up!.classes["10"]!, held.up!.classes["11"]!];
    expect(watching.rest).toMatchObject({ prio: other.rest.prio, quantum: other.rest.quantum });
    expect(held.down!.classes["10"]!.rest.prio).toBeLessThan(held.down!.classes["11"]!.rest.prio);
  });
  it.each([
    ["realtime", 0.9, 0.9],
    ["interactive", 0.9, 1],
    ["streaming", 1, 1],
  ] as const)("with plain queues, leaves room on the line while a device is %s", (of, down, up) => {
    const plan = samplePlan([device(1, inClass(of)), device(2)]);
    const plain = lower(plan, nothing, { ...offer, queueKind: "bfifo" }).held;
    const fair = lower(plan, nothing, offer).held;
    expect(plain.down!.rate / fair.down!.rate).toBeCloseTo(down, 3);
    expect(plain.up!.rate / fair.up!.rate).toBeCloseTo(up, 3);
  });
  it("leaves a device in a tunnel no other way out, whatever the tunnel carries", () => {
    const { held, omissions } = lower(samplePlan([device(1, { tunnel: "work" }), device(2, { tunnel: "abroad" })]), nothing, offer);
    expect(held.sets).toMatchObject({ tunnel_1: [mac(1)], tunnel_2: [mac(2)] });
    const ends = ["1 ipv4 end", "1 ipv4 rule", "1 ipv6 end", "1 ipv6 rule", "2 ipv4 end", "2 ipv4 rule", "2 ipv6 end", "2 ipv6 rule"];
    expect(held.ways).toEqual([...ends, "1 ipv4 wg0"].sort());
    expect(omissions).toEqual([]);
  });
  it("leases what nobody ordered himself, and never what the owner ordered too", () => {
    const { held } = lower(
      samplePlan([
        device(1, {
          blockedApplications: ["minecraft", "steam", "zoom"],
          firewall: "strict",
          malwareFilter: true,
          isolated: true,
          leased: ["blockedApplications.steam", "firewall", "isolated"],
        }),
      ]),
      nothing,
      offer,
    );
    expect(held.isolated).toEqual([`${mac(1)} timeout`]);
    expect(held.sets).toMatchObject({
      strict: [`${mac(1)} timeout`],
      dns_malware: [mac(1)],
      app_blocked: [
        `${mac(1)} . tcp . 25565`,
        `${mac(1)} . tcp . 27015-27050 timeout`,
        `${mac(1)} . udp . 3478-3481`,
        `${mac(1)} . udp . 8801-8810`,
      ],
      told_steam: [`${mac(1)} timeout : jump refuse_new`],
      told_zoom: [`${mac(1)} : jump refuse_new`],
      told: [mac(1)],
      no_dot: [mac(1)],
    });
  });
  it("shapes nothing where the owner does, and says what is lost", () => {
    const { held, omissions } = lower(samplePlan([device(1, { class: "realtime", dscp: 46, blocked: true })]), nothing, {
      ...offer,
      shaperObstacle: verbatim("wan0 already has a queue that is not ours (cake)"),
    });
    expect(held).toMatchObject({ down: null, up: null, sets: { blocked: [mac(1)], rest_of: [] } });
    expect(omissions.map(({ field }) => field)).toEqual(expect.arrayContaining(["line.shaper", "device.class"]));
  });
});
