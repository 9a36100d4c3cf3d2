import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Lock, lockHolder } from "./lock.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "np-lock-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

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

it("takes over the lock of a process that was killed", async () => {
  const child = spawn(
    process.execPath,
    [
      "--conditions=np-source",
      "--input-type=module-typescript",
      "--eval",
      `
    import { Lock } from ${JSON.stringify(new URL("./lock.ts", import.meta.url).href)};
    Lock.take(${JSON.stringify(dir)}); console.log("taken"); setInterval(() => {}, 1000);`,
    ],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  await once(child.stdout, "data");
  expect(Lock.take(dir)).toMatchObject({ pid: child.pid });
  child.kill("SIGKILL");
  await once(child, "exit");
  expect(Lock.take(dir)).toBeInstanceOf(Lock);
});

it("is not fooled by a pid that was given to another process, or by a torn file", () => {
  writeFileSync(join(dir, "engine.lock"), JSON.stringify({ pid: process.pid, started: "1", url: null }));
  expect(lockHolder(dir)).toBeNull();
  writeFileSync(join(dir, "engine.lock"), '{"pid":');
  expect(Lock.take(dir)).toBeInstanceOf(Lock);
});
