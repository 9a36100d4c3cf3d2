import { describe, expect, it } from "vitest";
import { type BlendedProfile, type Claim, type Constraint, samePlan, say } from "../model/index.ts";
import { at, call, capabilities, constraint, film, game, given, homeOf, needing, planOf, run } from "./homes.fixtures.ts";

describe("where a need is charged", () => {
  it("once per person, to the first present kind, own before shared", () => {
    const result = run([needing("ann", film, ["tv", "laptop"])]);
    expect(planOf(result, "tv")).toMatchObject({ class: "streaming", guarantee: { down: 25_000, up: 750 } });
    expect(planOf(result, "ann-laptop").class).toBe("default");
    expect(planOf(run([needing("ann", film, ["tv", "laptop"])], { present: new Set(["ann-laptop"]) }), "ann-laptop").class).toBe(
      "streaming",
    );
  });
  it("two who share a screen are charged for one film", () => {
    expect(planOf(run([needing("ann", film, ["tv"]), needing("ben", film, ["tv"])]), "tv").guarantee.down).toBe(25_000);
  });
  it("nowhere when nothing that fits is here", () => {
    const result = run([needing("ann", call, ["desktop"])]);
    expect(result.plan.devices.every((device) => device.class === "default")).toBe(true);
    expect(result.reasons).toContainEqual(expect.objectContaining({ device: null, value: "nothing reserved" }));
  });
  it("each likely persona on the device it happens on", () => {
    const claim = (persona: string, probability: number, trafficClass: Claim["class"], down: number[], kinds: string[]): Claim => ({
      persona,
      probability,
      class: trafficClass,
      need: { down, up: [] },
      insured: Math.min(1, probability * 2),
      wholeDevice: true,
      weight: 2,
      latencyTarget: 60,
      utility: probability,
      kinds,
    });
    const claims = [claim("gamer", 0.6, "realtime", [250], ["console"]), claim("streamer", 0.4, "streaming", [25_000, 16_000], ["tv"])];
    const demands = { realtime: { need: { down: [250] } }, streaming: { need: { down: [20_000, 12_800] } } };
    const result = run([given("ben", { qos: { demands } }, { claims })]);
    expect(planOf(result, "ben-console")).toMatchObject({ class: "realtime", guarantee: { down: 250 } });
    expect(planOf(result, "tv")).toMatchObject({ class: "streaming", guarantee: { down: 20_000, up: 600 } });
  });
  it("as the profile says, when a flow put another profile in the place of the blended one", () => {
    const claims: Claim[] = [
      {
        persona: "gamer",
        probability: 1,
        class: "realtime",
        need: { down: [250], up: [] },
        insured: 1,
        wholeDevice: true,
        weight: 2,
        latencyTarget: 15,
        utility: 1,
        kinds: ["console"],
      },
    ];
    expect(planOf(run([given("ben", { qos: { demands: film } }, { claims })]), "ben-console")).toMatchObject({
      class: "streaming",
      guarantee: { down: 25_000 },
    });
  });
});

