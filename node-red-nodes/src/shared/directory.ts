import { idLike } from "./values.ts";

/** A person, or a device nobody owns: whom predictions are made for. */
export interface SubjectEntry {
  id: string;
  name: string;
  appliesTo: "person" | "device";
}
export interface DeviceEntry {
  id: string;
  name: string;
  macs: readonly string[];
  /** The person it belongs to. */
  owner?: string;
}

/** Who and what a home knows, to recognise names in messages and to fill the pickers of the editor. */
export interface Directory {
  subjects: readonly SubjectEntry[];
  devices: readonly DeviceEntry[];
  personas: readonly { id: string; name: string }[];
}

export const emptyDirectory: Directory = { subjects: [], devices: [], personas: [] };

/** What a name in a message turned out to be. */
export type Match = { kind: "person"; id: string } | { kind: "device"; id: string; owner?: string };

/** Finds a person or device by id, name or MAC address, or by the most specific part of a topic ("owntracks/alice/phone"). */
export function matchSubject(directory: Directory, text: string): Match | undefined {
  const parts = text.split("/").filter(Boolean);
  for (const part of [text, parts.slice(-2).join("-"), ...parts.toReversed()]) {
    // Home Assistant writes "device_tracker.alice_phone".
    const match = matchOne(directory, part) ?? matchOne(directory, part.slice(part.indexOf(".") + 1));
    if (match) return match;
  }
  return undefined;
}

function matchOne(directory: Directory, text: string): Match | undefined {
  const id = idLike(text);
  if (id === "") return undefined;
  const device = directory.devices.find((d) => d.id === id || idLike(d.name) === id || d.macs.some((mac) => idLike(mac) === id));
  if (device) return { kind: "device", id: device.id, ...(device.owner && { owner: device.owner }) };
  const subject = directory.subjects.find((s) => s.id === id || idLike(s.name) === id);
  return subject && { kind: subject.appliesTo, id: subject.id };
}

/** The subject a name speaks about: a device somebody owns stands for its owner. */
export function matchOwner(directory: Directory, text: string): string | undefined {
  const match = matchSubject(directory, text);
  return match && (match.kind === "device" ? (match.owner ?? match.id) : match.id);
}

/** The id of a persona given by id or name. Unknown ones pass as ids: the engine knows better and says so. */
export function personaId(directory: Directory, text: string): string {
  const id = idLike(text);
  return directory.personas.find((p) => p.id === id || idLike(p.name) === id)?.id ?? id;
}
