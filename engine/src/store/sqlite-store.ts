import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { TokenRecord } from "../api/contract.ts";
import type { JournalEntry } from "../apply/journal.ts";
import {
  BadInput,
  type Constraint,
  type HistoryEntry,
  type HistoryKind,
  historyKinds,
  later,
  type NetworkPlan,
  type Prediction,
  type Proposal,
  type Signal,
} from "../model/index.ts";
import { DamagedDatabase, isDamage, isUnusable, migrate, UnusableDatabase } from "./migrations.ts";
import { outcomeWithout } from "./outcome-without.ts";
import type { Memory, PendingPrediction, SavedState, Store } from "./port.ts";

/** Every table has a column `home`; row numbers are given anew on import. */
const tables = ["signal", "prediction", "label", "correction", "state", "outcome", "document"];

/** Documents that say what is so on this machine and on the routers now, whatever home is brought back; that these are left alone is one. */
const hereOnly = ["token", "journal", "confirmed"];
const isHere = `(kind IN (${hereOnly.map((kind) => `'${kind}'`).join(", ")}) OR (kind = 'fact' AND id = 'hold'))`;

/** Nobody asks for the reasons of a prediction once it is made, and they are most of it: some megabytes a day on an SD card. */
const withoutReasons = (prediction: Prediction): Prediction => ({ ...prediction, evidence: [] });

