import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Lock, lockHolder } from "./lock.ts";

let dir: string;
const others: ChildProcess[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "np-lock-"));
});
afterEach(() => {
  for (const child of others.splice(0)) child.kill("SIGKILL");
  rmSync(dir, { recursive: true, force: true });
});

it("gives the lock to one, and tells the second who has it and where it can be reached", () => {
  const lock = Lock.take(dir);
  if (!(lock instanceof Lock)) throw new Error("expected the lock");
  expect(Lock.take(dir)).toMatchObject({ pid: process.pid, url: null });
  lock.announce("http://127.0.0.1:8787");
  expect(lockHolder(dir)).toMatchObject({ url: "http://127.0.0.1:8787" });
  lock.release();
  expect(lockHolder(dir)).toBeNull();
  expect(Lock.take(dir)).toBeInstanceOf(Lock);
});

/** Another process that has the lock. */
async function otherHolder(): Promise<ChildProcess> {
  const script = `
    import { Lock } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
    Lock.take(${JSON.stringify(dir)}); console.log("taken"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--conditions=np-source", "--input-type=module-typescript", "--eval", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  others.push(child);
  await once(child.stdout, "data");
  return child;
}

it("takes over the lock of a process that was killed", async () => {
  const child = await otherHolder();
  expect(Lock.take(dir)).toMatchObject({ pid: child.pid });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(Lock.take(dir)).toBeInstanceOf(Lock);
});

it("is not taken from an engine in another container, whose processes are not to be seen, before that one ends", async () => {
  const child = await otherHolder();
  const file = join(dir, "engine.lock");
  // As it reads for us where the other is the first process of a container: no process of ours has this number and start.
  const elsewhere = { pid: 1, within: "pid:[1]", started: "1", url: "http://127.0.0.1:8787" };
  writeFileSync(file, JSON.stringify(elsewhere));
  expect(lockHolder(dir)).toEqual(elsewhere);
  expect(Lock.take(dir)).toEqual(elsewhere);
  // It has begun and has not said so yet.
  rmSync(file);
  expect(Lock.take(dir)).toEqual({ pid: 0, started: "", url: null });
  writeFileSync(file, JSON.stringify(elsewhere));
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(lockHolder(dir)).toBeNull();
  expect(Lock.take(dir)).toBeInstanceOf(Lock);
});

it("takes nothing from the next one when it is given back twice", () => {
  const first = Lock.take(dir) as Lock;
  first.release();
  const second = Lock.take(dir) as Lock;
  first.release();
  expect(lockHolder(dir)).toMatchObject({ pid: process.pid });
  second.release();
  expect(lockHolder(dir)).toBeNull();
});

it("says whose a folder must be that we cannot write to", () => {
  // Nobody makes a folder there, not even root.
  expect(() => Lock.take("/sys/home/data")).toThrow(
    /^we cannot write to \/sys: (it must belong to the user \d+ \((EACCES|EPERM)\)|it is mounted read-only \(EROFS\))$/,
  );
});

it("is not fooled by a pid that was given to another process, or by a torn file", () => {
  writeFileSync(join(dir, "engine.lock"), JSON.stringify({ pid: process.pid, started: "1", url: null }));
  expect(lockHolder(dir)).toBeNull();
  writeFileSync(join(dir, "engine.lock"), '{"pid":');
  expect(Lock.take(dir)).toBeInstanceOf(Lock);
});

it("is never torn for a reader, however often its holder writes it", () => {
  const lock = Lock.take(dir);
  if (!(lock instanceof Lock)) throw new Error("expected the lock");
  const file = join(dir, "engine.lock");
  const first = statSync(file).ino;
  lock.announce("http://127.0.0.1:8787");
  // A file written in place keeps its inode, and a reader may meet it half empty.
  expect(statSync(file).ino).not.toBe(first);
  expect(readdirSync(dir).sort()).toEqual(["engine.alive", "engine.lock"]);
});

it("goes to one of several that start at once over a stale lock", async () => {
  writeFileSync(join(dir, "engine.lock"), JSON.stringify({ pid: process.pid, started: "1", url: null }));
  const script = `
    import { Lock } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
    process.stdin.once("data", () => { console.log(Lock.take(${JSON.stringify(dir)}) instanceof Lock ? "mine" : "other"); setInterval(() => {}, 1000); });
    console.log("ready");`;
  const children = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ["--conditions=np-source", "--input-type=module-typescript", "--eval", script], {
      stdio: ["pipe", "pipe", "inherit"],
    }),
  );
  try {
    await Promise.all(children.map((child) => once(child.stdout, "data")));
    const answers = children.map(async (child) => String((await once(child.stdout, "data"))[0]).trim());
    for (const child of children) child.stdin.write("go\n");
    expect((await Promise.all(answers)).sort()).toEqual(["mine", "other", "other", "other"]);
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
});
