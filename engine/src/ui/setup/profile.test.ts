import { NetworkProfile, type NetworkProfileInput, profileFields } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type BadField, type FieldSchema, fieldsOf, inputOf, movedDemand, type Profile, profileWith } from "./profile.ts";

const schema = z.toJSONSchema(NetworkProfile, {
  io: "input",
  unrepresentable: "any",
  override: ({ jsonSchema }) => {
    if (jsonSchema.blend) Object.assign(jsonSchema, { "x-blend": jsonSchema.blend });
  },
}) as unknown as FieldSchema;
const fields = fieldsOf(schema);
const profile = NetworkProfile.parse({
  qos: {
    demands: {
      realtime: { applications: ["voip"], need: { down: ["100 kbit/s"], up: ["100 kbit/s"] } },
      interactive: { need: { down: ["3 Mbit/s", "1.2 Mbit/s"], up: ["3 Mbit/s"] }, want: { down: "4 Mbit/s", up: "4 Mbit/s" } },
    },
    weight: 3,
  },
  applications: { blocked: ["steam"] },
}) as unknown as Profile;
const understood = (draft: Profile) => NetworkProfile.parse(draft as NetworkProfileInput);
const withTyped = (answers: Record<string, string>) => understood(profileWith(profile, fields, answers));
const refusal = (answers: Record<string, string>): BadField => {
  try {
    profileWith(profile, fields, answers);
  } catch (error) {
    return error as BadField;
  }
  throw new Error("it was taken");
};

describe("the form of a profile", () => {
  it("asks for every field the schema has, as its schema wants it", () => {
    expect(fields.map(({ path }) => path)).toEqual(profileFields.map(({ path }) => path));
    expect(Object.fromEntries(fields.map(({ path, widget }) => [path, widget]))).toMatchObject({
      "qos.demands": "demands",
      "qos.weight": "number",
      "bandwidth.ceilingUp": "percent",
      "security.firewall": "choice",
      "security.isolated": "tick",
      "applications.blocked": "applications",
      "vpn.tunnel": "tunnel",
    });
  });

  it("changes nothing that was not touched", () => {
    expect(profileWith(profile, fields, {})).toEqual(profile);
  });

  it("takes what people type, and the profile understands it", () => {
    const typed = withTyped({
      "profile.qos.demands.interactive.need.down": "6; 2,5 Mbit/s, 800 kbit/s",
      "profile.qos.demands.interactive.want.down": "",
      "profile.qos.demands.interactive.want.up": "1 Gbit/s",
      "profile.qos.demands.realtime.applications.voip": "",
      "profile.qos.demands.realtime.applications.zoom": "on",
      "profile.qos.weight": "0,5",
      "profile.bandwidth.ceilingUp": "40",
      "profile.security.firewall": "strict",
      "profile.security.isolated": "on",
      "profile.applications.blocked.netflix": "on",
      "profile.applications.blocked.steam": "",
      "profile.vpn.tunnel": "work",
      "profile.dns.familyFilter": "on",
    });
    expect(typed.qos.demands.interactive).toEqual({
      applications: [],
      need: { down: [6_000, 2_500, 800], up: [3_000] },
      want: { up: 1_000_000 },
    });
    expect(typed.qos.demands.realtime!.applications).toEqual(["zoom"]);
    expect([typed.qos.weight, typed.bandwidth.ceilingUp, typed.security, typed.vpn.tunnel, typed.dns.familyFilter]).toEqual([
      0.5,
      0.4,
      { firewall: "strict", inboundClosed: false, isolated: true },
      "work",
      true,
    ]);
    expect(typed.applications.blocked).toEqual(["netflix"]);
    expect(withTyped({ "profile.vpn.tunnel": "" }).vpn.tunnel).toBeNull();
  });

  it.each([
    ["profile.qos.weight", "9", "qos.weight", "badNumber", { from: 0.125, to: 8 }],
    ["profile.qos.weight", "", "qos.weight", "badNumber", { from: 0.125, to: 8 }],
    ["profile.bandwidth.ceilingDown", "0", "bandwidth.ceilingDown", "badNumber", { from: 1, to: 100 }],
    ["profile.qos.demands.interactive.need.up", "3 Mbit/s; fast", "qos.demands.interactive.need.up", "badRates", {}],
    ["profile.qos.demands.realtime.want.down", "much", "qos.demands.realtime.want.down", "badRate", {}],
  ])("refuses %s = %j by its name", (name, typed, path, reason, values) => {
    expect(refusal({ [name]: typed })).toMatchObject({ path, reason, values });
  });

  it("moves, adds and removes kinds of traffic with what was typed for them", () => {
    const { demands } = profile.qos as { demands: Parameters<typeof movedDemand>[0] };
    const order = fields[0]!.schema.propertyNames!.enum!;
    const answers: Record<string, string> = {
      "profile.qos.demands.interactive.need.down": "5",
      "profile.qos.demands.realtime.need.up": "1",
      "profile.qos.weight": "2",
    };
    const moved = movedDemand(demands, order, "interactive", "streaming", answers);
    expect(Object.keys(moved)).toEqual(["realtime", "streaming"]);
    expect(answers).toEqual({
      "profile.qos.demands.streaming.need.down": "5",
      "profile.qos.demands.realtime.need.up": "1",
      "profile.qos.weight": "2",
    });
    const more = movedDemand(moved, order, "bulk", "bulk", answers);
    expect(Object.keys(more)).toEqual(["realtime", "streaming", "bulk"]);
    expect(Object.keys(movedDemand(more, order, "streaming", null, answers))).toEqual(["realtime", "bulk"]);
    expect(Object.keys(answers)).toEqual(["profile.qos.demands.realtime.need.up", "profile.qos.weight"]);
    expect(understood(profileWith({ ...profile, qos: { ...profile.qos, demands: more } }, fields, answers)).qos.demands.bulk).toEqual({
      applications: [],
      need: { down: [], up: [] },
      want: {},
    });
  });

  it("finds the input that an error of the engine is about", () => {
    const names = ["profile.qos.weight", "profile.qos.demands.bulk.need.down", "profile.applications.blocked.steam"];
    expect(inputOf("profile.qos.demands.bulk.need.down.0", names)).toBe("profile.qos.demands.bulk.need.down");
    expect(inputOf("profile.qos.weight", names)).toBe("profile.qos.weight");
    expect(inputOf("profile.applications", names)).toBeUndefined();
  });
});
