import type {
  ApplyOutcome,
  CalendarTrial,
  DoctorFinding,
  DriverOffer,
  FoundRouter,
  ImportPreview,
  PlanView,
  RouterClients,
  RouterTrial,
} from "../../model/index.ts";
import type { HomeDocument, PersonEntry } from "./edits.ts";
import type { Field, Profile, ProfileForm } from "./profile.ts";

export const steps = ["router", "line", "devices", "calendars", "personas", "live"] as const;
export type Step = (typeof steps)[number];

/** A persona as it is offered. */
export interface OfferedPersona {
  persona: { id: string; name: string; description: string; appliesTo: "person" | "device" | "any"; deviceKinds: readonly string[] };
  /** The whole of it as it is written. */
  document: { profile: Profile; [field: string]: unknown };
  /** "built-in", or the home's own file. */
  origin: string;
  predicted: boolean;
}

/** A persona whose profile is being changed. */
export interface Adjusting {
  entry: OfferedPersona;
  form: ProfileForm;
  fields: readonly Field[];
  /** As kept, with the kinds of traffic that were added, moved or removed; what was typed is in the answers. */
  profile: Profile;
  /** Whom it may happen to. */
  subjects: readonly string[];
  /** What would be planned with the persona as it is kept. */
  before: PlanView | null;
}

/** What is wrong, where: `form` is where it is shown, `field` the input it is about. */
export interface Problem {
  form: string;
  text: string;
  field?: string | undefined;
}

/** Something a person can put right, said at a form. */
export class Wrong extends Error {
  readonly field: string | undefined;
  constructor(text: string, field?: string) {
    super(text);
    this.field = field;
  }
}

/** What buttons and forms stand for, by their `data-do`. */
export type Actions = Readonly<Record<string, readonly [form: string, work: (data: DOMStringMap) => unknown]>>;

/** Everything that setting up knows. What was typed is kept over redraws and steps, until the page is left. */
export interface Setup {
  step: Step;
  /** null while not known; false: whoever is here is not the owner. */
  allowed: boolean | null;
  document: HomeDocument | null;
  drivers: readonly DriverOffer[];
  personas: readonly OfferedPersona[];
  /** Inputs by their names. */
  answers: Record<string, string>;
  busy: boolean;
  problem: Problem | null;
  found: readonly FoundRouter[] | null;
  /** The router is looked for, and nobody asked for it. */
  looking: boolean;
  /** Family of the router that is being connected. */
  driver: string | null;
  trial: RouterTrial | null;
  measuring: { left: number; down: number; up: number } | null;
  /** kbit/s */
  measured: { down: number; up: number } | null;
  people: readonly PersonEntry[];
  /** The same before somebody added or removed any here. */
  peopleBefore: readonly PersonEntry[];
  clients: readonly RouterClients[] | null;
  calendar: CalendarTrial | null;
  adjusting: Adjusting | null;
  preview: PlanView | null;
  /** A backup that was chosen, with what it would do; or where that is kept which it has replaced. */
  backup: { text: unknown; preview: ImportPreview } | { kept: string } | null;
  findings: readonly DoctorFinding[] | null;
  outcomes: readonly ApplyOutcome[] | null;
}

export const newSetup = (): Setup => ({
  step: "router",
  allowed: null,
  document: null,
  drivers: [],
  personas: [],
  answers: {},
  busy: false,
  problem: null,
  found: null,
  looking: false,
  driver: null,
  trial: null,
  measuring: null,
  measured: null,
  people: [],
  peopleBefore: [],
  clients: null,
  calendar: null,
  adjusting: null,
  preview: null,
  backup: null,
  findings: null,
  outcomes: null,
});
