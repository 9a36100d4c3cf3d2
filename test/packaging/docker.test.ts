import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, matchesGlob, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";

// Without Docker: what the Dockerfile says is read as Docker reads it, and what it runs is run here as far as that needs no image.

const root = resolve(import.meta.dirname, "../..");
const text = await readFile(join(root, "Dockerfile"), "utf8");
const page = await readFile(join(root, "docs/docker.md"), "utf8");

interface Instruction {
  name: string;
  value: string;
}
const instructions = text
  .replaceAll(/^#.*$/gm, "")
  .replaceAll(/\\\n/g, " ")
  .split("\n")
  .map((line) => line.trim())
  .filter(Boolean)
  .map((line): Instruction => ({ name: line.split(/\s/, 1)[0]!, value: line.replace(/^\S+\s+/, "") }));
const starts = instructions.flatMap(({ name }, i) => (name === "FROM" ? [i] : []));
/** Instructions of each stage, the FROM first. */
const stages = starts.map((from, i) => instructions.slice(from, starts[i + 1]));
const image = stages.at(-1)!;
const entrypoint = JSON.parse(image.find(({ name }) => name === "ENTRYPOINT")!.value) as [string, ...string[]];
const all = (stage: readonly Instruction[], name: string) => stage.filter((one) => one.name === name).map((one) => one.value);
const one = (stage: readonly Instruction[], name: string): string => {
  const found = all(stage, name);
  expect(found, name).toHaveLength(1);
  return found[0]!;
};
const ignored = (await readFile(join(root, ".dockerignore"), "utf8")).trim().split("\n");
const manifest = async (folder: string) =>
  JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")) as {
    name: string;
    private?: boolean;
    dependencies?: Record<string, string>;
    engines: { node: string };
  };

