import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestClock } from "@network-personas/engine/testing";
import { afterEach, expect, it, vi } from "vitest";
import { SshShell } from "./ssh.ts";

afterEach(() => void vi.unstubAllEnvs());

it("says that ssh is missing on this machine, instead of that the router is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "np-ssh-missing-"));
  const target = { router: "main", host: "127.0.0.1", port: 1, username: "root", identityFile: undefined, timeLimit: 5_000 };
  const shell = new SshShell({ ...target, knownHosts: join(folder, "known") }, new TestClock("2026-01-05T10:00:00Z"));
  vi.stubEnv("PATH", folder);
  await expect(shell.run(["uname"])).rejects.toThrow(/the program ssh is missing where the engine runs; install it there/);
  await shell.close();
  await rm(folder, { recursive: true });
});
