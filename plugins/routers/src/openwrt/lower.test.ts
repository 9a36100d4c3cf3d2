import type { DevicePlan } from "@network-personas/engine/model";
import { neutralDevice, sampleApplications, samplePlan } from "@network-personas/engine/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Facts } from "./facts.ts";
import { type LowerContext, lower } from "./lower.ts";
import { idOf } from "./sections.ts";
import { Settings } from "./settings.ts";

const facts: Facts = {
  zones: [
    { name: "lan", networks: ["lan"], outward: false },
    { name: "wan", networks: ["wan"], outward: true },
    { name: "guest", networks: ["guest"], outward: false },
    { name: "vpn", networks: ["wg0"], outward: true },
  ],
  interfaces: [],
  wanDevice: "eth1",
  lanDevices: new Set(["br-lan"]),
  qdiscs: ["cake", "fq_codel"],
  shaping: true,
  foreignQueue: undefined,
  offloading: false,
  addresses: new Map([["02:00:00:00:00:01", ["192.168.1.2"]]]),
  tunnels: ["wg0"],
};
const context: LowerContext = {
  facts,
  settings: Settings.parse({ url: "http://192.168.1.1", username: "personas", password: "x" }),
  applications: sampleApplications,
  canCut: true,
  controllable: new Set(["wg0"]),
};

const ids = fc.uniqueArray(fc.constantFrom("zoom", "steam", "minecraft", "unknown"));
const device = fc.record({
  name: fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/),
  macs: fc.uniqueArray(fc.constantFrom("02:00:00:00:00:01", "02:00:00:00:00:0A", "02:00:00:00:00:03"), { maxLength: 3 }),
  wishes: fc.record<Partial<DevicePlan>>({
    dscp: fc.integer({ min: 0, max: 63 }),
    blocked: fc.boolean(),
    cutEstablished: fc.boolean(),
    blockedApplications: ids,
    allowedApplications: ids,
    firewall: fc.constantFrom("open", "standard", "strict"),
    inboundClosed: fc.boolean(),
    isolated: fc.boolean(),
    tunnel: fc.constantFrom(null, "wg0", "nowhere"),
    malwareFilter: fc.boolean(),
    weight: fc.constantFrom(1, 4),
  }),
});
const plans = fc
  .uniqueArray(device, { selector: (d) => d.name, maxLength: 5 })
  .map((devices) => samplePlan(devices.map((d) => neutralDevice(d.name, d.macs, d.wishes))));
const run = { seed: 20260105, numRuns: 300 };

describe("lowering a plan to sections", () => {
  it("never writes a rule that could catch another device", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        for (const { config, options } of lower(plan, context).sections.filter((s) => s.config === "firewall")) {
          const told = options.src === "wan" ? options.dest_ip : options.src_mac;
          expect(Array.isArray(told) && told.length > 0, `${config} ${JSON.stringify(options)}`).toBe(true);
        }
      }),
      run,
    );
  });

  it("gives every section a name of ours that uci takes, once, and a title nft takes", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const { sections } = lower(plan, context);
        for (const section of sections) {
          expect(section.name).toMatch(/^np_[A-Za-z0-9_]+$/);
          expect(`!fw4: ${String(section.options.name ?? "")}`.length).toBeLessThanOrEqual(128);
          for (const value of Object.values(section.options)) expect(value.length).toBeGreaterThan(0);
        }
        expect(new Set(sections.map(idOf)).size).toBe(sections.length);
      }),
      run,
    );
  });

  it("means the same whatever the order of devices and MAC addresses", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        const turned = { ...plan, devices: plan.devices.toReversed().map((d) => ({ ...d, macs: d.macs.toReversed() })) };
        expect(lower(turned, context)).toEqual(lower(plan, context));
      }),
      run,
    );
  });

  it("a block holds for every way out, tunnels included", () => {
    const { sections } = lower(samplePlan([neutralDevice("tv", ["02:00:00:00:00:01"], { blocked: true })]), context);
    expect(sections.filter((s) => s.config === "firewall").map((s) => [s.options.dest, s.options.proto, s.options.target])).toEqual([
      ["wan", "all", "REJECT"],
      ["vpn", "all", "REJECT"],
    ]);
  });

  it("two ids that uci cannot tell apart get two names", () => {
    const { sections } = lower(
      samplePlan([
        neutralDevice("a-b", ["02:00:00:00:00:01"], { blocked: true }),
        neutralDevice("a--b", ["02:00:00:00:00:03"], { blocked: true }),
      ]),
      context,
    );
    expect(new Set(sections.map((s) => s.name)).size).toBe(sections.length);
  });

  it("shapes one line and says so of a second", () => {
    const plan = samplePlan([]);
    const two = { ...plan, lines: [...plan.lines, { wan: "lte", shaper: { down: 9_000, up: 3_000 } }] };
    expect(lower(two, context).omissions).toMatchObject([
      { field: "line.shaper", wanted: "lte: 9 Mbit/s down, 3 Mbit/s up", why: expect.stringMatching(/one line/) },
    ]);
  });
});