describe("the Docker image", () => {
  it("is made with instructions there are, on a Node that every package takes", () => {
    const known = ["FROM", "WORKDIR", "COPY", "RUN", "ENV", "VOLUME", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"];
    for (const { name } of stages.flat()) expect(known).toContain(name);
    expect(stages.map(([from]) => from!.value)).toEqual(["node:24-slim AS build", "node:24-slim"]);
    for (const command of stages.flatMap((stage) => all(stage, "RUN"))) execFileSync("sh", ["-n", "-c", command]);
  });

  it("packs every package of ours that the engine and its drivers need, and runs scripts there are", async () => {
    const commands = all(stages[0]!, "RUN").join("\n");
    const packed = [...commands.matchAll(/--workspace (\S+)/g)].map(([, folder]) => folder!);
    const manifests = await Promise.all(packed.map(manifest));
    const names = manifests.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["@network-personas/engine", "@network-personas/routers"]));
    for (const { private: hidden, dependencies = {} } of manifests) {
      expect(hidden).not.toBe(true);
      for (const name of Object.keys(dependencies).filter((n) => n.startsWith("@network-personas/"))) expect(names).toContain(name);
    }
    const scripts = (JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { scripts: object }).scripts;
    for (const [, script] of commands.matchAll(/npm run (\S+)/g)) expect(scripts).toHaveProperty(script!);
  });

  it("installs with what npm needs of every workspace, and as everywhere without the scripts of packages", async () => {
    const { workspaces } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { workspaces: string[] };
    const before = stages[0]!.slice(
      0,
      stages[0]!.findIndex(({ value }) => value === "npm ci"),
    );
    const copied = all(before, "COPY").flatMap((value) => value.split(" ").slice(0, -1));
    expect(copied.sort()).toEqual(["package.json", "package-lock.json", ".npmrc", ...workspaces.map((w) => `${w}/package.json`)].sort());
    expect(await readFile(join(root, ".npmrc"), "utf8")).toContain("ignore-scripts=true");
    for (const file of copied) {
      expect(existsSync(join(root, file)), file).toBe(true);
      expect(
        ignored.filter((pattern) => matchesGlob(file, pattern)),
        file,
      ).toEqual([]);
    }
  });

  it("copies no secret, no memory of a home and nothing built elsewhere", () => {
    expect(ignored).toEqual(expect.arrayContaining([".git", ".np", ".np-*", "**/node_modules", "**/dist", "**/.network-personas"]));
    for (const needed of ["personas", "engine", "plugins", "node-red-nodes", "scripts"]) {
      expect(existsSync(join(root, needed))).toBe(true);
      expect(ignored).not.toContain(needed);
    }
  });

  it("brings the programs that it runs beside Node.js", () => {
    const installed = /apt-get install -y --no-install-recommends ([a-z -]+) &&/.exec(all(image, "RUN").join("\n"))![1]!.split(" ");
    expect(installed).toContain("openssh-client");
    expect(installed).toContain(entrypoint[0]);
  });

  it("runs as a user without rights, who owns the folder of the home", () => {
    const order = image.map(({ name }) => name);
    expect(one(image, "USER")).toBe("node");
    expect(order.indexOf("USER")).toBeLessThan(order.indexOf("ENTRYPOINT"));
    const volume = one(image, "VOLUME");
    expect(all(image, "RUN").join("\n")).toContain(`chown node:node ${volume}`);
    // The keys it logs in with over SSH are kept with the home.
    expect(all(image, "RUN").join("\n")).toContain(`usermod --home ${volume} node`);
    expect(order.lastIndexOf("RUN")).toBeLessThan(order.indexOf("VOLUME"));
    // Where commands look for a home that they are not told.
    expect(all(image, "ENV")).toContain(`NETWORK_PERSONAS_HOME=${volume}/home.yaml`);
    expect(page).toContain(`:${volume}`);
    expect(page).toContain(`-f ${volume}/.ssh/id_ed25519`);
  });

  let engine: ChildProcess | undefined;
  let folder: string | undefined;
  afterEach(async () => {
    if (engine && engine.exitCode === null) engine.kill("SIGKILL");
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  it("starts a home that nobody has described yet, is healthy while it runs, and ends when it is told to", async () => {
    folder = await mkdtemp(join(tmpdir(), "np-docker-"));
    const port = one(image, "EXPOSE");
    // In the image everything listens on all addresses; here on this machine only, at a port that is free.
    const free = String(20_000 + (process.pid % 20_000));
    const here = (word: string) => word.replace(`0.0.0.0:${port}`, `127.0.0.1:${free}`).replace(one(image, "VOLUME"), folder!);
    // What ends it in the image is not everywhere; that it ends by itself when told to is seen without.
    const [program, ...entry] = entrypoint.slice(entrypoint.indexOf("--") + 1);
    const command = (JSON.parse(one(image, "CMD")) as string[]).map(here);
    const check = (JSON.parse(one(image, "HEALTHCHECK").replace(/^.*CMD\s+/, "")) as string[]).map(here);
    const kept = all(image, "ENV").flatMap((value) => (value.startsWith("PATH=") ? [] : [value.split("=", 2).map(here)]));
    const path = `${join(root, "node_modules/.bin")}:${process.env.PATH}`;
    const environment = { ...process.env, ...Object.fromEntries(kept), PATH: path };
    const healthy = () =>
      promisify(execFile)(check[0]!, check.slice(1), { env: environment }).then(
        () => true,
        () => false,
      );
    expect(await healthy()).toBe(false);
    engine = spawn(program!, [...entry, ...command], { env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [engine.stdout!, engine.stderr!]) stream.on("data", (chunk) => (said += chunk));
    while (!/engine: http/.test(said) && engine.exitCode === null) await Promise.race([once(engine.stdout!, "data"), once(engine, "exit")]);
    expect(said).toMatch(/#setup=np_/);
    expect(said).toContain(folder);
    expect(await healthy()).toBe(true);
    const ended = once(engine, "exit");
    engine.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    expect(await healthy()).toBe(false);
  }, 60_000);
});
