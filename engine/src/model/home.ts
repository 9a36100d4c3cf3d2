import { DeviceKind, Duration, everyday, Id, Rate } from "@network-personas/personas";
import { z } from "zod";
import { DeviceId, DhcpFingerprint, MacAddress, PersonaId } from "./ids.ts";

/** A secret is named, never written: an environment variable, a file, or the host's own credential store. */
export const SecretRef = z.union(
  [
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ credential: z.string().min(1) }),
  ],
  { error: "expected { env: NAME }, { file: PATH } or { credential: NAME }; a secret is never written into the file itself" },
);
export type SecretRef = z.infer<typeof SecretRef>;

export const timeZone = z.string().refine(
  (zone) => {
    try {
      new Intl.DateTimeFormat("en", { timeZone: zone });
      return true;
    } catch {
      return false;
    }
  },
  { error: 'expected an IANA time zone such as "Europe/Berlin"' },
);

export const Person = z.strictObject({
  id: Id,
  name: z.string().min(1).max(60).optional(),
  devices: z.array(DeviceId).default([]),
  calendars: z.array(Id).default([]),
  recorded: z.boolean().optional().meta({
    description: "False: nothing about this person is predicted, learned or kept. They get `everyday`, and what is set by hand.",
  }),
});
export type Person = z.infer<typeof Person>;

export const Device = z.strictObject({
  id: DeviceId,
  name: z.string().min(1).max(60).optional(),
  kind: DeviceKind.default("other"),
  macs: z.array(MacAddress).default([]),
  knownByHostname: z.string().min(1).max(63).optional().meta({
    description:
      "The name the device gives itself. Writing it down is to agree that a private (made-up) MAC address that comes with it counts as this device's. Whoever calls a device of his so is taken for it.",
  }),
  knownByDhcpFingerprint: DhcpFingerprint.optional().meta({
    description:
      "What the device asks a DHCP server for, as `network-personas clients` shows it. Writing it down is to agree that a private (made-up) MAC address whose name does not tell it counts as this device's when it asks for the same. Any device of the same model asks for the same: a visitor's is taken for it.",
  }),
  infrastructure: z
    .boolean()
    .default(false)
    .meta({ description: "Gateway, access point, DNS server or the machine we run on: never blocked, limited or isolated." }),
});
export type Device = z.infer<typeof Device>;

export const CalDavAccount = z.strictObject({ url: z.url(), username: z.string().min(1), password: SecretRef });
export const CalendarConfig = z
  .strictObject({
    id: Id,
    name: z.string().optional(),
    ics: z
      .union([z.string().min(1), SecretRef])
      .optional()
      .meta({ description: "A path, or an http(s):// or webcal:// URL. A secret address may be a secret reference." }),
    caldav: CalDavAccount.optional(),
    refresh: Duration.prefault("PT15M"),
    meanings: z
      .array(z.strictObject({ text: z.string().min(1), persona: PersonaId.optional(), away: z.boolean().default(false) }))
      .default([])
      .meta({ description: "What an event whose summary contains the text means to you." }),
  })
  .refine((c) => (c.ics === undefined) !== (c.caldav === undefined), { error: "needs exactly one of `ics` and `caldav`" });
export type CalendarConfig = z.infer<typeof CalendarConfig>;

export const RouterConfig = z.looseObject({
  id: Id,
  driver: z.string().min(1),
  mode: z.enum(["preview", "live"]).default("preview").meta({ description: "preview computes and shows, live writes." }),
  url: z.url().optional(),
  username: z.string().optional(),
  password: SecretRef.optional(),
  apiKey: SecretRef.optional().meta({ description: "Key of the maker's official API, where a driver uses one beside the account." }),
});
/** A router; further fields belong to the driver and are checked by its own schema. */
export type RouterConfig = z.infer<typeof RouterConfig>;

