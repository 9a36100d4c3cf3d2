import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ApplyOutcome, PlanView, Prediction } from "@network-personas/engine/model";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { run, start } from "./run.ts";

// Every call is a process of its own.
vi.setConfig({ testTimeout: 120_000 });

const sample = fileURLToPath(new URL("../../../examples/sample-home", import.meta.url));
let dir: string;
let home: string;
/** A Tuesday four minutes before Alice's client call in the sample calendar. */
const before = "2026-11-17T13:56:00+01:00";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "np-cli-"));
  await cp(sample, dir, { recursive: true });
  home = join(dir, "home.yaml");
  // Port 0: the system chooses one, so that tests never meet an engine that runs on this machine.
  await writeFile(home, (await readFile(home, "utf8")).replace("port: 8787", "port: 0"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const cli = (...args: string[]) => run([...args, "--home", home]);
const json = async <T>(...args: string[]): Promise<T> => {
  const { code, out, err } = await cli(...args, "--json");
  if (code !== 0) throw new Error(`exit ${code}: ${err}`);
  return JSON.parse(out);
};

describe("the command line", () => {
  it("lists its commands, and exits with 2 for what it does not understand", async () => {
    const help = await run(["--help"]);
    expect(help.code).toBe(0);
    for (const command of [
      "serve",
      "predict",
      "plan",
      "apply",
      "release",
      "clients",
      "doctor",
      "calendar expand",
      "replay",
      "personas validate",
      "token create",
      "export",
      "import",
    ]) {
      expect(help.out).toContain(command);
    }
    expect(await run(["pedict"])).toMatchObject({ code: 2, err: expect.stringContaining('no command "pedict"') });
    expect(await cli("predict", "--at", "yesterday")).toMatchObject({ code: 2, err: expect.stringContaining("is no instant") });
    expect(await cli("predict", "--bogus")).toMatchObject({ code: 2, err: expect.stringContaining("--bogus") });
    expect(await run(["plan", "--home", join(dir, "none.yaml")])).toMatchObject({ code: 2, err: expect.stringContaining("none.yaml") });
  });

  it("predicts with reasons a person can read", async () => {
    const predictions = await json<Prediction[]>("predict", "--at", before);
    const alice = predictions.find((p) => p.subject === "alice")!;
    expect(alice.distribution["remote-worker"]).toBeGreaterThan(0.5);
    const { out } = await cli("predict", "--at", before, "--subject", "alice");
    expect(out).toMatch(/Alice/);
    expect(out).toMatch(/remote-worker +█/);
    expect(out).toMatch(/call/i);
    expect(await cli("predict", "--subject", "carol")).toMatchObject({ code: 2, err: expect.stringMatching(/carol.*alice/) });
  });

  it("plans without writing, applies, is idempotent, and releases", async () => {
    const first = await json<PlanView>("plan", "--at", before);
    expect(first.plan.devices.find((d) => d.device === "alice-laptop")!.guarantee.up).toBeGreaterThan(1000);
    expect(first.routers[0]!.changes.length).toBeGreaterThan(0);
    expect((await json<PlanView>("plan", "--at", before)).routers[0]!.changes).toEqual(first.routers[0]!.changes);
    expect((await json<ApplyOutcome[]>("apply"))[0]).toMatchObject({ router: "main", result: "confirmed" });
    expect((await json<ApplyOutcome[]>("apply"))[0]).toMatchObject({ result: "unchanged" });
    const { out } = await cli("plan");
    expect(out).toMatch(/has this plan already/);
    expect(await cli("pause")).toMatchObject({ code: 0, out: expect.stringMatching(/^paused until .*network-personas apply/) });
    expect(await cli("pause", "--minutes", "soon")).toMatchObject({ code: 2, err: expect.stringContaining('--minutes "soon"') });
    expect((await json<ApplyOutcome[]>("rollback"))[0]).toMatchObject({ result: "confirmed" });
    expect((await json<ApplyOutcome[]>("rollback"))[0]).toMatchObject({ result: "confirmed" });
    expect((await json<ApplyOutcome[]>("release"))[0]).toMatchObject({ result: "confirmed" });
    expect(await cli("forget", "--day", "24.11.2026")).toMatchObject({ code: 2, err: expect.stringContaining("such as 2026-11-24") });
    expect(await cli("forget", "--subject", "alice")).toMatchObject({ code: 0, out: expect.stringContaining("forgotten: alice") });
  });

  it("checks the home and says what to do", async () => {
    const { code, out } = await cli("doctor");
    expect(code).toBe(0);
    expect(out).toMatch(/✓ calendar alice-work/);
    expect(out).toMatch(/✓ router main/);
    expect(await cli("doctor", "--test-rollback", "attic")).toMatchObject({ code: 2, err: expect.stringContaining('no router "attic"') });
  });

  it("lists clients with the devices they are", async () => {
    const { code, out } = await cli("clients");
    expect(code).toBe(0);
    expect(out).toMatch(/alice-laptop +here +02:00:00:00:00:11/);
  });

  it("makes tokens that are shown once, listed without their text, and withdrawn", async () => {
    const made = await cli("token", "create", "my-app", "--scope", "signal", "--subject", "alice");
    expect(made.code).toBe(0);
    const token = made.out.trim();
    const secret = /^np_[^_]+_(.+)$/.exec(token)![1]!;
    const list = await cli("token", "list");
    expect(list.out).toMatch(/my-app +signal +alice/);
    expect(list.out).not.toContain(secret);
    expect((await cli("token", "create", "my-app")).code).toBe(2);
    expect((await cli("token", "create", "x", "--scope", "everything")).code).toBe(2);
    expect((await cli("token", "revoke", "my-app")).code).toBe(0);
    expect((await cli("token", "revoke", "my-app")).code).toBe(2);
  });

  it("validates persona files, naming line, field and what was expected", async () => {
    const bad = join(dir, "night-owl.yaml");
    await writeFile(bad, "id: night-owl\nname: Night owl\nprofile:\n  qos:\n    weight: heavy\n");
    expect(await run(["personas", "validate", bad])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/night-owl\.yaml:5:13 profile\.qos\.weight: .*number/),
    });
    await writeFile(bad, "id: night-owl\nname: Night owl\nprofile:\n  qos: { weight: 2 }\n");
    expect(await run(["personas", "validate", bad])).toMatchObject({ code: 0 });
  });

  it("expands calendars", async () => {
    const { code, out } = await run([
      "calendar",
      "expand",
      "--ics",
      join(dir, "alice-work.ics"),
      "--from",
      "2026-11-17T00:00:00Z",
      "--to",
      "2026-11-18T00:00:00Z",
      "--tz",
      "Europe/Berlin",
    ]);
    expect(code).toBe(0);
    expect(JSON.parse(out).occurrences).toMatchObject([
      { summary: "Stand-up", start: "2026-11-17T08:45:00.000Z" },
      { summary: "Client call", start: "2026-11-17T13:00:00.000Z" },
    ]);
    const line = JSON.stringify({
      name: "one",
      ics: await readFile(join(dir, "family.ics"), "utf8"),
      from: "2026-11-17T00:00:00Z",
      to: "2026-11-18T00:00:00Z",
      tz: "Europe/Berlin",
    });
    const batch = await run(["calendar", "expand", "--batch"], { input: `${line}\nnot json\n` });
    const [first, second] = batch.out
      .trim()
      .split("\n")
      .map((l) => JSON.parse(l));
    expect(first).toMatchObject({ name: "one", occurrences: [{ summary: "Raid with the others", allDay: false }] });
    expect(second).toHaveProperty("error");
  });

  it("replays a recorded day: what was expected, applied and real, and how well", async () => {
    const { code, out } = await cli("replay", "--log", join(dir, "day.jsonl"));
    expect(code).toBe(0);
    // The network is ready for the client call of 14:00 before it starts, and for the raid of 20:00.
    expect(out).toMatch(/13:5\d +confirmed: alice-laptop: at least \d[.\d]* Mbit\/s down/);
    expect(out).toMatch(/19:5\d {2}Bob: expected gamer/);
    expect(out).toMatch(/really: Bob is gamer/);
    expect(out).toMatch(/learned +log loss \d/);
    expect(out).toMatch(/additive +log loss \d/);
    await writeFile(
      join(dir, "bad.jsonl"),
      '{"from":"2026-11-17T00:00:00Z","to":"2026-11-18T00:00:00Z"}\n{"at":"2026-11-17T01:00:00Z","signal":{"kind":"presence"}}\n',
    );
    expect(await cli("replay", "--log", join(dir, "bad.jsonl"))).toMatchObject({ code: 2, err: expect.stringMatching(/line 2 .*subject/) });
  });

  it("exports a home and brings it back elsewhere, without tokens", async () => {
    await cli("token", "create", "secret-one");
    const file = join(dir, "home.export");
    expect((await cli("export", file)).code).toBe(0);
    expect(await readFile(file, "utf8")).not.toContain("secret-one");
    expect((await stat(file)).mode & 0o077).toBe(0);
    const elsewhere = await mkdtemp(join(tmpdir(), "np-import-"));
    try {
      const brought = await run(["import", file, "--home", join(elsewhere, "home.yaml")]);
      expect(brought).toMatchObject({ code: 0 });
      expect(await readFile(join(elsewhere, "home.yaml"), "utf8")).toBe(await readFile(home, "utf8"));
      // What was there before is an export, too.
      const kept = /is in (\S+before-import-\d+\.json)/.exec(brought.out)![1]!;
      const back = await run(["import", kept, "--preview", "--home", join(elsewhere, "home.yaml")]);
      expect(back).toMatchObject({ code: 0, out: expect.stringContaining("people: Alice, Bob") });
      await writeFile(file, (await readFile(file, "utf8")).slice(0, 500));
      expect(await run(["import", file, "--home", join(elsewhere, "home.yaml")])).toMatchObject({
        code: 2,
        err: expect.stringContaining("cut off or damaged; nothing was changed"),
      });
      expect(await run(["export", join(elsewhere, "none", "x"), "--home", join(elsewhere, "home.yaml")])).toMatchObject({
        code: 2,
        err: expect.stringMatching(/^cannot write .* \(ENOENT\); nothing was exported\n$/),
      });
      await writeFile(file, '{"format":"something"}');
      expect(await run(["import", file, "--home", join(elsewhere, "home.yaml")])).toMatchObject({
        code: 2,
        err: expect.stringContaining("no export of a home"),
      });
    } finally {
      await rm(elsewhere, { recursive: true, force: true });
    }
  });
});

describe("serve", () => {
  it("is the one engine: other commands become its clients, a second one steps back, and it ends cleanly", async () => {
    const engine = start(["serve", "--home", home]);
    try {
      const ended = once(engine, "exit").then(() => Promise.reject(new Error("serve ended by itself")));
      const [first] = (await Promise.race([once(engine.stdout!, "data"), ended])) as [Buffer];
      ended.catch(() => {});
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(first))![0];
      expect(await fetch(`${url}/v1/health`).then((r) => r.status)).toBe(200);
      const predictions = await json<Prediction[]>("predict");
      expect(predictions.length).toBeGreaterThan(2);
      expect(await cli("serve")).toMatchObject({ code: 1, err: expect.stringContaining(url) });
      expect((await cli("token", "create", "while-running")).code).toBe(0);
    } finally {
      engine.kill("SIGTERM");
    }
    const [code] = await once(engine, "exit");
    expect(code).toBe(0);
  });
});