describe("admission", () => {
  it("takes the highest rung that fits and says what was not possible", () => {
    const result = run([needing("ann", film, ["laptop"])], { home: homeOf({ wan: { down: "25 Mbit/s", up: "10 Mbit/s" } }) });
    expect(planOf(result, "ann-laptop").guarantee.down).toBe(16_000);
    expect(result.refusals).toEqual([
      {
        subject: "ann",
        device: "ann-laptop",
        what: "profile on ann-laptop",
        because: "4K needs 25 Mbit/s, 16.5 Mbit/s can be promised: it will play in 1440p (16 Mbit/s), and better while others leave room",
        said: { what: expect.objectContaining({ key: "whatNeed" }), because: expect.objectContaining({ key: "tooMuch" }) },
      },
    ]);
    expect(say(result.refusals[0]!.said!.because, { language: "de" })).toBe(
      "4K braucht 25 Mbit/s, zugesichert werden können 16,5 Mbit/s: es läuft in 1440p (16 Mbit/s), und mehr, solange andere Platz lassen",
    );
  });
  it("names the direction that stands in the way, and not the other one that is lowered with it", () => {
    const home = homeOf({ wan: { down: "100 Mbit/s", up: "1 Mbit/s" } });
    const result = run([needing("ann", film, ["laptop"])], { home });
    expect(planOf(result, "ann-laptop").guarantee).toEqual({ down: 16_000, up: 480 });
    expect(result.refusals[0]!.because).toBe(
      "its upload needs 750 kbit/s, 482 kbit/s can be promised: it is sure of 480 kbit/s, and better while others leave room",
    );
  });
  it("refuses as a whole what does not fit in one direction, but keeps it in its class", () => {
    const result = run([needing("ann", call, ["laptop"])], { home: homeOf({ wan: { down: "50 Mbit/s", up: "2 Mbit/s" } }) });
    const laptop = planOf(result, "ann-laptop");
    expect(laptop.class).toBe("interactive");
    expect(laptop.guarantee.down).toBe(64);
    expect(result.refusals[0]!.because).toBe(
      "its interactive upload needs at least 1.2 Mbit/s, 980 kbit/s can be promised: nothing is kept for it, it takes what others leave",
    );
  });
  it("charges a download the upstream of its acknowledgements", () => {
    const bulk = { default: { need: { down: ["30 Mbit/s", "5 Mbit/s"] } } };
    expect(planOf(run([needing("ann", bulk, ["laptop"])]), "ann-laptop").guarantee).toEqual({ down: 30_000, up: 900 });
    expect(
      planOf(run([needing("ann", bulk, ["laptop"])], { home: homeOf({ wan: { down: "50 Mbit/s", up: "1.2 Mbit/s" } }) }), "ann-laptop")
        .guarantee.down,
    ).toBe(5_000);
  });
  it("shares a class by weight", () => {
    const elastic = (subject: string, weight: number) =>
      needing(subject, { streaming: { need: { down: Array.from({ length: 6 }, (_, i) => 30_000 - i * 5_000) } } }, [], { weight });
    const result = run([elastic("ann", 2), elastic("ben", 1)]);
    expect([planOf(result, "ann-laptop").guarantee.down, planOf(result, "ben-console").guarantee.down]).toEqual([20_000, 10_000]);
  });
  it("admits by utility when not all fit", () => {
    const single = (subject: string, utility: number) => needing(subject, { streaming: { need: { down: [20_000] } } }, [], { utility });
    const result = run([single("ann", 0.5), single("ben", 1)]);
    expect([planOf(result, "ann-laptop").guarantee.down, planOf(result, "ben-console").guarantee.down]).toEqual([64, 20_000]);
  });
  it("puts urgent classes first and keeps each inside its share", () => {
    const greedy = (subject: string, trafficClass: string) =>
      needing(subject, { [trafficClass]: { need: { down: [40_000, 30_000, 20_000, 10_000] } } });
    const result = run([greedy("ann", "realtime"), greedy("ben", "bulk")]);
    expect(planOf(result, "ann-laptop")).toMatchObject({ class: "realtime", guarantee: { down: 10_000 } });
    expect(planOf(result, "ben-console").guarantee.down).toBe(20_000);
  });
  it("never shrinks a running call for a newcomer", () => {
    const home = homeOf({ wan: { down: "20 Mbit/s", up: "6.4 Mbit/s" } });
    const first = run([needing("ann", call, ["laptop"], { utility: 0.1 })], { home }).plan;
    const both = [needing("ann", call, ["laptop"], { utility: 0.1 }), needing("ben", call, [], { utility: 2 })];
    const fresh = run(both, { home });
    expect(planOf(fresh, "ann-laptop").guarantee.up).toBe(1_200);
    const later = run(both, { home, previous: first, at: at(60) });
    expect(planOf(later, "ann-laptop").guarantee).toEqual({ down: 3_000, up: 3_000 });
    expect(planOf(later, "ben-console").guarantee.down).toBe(64);
  });
});