export const Policy = z.strictObject({
  control: z
    .enum(["automatic", "flow"])
    .default("automatic")
    .meta({ description: "flow: nothing is applied without a proposal or an override." }),
  minimumDwell: Duration.prefault("PT5M").meta({ description: "Least time between two changes made by predictions." }),
  neverBlock: z.array(DeviceId).default([]),
  blockedApplications: z.array(z.strictObject({ device: DeviceId, applications: z.array(Id).min(1) })).default([]),
  blockedDevices: z.array(DeviceId).default([]),
  personas: z.array(PersonaId).optional().meta({ description: "Personas that may be predicted; all when absent." }),
  confidenceFloor: z.number().min(0).max(1).default(0.4).meta({ description: "Below this the base layer stands." }),
  shaperFraction: z.number().min(0.5).max(0.95).default(0.95).meta({ description: "Share of the line that is shaped to." }),
  forcedFor: Duration.prefault("PT4H").meta({ description: "How long an override lasts unless it says otherwise." }),
  keepHistory: Duration.prefault("P90D")
    .refine((ms) => ms >= 86_400_000, { error: "expected at least a day (P1D)" })
    .meta({ description: "How long signals, predictions, what really happened and what was applied are kept." }),
});
export type Policy = z.infer<typeof Policy>;

/** Whether a persona may be predicted in a home; one that may not can still be forced. */
export const mayBePredicted = ({ personas }: Policy, persona: string): boolean =>
  persona === everyday || !personas || personas.includes(persona);

export const ApiConfig = z.strictObject({
  host: z.string().default("127.0.0.1"),
  port: z.number().int().min(0).max(65535).default(8787),
  loopbackWithoutToken: z
    .boolean()
    .default(false)
    .meta({ description: "Requests from this machine need no token. Foreign origins are refused all the same." }),
  allowedHosts: z
    .array(z.string().min(1))
    .optional()
    .meta({ description: "Further names this machine is called by, e.g. behind a reverse proxy." }),
  allowedOrigins: z
    .array(z.url())
    .optional()
    .meta({ description: 'Further web pages that may use the API, e.g. "https://dashboard.example".' }),
});

const HostAndPort = z
  .string()
  .regex(/^([^\s:/@]+|\[[0-9a-fA-F:.]+\]):[0-9]{1,5}$/, 'expected a host and a port, e.g. "192.0.2.1:443"')
  .refine((text) => Number(text.slice(text.lastIndexOf(":") + 1)) <= 65_535, "expected a port from 0 to 65535");

