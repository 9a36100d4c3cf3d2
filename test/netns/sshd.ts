import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** OpenSSH's own server on the loopback, whose logins land in a network namespace: the router's. */
export class Sshd {
  readonly folder: string;
  readonly port: number;
  readonly #namespace: string;
  #server: ReturnType<typeof spawn> | undefined;

  private constructor(folder: string, port: number, namespace: string) {
    this.folder = folder;
    this.port = port;
    this.#namespace = namespace;
  }

  static async start(namespace: string): Promise<Sshd> {
    const sshd = new Sshd(await mkdtemp(join(tmpdir(), "np-sshd-")), await freePort(), namespace);
    for (const name of ["host", "client", "stranger"]) sshd.#makeKey(name);
    await sshd.accept("client");
    await sshd.listen();
    return sshd;
  }

  key = (name: "client" | "stranger"): string => join(this.folder, name);

  /** Whose key lets in. */
  async accept(name: "client" | "stranger"): Promise<void> {
    await writeFile(join(this.folder, "authorized_keys"), await readFile(join(this.folder, `${name}.pub`)));
  }
  /** As after a new installation, or with somebody in between. */
  async renewHostKey(): Promise<void> {
    await this.#end();
    await Promise.all(["host", "host.pub"].map((name) => rm(join(this.folder, name))));
    this.#makeKey("host");
    await this.listen();
  }
  /** Ends the server and every login. */
  async cut(): Promise<void> {
    const sessions = execFileSync("sh", ["-c", `pgrep -P ${this.#server!.pid} || true`], { encoding: "utf8" })
      .split("\n")
      .filter(Boolean);
    await this.#end();
    for (const pid of sessions) process.kill(Number(pid), "SIGKILL");
  }
  /** Takes connections and says nothing. */
  freeze(): void {
    this.#server!.kill("SIGSTOP");
  }

  /** Lines of the server's log that say this. */
  async logged(pattern: RegExp): Promise<number> {
    return (await readFile(join(this.folder, "log"), "utf8")).split("\n").filter((line) => pattern.test(line)).length;
  }

  async stop(): Promise<void> {
    await this.#end();
    await rm(this.folder, { recursive: true, force: true });
  }

  #makeKey(name: string): void {
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(this.folder, name)]);
  }

  async listen(): Promise<void> {
    // Debian's service makes this folder; without it the server does not start.
    mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    const config = join(this.folder, "sshd_config");
    await writeFile(
      config,
      [
        `ListenAddress 127.0.0.1:${this.port}`,
        `HostKey ${join(this.folder, "host")}`,
        `AuthorizedKeysFile ${join(this.folder, "authorized_keys")}`,
        `PidFile ${join(this.folder, "pid")}`,
        // The folder of temporary files belongs to everybody.
        "StrictModes no",
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "UsePAM yes",
        "LogLevel VERBOSE",
        `ForceCommand exec ip netns exec ${this.#namespace} sh -c "$SSH_ORIGINAL_COMMAND"`,
      ].join("\n"),
    );
    const before = await this.logged(listening).catch(() => 0);
    const log = openSync(join(this.folder, "log"), "a");
    this.#server = spawn("/usr/sbin/sshd", ["-D", "-e", "-f", config], { stdio: ["ignore", log, log] });
    closeSync(log);
    for (let i = 0; i < 250 && (await this.logged(listening)) === before; i++) await sleep(20);
  }

  async #end(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  }
}

const listening = /Server listening/;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
