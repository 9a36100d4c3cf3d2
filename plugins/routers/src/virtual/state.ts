import { z } from "zod";

export const OptionValue = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
export type OptionValue = z.infer<typeof OptionValue>;

/** A named part of the router's configuration. Sections with the tag "np" are ours, all others are somebody else's. */
export const Section = z.strictObject({ tag: z.literal("np").optional(), about: z.string(), options: z.record(z.string(), OptionValue) });
export type Section = z.infer<typeof Section>;
export type Sections = Readonly<Record<string, Section>>;

/** Everything the virtual router keeps: the content of router.json. */
export const RouterFile = z.strictObject({
  format: z.literal(1),
  sections: z.record(z.string(), Section),
  unconfirmed: z
    .strictObject({ undoAt: z.iso.datetime(), previous: z.record(z.string(), Section) })
    .nullable()
    .meta({ description: "A change nobody confirmed yet, with what to go back to." }),
});
export type RouterFile = z.infer<typeof RouterFile>;

/** A router as it leaves the factory, with settings its owner made. None of it is ours. */
export const factory: RouterFile = {
  format: 1,
  sections: {
    lan: { about: "home network", options: { address: "192.168.77.1/24", dhcp: true } },
    wan: { about: "internet line", options: { protocol: "dhcp", device: "eth1" } },
    wifi: { about: "wireless network", options: { ssid: "Demo home", channel: 36 } },
    "forward-nas": { about: "port forward made by the owner", options: { port: 8443, to: "192.168.77.20" } },
    "np-lookalike": { about: "a rule the owner happened to name like ours", options: { note: "not tagged, so not ours" } },
  },
  unconfirmed: null,
};

export const ours = (sections: Sections): Record<string, Section> => pick(sections, (section) => section.tag === "np");
export const notOurs = (sections: Sections): Record<string, Section> => pick(sections, (section) => section.tag !== "np");

function pick(sections: Sections, wanted: (section: Section) => boolean): Record<string, Section> {
  return Object.fromEntries(
    Object.entries(sections)
      .filter(([, section]) => wanted(section))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
