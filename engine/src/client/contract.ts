import type {
  ApplyOutcome,
  BlendedProfile,
  CalibrationReport,
  Constraint,
  Distribution,
  DoctorFinding,
  EngineEvent,
  EngineState,
  HistoryEntry,
  HistoryKind,
  HoldState,
  Instant,
  PlanView,
  Prediction,
  Proposal,
  RouterClients,
  RouterStatus,
  Signal,
  SignalInput,
  UpcomingEvent,
} from "../model/index.ts";

/**
 * What a stream tells its listener. After every (re)connection: the events missed meanwhile when they are still held, a snapshot,
 * then events in order without gaps. A snapshot replaces what is known; it is not news.
 */
export interface StreamListener {
  snapshot(state: EngineState): void;
  event(event: EngineEvent): void;
  /** `offline` with the reason; reconnection goes on by itself. */
  connection(status: "online" | "offline", why?: string): void;
}

export interface RequestOptions {
  /** The version that is edited, from the `etag` of GET; "*" overwrites whatever is there. */
  ifMatch?: string;
}

/** The one way into an engine, whether it runs in this process or elsewhere. Every call goes through the API; errors are ApiError. */
export interface PersonasClient {
  state(): Promise<EngineState>;
  predictions(): Promise<readonly Prediction[]>;
  predict(query: { subject?: string; at?: string; horizon?: number; starting?: boolean }): Promise<readonly Prediction[]>;
  blend(query: { subject: string; distribution: Distribution }): Promise<BlendedProfile>;
  plan(query: { at?: string; distributions?: Readonly<Record<string, Distribution>> }): Promise<PlanView>;
  clients(): Promise<readonly RouterClients[]>;
  routers(): Promise<readonly RouterStatus[]>;
  doctor(): Promise<readonly DoctorFinding[]>;
  testRollback(router: string): Promise<readonly DoctorFinding[]>;
  upcoming(query?: { subject?: string; hours?: number; from?: Instant }): Promise<readonly UpcomingEvent[]>;
  history(query?: { subject?: string; kind?: HistoryKind; from?: string; to?: string; limit?: number }): Promise<readonly HistoryEntry[]>;
  calibration(): Promise<CalibrationReport>;
  submit(signals: readonly SignalInput[]): Promise<readonly Signal[]>;
  constrain(constraint: object): Promise<Constraint>;
  removeConstraint(id: string): Promise<void>;
  propose(proposal: object): Promise<{ proposal: Proposal; outcomes: readonly ApplyOutcome[] }>;
  withdraw(id: string): Promise<void>;
  override(order: { subject: string; persona: string; source: string; ttl?: number }): Promise<Signal>;
  clearOverride(subject: string): Promise<void>;
  apply(): Promise<readonly ApplyOutcome[]>;
  rollback(): Promise<readonly ApplyOutcome[]>;
  /** With `untilStart`, an engine that starts again applies again; else only `apply` ends it. */
  release(how?: { untilStart?: boolean }): Promise<readonly ApplyOutcome[]>;
  /** Nothing is applied by itself for so many minutes, or until `apply`. */
  pause(minutes: number): Promise<HoldState>;
  forget(what: { subject?: string; day?: string; from?: Instant; to?: Instant }): Promise<void>;
  /** Any other route of the API. A `body` that is a string is sent as YAML text, anything else as JSON. */
  request(method: "GET" | "PUT" | "POST" | "DELETE", path: string, body?: unknown, options?: RequestOptions): Promise<unknown>;
  /** Listens until the returned function is called. */
  stream(listener: StreamListener): () => void;
  close(): Promise<void>;
}