describe("authority", () => {
  const blocking = { applications: { blocked: ["tiktok"] } };
  it("infrastructure is touched by nobody", () => {
    const home = homeOf({ policy: { blockedDevices: ["router"], blockedApplications: [{ device: "router", applications: ["tiktok"] }] } });
    const result = run([], { home, constraints: [constraint({ subject: "router", cap: { down: 0, up: 0 }, tighten: ["isolated"] })] });
    expect(planOf(result, "router")).toMatchObject({
      class: "default",
      ceiling: { down: null, up: null },
      blocked: false,
      isolated: false,
      blockedApplications: [],
    });
    expect(result.refusals.map((refusal) => refusal.subject)).toContain("router");
  });
  it("what must never be blocked is not, whoever asks, and it is said", () => {
    const home = homeOf({ policy: { neverBlock: ["ann"], blockedDevices: ["ann-phone"] } });
    const result = run([given("ann", blocking, { overridden: true })], {
      home,
      constraints: [constraint({ tighten: ["firewallStrict"] })],
    });
    for (const id of ["ann-laptop", "ann-phone"])
      expect(planOf(result, id)).toMatchObject({ blocked: false, blockedApplications: [], firewall: "standard", cutEstablished: false });
    expect(result.refusals.map((refusal) => refusal.what)).toEqual(["blocking tiktok", "blocking tiktok", "blocking the device"]);
  });
  it("the owner's order permits what policy and third parties refuse", () => {
    const home = homeOf({ policy: { blockedApplications: [{ device: "ann-phone", applications: ["tiktok"] }] } });
    const asking = { home, constraints: [constraint({ blockApplications: ["zoom"] })] };
    const permitting = { applications: { allowed: ["tiktok", "zoom"] } };
    expect(planOf(run([given("ann", permitting)], asking), "ann-phone").blockedApplications).toEqual(["tiktok", "zoom"]);
    expect(planOf(run([given("ann", permitting, { overridden: true })], asking), "ann-phone").blockedApplications).toEqual([]);
  });
  it.each([
    ["an override's block", { profiles: [given("ann", blocking, { overridden: true })] }, true],
    ["a prediction's block", { profiles: [given("ann", blocking)] }, false],
    ["a policy's block", { policy: { blockedApplications: [{ device: "ann-phone", applications: ["tiktok"] }] } }, true],
    ["a third party's block", { constraints: [constraint({ blockApplications: ["tiktok"] })] }, false],
    ["a blocked device", { policy: { blockedDevices: ["ann-phone"] } }, true],
    [
      "an owner's block next to a third party's",
      {
        policy: { blockedApplications: [{ device: "ann-phone", applications: ["tiktok"] }] },
        constraints: [constraint({ blockApplications: ["zoom"] })],
      },
      false,
    ],
  ] as const)(
    "%s ends running connections: %s",
    (_, {
      profiles = [],
      policy = {},
      constraints = [],
    }: { profiles?: readonly BlendedProfile[]; policy?: object; constraints?: readonly Constraint[] }, cuts) => {
      expect(planOf(run(profiles, { home: homeOf({ policy }), constraints }), "ann-phone").cutEstablished).toBe(cuts);
    },
  );
  it("a third party may cap a persona's need, but not the owner's order, and nothing below the floor", () => {
    const constraints = [constraint({ cap: { down: 2_000, up: 2_000 } })];
    const capped = run([needing("ann", call, ["laptop"])], { constraints });
    expect(planOf(capped, "ann-laptop")).toMatchObject({ guarantee: { down: 1_200, up: 1_200 }, ceiling: { down: 2_000, up: 2_000 } });
    const ordered = run([{ ...needing("ann", call, ["laptop"]), overridden: true }], { constraints });
    expect(planOf(ordered, "ann-laptop").guarantee).toEqual({ down: 3_000, up: 3_000 });
    const nothing = run([], { constraints: [constraint({ cap: { down: 0, up: 0 } })] });
    const phone = planOf(nothing, "ann-phone");
    expect(phone.ceiling).toEqual(phone.guarantee);
    expect(phone.guarantee.down).toBe(64);
  });
  it("a third party's floor takes what urgent classes leave, and its weight stays in range", () => {
    const result = run([needing("ben", game), needing("tv", film)], {
      constraints: [constraint({ floor: { down: "1 Gbit/s" }, weight: 8 })],
    });
    expect(planOf(result, "tv").guarantee.down).toBe(25_000);
    const laptop = planOf(result, "ann-laptop");
    expect(laptop.guarantee.down).toBeGreaterThan(16_000);
    expect(laptop.weight).toBe(8);
    expect(result.plan.devices.reduce((sum, device) => sum + device.guarantee.down, 0)).toBeLessThanOrEqual(45_000);
  });
  it("third parties tighten; when they expire it ends", () => {
    const tight = [constraint({ tighten: ["inboundClosed", "malwareFilter"], expiresAt: at(10) })];
    expect(planOf(run([], { constraints: tight }), "ann-phone")).toMatchObject({
      inboundClosed: true,
      malwareFilter: true,
      isolated: false,
    });
    expect(planOf(run([], { constraints: tight, at: at(10) }), "ann-phone").inboundClosed).toBe(false);
  });
  it("what nobody ordered himself is leased where the router can let it run out, and only there", () => {
    const leasing = { ...capabilities, leases: true };
    const strict = { security: { firewall: "strict" as const, inboundClosed: true }, applications: { blocked: ["steam", "youtube"] } };
    const policy = { blockedApplications: [{ device: "ann-phone", applications: ["youtube"] }] };
    const wishes = [given("ann", strict)];
    const homeWith = homeOf({ policy });
    const lasting = run(wishes, { home: homeWith, capabilities: { ...capabilities, leases: false } });
    expect(planOf(lasting, "ann-phone")).not.toHaveProperty("leased");
    const leased = run(wishes, { home: homeWith, capabilities: leasing });
    expect(planOf(leased, "ann-phone").leased).toEqual(["blockedApplications.steam", "firewall", "inboundClosed"]);
    expect(planOf(leased, "tv")).not.toHaveProperty("leased");
    // An override is the owner's own word; what a third party adds to it is not.
    const byOwner = run([given("ann", strict, { overridden: true })], {
      home: homeWith,
      capabilities: leasing,
      constraints: [constraint({ tighten: ["malwareFilter"], expiresAt: at(10) })],
    });
    const subject = byOwner.plan.devices.find(({ leased: some }) => some);
    expect(subject?.leased).toEqual(["malwareFilter"]);
    // Whose order it is matters to the router, so such plans differ.
    const overridden = run([given("ann", strict, { overridden: true })], { home: homeWith, capabilities: leasing, previous: leased.plan });
    expect(overridden.plan).not.toBe(leased.plan);
    expect(planOf(overridden, "ann-phone")).not.toHaveProperty("leased");
  });
  it("a third party's wish for somebody unknown is refused, not an error", () => {
    expect(run([], { constraints: [constraint({ subject: "nobody", weight: 2 })] }).refusals[0]!.subject).toBe("nobody");
  });
});