/**
 * A home's memory in one SQLite file (WAL). What was acknowledged survives a kill. A power cut may take the last seconds of what
 * is seen and learned, which comes again; all else, the journal of the routers among it, waits until the disk has it.
 */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  #home: string;
  readonly #statements = new Map<string, StatementSync>();

  /** @throws NewerDatabase, DamagedDatabase, UnusableDatabase */
  constructor(file: string, home: string) {
    if (file !== ":memory:") mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.#home = home;
    try {
      this.#db = new DatabaseSync(file);
    } catch (error) {
      throw isUnusable(error) ? new UnusableDatabase(file, "opened", error) : error;
    }
    try {
      this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA secure_delete = ON;");
      migrate(this.#db, file);
    } catch (error) {
      // What a killed engine left beside the file would else be taken for that of the copy that is put in its place.
      this.#db.close();
      if (isDamage(error)) throw new DamagedDatabase(file, error);
      throw isUnusable(error) ? new UnusableDatabase(file, "opened", error) : error;
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
  #all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#prepare(sql).all(...values) as T[];
  }
  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }
  #transaction(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** For what comes all the time: waiting for the disk each time would delay the router, and wear out a memory card. */
  #passing(work: () => void): void {
    this.#db.exec("PRAGMA synchronous = NORMAL");
    try {
      this.#transaction(work);
    } finally {
      this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  async addSignals(signals: readonly Signal[]): Promise<void> {
    this.#passing(() => {
      for (const s of signals) {
        this.#run(
          "INSERT OR IGNORE INTO signal (home, id, at, expires, json) VALUES (?, ?, ?, ?, ?)",
          this.#home,
          s.id,
          s.at,
          s.expiresAt,
          JSON.stringify(s),
        );
      }
    });
  }
  async signalsAfter(after: string): Promise<readonly Signal[]> {
    return this.#all<{ json: string }>("SELECT json FROM signal WHERE home = ? AND expires > ? ORDER BY at, number", this.#home, after).map(
      (row) => JSON.parse(row.json),
    );
  }

  async addPredictions(predictions: Parameters<Store["addPredictions"]>[0]): Promise<void> {
    this.#passing(() => {
      for (const { prediction: p, features } of predictions) {
        this.#run(
          "INSERT INTO prediction (home, subject, at, window_end, json, features) VALUES (?, ?, ?, ?, ?, ?)",
          this.#home,
          p.subject,
          p.at,
          later(p.at, p.horizon),
          JSON.stringify(withoutReasons(p)),
          features && JSON.stringify(features),
        );
      }
    });
  }
  async pendingPredictions(before: string): Promise<readonly PendingPrediction[]> {
    return this.#all<{ id: number; json: string; features: string }>(
      "SELECT id, json, features FROM prediction WHERE home = ? AND window_end <= ? AND features IS NOT NULL ORDER BY at, id",
      this.#home,
      before,
    ).map(({ id, json, features }) => ({ id, prediction: JSON.parse(json), features: JSON.parse(features) }));
  }
  async predictions({ subject, from, horizon }: Parameters<Store["predictions"]>[0]): ReturnType<Store["predictions"]> {
    return this.#all<{ at: string; distribution: string }>(
      `SELECT at, json_extract(json, '$.distribution') AS distribution FROM prediction
       WHERE home = ? AND subject = ? AND at >= ? AND window_end = strftime('%Y-%m-%dT%H:%M:%fZ', at, ?) ORDER BY at, id`,
      this.#home,
      subject,
      from,
      `+${horizon / 1000} seconds`,
    ).map(({ at, distribution }) => ({ subject, at, horizon, distribution: JSON.parse(distribution) }));
  }
  async learned(ids: readonly number[], states: readonly SavedState[]): Promise<void> {
    this.#passing(() => {
      for (const id of ids) this.#run("UPDATE prediction SET features = NULL WHERE id = ?", id);
      this.#putStates(states);
    });
  }
  #putStates(states: readonly SavedState[]): void {
    for (const s of states) {
      this.#run(
        "INSERT OR REPLACE INTO state (home, scorer, subject, version, data) VALUES (?, ?, ?, ?, ?)",
        this.#home,
        s.scorer,
        s.subject,
        s.version,
        s.data,
      );
    }
  }
  async states(scorer: string): Promise<readonly SavedState[]> {
    return this.#all<{ subject: string; version: number; data: string }>(
      "SELECT subject, version, data FROM state WHERE home = ? AND scorer = ?",
      this.#home,
      scorer,
    ).map((row) => ({ scorer, ...row }));
  }

  async addLabels(labels: Parameters<Store["addLabels"]>[0]): Promise<void> {
    this.#passing(() => {
      for (const l of labels) {
        this.#run(
          "INSERT OR REPLACE INTO label (home, subject, from_at, to_at, source, json) VALUES (?, ?, ?, ?, ?, ?)",
          this.#home,
          l.subject,
          l.from,
          l.to,
          l.source,
          JSON.stringify(l),
        );
      }
    });
  }
  async labels(after: string) {
    return this.#all<{ json: string }>("SELECT json FROM label WHERE home = ? AND to_at > ? ORDER BY from_at DESC", this.#home, after).map(
      (row) => JSON.parse(row.json),
    );
  }

  async addCorrection(correction: Parameters<Store["addCorrection"]>[0]): Promise<void> {
    const { subject, at } = correction;
    this.#passing(() => {
      this.#run(
        "INSERT INTO correction (home, subject, at, json) VALUES (?, ?, ?, ?)",
        this.#home,
        subject,
        at,
        JSON.stringify(correction),
      );
    });
  }
  async addOutcome(outcome: Parameters<Store["addOutcome"]>[0]): Promise<void> {
    this.#run("INSERT INTO outcome (home, at, json) VALUES (?, ?, ?)", this.#home, outcome.at, JSON.stringify(outcome));
  }
  async history({ subject, kind, from = "", to = "9999", limit }: Parameters<Store["history"]>[0]): Promise<readonly HistoryEntry[]> {
    /** Rows of a table whose time lies within, newest first. */
    const within = (table: string, columns: string, time = "at >= ? AND at < ?", by = "at") =>
      this.#all<{ subject: string; at: string; json: string }>(
        `SELECT ${columns} FROM ${table} WHERE home = ? AND ${time}${subject ? " AND subject = ?" : ""} ORDER BY ${by} DESC LIMIT ?`,
        ...[this.#home, from, to, ...(subject ? [subject] : []), limit],
      );
    const readers: Readonly<Record<HistoryKind, () => HistoryEntry[]>> = {
      prediction: () =>
        within("prediction", "at, json").map(({ at, json }) => {
          const p = JSON.parse(json);
          return { kind: "prediction", subject: p.subject, at, horizon: p.horizon, distribution: p.distribution };
        }),
      corrected: () =>
        within("correction", "subject, at, json").map((row) => ({
          kind: "corrected",
          subject: row.subject,
          at: row.at,
          correction: JSON.parse(row.json),
        })),
      label: () =>
        within("label", "json", "to_at > ? AND from_at < ?", "from_at").map(({ json }) => ({ kind: "label", ...JSON.parse(json) })),
      // What was applied is about nobody in particular.
      applied: () =>
        subject ? [] : within("outcome", "at, json").map(({ at, json }) => ({ kind: "applied", at, outcome: JSON.parse(json) })),
    };
    const time = (entry: HistoryEntry) => (entry.kind === "label" ? entry.from : entry.at);
    const found = kind ? readers[kind]() : historyKinds.flatMap((each) => readers[each]());
    return found.sort((a, b) => (time(a) < time(b) ? 1 : -1)).slice(0, limit);
  }

  #documents<T>(kind: string): T[] {
    return this.#all<{ json: string }>("SELECT json FROM document WHERE home = ? AND kind = ? ORDER BY id", this.#home, kind).map((row) =>
      JSON.parse(row.json),
    );
  }
  #document<T>(kind: string, id: string): T | null {
    const row = this.#prepare("SELECT json FROM document WHERE home = ? AND kind = ? AND id = ?").get(this.#home, kind, id) as
      | { json: string }
      | undefined;
    return row ? JSON.parse(row.json) : null;
  }
  #putDocument(kind: string, id: string, value: unknown): void {
    this.#run("INSERT OR REPLACE INTO document (home, kind, id, json) VALUES (?, ?, ?, ?)", this.#home, kind, id, JSON.stringify(value));
  }
  #removeDocument(kind: string, id: string): boolean {
    return this.#run("DELETE FROM document WHERE home = ? AND kind = ? AND id = ?", this.#home, kind, id) > 0;
  }

  constraints = async (): Promise<readonly Constraint[]> => this.#documents("constraint");
  putConstraint = async (constraint: Constraint): Promise<void> => this.#putDocument("constraint", constraint.id, constraint);
  removeConstraint = async (id: string): Promise<boolean> => this.#removeDocument("constraint", id);
  proposals = async (): Promise<readonly Proposal[]> => this.#documents("proposal");
  putProposal = async (proposal: Proposal): Promise<void> => this.#putDocument("proposal", proposal.id, proposal);
  removeProposal = async (id: string): Promise<boolean> => this.#removeDocument("proposal", id);

  readonly journal: Store["journal"] = {
    load: async (router) => this.#document<JournalEntry>("journal", router),
    save: async (entry) => this.#putDocument("journal", entry.router, entry),
    clear: async (router) => void this.#removeDocument("journal", router),
    confirmed: async (router) => this.#document<NetworkPlan>("confirmed", router),
    saveConfirmed: async (router, plan) =>
      plan ? this.#putDocument("confirmed", router, plan) : void this.#removeDocument("confirmed", router),
  };
  readonly tokens: Store["tokens"] = {
    list: async () => this.#documents<TokenRecord>("token"),
    put: async (record) => this.#putDocument("token", record.id, record),
    remove: async (id) => this.#removeDocument("token", id),
  };

  fact = async (name: string): Promise<string | null> => this.#document<string>("fact", name);
  setFact = async (name: string, value: string | null): Promise<void> =>
    value === null ? void this.#removeDocument("fact", name) : this.#putDocument("fact", name, value);

  async forget({ subjects, macs = [], from = "", to = "9999", states = [] }: Parameters<Store["forget"]>[0]): Promise<void> {
    const among = subjects ? ` IN (${subjects.map(() => "?").join(", ")})` : " IS NOT NULL";
    const who = subjects ?? [];
    const whole = from === "" && to === "9999";
    this.#transaction(() => {
      this.#run(`DELETE FROM signal WHERE home = ? AND at >= ? AND at < ? AND json ->> 'subject'${among}`, this.#home, from, to, ...who);
      this.#run(`DELETE FROM prediction WHERE home = ? AND at >= ? AND at < ? AND subject${among}`, this.#home, from, to, ...who);
      this.#run(`DELETE FROM label WHERE home = ? AND from_at >= ? AND from_at < ? AND subject${among}`, this.#home, from, to, ...who);
      this.#run(`DELETE FROM correction WHERE home = ? AND at >= ? AND at < ? AND subject${among}`, this.#home, from, to, ...who);
      if (!whole) this.#forgetInOthers(among, who, from, to);
      this.#putStates(states);
      if (subjects) this.#forgetInOutcomes([...subjects, ...macs], from, to);
      else this.#run("DELETE FROM outcome WHERE home = ? AND at >= ? AND at < ?", this.#home, from, to);
      if (!subjects || !whole) return;
      this.#run(`DELETE FROM state WHERE home = ? AND subject${among}`, this.#home, ...who);
      for (const subject of subjects)
        this.#run(
          "DELETE FROM document WHERE home = ? AND kind = 'fact' AND id LIKE 'unreadable %' AND instr(id, ?) > 0",
          this.#home,
          ` ${subject} `,
        );
    });
    // Deleted rows would otherwise stay readable in the file.
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  /** What began before goes on until then only, and what came after tells of what began after. */
  #forgetInOthers(among: string, who: readonly string[], from: string, to: string): void {
    const home = this.#home;
    this.#run(
      `UPDATE label SET to_at = ?, json = json_set(json, '$.to', ?) WHERE home = ? AND from_at < ? AND to_at > ? AND subject${among}`,
      ...[from, from, home, from, from, ...who],
    );
    this.#run(
      `UPDATE signal SET json = json_set(json, '$.since', ?)
       WHERE home = ? AND at >= ? AND json ->> 'since' >= ? AND json ->> 'since' < ? AND json ->> 'subject'${among}`,
      ...[to, home, to, from, to, ...who],
    );
    const began = "json ->> 'since' >= ? AND json ->> 'since' < ?";
    this.#run(`DELETE FROM correction WHERE home = ? AND at >= ? AND ${began} AND subject${among}`, home, to, from, to, ...who);
    // What predictions wait to be learned from holds what went on in the days before.
    this.#run(`UPDATE prediction SET features = NULL WHERE home = ? AND features IS NOT NULL AND subject${among}`, home, ...who);
  }
  async knows(subject: string): Promise<boolean> {
    const tellers = [
      "signal WHERE home = ? AND json ->> 'subject' = ?",
      ...["prediction", "label", "correction", "state"].map((table) => `${table} WHERE home = ? AND subject = ?`),
    ];
    return tellers.some((teller) => this.#all(`SELECT 1 FROM ${teller} LIMIT 1`, this.#home, subject).length > 0);
  }
  #forgetInOutcomes(names: readonly string[], from: string, to: string): void {
    const all = this.#all<{ number: number; json: string }>(
      "SELECT number, json FROM outcome WHERE home = ? AND at >= ? AND at < ?",
      this.#home,
      from,
      to,
    );
    for (const { number, json } of all) {
      const left = outcomeWithout(JSON.parse(json), names);
      if (left === null) this.#run("DELETE FROM outcome WHERE number = ?", number);
      else this.#run("UPDATE outcome SET json = ? WHERE number = ?", JSON.stringify(left), number);
    }
  }
  async prune(before: string): Promise<void> {
    this.#transaction(() => {
      this.#run("DELETE FROM signal WHERE home = ? AND expires < ?", this.#home, before);
      this.#run("DELETE FROM prediction WHERE home = ? AND at < ?", this.#home, before);
      this.#run("DELETE FROM label WHERE home = ? AND to_at < ?", this.#home, before);
      this.#run("DELETE FROM correction WHERE home = ? AND at < ?", this.#home, before);
      this.#run("DELETE FROM outcome WHERE home = ? AND at < ?", this.#home, before);
    });
  }
  async dump(): Promise<Memory> {
    const of = (table: string) => this.#all<Memory[string][number]>(`SELECT * FROM ${table} WHERE home = ?`, this.#home);
    const memory: Memory = Object.fromEntries(tables.map((table) => [table, of(table)]));
    return { ...memory, document: memory.document!.filter((row) => row.kind !== "token") };
  }
  async restore(memory: Memory, home = this.#home): Promise<void> {
    for (const table of Object.keys(memory)) if (!tables.includes(table)) throw new BadInput(`memory.${table}`, "is no table of a home");
    const isOfHere = ({ kind, id }: Memory[string][number]) => hereOnly.includes(String(kind)) || (kind === "fact" && id === "hold");
    // What was moved before an interruption is not moved again.
    const isHeld = (table: string) => this.#all(`SELECT 1 FROM ${table} WHERE home = ? LIMIT 1`, this.#home).length > 0;
    this.#transaction(() => {
      if (home !== this.#home && tables.some(isHeld)) {
        for (const table of tables) this.#run(`DELETE FROM ${table} WHERE home = ?`, home);
        this.#run("UPDATE document SET home = ? WHERE home = ?", home, this.#home);
      }
      for (const table of tables) {
        const stays = table === "document" ? ` AND NOT ${isHere}` : "";
        this.#run(`DELETE FROM ${table} WHERE home IN (?, ?)${stays}`, this.#home, home);
        const columns = this.#all<{ name: string }>(
          "SELECT name FROM pragma_table_info(?) WHERE NOT (pk = 1 AND type = 'INTEGER')",
          table,
        ).map((c) => c.name);
        for (const row of (memory[table] ?? []).filter((row) => table !== "document" || !isOfHere(row))) {
          this.#run(
            `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
            ...columns.map((c) => (c === "home" ? home : (row[c] ?? null))),
          );
        }
      }
    });
    this.#home = home;
  }
  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }
}
