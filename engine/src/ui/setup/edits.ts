/** The home as it is written, as far as setting up reads or writes it; everything else passes through untouched. */
export interface HomeDocument {
  home: { name?: string; timeZone: string };
  wan: { down: string | number; up: string | number; assumed?: true; [field: string]: unknown };
  people?: PersonEntry[];
  devices?: DeviceEntry[];
  calendars?: CalendarEntry[];
  routers?: RouterEntry[];
  policy?: { personas?: string[]; [field: string]: unknown };
  [field: string]: unknown;
}
export interface PersonEntry {
  id: string;
  name?: string;
  devices?: string[];
  calendars?: string[];
  recorded?: boolean;
}
export interface DeviceEntry {
  id: string;
  name?: string;
  kind?: string;
  macs?: string[];
  infrastructure?: boolean;
}
export interface CalendarEntry {
  id: string;
  name?: string;
  [field: string]: unknown;
}
export interface RouterEntry {
  id: string;
  driver: string;
  mode?: "preview" | "live";
  [field: string]: unknown;
}

/** What was said about one device that was seen. `owner`: a person's id; "nobody": the household's; "network": infrastructure; "": left out. */
export interface Assignment {
  mac: string;
  name: string;
  kind: string;
  owner: string;
  /** The device it counts as already, by a sign its owner agreed to. */
  countsAs?: string;
  /** The device of the home it was said to be, with another address; nothing else is said then. */
  same?: string;
}

/** An id out of a name: "Ann's laptop" is ann-s-laptop, or ann-s-laptop-2 where that is taken. */
export function idOf(name: string, taken: ReadonlySet<string>, fallback = "device"): string {
  const plain = name
    .replaceAll("ß", "ss")
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, 32)
    .replace(/-+$/, "");
  const base = plain || fallback;
  for (let i = 1; ; i++) {
    const id = i === 1 ? base : `${base}-${i}`;
    if (!taken.has(id)) return id;
  }
}

const units: Readonly<Record<string, string>> = { k: "kbit/s", "": "Mbit/s", m: "Mbit/s", g: "Gbit/s" };

/** A rate as home.yaml wants it, from what people type: "100", "16,5 Mbit", "1 Gbit/s". Mbit/s when no unit is given; null when it is none. */
export function rateText(typed: string): string | null {
  const match = /^(\d+(?:[.,]\d+)?)\s*(?:([kmg])(?:b|bit)?(?:\/s|ps)?)?$/i.exec(typed.trim());
  if (!match) return null;
  const value = Number(match[1]!.replace(",", "."));
  return value > 0 && value < 1e6 ? `${value} ${units[(match[2] ?? "").toLowerCase()]}` : null;
}

/** What it probably is, by the name it gives itself and its maker's; "" when they say nothing. */
export function kindOf(names: string): string {
  const signs: readonly (readonly [string, RegExp])[] = [
    ["tablet", /ipad|tablet|galaxy-?tab|kindle|fire-?hd/],
    ["phone", /iphone|phone|pixel|galaxy|oneplus|xiaomi|redmi|huawei|handy|android/],
    ["console", /playstation|ps[345]\b|xbox|nintendo|switch|steamdeck/],
    ["streamer", /chromecast|fire-?tv|fire-?stick|apple-?tv|\broku|shield/],
    ["tv", /\btv\b|-tv|tv-|bravia|webos|tizen|viera|fernseher/],
    ["laptop", /laptop|macbook|notebook|thinkpad|latitude|elitebook|xps|surface/],
    ["desktop", /desktop|imac|mac-?mini|workstation|-pc\b|\bpc-|rechner/],
    ["printer", /printer|drucker|epson|brother|canon|laserjet|officejet|hp[0-9a-f]{6}/],
    ["camera", /cam(era)?\b|-cam|cam-|doorbell|kamera|reolink|hikvision|dahua|\bring-/],
    ["speaker", /sonos|\bbose\b|denon|speaker|homepod|echo|alexa|google-home|nest-(mini|audio|hub)/],
    ["server", /\bnas\b|-nas|nas-|synology|diskstation|qnap|server|raspberry|homeassistant|proxmox/],
    ["sensor", /sensor|thermostat|espressif|esp[-_]|shelly|tasmota|tuya|\bhue\b|tado|netatmo/],
    ["appliance", /vacuum|roborock|roomba|irobot|miele|washer|dryer|dishwasher|fridge|oven|waschmaschine/],
  ];
  const name = names.toLowerCase();
  return signs.find(([, sign]) => sign.test(name))?.[0] ?? "";
}

/** Whose it probably is: a person whose name its own name begins with or holds as a word; "" when nobody's. */
export function ownerOf(hostname: string, people: readonly PersonEntry[]): string {
  const words = hostname.toLowerCase().split(/[^\p{Letter}\p{Number}]+/u);
  const match = people.find(({ id, name = id }) => {
    const own = name.toLowerCase().split(/\s+/)[0]!;
    return own.length >= 3 && words.some((word) => word === own || word === `${own}s`);
  });
  return match?.id ?? "";
}

const idsOf = (document: HomeDocument): Set<string> =>
  new Set([...(document.people ?? []), ...(document.devices ?? [])].map(({ id }) => id));

