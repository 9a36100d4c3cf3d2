import { spawn } from "node:child_process";
import { mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Label, Prediction, Signal } from "../model/index.ts";
import { NewerDatabase, SqliteStore } from "./index.ts";
import { migrate, migrations, UnusableDatabase } from "./migrations.ts";

const at = (minute: number) => new Date(Date.parse("2026-11-22T10:00:00Z") + minute * 60_000).toISOString();
const signal = (id: string, minute = 0): Signal => ({
  kind: "presence",
  id,
  subject: "tv",
  present: true,
  source: "test",
  confidence: 1,
  at: at(minute),
  expiresAt: at(minute + 60),
});
const prediction = (minute: number): Prediction => ({
  subject: "alice",
  at: at(minute),
  horizon: 15 * 60_000,
  distribution: { everyday: 1 },
  evidence: [],
  scorer: "learned",
});
const features = { subject: "alice" } as never;

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-store-"));
  file = join(folder, "home.sqlite");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("SqliteStore", () => {
  it("takes a signal sent twice for one, and gives back only what is still believed", async () => {
    const store = new SqliteStore(file, "home");
    await store.addSignals([signal("a"), signal("a"), signal("b", 30)]);
    expect((await store.signalsAfter(at(0))).map((s) => s.id)).toEqual(["a", "b"]);
    expect((await store.signalsAfter(at(70))).map((s) => s.id)).toEqual(["b"]);
    await store.close();
  });

  it("waits for the end of a prediction's window, and deals with it once", async () => {
    const store = new SqliteStore(":memory:", "home");
    await store.addPredictions([
      { prediction: prediction(0), features },
      { prediction: prediction(1), features: null },
    ]);
    expect(await store.pendingPredictions(at(14))).toEqual([]);
    const [due] = await store.pendingPredictions(at(15));
    await store.learned([due!.id], [{ scorer: "learned", subject: "alice", version: 1, data: "state" }]);
    expect(await store.pendingPredictions(at(60))).toEqual([]);
    expect(await store.states("learned")).toEqual([{ scorer: "learned", subject: "alice", version: 1, data: "state" }]);
    expect(await store.history({ subject: "alice", limit: 10 })).toHaveLength(2);
    const asked = { subject: "alice", horizon: prediction(0).horizon };
    const kept = ({ subject, at, horizon, distribution }: Prediction) => ({ subject, at, horizon, distribution });
    expect(await store.predictions({ ...asked, from: at(0) })).toEqual([prediction(0), prediction(1)].map(kept));
    expect(await store.predictions({ ...asked, from: at(1) })).toEqual([kept(prediction(1))]);
    expect(await store.predictions({ ...asked, from: at(0), horizon: asked.horizon + 1000 })).toEqual([]);
    await store.close();
  });

  it("lets a running label grow instead of counting it twice", async () => {
    const store = new SqliteStore(":memory:", "home");
    const label: Label = { subject: "alice", persona: "gamer", from: at(0), to: at(5), weight: 1, source: "traffic" };
    await store.addLabels([label]);
    await store.addLabels([{ ...label, to: at(9) }]);
    expect(await store.labels(at(0))).toEqual([{ ...label, to: at(9) }]);
    await store.close();
  });

  it("keeps homes apart, and moves one with everything but its tokens", async () => {
    const one = new SqliteStore(file, "one");
    await one.addSignals([signal("a")]);
    await one.addPredictions([{ prediction: prediction(0), features }]);
    await one.setFact("released", "yes");
    await one.tokens.put({ id: "t", name: "t", hash: "secret-hash", scopes: ["read"], createdAt: at(0) });
    const other = new SqliteStore(file, "other");
    expect(await other.signalsAfter(at(0))).toEqual([]);
    const memory = await one.dump();
    expect(JSON.stringify(memory)).not.toContain("secret-hash");
    await other.restore(memory);
    expect((await other.signalsAfter(at(0))).map((s) => s.id)).toEqual(["a"]);
    expect(await other.pendingPredictions(at(60))).toHaveLength(1);
    expect(await other.fact("released")).toBe("yes");
    expect(await one.tokens.list()).toHaveLength(1);
    await Promise.all([one.close(), other.close()]);
  });

  it("refuses a database of a newer version and leaves it as it is", async () => {
    await new SqliteStore(file, "home").close();
    const raw = new DatabaseSync(file);
    raw.exec("PRAGMA user_version = 99");
    raw.close();
    expect(() => new SqliteStore(file, "home")).toThrow(NewerDatabase);
    expect(() => new SqliteStore(file, "home")).toThrow(/newer version.*install that version again, or move it away .*import FILE/);
  });

  it("keeps a copy from before an update, and names it to who goes back", async () => {
    const before = new SqliteStore(file, "home");
    await before.addSignals([signal("a")]);
    await before.close();
    const raw = new DatabaseSync(file);
    migrate(raw, file, [...migrations, "CREATE TABLE later (home TEXT)"]);
    raw.close();
    const copy = `${file}.format-${migrations.length}`;
    expect(() => new SqliteStore(file, "home")).toThrow(copy);
    // Nothing stays open or beside it that would be taken for a part of the copy.
    expect((await readdir(folder)).sort()).toEqual(["home.sqlite", basename(copy)]);
    await rm(file);
    await rename(copy, file);
    const again = new SqliteStore(file, "home");
    expect((await again.signalsAfter(at(0))).map((s) => s.id)).toEqual(["a"]);
    await again.close();
  });

  it("is not updated when no copy can be made, which is said, and leaves nothing half", async () => {
    const before = new DatabaseSync(file);
    before.exec(`${migrations[0]}; PRAGMA user_version = 1`);
    const nowhere = { run: () => before.exec("VACUUM INTO '/nowhere/copy'") };
    const cramped = {
      prepare: (sql: string) => (sql.startsWith("VACUUM") ? nowhere : before.prepare(sql)),
      exec: () => expect.fail("updated"),
    };
    expect(() => migrate(cramped as never, file)).toThrow(UnusableDatabase);
    expect(() => migrate(cramped as never, file)).toThrow(/home\.sqlite cannot be copied before .*left as it is; see that there is room/);
    before.close();
    expect(await readdir(folder)).toEqual(["home.sqlite"]);
  });
  it("says of a file that is damaged what to do with it", async () => {
    await writeFile(file, "no database at all, but long enough to be taken for the beginning of one, and a bit more than that: 100 bytes");
    expect(() => new SqliteStore(file, "home")).toThrow(/home\.sqlite is damaged; move it .*import FILE/);
  });

  it("forgets one subject, or one stretch of time, and nothing else", async () => {
    const store = new SqliteStore(file, "home");
    const of = (subject: string, minute: number) => ({ prediction: { ...prediction(minute), subject }, features: null });
    const label = (subject: string, minute: number): Label => ({
      subject,
      persona: "gamer",
      from: at(minute),
      to: at(minute + 5),
      weight: 1,
      source: "test",
    });
    await store.addPredictions([of("alice", 0), of("alice", 60), of("bob", 0), of("bob", 60)]);
    await store.addLabels([label("alice", 0), label("bob", 60), { ...label("bob", 20), to: at(40) }]);
    const correction = (subject: string, minute: number) =>
      store.addCorrection({
        subject,
        at: at(minute),
        since: at(minute),
        expected: "everyday",
        really: "gamer",
        probability: 0.1,
        source: "test",
        why: "game",
      });
    await correction("alice", 1);
    await correction("bob", 61);
    await store.addSignals([signal("tv-now"), { ...signal("ann"), subject: "alice" }]);
    await store.learned(
      [],
      ["alice", "bob"].map((subject) => ({ scorer: "learned/15", subject, version: 1, data: "counts" })),
    );
    await store.forget({ subjects: ["alice"] });
    const left = await store.history({ limit: 20 });
    expect(left.map((entry) => "subject" in entry && entry.subject)).toEqual(["bob", "bob", "bob", "bob", "bob"]);
    expect([await store.knows("alice"), await store.knows("bob"), await store.knows("tv")]).toEqual([false, true, true]);
    // One kind is not crowded out by another.
    expect(await store.history({ kind: "corrected", limit: 1 })).toMatchObject([{ kind: "corrected", subject: "bob" }]);
    expect(await store.history({ kind: "applied", limit: 1 })).toEqual([]);
    expect((await store.signalsAfter(at(0))).map((s) => s.id)).toEqual(["tv-now"]);
    expect((await store.states("learned/15")).map((s) => s.subject)).toEqual(["bob"]);
    await store.forget({ from: at(30), to: at(90) });
    // What began before is told until then.
    expect(await store.history({ limit: 20 })).toMatchObject([
      { kind: "label", from: at(20), to: at(30) },
      { kind: "prediction", subject: "bob", at: at(0) },
    ]);
    expect(await store.history({ from: at(30), limit: 20 })).toEqual([]);
    expect((await store.states("learned/15")).map((s) => s.subject)).toEqual(["bob"]);
    await store.close();
  });

  it("has everything it acknowledged after being killed at any instant", async () => {
    const writer = `
      import { SqliteStore } from ${JSON.stringify(new URL("./index.ts", import.meta.url).href)};
      const store = new SqliteStore(${JSON.stringify(file)}, "home");
      for (let i = 0; ; i++) {
        const at = new Date(Date.parse("2026-11-22T10:00:00Z") + i).toISOString();
        await store.addSignals([{ kind: "presence", id: "s" + i, subject: "tv", present: true, source: "t", confidence: 1, at, expiresAt: "2027-01-01T00:00:00.000Z" }]);
        process.stdout.write(i + "\\n");
      }`;
    for (const patience of [1, 20, 57]) {
      const child = spawn(process.execPath, ["--conditions=np-source", "--input-type=module-typescript", "--eval", writer], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let last = -1;
      await new Promise<void>((resolve) => {
        child.stdout.on("data", (chunk: Buffer) => {
          last = Math.max(last, ...String(chunk).trim().split("\n").map(Number));
          if (last >= patience) child.kill("SIGKILL");
        });
        child.on("exit", () => resolve());
      });
      const store = new SqliteStore(file, "home");
      const kept = new Set((await store.signalsAfter(at(-1))).map((s) => s.id));
      for (let i = 0; i <= last; i++) expect(kept).toContain(`s${i}`);
      await store.close();
      await rm(file, { force: true });
      await Promise.all(["-wal", "-shm"].map((suffix) => rm(file + suffix, { force: true })));
    }
  });
});