describe("ceilings", () => {
  it("keep priority classes from starving the house", () => {
    expect(planOf(run([needing("ben", game)]), "ben-console").ceiling).toEqual({ down: 16_400, up: 3_320 });
  });
  it("of a background activity concern the kinds it happens on, never its own need", () => {
    const limited = (ceilingUp: number) =>
      given("ann", { qos: { demands: { default: { need: { up: [4_000] } } } }, bandwidth: { ceilingUp } }, { deviceKinds: ["laptop"] });
    expect(planOf(run([limited(0.5)]), "ann-laptop").ceiling).toEqual({ down: null, up: 4_740 });
    expect(planOf(run([limited(0.1)]), "ann-laptop").ceiling.up).toBe(4_000);
    expect(planOf(run([limited(0.5)]), "ann-phone").ceiling.up).toBeNull();
  });
});

describe("what the router cannot do", () => {
  const cannot = (...fields: string[]) => ({
    capabilities: {
      ...capabilities,
      fields: { ...capabilities.fields, ...Object.fromEntries(fields.map((field) => [field, "impossible"])) },
    },
  });
  it("is omitted aloud and neutral in the plan", () => {
    const result = run(
      [needing("ben", game, [], { weight: 2, latencyTarget: 15 })],
      cannot("device.class", "device.latencyTarget", "device.weight"),
    );
    expect(planOf(result, "ben-console")).toMatchObject({ class: "default", dscp: 0, weight: 1, latencyTarget: 60 });
    expect(result.omissions.map(({ field, device, wanted }) => [field, device, wanted])).toEqual([
      ["device.class", "ben-console", "realtime"],
      ["device.weight", "ben-console", "weight 2"],
      ["device.latencyTarget", "ben-console", "15 ms"],
    ]);
  });
  it("says nothing about what nobody asked for", () => {
    expect(run([], cannot("device.tunnel", "device.blocked", "device.isolated")).omissions).toEqual([]);
  });
  it("a substitute stays in the plan and is told", () => {
    const result = run([needing("ben", game, [], { weight: 2 })], {
      capabilities: { ...capabilities, fields: { ...capabilities.fields, "device.weight": "substituted" } },
    });
    expect(planOf(result, "ben-console").weight).toBe(2);
    expect(result.omissions).toHaveLength(1);
  });
  it.each([
    [["interactive", "default"], "interactive"],
    [["default"], "default"],
    [[], "default"],
  ] as const)("with classes %j a game is %s", (classes, expected) => {
    const result = run([needing("ben", game)], { capabilities: { ...capabilities, classes: [...classes] } });
    expect(planOf(result, "ben-console").class).toBe(expected);
    expect(result.omissions).toMatchObject([{ field: "device.class", wanted: "realtime", instead: expected }]);
  });
  it("a strict firewall without exceptions would cut a device off, so it is standard", () => {
    const strict = given("tv", { security: { firewall: "strict" }, applications: { allowed: ["zoom"] } });
    expect(planOf(run([strict]), "tv")).toMatchObject({ firewall: "strict", allowedApplications: ["zoom"] });
    expect(planOf(run([strict], cannot("device.allowedApplications")), "tv")).toMatchObject({
      firewall: "standard",
      allowedApplications: [],
    });
  });
  it("a tunnel that does not exist is not promised", () => {
    const through = (tunnel: string) => run([given("ann", { vpn: { tunnel } })]);
    expect(planOf(through("wg0"), "ann-laptop").tunnel).toBe("wg0");
    expect(planOf(through("office"), "ann-laptop").tunnel).toBeNull();
    expect(through("office").omissions[0]).toMatchObject({
      field: "device.tunnel",
      wanted: "office",
      why: "the router has no tunnel of this name; it has wg0",
    });
  });
});

