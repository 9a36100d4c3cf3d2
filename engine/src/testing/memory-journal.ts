import type { Journal, JournalEntry } from "../apply/index.ts";
import type { NetworkPlan } from "../model/index.ts";

/** A journal that forgets with the process; `trouble` may reject a call before or after it took effect. */
export function memoryJournal(trouble: (call: string, when: "before" | "after") => void | Promise<void> = () => {}): Journal {
  const entries = new Map<string, JournalEntry>();
  const plans = new Map<string, NetworkPlan | null>();
  const call = async <T>(name: string, work: () => T): Promise<T> => {
    await trouble(name, "before");
    const result = work();
    await trouble(name, "after");
    return result;
  };
  return {
    load: (router) => call("journal.load", () => structuredClone(entries.get(router) ?? null)),
    save: (entry) => call("journal.save", () => void entries.set(entry.router, structuredClone(entry))),
    clear: (router) => call("journal.clear", () => void entries.delete(router)),
    confirmed: (router) => call("journal.confirmed", () => structuredClone(plans.get(router) ?? null)),
    saveConfirmed: (router, plan) => call("journal.saveConfirmed", () => void plans.set(router, structuredClone(plan))),
  };
}
