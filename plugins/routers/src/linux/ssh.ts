import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AuthFailed, type Clock, LockedOut, Rejected, Unreachable } from "@network-personas/engine/driver";
import { sentence } from "@network-personas/engine/model";
import { BackOff } from "../shared/back-off.ts";
import { type CommandResult, localShell, type Shell, shellQuoted } from "./shell.ts";

/** Where and as whom to log in. */
export interface SshTarget {
  router: string;
  host: string;
  port: number;
  username: string;
  /** The private key; ssh's own choice when absent. */
  identityFile: string | undefined;
  /** Holds the router's host keys: the first one seen is kept, another one is refused. */
  knownHosts: string;
  /** Longest time one program may take, ms. */
  timeLimit: number;
}

/** Folders of administrators' programs, which a login of an ordinary user does not search. */
const path = 'PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"';
/** What ssh itself exits with; no program we run does. */
const sshFailed = 255;
/** The connection is kept this long after the last program. */
const keptFor = "10m";

/** Runs programs on a router through the `ssh` program of this machine, over one connection that is kept. Keys only: nobody can type. */
export class SshShell implements Shell {
  readonly #target: SshTarget;
  readonly #refusals: BackOff;
  #folder: Promise<string> | undefined;

  constructor(target: SshTarget, clock: Clock) {
    this.#target = target;
    this.#refusals = new BackOff(clock, { first: 60_000, longest: 3_600_000 });
  }

  async run(argv: readonly string[], input = ""): Promise<CommandResult> {
    const { router, timeLimit } = this.#target;
    const wait = this.#refusals.waitFor();
    if (wait > 0) throw new LockedOut(sentence("login-again", { seconds: Math.ceil(wait / 1000) }), { router, request: "ssh login" });
    const prefix = ["ssh", ...(await this.#options()), "--", this.#target.host];
    const result = await localShell(timeLimit, prefix)
      .run([remoteCommand(argv)], input)
      .catch((error: NodeJS.ErrnoException) => {
        throw error.code === "ENOENT" ? new Unreachable(sentence("login-ssh-missing"), { router, request: "ssh" }) : error;
      });
    if (result.code === sshFailed) throw this.#failure(result.stderr);
    this.#refusals.served();
    return result;
  }

  async close(): Promise<void> {
    const folder = await this.#folder;
    if (folder === undefined) return;
    this.#folder = undefined;
    await localShell(this.#target.timeLimit)
      .run(["ssh", "-o", `ControlPath=${join(folder, "c")}`, "-O", "exit", "--", this.#target.host])
      .catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  }

  async #options(): Promise<string[]> {
    const { port, username, identityFile, knownHosts, timeLimit } = this.#target;
    // Not in the data folder: the path of a socket may have no more than about 100 characters.
    this.#folder ??= mkdtemp(join(tmpdir(), "np-ssh-"));
    await mkdir(dirname(knownHosts), { recursive: true });
    const options = {
      BatchMode: "yes",
      ConnectTimeout: String(Math.max(1, Math.floor(timeLimit / 1000))),
      StrictHostKeyChecking: "accept-new",
      HashKnownHosts: "no",
      UserKnownHostsFile: quoted(knownHosts),
      GlobalKnownHostsFile: "none",
      UpdateHostKeys: "no",
      ControlMaster: "auto",
      ControlPersist: keptFor,
      ControlPath: join(await this.#folder, "c"),
      ServerAliveInterval: "5",
      ServerAliveCountMax: "2",
      ForwardAgent: "no",
      ClearAllForwardings: "yes",
      PermitLocalCommand: "no",
      LogLevel: "ERROR",
      ...(identityFile === undefined ? {} : { IdentityFile: quoted(identityFile), IdentitiesOnly: "yes" }),
    };
    return ["-T", "-p", String(port), "-l", username, ...Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
  }

  #failure(stderr: string): Error {
    const { router, host, port, username } = this.#target;
    const where = { router, request: "ssh" };
    if (/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/.test(stderr))
      return new Rejected(sentence("login-host-key", { host }), where);
    if (/Permission denied|Too many authentication failures|No supported authentication methods/.test(stderr)) {
      this.#refusals.refused();
      return new AuthFailed(sentence("login-key-file", { account: username }), where);
    }
    const reason = stderr.trim().split("\n").at(-1)?.slice(0, 200);
    return new Unreachable(sentence("login-no-ssh", { host, port, reason: reason || "?" }), where);
  }
}

/** One line for the login shell of the router: every argument is quoted, so that it parses none of them. */
export const remoteCommand = (argv: readonly string[]): string => `LC_ALL=C ${path} exec ${argv.map(shellQuoted).join(" ")}`;
/** ssh splits file names at spaces and knows % as its own. */
const quoted = (file: string): string => `"${file.replaceAll("%", "%%")}"`;
