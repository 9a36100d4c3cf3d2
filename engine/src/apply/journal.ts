import type { Instant, NetworkPlan } from "../model/index.ts";

/** The last change of a router: what it had, what it was told, and whether that is settled. */
export interface JournalEntry {
  router: string;
  /** null: nothing of ours. */
  previous: NetworkPlan | null;
  desired: NetworkPlan | null;
  /** `pending` from before the first write until the change is confirmed or undone; `done` remembers the way back. */
  phase: "pending" | "done";
  at: Instant;
  /** The change before this one, should this one be undone. */
  before?: { previous: NetworkPlan | null; desired: NetworkPlan | null };
}

/** Where changes are noted before they are made. Every method resolves when the note would survive a power cut. */
export interface Journal {
  load(router: string): Promise<JournalEntry | null>;
  save(entry: JournalEntry): Promise<void>;
  clear(router: string): Promise<void>;
  /** The plan the router was last brought to for good; null when nothing of ours is there. */
  confirmed(router: string): Promise<NetworkPlan | null>;
  saveConfirmed(router: string, plan: NetworkPlan | null): Promise<void>;
}
