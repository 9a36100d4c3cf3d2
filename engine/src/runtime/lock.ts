import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Who runs the engine of a data directory. `url` is null while it starts or when it serves no API. */
export interface LockHolder {
  pid: number;
  /** Start time of the process as the kernel counts it, so that a re-used pid is not mistaken for the holder. */
  started: string;
  url: string | null;
}

const lockFile = (dataDir: string) => join(dataDir, "engine.lock");

/** The running holder of a data directory's lock, if any. A lock whose process is gone does not count. */
export function lockHolder(dataDir: string): LockHolder | null {
  try {
    const holder = JSON.parse(readFileSync(lockFile(dataDir), "utf8")) as LockHolder;
    return startOf(holder.pid) === holder.started ? holder : null;
  } catch {
    return null;
  }
}

/** One engine per data directory. */
export class Lock {
  readonly #file: string;
  readonly #holder: LockHolder;
  private constructor(file: string, holder: LockHolder) {
    this.#file = file;
    this.#holder = holder;
  }

  /** The lock, or who has it. */
  static take(dataDir: string): Lock | LockHolder {
    mkdirSync(dataDir, { recursive: true });
    const file = lockFile(dataDir);
    const mine: LockHolder = { pid: process.pid, started: startOf(process.pid) ?? "", url: null };
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        writeFileSync(file, JSON.stringify(mine), { flag: "wx", mode: 0o600 });
        return new Lock(file, mine);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
      const holder = lockHolder(dataDir);
      if (holder) return holder;
      rmSync(file, { force: true });
    }
    return lockHolder(dataDir) ?? mine;
  }

  /** Says where the engine can be reached. */
  announce(url: string | null): void {
    this.#holder.url = url;
    writeFileSync(this.#file, JSON.stringify(this.#holder), { mode: 0o600 });
  }
  release(): void {
    rmSync(this.#file, { force: true });
  }
}

/** Start time of a process (field 22 of /proc/PID/stat), or where there is no /proc whether it lives; undefined when it is gone. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    try {
      process.kill(pid, 0);
      return "alive";
    } catch {
      return undefined;
    }
  }
}
