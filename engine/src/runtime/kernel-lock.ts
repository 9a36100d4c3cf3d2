import { DatabaseSync } from "node:sqlite";

const busy = 5;
/** A database that nobody knows any more is closed, and its lock is gone. */
const kept = new Set<DatabaseSync>();
/** Whoever only looks has the lock for a moment: so long somebody waits who wants to keep it. Milliseconds. */
const patience = 50;

/**
 * A lock on a file that ends with its process, however that ends. Containers that share the folder see it of each other, who do
 * not see each other's processes.
 */
export class KernelLock {
  readonly #held: DatabaseSync;
  private constructor(held: DatabaseSync) {
    this.#held = held;
  }

  /** The lock; "held" when somebody else has it; undefined where the file system has no locks, or the file is not ours to open. */
  static take(file: string): KernelLock | "held" | undefined {
    let database: DatabaseSync | undefined;
    try {
      // Node.js itself locks no files. SQLite does, and with its journal in memory it writes nothing.
      database = new DatabaseSync(file);
      database.exec(`PRAGMA busy_timeout = ${patience}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`);
      kept.add(database);
      return new KernelLock(database);
    } catch (error) {
      database?.close();
      return (error as { errcode?: number }).errcode === busy ? "held" : undefined;
    }
  }

  static isHeld(file: string): boolean {
    const lock = KernelLock.take(file);
    if (lock instanceof KernelLock) lock.release();
    return lock === "held";
  }

  release(): void {
    kept.delete(this.#held);
    this.#held.close();
  }
}
