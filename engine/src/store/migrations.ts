import type { DatabaseSync } from "node:sqlite";

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
];

/** The database was written by a newer version of the product. */
export class NewerDatabase extends Error {
  override name = "NewerDatabase";
}

/**
 * Brings a database to the current version, all or nothing.
 * @throws NewerDatabase when it comes from a newer version; it is left as it is
 */
export function migrate(database: DatabaseSync, file: string): void {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (version > migrations.length) {
    throw new NewerDatabase(
      `${file} was written by a newer version (format ${version}, this one knows ${migrations.length}); update Network Personas or restore a backup`,
    );
  }
  for (let step = version; step < migrations.length; step++) {
    database.exec(`BEGIN IMMEDIATE; ${migrations[step]}; PRAGMA user_version = ${step + 1}; COMMIT;`);
  }
}
