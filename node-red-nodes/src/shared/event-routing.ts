import type { EngineEvent, EngineState, SubjectState } from "@network-personas/engine/model";
import type { Directory } from "./directory.ts";

export type EventType = EngineEvent["type"];

/** The outputs of the event node, in order, and what comes out of each. */
export const outputs: readonly (readonly EventType[])[] = [
  ["subject"],
  ["plan", "applied", "router", "line"],
  ["presence", "activity"],
  ["calendar", "label", "corrected", "today", "problem", "hold", "home"],
];
export const eventTypes: readonly EventType[] = outputs.flat();

export const outputOf = (type: EventType): number => outputs.findIndex((types) => types.includes(type));

export interface EventSettings {
  /** Empty lets all types pass. */
  types: ReadonlySet<string>;
  /** Empty lets all subjects pass; events of the whole home pass in any case. */
  subject: string;
  /** Of subjects, only a change of the active persona. */
  personaOnly: boolean;
}

/** The active persona per subject, as last told. */
export type Active = ReadonlyMap<string, string>;
export const activeOf = (state: EngineState): Active => new Map(state.subjects.map((s) => [s.subject, s.active]));

/** Whether an event passes, given what was active before it. */
export function passes(event: EngineEvent, settings: EventSettings, before: Active, directory: Directory): boolean {
  if (settings.types.size > 0 && !settings.types.has(event.type)) return false;
  const subject = subjectOf(event, directory);
  if (settings.subject !== "" && subject !== undefined && !subject.includes(settings.subject)) return false;
  return !(event.type === "subject" && settings.personaOnly && before.get(event.data.subject) === event.data.active);
}

/** Ids an event speaks about; undefined when it is about the whole home. */
function subjectOf(event: EngineEvent, directory: Directory): string[] | undefined {
  if ("subject" in event.data) return [event.data.subject];
  if (event.type !== "presence" && event.type !== "activity") return undefined;
  const owner = directory.devices.find((d) => d.id === event.data.device)?.owner;
  return owner ? [event.data.device, owner] : [event.data.device];
}

/** What changed while we were not connected, told as if it had just happened. Nothing at the first connection. */
export function missed(before: Active | undefined, state: EngineState): EngineEvent[] {
  if (!before) return [];
  const changed = state.subjects.filter((subject: SubjectState) => before.get(subject.subject) !== subject.active);
  return changed.map((data) => ({ type: "subject", sequence: state.sequence, at: state.at, data }));
}

/** The one value most flows want of an event; the whole of it is in msg.persona. */
export function payloadOf(event: EngineEvent): unknown {
  switch (event.type) {
    case "subject":
      return event.data.active;
    case "presence":
      return event.data.present;
    case "activity":
      return event.data.activity?.kind ?? null;
    case "applied":
      return event.data.result;
    case "label":
      return event.data.persona;
    case "corrected":
      return event.data.really;
    case "today":
      return event.data.right;
    case "problem":
      return event.data.message;
    case "hold":
      return event.data.hold?.why ?? null;
    case "home":
      return event.data.reason;
    case "calendar":
      return event.data.status;
    case "router":
      return event.data.reachable;
    case "line":
      return event.data.inForce;
    case "plan":
      return event.data.plan;
  }
}

/** What an event is about: subject, device, router or calendar. */
export function topicOf(event: EngineEvent): string {
  switch (event.type) {
    case "subject":
    case "label":
    case "corrected":
    case "today":
      return event.data.subject;
    case "presence":
    case "activity":
      return event.data.device;
    case "applied":
    case "router":
      return event.data.router;
    case "calendar":
      return event.data.calendar;
    case "plan":
      return event.data.plan.home;
    case "line":
    case "problem":
    case "hold":
    case "home":
      return event.type;
  }
}
