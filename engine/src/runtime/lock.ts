import {
  constants,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { PersonasError } from "../model/index.ts";
import { KernelLock } from "./kernel-lock.ts";

/** Who runs the engine of a data directory. `url` is null while it starts or when it serves no API. */
export interface LockHolder {
  /** 0 while it has not said. */
  pid: number;
  /** The container its `pid` is of, as the kernel calls it; absent where there are none. */
  within?: string | undefined;
  /** Start time of the process as the kernel counts it, so that a re-used pid is not mistaken for the holder. */
  started: string;
  url: string | null;
  /** Why it serves no API, and will not. */
  problem?: string;
}

const notWritable = ["EACCES", "EPERM", "EROFS"];
const lockFile = (dataDir: string) => join(dataDir, "engine.lock");
const aliveFile = (dataDir: string) => join(dataDir, "engine.alive");

/** The running holder of a data directory's lock, if any. A lock whose process is gone does not count. */
export function lockHolder(dataDir: string): LockHolder | null {
  const written = readHolder(lockFile(dataDir));
  if (written && isAliveHere(written)) return written;
  if (!existsSync(aliveFile(dataDir)) || !KernelLock.isHeld(aliveFile(dataDir))) return null;
  return written && !isOfHere(written) ? written : { pid: 0, started: "", url: null };
}

function readHolder(file: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockHolder;
  } catch {
    return undefined;
  }
}

const here = processNamespace();
/** Another container's processes are not to be seen: there the same number is another process. */
const isOfHere = ({ within }: LockHolder) => within === undefined || within === here;
const isAliveHere = (holder: LockHolder) => isOfHere(holder) && startOf(holder.pid) === holder.started;

/** One engine per data directory. */
export class Lock {
  readonly #file: string;
  readonly #holder: LockHolder;
  readonly #kernel: KernelLock | undefined;
  #released = false;
  private constructor(file: string, holder: LockHolder, kernel: KernelLock | undefined) {
    this.#file = file;
    this.#holder = holder;
    this.#kernel = kernel;
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
      const folder = firstThere(dataDir);
      const why = code === "EROFS" ? "it is mounted read-only" : `it must belong to the user ${process.getuid?.() ?? "we run as"}`;
      throw new PersonasError("data-dir", `we cannot write to ${folder}: ${why} (${code})`, { responsible: "owner", cause: error });
    }
  }

  static #take(dataDir: string): Lock | LockHolder {
    // What a home remembers is nobody else's business.
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    const present = lockHolder(dataDir);
    if (present) return present;
    const kernel = KernelLock.take(aliveFile(dataDir));
    if (kernel === "held") return Lock.#take(dataDir);
    let taken: Lock | LockHolder | undefined;
    try {
      taken = Lock.#write(dataDir, kernel);
      return taken;
    } finally {
      if (!(taken instanceof Lock)) kernel?.release();
    }
  }

  static #write(dataDir: string, kernel: KernelLock | undefined): Lock | LockHolder {
    const file = lockFile(dataDir);
    const mine: LockHolder = { pid: process.pid, within: here, started: startOf(process.pid) ?? "", url: null };
    for (let attempt = 0; attempt < 3; attempt++) {
      if (writeWhole(file, mine, linkNew)) return new Lock(file, mine, kernel);
      const holder = readHolder(file);
      if (holder && isAliveHere(holder)) return holder;
      setAside(file);
    }
    return readHolder(file) ?? mine;
  }

  /** Says where the engine can be reached, or why it cannot. */
  announce(url: string | null, problem?: string): void {
    this.#holder.url = url;
    if (problem !== undefined) this.#holder.problem = problem;
    writeWhole(this.#file, this.#holder, renameSync);
  }
  release(): void {
    if (this.#released) return;
    this.#released = true;
    const { pid, within } = readHolder(this.#file) ?? {};
    // Where the file system has no locks, another container may have it by now.
    if (pid === this.#holder.pid && within === this.#holder.within) rmSync(this.#file, { force: true });
    this.#kernel?.release();
  }
}

/** The folder, or the one it would be made in. */
const firstThere = (folder: string): string => (existsSync(folder) ? folder : firstThere(dirname(folder)));

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
    const holder = readHolder(aside);
    if (holder && isAliveHere(holder)) linkNew(aside, file);
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

/** Two processes with the same name for it know each other by the same numbers. */
function processNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return undefined;
  }
}