/** The whole of home.yaml. */
export const Home = z
  .strictObject({
    version: z.literal(1, {
      error: ({ input }) =>
        typeof input === "number" && input > 1
          ? `this home was written for a newer version of Network Personas (version: ${input}, this one knows 1); install that version again`
          : "expected version: 1",
    }),
    home: z.strictObject({ id: Id.default("home"), name: z.string().min(1).default("Home"), timeZone: timeZone }),
    wan: z.strictObject({
      id: Id.default("wan"),
      down: Rate,
      up: Rate,
      assumed: z.literal(true).optional().meta({
        description: "Nobody has said yet what the line carries: the rates stand for none. Remove it when they are yours.",
      }),
      probe: HostAndPort.optional().meta({
        description:
          'A host beyond the line that answers TCP, e.g. "192.0.2.1:443". Asked once a minute, and every few seconds while the line is busy: where delay grows, plans are made with what the line really carries. Absent: nobody is asked, and the rates above stand.',
      }),
    }),
    people: z.array(Person).default([]),
    devices: z.array(Device).default([]),
    calendars: z.array(CalendarConfig).default([]),
    routers: z.array(RouterConfig).default([]),
    personas: z.array(z.string()).default([]).meta({ description: "Folders with your own persona files, relative to this file." }),
    predictor: z.enum(["learned", "additive"]).default("learned"),
    policy: Policy.prefault({}),
    api: ApiConfig.prefault({}),
  })
  .superRefine((home, context) => {
    const fail = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
    const once = (list: readonly { id: string }[], where: string, seen = new Map<string, string>()) => {
      list.forEach((item, i) => {
        const before = seen.get(item.id);
        if (before) fail([where, i, "id"], `"${item.id}" is used twice (also in ${before}); ids must be unique`);
        seen.set(item.id, where);
      });
      return seen;
    };
    const ids = once(home.devices, "devices", once(home.people, "people"));
    once(home.calendars, "calendars");
    once(home.routers, "routers");
    const devices = new Set(home.devices.map((d) => d.id));
    const calendars = new Set(home.calendars.map((c) => c.id));
    const owner = new Map<string, string>();
    home.people.forEach((person, i) => {
      person.devices.forEach((device, j) => {
        if (!devices.has(device)) fail(["people", i, "devices", j], `no device "${device}" is listed under devices`);
        if (owner.has(device)) fail(["people", i, "devices", j], `"${device}" already belongs to ${owner.get(device)}`);
        owner.set(device, person.id);
      });
      person.calendars.forEach((calendar, j) => {
        if (!calendars.has(calendar)) fail(["people", i, "calendars", j], `no calendar "${calendar}" is listed under calendars`);
      });
    });
    home.policy.neverBlock.forEach((id, i) => {
      if (!ids.has(id)) fail(["policy", "neverBlock", i], `no device "${id}" is listed under devices`);
    });
    const taken = new Map<string, string>();
    home.devices.forEach(({ id, knownByHostname, knownByDhcpFingerprint, infrastructure }, i) => {
      const knownBy = { knownByHostname: knownByHostname?.toLowerCase().split(".")[0], knownByDhcpFingerprint };
      for (const [field, sign] of Object.entries(knownBy)) {
        if (sign === undefined) continue;
        const path = ["devices", i, field];
        if (infrastructure) fail(path, "infrastructure is known by its own MAC addresses only: list them under macs");
        if (taken.has(`${field} ${sign}`)) fail(path, `"${sign}" already is what ${taken.get(`${field} ${sign}`)} is known by`);
        taken.set(`${field} ${sign}`, id);
      }
    });
    const macs = new Map<string, string>();
    home.devices.forEach((device, i) => {
      device.macs.forEach((mac, j) => {
        if (macs.has(mac)) fail(["devices", i, "macs", j], `${mac} already belongs to ${macs.get(mac)}`);
        macs.set(mac, device.id);
      });
    });
    if (home.wan.down <= 0) fail(["wan", "down"], "a line of zero carries nothing; give its measured rate");
    if (home.wan.up <= 0) fail(["wan", "up"], "a line of zero carries nothing; give its measured rate");
  });
export type Home = z.output<typeof Home>;
export type HomeInput = z.input<typeof Home>;

/** Ids of everything about people who are not recorded: theirs and their devices'. */
export const unrecorded = ({ people }: Pick<Home, "people">): ReadonlySet<string> =>
  new Set(people.filter((person) => person.recorded === false).flatMap((person) => [person.id, ...person.devices]));

/** A person, or a device nobody owns, with the devices that count as its own. */
export interface Subject {
  id: string;
  name: string;
  appliesTo: "person" | "device";
  devices: readonly Device[];
  calendars: readonly string[];
}

/** Everybody and everything a prediction is made for: all people, and every ownerless device that is not infrastructure. */
export function subjectsOf(home: Home): Subject[] {
  const byId = new Map(home.devices.map((d) => [d.id, d]));
  const owned = new Set(home.people.flatMap((p) => p.devices));
  const people = home.people.map(
    (p): Subject => ({
      id: p.id,
      name: p.name ?? p.id,
      appliesTo: "person",
      devices: p.devices.map((d) => byId.get(d)!),
      calendars: p.calendars,
    }),
  );
  const devices = home.devices
    .filter((d) => !owned.has(d.id) && !d.infrastructure)
    .map((d): Subject => ({ id: d.id, name: d.name ?? d.id, appliesTo: "device", devices: [d], calendars: [] }));
  return [...people, ...devices];
}
