import type { TokenRecords } from "../api/contract.ts";
import type { JournalEntry } from "../apply/journal.ts";
import type {
  ApplyOutcome,
  Constraint,
  Correction,
  FeatureVector,
  HistoryEntry,
  HistoryKind,
  Instant,
  Label,
  NetworkPlan,
  Prediction,
  Proposal,
  Signal,
} from "../model/index.ts";

/** A prediction whose outcome is not known yet, with the inputs it was made from. */
export interface PendingPrediction {
  id: number;
  prediction: Prediction;
  features: FeatureVector;
}

/** What a scorer has learned about one subject at one horizon. */
export interface SavedState {
  scorer: string;
  subject: string;
  version: number;
  data: string;
}

/**
 * Everything a home remembers. Asynchronous, so that homes can later live in another database; every promise that
 * resolves means "kept": a crash afterwards loses nothing. One instance belongs to one home.
 */
export interface Store {
  addSignals(signals: readonly Signal[]): Promise<void>;
  /** Signals that are believed at some time after `after`, oldest first. */
  signalsAfter(after: Instant): Promise<readonly Signal[]>;

  /** Predictions with `features` are waited for and learned from; without, they are only remembered. Their reasons are not kept. */
  addPredictions(predictions: readonly { prediction: Prediction; features: FeatureVector | null }[]): Promise<void>;
  /** Predictions whose window ended before `before` and that were neither learned from nor given up. */
  pendingPredictions(before: Instant): Promise<readonly PendingPrediction[]>;
  /** What was predicted of a subject from `from` on for so long ahead (ms), oldest first. */
  predictions(query: {
    subject: string;
    from: Instant;
    horizon: number;
  }): Promise<readonly Pick<Prediction, "subject" | "at" | "horizon" | "distribution">[]>;
  /** Marks predictions as dealt with and keeps what was learned, in one transaction. */
  learned(ids: readonly number[], states: readonly SavedState[]): Promise<void>;
  states(scorer: string): Promise<readonly SavedState[]>;

  addLabels(labels: readonly Label[]): Promise<void>;
  /** Labels that end after `after`, newest first. */
  labels(after: Instant): Promise<readonly Label[]>;

  addCorrection(correction: Correction): Promise<void>;
  addOutcome(outcome: ApplyOutcome): Promise<void>;
  /** Newest first; of one kind, or of all. */
  history(query: { subject?: string; kind?: HistoryKind; from?: Instant; to?: Instant; limit: number }): Promise<readonly HistoryEntry[]>;

  constraints(): Promise<readonly Constraint[]>;
  putConstraint(constraint: Constraint): Promise<void>;
  removeConstraint(id: string): Promise<boolean>;
  proposals(): Promise<readonly Proposal[]>;
  putProposal(proposal: Proposal): Promise<void>;
  removeProposal(id: string): Promise<boolean>;

  /** What an unfinished write to a router needs to be finished or undone. */
  readonly journal: {
    load(router: string): Promise<JournalEntry | null>;
    save(entry: JournalEntry): Promise<void>;
    clear(router: string): Promise<void>;
    confirmed(router: string): Promise<NetworkPlan | null>;
    saveConfirmed(router: string, plan: NetworkPlan | null): Promise<void>;
  };
  readonly tokens: TokenRecords;

  /** A small named fact ("released", "next signal number"). */
  fact(name: string): Promise<string | null>;
  setFact(name: string, value: string | null): Promise<void>;
  /**
   * Forgets signals, predictions, labels and corrections about any of `subjects` (everything when absent) that began from `from` on and
   * before `to`, what others tell of that time, and what outcomes tell of them or of `macs`; without a time, what was learned about the
   * subjects too. `states`: what is left of what was learned, kept in the same transaction.
   */
  forget(what: {
    subjects?: readonly string[];
    macs?: readonly string[];
    from?: Instant;
    to?: Instant;
    states?: readonly SavedState[];
  }): Promise<void>;
  /** Whether anything is kept that is about a subject. */
  knows(subject: string): Promise<boolean>;
  /** Forgets what is older than `before`. */
  prune(before: Instant): Promise<void>;
  /** Everything remembered, per table, without tokens. */
  dump(): Promise<Memory>;
  /**
   * Replaces everything remembered but the tokens and what the routers hold now, all or nothing. `home`: the id of the home from then on,
   * where that changes, too.
   * @throws BadInput naming the table
   */
  restore(memory: Memory, home?: string): Promise<void>;
  close(): Promise<void>;
}

/** Rows per table. */
export type Memory = Record<string, Record<string, string | number | null>[]>;
