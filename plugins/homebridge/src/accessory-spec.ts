/**
 * What an accessory is about. `subject` is a person's id, or null for the whole home.
 * - `automatic`: switch, on while the engine decides
 * - `persona`: switch, on while this persona is forced
 * - `presence`: switch that HomeKit's arrive and leave automations flip
 * - `active`, `likely`: occupancy sensors, occupied while the persona is active or likely soon
 */
export type AccessorySpec =
  | { kind: "automatic"; subject: null }
  | { kind: "persona"; subject: null; persona: string }
  | { kind: "automatic"; subject: string }
  | { kind: "persona"; subject: string; persona: string }
  | { kind: "presence"; subject: string }
  | { kind: "active" | "likely"; subject: string; persona: string };

export const isSensor = (spec: AccessorySpec): boolean => spec.kind === "active" || spec.kind === "likely";

/** Identity of an accessory, from ids only: renaming a person or persona keeps room, scenes and automations. */
export function identityOf(home: string, spec: AccessorySpec): string {
  // Ids hold neither "/" nor "*".
  return ["network-personas", home, spec.subject ?? "*", spec.kind, "persona" in spec ? spec.persona : "*"].join("/");
}
