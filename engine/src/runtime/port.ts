import type { Application, Persona } from "@network-personas/personas";
import type {
  ApplyOutcome,
  BlendedProfile,
  CalendarTrial,
  CalendarTrialInput,
  CalibrationReport,
  Constraint,
  Distribution,
  DoctorFinding,
  DriverOffer,
  EngineEvent,
  EngineState,
  FoundRouter,
  HistoryEntry,
  HistoryKind,
  HoldState,
  Home,
  ImportPreview,
  ImportResult,
  Instant,
  PlanView,
  Prediction,
  Proposal,
  RouterClients,
  RouterStatus,
  RouterTrial,
  RouterTrialInput,
  SecretRef,
  Signal,
  SignalInput,
  UpcomingEvent,
} from "../model/index.ts";
import type { HomeExport } from "./home-export.ts";

/** What is to be forgotten: at least one of the subject and the stretch of time. */
export interface Forgetting {
  subject?: string;
  from?: Instant;
  to?: Instant;
}
/** The same, or a date ("2026-11-24") as it is where the home is. */
export interface ForgetInput extends Forgetting {
  day?: string;
}

/** A persona with where it comes from. */
export interface PersonaEntry {
  persona: Persona;
  /** "built-in", or the file it was read from (relative to the home). */
  origin: string;
}

/** What is to be planned, and what of the home is assumed to be otherwise for it. */
export interface PlanQuestion {
  at?: Instant;
  /** Distributions to use for these subjects instead of the predicted ones. */
  distributions?: Readonly<Record<string, Distribution>>;
  /** Personas to use instead of the home's of the same ids. */
  personas?: readonly Persona[];
  /** Personas that may be predicted, instead of those the policy names. */
  predicted?: readonly string[];
}

/** Which calendar events are asked for: everybody's of the next 24 hours when nothing is said. */
export interface UpcomingInput {
  subject?: string;
  /** Now when absent; may be past, and events that still last then count. */
  from?: Instant;
  hours?: number;
}

/** What is asked and tried before it belongs to the home. Nothing here changes a router or home.yaml. */
export interface SetupService {
  /** The families of routers there are drivers for. */
  drivers(): Promise<readonly DriverOffer[]>;
  /** Routers at an address, a name or a URL; near this machine when absent. */
  find(address?: string): Promise<readonly FoundRouter[]>;
  tryRouter(input: RouterTrialInput): Promise<RouterTrial>;
  tryCalendar(input: CalendarTrialInput): Promise<CalendarTrial>;
  /** Keeps a secret where only this engine reads it; resolves with what home.yaml says instead of it. */
  keepSecret(name: string, value: string): Promise<SecretRef>;
  forgetSecret(name: string): Promise<void>;
}

/** The file of a home: what it says, its text, and which version this is. */
export interface HomeText {
  home: Home;
  text: string;
  etag: string;
}

/**
 * Everything one can ask of a running home. The API server is its only caller besides the command line: hosts go through the API.
 * Methods reject with PersonasError (BadInput, NotFound, DriverError, ...).
 */
export interface EngineService {
  readonly homeId: string;
  state(): EngineState;
  readonly setup: SetupService;
  home(): HomeText;
  /** Validates, keeps comments, saves the previous version, takes effect at once. `etag` of the version edited, to refuse lost updates. */
  putHome(text: string, etag?: string): Promise<HomeText>;
  personas(): readonly PersonaEntry[];
  /** The catalogue personas name applications from. */
  applications(): readonly Application[];
  putPersona(id: string, text: string): Promise<PersonaEntry>;
  /** Deletes an own persona; a built-in one that it replaced comes back. */
  deletePersona(id: string): Promise<void>;
  clients(): Promise<readonly RouterClients[]>;
  predictions(): readonly Prediction[];
  /** Query: no side effects. All subjects when none is named; `horizon` in ms. */
  predict(query: { subject?: string; at?: Instant; horizon?: number; starting?: boolean }): Promise<readonly Prediction[]>;
  /** Query: blends any distribution over known personas. */
  blend(query: { subject: string; distribution: Distribution }): BlendedProfile;
  /** Query: what would be planned, and what it would change. */
  plan(query: PlanQuestion): Promise<PlanView>;
  currentPlan(): PlanView | null;
  history(query: { subject?: string; kind?: HistoryKind; from?: Instant; to?: Instant; limit?: number }): Promise<readonly HistoryEntry[]>;
  /** Query: how well everybody who is recorded was predicted over the last four weeks. */
  calibration(): Promise<CalibrationReport>;
  routers(): readonly RouterStatus[];
  doctor(): Promise<readonly DoctorFinding[]>;
  /** Tries once that a router goes back by itself; about half a minute. @throws NotFound */
  testRollback(router: string): Promise<readonly DoctorFinding[]>;
  upcoming(query: UpcomingInput): Promise<readonly UpcomingEvent[]>;
  /** Resolves when kept: nothing acknowledged is lost. */
  submit(signals: readonly SignalInput[]): Promise<readonly Signal[]>;
  constraints(): readonly Constraint[];
  constrain(constraint: Omit<Constraint, "id"> & { id?: string }): Promise<Constraint>;
  removeConstraint(id: string): Promise<void>;
  proposals(): readonly Proposal[];
  /** Resolves with the proposal and what came of applying it. */
  propose(proposal: Omit<Proposal, "id" | "at" | "expiresAt">): Promise<{ proposal: Proposal; outcomes: readonly ApplyOutcome[] }>;
  withdraw(id: string): Promise<void>;
  override(order: { subject: string; persona: string; source: string; ttl?: number }): Promise<Signal>;
  clearOverride(subject: string): Promise<void>;
  /** Plans now and brings every router in `live` to it. */
  apply(): Promise<readonly ApplyOutcome[]>;
  /** Back to the plan before the last change; nothing is applied by itself for an hour, or until `apply`. */
  rollback(): Promise<readonly ApplyOutcome[]>;
  /** Nothing is applied by itself for so long (ms), or until `apply`. */
  pause(forMs: number): Promise<HoldState>;
  /** Forgets what was kept of a subject, of a stretch of time, or of both. What was learned of a subject goes when all of it does. */
  forget(what: ForgetInput): Promise<void>;
  /** The whole home with its history, as `import` takes it. Tokens and secrets stay where they are. */
  export(): Promise<HomeExport>;
  /** Query: what an export contains, what it would replace, and what to know before. Rejects when it is damaged. */
  previewImport(backup: HomeExport): Promise<ImportPreview>;
  /** Replaces the home and all it remembers; what was there is kept as an export. Rejects before anything is changed when it is damaged. */
  import(backup: HomeExport): Promise<ImportResult>;
  /** Removes everything of ours from every router, and stops applying until `apply` or, if so wanted, until the engine starts again. */
  release(how?: { untilStart?: boolean }): Promise<readonly ApplyOutcome[]>;
  /** Events after `sequence` that are still held, or undefined when some are gone (take a snapshot). */
  since(sequence: number): readonly EngineEvent[] | undefined;
  subscribe(listener: (event: EngineEvent) => void): () => void;
  close(): Promise<void>;
}