describe("stability", () => {
  const streaming = (...rates: number[]) => needing("tv", { streaming: { need: { down: rates } } });
  const before = run([streaming(10_000)]).plan;
  const next = (profile: BlendedProfile, minutes: number, urgent: string[] = []) =>
    run([profile], { previous: before, at: at(minutes), urgent: new Set(urgent) });

  it("the same again is the very same plan, with its instant", () => {
    expect(next(streaming(10_000), 60).plan).toBe(before);
  });
  it.each([
    ["9 % more is not worth a write", 10_900, 60, [], 10_000],
    ["9 % less neither", 9_100, 60, [], 10_000],
    ["12 % more is, when it was observed", 11_200, 60, ["tv"], 11_200],
    ["12 % less too", 8_800, 60, ["tv"], 8_800],
    ["a prediction must move it by a quarter", 12_400, 60, [], 10_000],
    ["up", 12_600, 60, [], 12_600],
    ["or down, after the dwell", 7_400, 60, [], 7_400],
    ["a prediction's raise waits for the dwell", 20_000, 4, [], 10_000],
    ["an observed raise does not", 20_000, 4, ["tv"], 20_000],
    ["a release waits even when observed", 2_000, 4, ["tv"], 10_000],
    ["and comes after the dwell", 2_000, 5, [], 2_000],
  ] as const)("%s", (_, rate, minutes, urgent, expected) => {
    expect(planOf(next(streaming(rate), minutes, [...urgent]), "tv").guarantee.down).toBe(expected);
  });
  it("a class is not changed for an activity that hardly matters", () => {
    const doubtful = (utility: number) => needing("tv", { streaming: {} }, [], { utility });
    const ordinary = run([]).plan;
    const later = (profile: BlendedProfile, urgent: string[] = []) =>
      planOf(run([profile], { previous: ordinary, at: at(60), urgent: new Set(urgent) }), "tv").class;
    expect(later(doubtful(0.03))).toBe("default");
    expect(later(doubtful(0.5))).toBe("streaming");
    expect(later(doubtful(0.03), ["tv"])).toBe("streaming");
  });
  it("a weight alone is worth a change, after the dwell", () => {
    const heavy = needing("tv", {}, [], { weight: 4 });
    expect(planOf(run([heavy], { previous: before, at: at(4) }), "tv").weight).toBe(1);
    expect(planOf(run([heavy], { previous: before, at: at(5) }), "tv").weight).toBe(4);
  });
  it("a ceiling tightens at once when a third party asks", () => {
    const capped = run([streaming(10_000)], {
      previous: before,
      at: at(1),
      constraints: [constraint({ subject: "tv", cap: { down: 12_000 } })],
    });
    expect(planOf(capped, "tv").ceiling.down).toBe(12_000);
  });
  it("what is kept does not stand in the way of what is needed now", () => {
    const home = homeOf();
    const held = run([streaming(30_000)], { home }).plan;
    const claimed = run([needing("ann", { streaming: { need: { down: [30_000] } } })], {
      home,
      previous: held,
      at: at(1),
      urgent: new Set(["ann"]),
    });
    expect(planOf(claimed, "ann-laptop").guarantee.down).toBe(30_000);
    expect(planOf(claimed, "tv").guarantee.down).toBe(64);
  });
  it("what must never be blocked keeps its protection as long as others, but no block", () => {
    const guarding = given("ann", { security: { firewall: "standard", isolated: true }, dns: { malwareFilter: true } });
    const home = homeOf({ policy: { neverBlock: ["ann-phone"] } });
    const previous = run([guarding], { home }).plan;
    const kept = planOf(run([], { home, previous, at: at(2) }), "ann-phone");
    expect(kept).toMatchObject({ firewall: "standard", isolated: true, malwareFilter: true });
    const strict = run([given("ann", { security: { firewall: "strict" } })]).plan;
    expect(planOf(run([], { home, previous: strict, at: at(2) }), "ann-phone").firewall).toBe("open");
  });
  it("protection is tightened at once and loosened after the dwell", () => {
    const closed = given("tv", { security: { inboundClosed: true, firewall: "strict" }, applications: { allowed: ["zoom"] } });
    expect(planOf(run([closed], { previous: before, at: at(1) }), "tv")).toMatchObject({ inboundClosed: true, firewall: "strict" });
    const tight = run([closed]).plan;
    expect(planOf(run([], { previous: tight, at: at(1) }), "tv")).toMatchObject({
      inboundClosed: true,
      firewall: "strict",
      allowedApplications: ["zoom"],
    });
    expect(planOf(run([], { previous: tight, at: at(1), ordered: new Set(["tv"]) }), "tv")).toMatchObject({
      inboundClosed: false,
      firewall: "open",
    });
    expect(planOf(run([], { previous: tight, at: at(5) }), "tv").inboundClosed).toBe(false);
  });
  it("says why something of before was kept", () => {
    const { reasons } = next(streaming(20_000), 4);
    expect(reasons.find((reason) => reason.device === "tv" && reason.field === "guarantee.down")!.because).toMatch(/kept from before/);
  });
  it("a new line takes effect at once", () => {
    const home = homeOf({ wan: { down: "12 Mbit/s", up: "3 Mbit/s" } });
    const { plan } = run([streaming(10_000, 4_000)], { home, previous: before, at: at(1) });
    expect(plan.lines[0]!.shaper).toEqual({ down: 11_400, up: 2_840 });
    expect(plan.devices.reduce((sum, device) => sum + device.guarantee.down, 0)).toBeLessThanOrEqual(12_000 * 0.9);
  });
});

describe("a plan", () => {
  it("has every device, sorted, with its MAC addresses in order", () => {
    const devices = [{ id: "tv", kind: "tv", macs: ["02:00:00:00:00:02", "02:00:00:00:00:01"] }, { id: "alarm" }];
    const { plan } = run([], { home: homeOf({ people: [], devices }) });
    expect(plan.devices.map((device) => device.device)).toEqual(["alarm", "tv"]);
    expect(plan.devices[1]!.macs).toEqual(["02:00:00:00:00:01", "02:00:00:00:00:02"]);
  });
  it("does not depend on the order of anything", () => {
    const profiles = [needing("ann", call), needing("ben", game), needing("tv", film)];
    const home = homeOf();
    const mixed = { ...home, people: home.people.toReversed(), devices: home.devices.toReversed() };
    expect(samePlan(run(profiles).plan, run(profiles.toReversed(), { home: mixed }).plan)).toBe(true);
  });
});
