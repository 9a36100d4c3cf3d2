import { constants, copyFileSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PersonasError } from "../model/index.ts";

/** Who runs the engine of a data directory. `url` is null while it starts or when it serves no API. */
export interface LockHolder {
  pid: number;
  /** Start time of the process as the kernel counts it, so that a re-used pid is not mistaken for the holder. */
  started: string;
  url: string | null;
  /** Why it serves no API, and will not. */
  problem?: string;
}

const notWritable = ["EACCES", "EPERM", "EROFS"];
const lockFile = (dataDir: string) => join(dataDir, "engine.lock");

/** The running holder of a data directory's lock, if any. A lock whose process is gone does not count. */
export const lockHolder = (dataDir: string): LockHolder | null => holderIn(lockFile(dataDir));

function holderIn(file: string): LockHolder | null {
  try {
    const holder = JSON.parse(readFileSync(file, "utf8")) as LockHolder;
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

  /**
   * The lock, or who has it.
   * @throws PersonasError `data-dir` when nothing can be written there
   */
  static take(dataDir: string): Lock | LockHolder {
    try {
      return Lock.#take(dataDir);
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (!notWritable.includes(code)) throw error;
      const who = process.getuid ? ` as the user ${process.getuid()}, to whom it must belong` : "";
      throw new PersonasError("data-dir", `we cannot write to ${dataDir}${who} (${code})`, { responsible: "owner", cause: error });
    }
  }

  static #take(dataDir: string): Lock | LockHolder {
    // What a home remembers is nobody else's business.
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const file = lockFile(dataDir);
    const mine: LockHolder = { pid: process.pid, started: startOf(process.pid) ?? "", url: null };
    for (let attempt = 0; attempt < 3; attempt++) {
      if (writeWhole(file, mine, linkNew)) return new Lock(file, mine);
      const holder = lockHolder(dataDir);
      if (holder) return holder;
      setAside(file);
    }
    return lockHolder(dataDir) ?? mine;
  }

  /** Says where the engine can be reached, or why it cannot. */
  announce(url: string | null, problem?: string): void {
    this.#holder.url = url;
    if (problem !== undefined) this.#holder.problem = problem;
    writeWhole(this.#file, this.#holder, renameSync);
  }
  release(): void {
    rmSync(this.#file, { force: true });
  }
}

/** @throws EEXIST */
function linkNew(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    // Not every file system has hard links.
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

const beside = (file: string) => `${file}.${process.pid}`;

/** Puts a complete file in place, so that nobody reads half of one; false when `place` must not replace the present one. */
function writeWhole(file: string, holder: LockHolder, place: (from: string, to: string) => void): boolean {
  const whole = beside(file);
  writeFileSync(whole, JSON.stringify(holder), { mode: 0o600 });
  try {
    place(whole, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  } finally {
    rmSync(whole, { force: true });
  }
}

/** Removes a lock whose holder is gone, unless somebody else has done so and taken it meanwhile. */
function setAside(file: string): void {
  const aside = `${beside(file)}.stale`;
  try {
    renameSync(file, aside);
    if (holderIn(aside)) linkNew(aside, file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "EEXIST") throw error;
  } finally {
    rmSync(aside, { force: true });
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
