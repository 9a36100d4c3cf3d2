import { type ChangeSet, ReadBackMismatch, type RouterDriver, type RouterState, UnsafePlan } from "../driver/index.ts";
import type { NetworkPlan } from "../model/index.ts";
import type { Journal, JournalEntry } from "./journal.ts";

/** A router with the notes about it. */
export interface Bench {
  router: string;
  driver: RouterDriver;
  journal: Journal;
}

/** Writes a change set, sees that it is really there and that the router can still be reached, and confirms it. */
export async function carryOut({ router, driver }: Bench, desired: NetworkPlan, changes: ChangeSet, confirmWithin: number): Promise<void> {
  await driver.apply(changes, { confirmWithin });
  await assertHolds(driver, desired, router);
  // The way back: unless we can still ask it something new, it is left to undo the change.
  await driver.identify();
  await driver.confirm();
}

/** @throws ReadBackMismatch when the router does not hold the plan */
async function assertHolds(driver: RouterDriver, plan: NetworkPlan | null, router: string): Promise<void> {
  const { changes } = await driver.plan(plan, await driver.read());
  if (changes.length > 0)
    throw new ReadBackMismatch(
      changes.map((change) => change.summary),
      { router, request: "read back" },
    );
}

/**
 * Takes back an unconfirmed change, and makes sure that the router is as it was found, or else holds the previous plan.
 * @returns the plan it holds now
 * @throws when it is neither; the pending note then stays for the next attempt
 */
export async function takeBack(
  bench: Bench,
  found: RouterState,
  previous: NetworkPlan | null,
  confirmWithin: number,
): Promise<NetworkPlan | null> {
  await bench.driver.rollback();
  const state = await bench.driver.read();
  return JSON.stringify(state.owned) === JSON.stringify(found.owned) ? previous : returnTo(bench, previous, confirmWithin);
}

/** Brings the router to a plan that it held before, whatever it holds now; to nothing of ours when that plan is refused today. */
async function returnTo(bench: Bench, plan: NetworkPlan | null, confirmWithin: number): Promise<NetworkPlan | null> {
  const { driver } = bench;
  if (plan !== null) {
    try {
      const changes = await driver.plan(plan, await driver.read());
      if (changes.changes.length > 0) await carryOut(bench, plan, changes, confirmWithin);
      return plan;
    } catch (error) {
      if (!(error instanceof UnsafePlan)) throw error;
    }
  }
  await releaseAll(bench);
  return null;
}

/** Removes everything of ours and sees that it is gone. */
export async function releaseAll({ router, driver }: Bench): Promise<void> {
  await driver.release();
  await assertHolds(driver, null, router);
}

/** Notes that a change stays. */
export async function settle({ journal, router }: Bench, entry: JournalEntry): Promise<void> {
  await journal.saveConfirmed(router, entry.desired);
  await journal.save({ ...entry, phase: "done" });
}

/** Notes that a change was undone and what the router holds now: the change before it is the last one again. */
export async function forget({ journal, router }: Bench, entry: JournalEntry, held: NetworkPlan | null): Promise<void> {
  await journal.saveConfirmed(router, held);
  if (entry.before) await journal.save({ router, at: entry.at, phase: "done", ...entry.before });
  else await journal.clear(router);
}

/**
 * Ends what a crash interrupted: afterwards the router holds the old plan or the new one, entirely. Harmless to repeat.
 * Removing everything of ours is always finished, never undone.
 */
export async function recover(bench: Bench, confirmWithin: number): Promise<"nothing" | "finished" | "undone"> {
  const { driver, journal, router } = bench;
  const entry = await journal.load(router);
  if (entry?.phase !== "pending") return "nothing";
  await driver.rollback();
  if (entry.desired === null) await releaseAll(bench);
  if (entry.desired === null || (await holds(driver, entry.desired))) {
    await settle(bench, entry);
    return "finished";
  }
  await forget(bench, entry, await returnTo(bench, entry.previous, confirmWithin));
  return "undone";
}

/** Whether the router holds a plan. A plan that would be refused today is held by none. */
async function holds(driver: RouterDriver, plan: NetworkPlan): Promise<boolean> {
  const state = await driver.read();
  return driver.plan(plan, state).then(
    ({ changes }) => changes.length === 0,
    () => false,
  );
}