/** With what its owner says the line carries. */
export function withLine(document: HomeDocument, down: string, up: string): HomeDocument {
  const { assumed: _, ...wan } = document.wan;
  return { ...document, wan: { ...wan, down, up } };
}

/** With a router in the place of the one of the same id. */
export function withRouter(document: HomeDocument, router: RouterEntry): HomeDocument {
  const others = document.routers ?? [];
  const known = others.some(({ id }) => id === router.id);
  return { ...document, routers: known ? others.map((r) => (r.id === router.id ? router : r)) : [...others, router] };
}

/** In the language and the zone of whoever sets the home up: a container's own is often UTC. */
export const ofTheirs = (document: HomeDocument, { name, timeZone }: { name: string; timeZone?: string }): HomeDocument => ({
  ...document,
  home: { ...document.home, name, ...(timeZone ? { timeZone } : {}) },
});

export const withMode = (document: HomeDocument, mode: "preview" | "live"): HomeDocument => ({
  ...document,
  routers: (document.routers ?? []).map((router) => ({ ...router, mode })),
});

/** A person of a new name, under an id that nothing else has. */
export const newPerson = (name: string, document: HomeDocument, others: readonly PersonEntry[]): PersonEntry => ({
  id: idOf(name, new Set([...idsOf(document), ...others.map(({ id }) => id)]), "person"),
  name: name.trim(),
});

/** A person of whom nothing is recorded, or everything again. */
export const withRecorded = (document: HomeDocument, id: string, recorded: boolean): HomeDocument => ({
  ...document,
  people: (document.people ?? []).map((person) => {
    if (person.id !== id) return person;
    const { recorded: _before, ...rest } = person;
    return recorded ? rest : { ...rest, recorded };
  }),
});

/**
 * With these people instead of those there were `before`; what is known of those who stay is kept, and whoever somebody else added
 * or removed meanwhile stays added or removed.
 */
export function withPeople(
  document: HomeDocument,
  people: readonly PersonEntry[],
  before: readonly PersonEntry[] = document.people ?? [],
): HomeDocument {
  const isIn = (list: readonly PersonEntry[], { id }: PersonEntry) => list.some((person) => person.id === id);
  const stay = (document.people ?? []).filter((person) => isIn(people, person) || !isIn(before, person));
  return { ...document, people: [...stay, ...people.filter((person) => !isIn(before, person) && !isIn(stay, person))] };
}

/** With everything that was said about the devices that were seen. Devices that were not seen stay as they are. */
export function withDevices(document: HomeDocument, assignments: readonly Assignment[]): HomeDocument {
  const taken = idsOf(document);
  let devices = [...(document.devices ?? [])];
  let people = [...(document.people ?? [])];
  const lists = (device: DeviceEntry, mac: string) => device.macs?.some((m) => m.toLowerCase() === mac) ?? false;
  for (const { mac, name, kind, owner, countsAs, same } of assignments) {
    if (same) {
      devices = devices.map((d) => (d.id === same && !lists(d, mac) ? { ...d, macs: [...(d.macs ?? []), mac] } : d));
      continue;
    }
    const known = devices.find((d) => lists(d, mac)) ?? devices.find(({ id }) => id === countsAs);
    if (owner === "") {
      if (known) {
        devices = devices.filter((d) => d !== known);
        people = people.map((person) => (person.devices ? { ...person, devices: person.devices.filter((d) => d !== known.id) } : person));
      }
      continue;
    }
    const id = known?.id ?? idOf(name || kind, taken);
    taken.add(id);
    const { infrastructure: _, name: __, ...rest } = known ?? { id, macs: [mac] };
    const device: DeviceEntry = {
      ...rest,
      ...(name.trim() ? { name: name.trim() } : {}),
      kind: kind || "other",
      ...(owner === "network" ? { infrastructure: true } : {}),
    };
    devices = known ? devices.map((d) => (d === known ? device : d)) : [...devices, device];
    people = people.map((person) => {
      const others = (person.devices ?? []).filter((d) => d !== id);
      const own = person.id === owner ? [...others, id] : others;
      return own.length === 0 && !person.devices ? person : { ...person, devices: own };
    });
  }
  return { ...document, people, devices };
}

/** With one more calendar; `owner`: a person's id, "" for one that is everybody's. */
export function withCalendar(document: HomeDocument, calendar: CalendarEntry, owner: string): HomeDocument {
  return {
    ...document,
    calendars: [...(document.calendars ?? []), calendar],
    people: (document.people ?? []).map((person) =>
      owner === "" || person.id === owner ? { ...person, calendars: [...(person.calendars ?? []), calendar.id] } : person,
    ),
  };
}

export function withoutCalendar(document: HomeDocument, id: string): HomeDocument {
  return {
    ...document,
    calendars: (document.calendars ?? []).filter((calendar) => calendar.id !== id),
    people: (document.people ?? []).map((person) =>
      person.calendars ? { ...person, calendars: person.calendars.filter((calendar) => calendar !== id) } : person,
    ),
  };
}

/** With the personas that may be predicted; null: all there are, and all there will be. */
export function withPersonas(document: HomeDocument, chosen: readonly string[] | null): HomeDocument {
  const { personas: _, ...policy } = document.policy ?? {};
  const next = chosen === null ? policy : { ...policy, personas: [...chosen] };
  const { policy: __, ...rest } = document;
  return Object.keys(next).length === 0 ? rest : { ...rest, policy: next };
}
