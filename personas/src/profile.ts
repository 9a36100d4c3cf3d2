import { z } from "zod";
import { Id, Rate } from "./quantities.ts";
import { type TrafficClass, trafficClasses } from "./traffic-class.ts";

/**
 * How a field is mixed when several personas are plausible (p = a persona's probability):
 * - `demands`: class membership by thresholded union; inside, needs insured (need x min(1, p / 0.5)), wants by maximum
 * - `geometric`: mean of logarithms weighted by p, for ratio scales
 * - `average`: the literal weighted mean
 * - `ceiling`: 1 - sum p (1 - ceiling), only from personas likely enough that the limit is deserved
 * - `protective`: the strictest of the suspected personas
 * - `permission`: allowed only by a confident persona
 * - `interrupting`: only by override, site policy, or p >= 0.9 at the start of an activity
 */
export const blendRules = ["demands", "geometric", "average", "ceiling", "protective", "permission", "interrupting"] as const;
export type BlendRule = (typeof blendRules)[number];

declare module "zod" {
  interface GlobalMeta {
    /** The rule by which the blend stage mixes this field. Declared here and nowhere else. */
    blend?: BlendRule;
    /** Values from weakest to strictest, for `protective` fields. */
    strictness?: readonly (string | boolean)[];
    unit?: string;
  }
}

const ladder = z.array(Rate).max(6).default([]).meta({
  description: "Rates at which the activity works, best first; the highest rung that fits is admitted.",
  unit: "kbit/s",
});
const twoWay = <T extends z.ZodType>(part: T) => z.strictObject({ down: part, up: part });

/** What one kind of traffic of an activity asks of the line. */
export const Demand = z.strictObject({
  applications: z
    .array(Id)
    .default([])
    .meta({ description: "Applications from the catalogue that this is about; empty means the whole device." }),
  need: z.strictObject({ down: ladder, up: ladder }).prefault({}).meta({ description: "Below the lowest rung the activity breaks." }),
  want: twoWay(Rate.optional())
    .prefault({ down: undefined, up: undefined })
    .meta({ description: "Above this nothing improves; absent means no limit.", unit: "kbit/s" }),
});
export type Demand = z.infer<typeof Demand>;

export const Demands = z.partialRecord(z.enum(trafficClasses), Demand);
export type Demands = Partial<Record<TrafficClass, Demand>>;

/** Order of `firewall`: each level includes the ones before it. */
export const firewallLevels = ["open", "standard", "strict"] as const;

/** What a persona asks of the network. Every leaf declares its blend rule; all fields are optional and fall back to the base layer. */
export const NetworkProfile = z.strictObject({
  qos: z
    .strictObject({
      demands: Demands.prefault({}).meta({
        title: "Demands",
        blend: "demands",
        description: "Traffic classes with the rates they need and want.",
      }),
      weight: z
        .number()
        .min(0.125)
        .max(8)
        .default(1)
        .meta({ title: "Weight", blend: "geometric", description: "Share of the surplus; 1 is normal." }),
      latencyTarget: z
        .number()
        .min(1)
        .max(1000)
        .default(60)
        .meta({ title: "Latency target", blend: "geometric", unit: "ms", description: "Wanted delay under load." }),
      utility: z
        .number()
        .min(0)
        .max(2)
        .default(0.1)
        .meta({ title: "Utility", blend: "average", description: "What satisfying the need is worth when not everything fits." }),
    })
    .prefault({}),
  bandwidth: z
    .strictObject({
      ceilingDown: z.number().gt(0).max(1).default(1).meta({
        title: "Ceiling down",
        blend: "ceiling",
        description: "Largest share of the downstream line; the whole of it is no limit.",
      }),
      ceilingUp: z
        .number()
        .gt(0)
        .max(1)
        .default(1)
        .meta({ title: "Ceiling up", blend: "ceiling", description: "Largest share of the upstream line; the whole of it is no limit." }),
    })
    .prefault({}),
  security: z
    .strictObject({
      firewall: z.enum(firewallLevels).default("open").meta({
        title: "Firewall",
        blend: "protective",
        strictness: firewallLevels,
        description: "How much the firewall lets out: strict allows only catalogue applications that are needed.",
      }),
      inboundClosed: z
        .boolean()
        .default(false)
        .meta({
          title: "Inbound closed",
          blend: "protective",
          strictness: [false, true],
          description: "Refuse connections from the internet, port forwards included.",
        }),
      isolated: z
        .boolean()
        .default(false)
        .meta({
          title: "Isolated",
          blend: "protective",
          strictness: [false, true],
          description: "No connections to other devices of the home.",
        }),
    })
    .prefault({}),
  applications: z
    .strictObject({
      allowed: z.array(Id).default([]).meta({
        title: "Allowed applications",
        blend: "permission",
        description: "Catalogue applications the firewall lets pass even when strict.",
      }),
      blocked: z
        .array(Id)
        .default([])
        .meta({ title: "Blocked applications", blend: "interrupting", description: "Catalogue applications that are refused." }),
    })
    .prefault({}),
  vpn: z
    .strictObject({
      tunnel: Id.nullable()
        .default(null)
        .meta({ title: "VPN tunnel", blend: "interrupting", description: "Name of the tunnel that carries the device's traffic." }),
    })
    .prefault({}),
  dns: z
    .strictObject({
      malwareFilter: z
        .boolean()
        .default(false)
        .meta({
          title: "Malware DNS filter",
          blend: "protective",
          strictness: [false, true],
          description: "Answer names of known malware with nothing.",
        }),
      familyFilter: z
        .boolean()
        .default(false)
        .meta({ title: "Family DNS filter", blend: "interrupting", description: "Answer names of adult sites with nothing." }),
    })
    .prefault({}),
});
/** A complete profile: rates in kbit/s, ceilings as shares of the line, latency in ms. */
export type NetworkProfile = z.infer<typeof NetworkProfile>;
export type NetworkProfileInput = z.input<typeof NetworkProfile>;

/** The base layer: nothing beyond a fair share, nothing restricted. */
export const baseProfile: NetworkProfile = NetworkProfile.parse({});

/** One leaf field of a profile with what its schema declares. `path` is dotted, e.g. "qos.weight". */
export interface ProfileField {
  path: string;
  section: keyof NetworkProfile;
  name: string;
  rule: BlendRule;
  title: string;
  description: string;
  unit?: string;
  strictness?: readonly (string | boolean)[];
}

/** Every field of a profile, read off the schema: blend, explanations and documentation all start here. */
export const profileFields: readonly ProfileField[] = Object.entries(NetworkProfile.shape).flatMap(([section, schema]) =>
  Object.entries((schema.unwrap() as z.ZodObject).shape).map(([name, field]): ProfileField => {
    const meta = (field as z.ZodType).meta();
    if (!meta?.blend) throw new Error(`profile field ${section}.${name} declares no blend rule`);
    return {
      path: `${section}.${name}`,
      section: section as keyof NetworkProfile,
      name,
      rule: meta.blend,
      title: meta.title ?? name,
      description: meta.description ?? "",
      ...(meta.unit === undefined ? {} : { unit: meta.unit }),
      ...(meta.strictness === undefined ? {} : { strictness: meta.strictness }),
    };
  }),
);
