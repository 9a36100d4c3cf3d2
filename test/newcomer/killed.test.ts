import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Constraint, EngineState } from "@network-personas/engine/model";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { run, start } from "../e2e/cli/run.ts";
import { homeYaml, workIcs } from "../scenarios/home.ts";

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
let home: string;
let engine: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-killed-"));
  home = join(folder, "home.yaml");
  await writeFile(home, `${homeYaml()}api: { port: 0 }\n`);
  await writeFile(join(folder, "work.ics"), workIcs);
});
afterEach(async () => {
  engine?.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** A running engine, and how to ask it. */
async function serve() {
  const child = start(["serve", "--home", home]);
  engine = child;
  const [first] = (await once(child.stdout!, "data")) as [Buffer];
  const url = /http:\/\/127\.0\.0\.1:\d+/.exec(String(first))![0];
  const token = await readFile(join(folder, ".network-personas", "local-token"), "utf8");
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body ? JSON.stringify(body) : null,
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };
  return { child, ask };
}

it("loses nothing it acknowledged, whenever it is killed, and the router is what the next one plans for", async () => {
  for (const acknowledgements of [1, 4, 9]) {
    const { child, ask } = await serve();
    const kept: string[] = [];
    let persona = "";
    // The last one meets the kill; whether it counts nobody can know.
    for (let n = 0; n < acknowledgements; n++) {
      persona = n % 2 === 0 ? "gamer" : "video-editor";
      await ask("POST", "/v1/overrides", { subject: "ben", persona });
      kept.push((await ask<Constraint>("POST", "/v1/constraints", { subject: "ann", source: "app", cap: { down: 5000 + n } })).id!);
    }
    const late = ask("POST", "/v1/constraints", { subject: "ann", source: "app", cap: { down: 4000 } }).catch(() => {});
    child.kill("SIGKILL");
    await Promise.all([once(child, "exit"), late]);

    const next = await serve();
    const state = await next.ask<EngineState>("GET", "/v1/state");
    expect(state.subjects.find((s) => s.subject === "ben")).toMatchObject({ active: persona, decidedBy: "override" });
    const constraints = await next.ask<readonly Constraint[]>("GET", "/v1/constraints");
    expect(constraints.map((c) => c.id)).toEqual(expect.arrayContaining(kept));
    await vi.waitFor(async () => {
      const { out } = await run(["plan", "--home", home]);
      expect(out).toMatch(/router main \(live\): has this plan already/);
    }, 20_000);
    for (const { id } of constraints) await next.ask("DELETE", `/v1/constraints/${id}`).catch(() => {});
    next.child.kill("SIGTERM");
    await once(next.child, "exit");
  }
});
