import { chmodSync, closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import { PersonasError } from "../model/index.ts";

/** Ordered, never edited once released: each step brings the database from its index to the next version. */
export const migrations: readonly string[] = [
  `CREATE TABLE signal (
     number INTEGER PRIMARY KEY, home TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, expires TEXT NOT NULL, json TEXT NOT NULL,
     UNIQUE (home, id));
   CREATE INDEX signal_expiry ON signal (home, expires);
   CREATE TABLE prediction (
     id INTEGER PRIMARY KEY, home TEXT NOT NULL, subject TEXT NOT NULL, at TEXT NOT NULL, window_end TEXT NOT NULL,
     json TEXT NOT NULL, features TEXT);
   CREATE INDEX prediction_pending ON prediction (home, window_end) WHERE features IS NOT NULL;
   CREATE INDEX prediction_time ON prediction (home, at);
   CREATE TABLE label (
     home TEXT NOT NULL, subject TEXT NOT NULL, from_at TEXT NOT NULL, to_at TEXT NOT NULL, source TEXT NOT NULL, json TEXT NOT NULL,
     PRIMARY KEY (home, subject, from_at, source));
   CREATE TABLE state (
     home TEXT NOT NULL, scorer TEXT NOT NULL, subject TEXT NOT NULL, version INTEGER NOT NULL, data TEXT NOT NULL,
     PRIMARY KEY (home, scorer, subject));
   CREATE TABLE outcome (number INTEGER PRIMARY KEY, home TEXT NOT NULL, at TEXT NOT NULL, json TEXT NOT NULL);
   CREATE TABLE document (
     home TEXT NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL, json TEXT NOT NULL, PRIMARY KEY (home, kind, id));`,
  `CREATE TABLE correction (number INTEGER PRIMARY KEY, home TEXT NOT NULL, subject TEXT NOT NULL, at TEXT NOT NULL, json TEXT NOT NULL);`,
];

/** The database was written by a newer version of the product. */
export class NewerDatabase extends PersonasError {
  override name = "NewerDatabase";
  constructor(message: string) {
    super("newer-database", message, { responsible: "owner" });
  }
}

/** What is in the file is no database, or no whole one. */
export class DamagedDatabase extends PersonasError {
  override name = "DamagedDatabase";
  constructor(file: string, cause: unknown) {
    super(
      "damaged-database",
      `${file} is damaged; move it and what begins with its name away to begin with an empty memory, and bring a backup back with: network-personas import FILE`,
      { responsible: "owner", cause },
    );
  }
}
/** The machine does not let us work with the file: no room, no right, a disk that fails. Nothing was changed. */
export class UnusableDatabase extends PersonasError {
  override name = "UnusableDatabase";
  constructor(file: string, what: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause);
    super(
      "unusable-database",
      `${file} cannot be ${what} (${why}), and was left as it is; see that there is room on the disk and that we may write to its folder`,
      { responsible: "owner", cause },
    );
  }
}
/** The primary code of what SQLite refuses, whatever more it says. */
const codeOf = (error: unknown): number | undefined =>
  error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : undefined;
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
export const isDamage = (error: unknown): boolean => [11, 26].includes(codeOf(error) ?? 0);
/** SQLITE_PERM, SQLITE_BUSY, SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL and SQLITE_CANTOPEN. */
export const isUnusable = (error: unknown): boolean => [3, 5, 8, 10, 13, 14].includes(codeOf(error) ?? 0);

const backupOf = (file: string, version: number) => `${file}.format-${version}`;

/**
 * Brings a database to the current version, all or nothing; as it was before is kept beside it.
 * @throws NewerDatabase when it comes from a newer version; it is left as it is
 */
export function migrate(database: DatabaseSync, file: string, steps: readonly string[] = migrations): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > steps.length) {
    const backup = backupOf(file, steps.length);
    const instead = existsSync(backup)
      ? `, or put ${backup}, from before the update, in its place: what was remembered since is lost then`
      : ", or move it away and bring a backup back with: network-personas import FILE";
    throw new NewerDatabase(
      `${file} was written by a newer version (format ${version}, this one knows ${steps.length}); install that version again${instead}`,
    );
  }
  if (version > 0 && version < steps.length && file !== ":memory:") {
    keepCopy(database, file, backupOf(file, version));
  }
  for (let step = version; step < steps.length; step++) {
    database.exec(`BEGIN IMMEDIATE; ${steps[step]}; PRAGMA user_version = ${step + 1}; COMMIT;`);
  }
}

/** A whole copy, on the disk, or none. */
function keepCopy(database: DatabaseSync, file: string, copy: string): void {
  const whole = `${copy}.new`;
  const clear = () => {
    for (const one of [whole, `${whole}-journal`]) rmSync(one, { force: true });
  };
  clear();
  try {
    database.prepare("VACUUM INTO ?").run(whole);
  } catch (error) {
    clear();
    throw isUnusable(error) ? new UnusableDatabase(file, `copied before it is brought to this version's format`, error) : error;
  }
  chmodSync(whole, 0o600);
  const opened = openSync(whole, "r+");
  fsyncSync(opened);
  closeSync(opened);
  renameSync(whole, copy);
}
