import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Namespaces, run } from "../../netns/namespace.ts";
import { steppedSleep } from "../../netns/stepped-sleep.ts";
import type { Answer } from "./objects.ts";
import { status } from "./status.ts";

export const agentScript = fileURLToPath(new URL("../../../plugins/routers/src/openwrt/install/np-agent", import.meta.url));

/** What a router's BusyBox has of it in place of the machine's own programs; flock, which Debian's lacks, is util-linux's. */
const applets = ["ash", "awk", "cat", "cut", "echo", "grep", "head", "kill", "mkdir", "mv", "printf", "rm", "sed", "sh", "tr", "uname"];

/** Programs of the machine itself that do. */
const machines = ["nft", "tc", "flock"].map((name) => [name, name]);
const machinePath = "/usr/sbin:/usr/bin:/sbin:/bin";

/** rpcd gives a plugin that long, real milliseconds. */
const patience = 30_000;

/** Interfaces of the emulated router, and what its owner has on them. */
const ownersInterfaces = `
for bridge in br-lan br-guest; do ip link add $bridge type bridge; ip link set $bridge up; done
ip link set br-lan address 0a:00:00:00:00:02
ip link add eth1 type veth peer name line0
ip link set eth1 up
ip link set line0 up
nft -f - <<'RULES'
table inet owner {
  chain forward {
    type filter hook forward priority filter; policy accept;
    tcp dport 25 drop
  }
}
RULES
tc qdisc add dev lo root handle 7: htb
`;

/** The real agent under BusyBox, with the real nft and tc of a network namespace: what an rpcd with its plugin is. */
export class AgentProcess {
  readonly namespace: string;
  readonly folder: string;
  /** Calls that changed something. */
  writes = 0;
  /** Calls that are not answered yet. */
  readonly #running = new Set<Promise<unknown>>();
  readonly #namespaces: Namespaces;
  readonly #sleep: Awaited<ReturnType<typeof steppedSleep>>;

  private constructor(folder: string, namespace: string, namespaces: Namespaces, sleep: Awaited<ReturnType<typeof steppedSleep>>) {
    this.folder = folder;
    this.namespace = namespace;
    this.#namespaces = namespaces;
    this.#sleep = sleep;
    for (const applet of applets) symlinkSync(busybox(), join(folder, applet));
  }

  /** On a router of its own. `now` is the router's time, ms. */
  static async start(now: number): Promise<AgentProcess> {
    const namespaces = new Namespaces();
    const namespace = namespaces.add("openwrt");
    run(namespace, ownersInterfaces);
    return AgentProcess.on(namespace, now, namespaces);
  }
  /** On a router that is there. `namespaces` go with it. */
  static async on(namespace: string, now: number, namespaces = new Namespaces()): Promise<AgentProcess> {
    const folder = await mkdtemp(join(tmpdir(), "np-agent-"));
    return new AgentProcess(folder, namespace, namespaces, await steppedSleep(folder, now));
  }

  get state(): string {
    return join(this.folder, "run");
  }

  /** As rpcd does it: the arguments on stdin, with the session of whom uhttpd speaks for. */
  async call(method: string, args: Record<string, unknown>, token: string): Promise<Answer> {
    if (method !== "status") this.writes++;
    const { stdout } = await this.raw(["call", method], JSON.stringify({ ...args, ubus_rpc_session: token }));
    try {
      const answer: unknown = JSON.parse(stdout);
      if (typeof answer === "object" && answer !== null && !Array.isArray(answer)) return [status.ok, answer as Record<string, unknown>];
    } catch {
      // rpcd has no better word for a plugin that answers no JSON.
    }
    return [status.invalidArgument];
  }

  /** Runs the script with any input. */
  raw(args: readonly string[], input: string | Buffer): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const { promise, resolve } = Promise.withResolvers<{ code: number | null; stdout: string; stderr: string }>();
    const child = spawn("ip", ["netns", "exec", this.namespace, ...this.#environment(), ...this.#command(), ...args], {
      stdio: ["pipe", "pipe", "pipe"],
      timeout: patience,
      killSignal: "SIGKILL",
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      stderr += text;
    });
    child.on("close", (code) => {
      this.#running.delete(promise);
      resolve({ code, stdout, stderr });
    });
    this.#running.add(promise);
    child.stdin.on("error", () => {});
    child.stdin.end(input);
    return promise;
  }

  /** The router's time has moved on: whoever sleeps wakes up, and the way back is taken before this resolves. */
  async tick(now: number): Promise<void> {
    // Who asked may be gone: what was asked is done all the same.
    await Promise.all(this.#running);
    // A timer that is only just starting would count from the new time.
    while (this.#waits() && this.#timerLives() && this.#sleepers().length === 0) await pause(5);
    await this.#sleep.tick(now);
    const second = Math.floor(now / 1000);
    while (this.#waits() && this.#timerLives() && !this.#sleepers().some((until) => until > second)) await pause(10);
  }

  /** tc refuses the next batch, or the next few; what nft was told before it is there already. */
  async breakTc(broken: boolean, times = 1): Promise<void> {
    const file = join(this.folder, "tc");
    await rm(file, { force: true });
    if (!broken) return;
    const refuse = '{ echo "RTNETLINK answers: No buffer space available" >&2; exit 1; }';
    const script = `#!/bin/sh\n[ "$1" != -batch ] || { echo >> "$0.calls"; [ $(wc -l < "$0.calls") -gt ${times} ] || ${refuse}; }\nexec /sbin/tc "$@"\n`;
    await rm(`${file}.calls`, { force: true });
    await writeFile(file, script, { mode: 0o755 });
  }

  /** Power off and on: the kernel forgets, and memory is empty. */
  reboot(): void {
    spawnSync("sh", ["-c", `kill -9 $(ip netns pids ${this.namespace}) 2>/dev/null`]);
    run(this.namespace, "nft flush ruleset; for d in br-lan br-guest eth1; do ip link del $d; done; tc qdisc del dev lo root");
    run(this.namespace, ownersInterfaces);
    execFileSync("rm", ["-rf", this.state]);
  }

  async stop(): Promise<void> {
    this.#namespaces.remove();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  /** Puts lines of sh in front of every program that changes something; they know the agent's process as $NP_MAIN. */
  wrap(prelude: string): void {
    for (const [name, command] of ["mv", "rm"].map((applet) => [applet, `${busybox()} ${applet}`]).concat(machines)) {
      const file = join(this.folder, name!);
      rmSync(file, { force: true });
      writeFileSync(file, `#!/bin/sh\n${prelude}\nPATH=${machinePath}\nexec ${command} "$@"\n`, { mode: 0o755 });
    }
  }

  /** Runs a script of sh that finds the agent's command in "$@". */
  script(text: string): void {
    execFileSync("ip", [
      "netns",
      "exec",
      this.namespace,
      ...this.#environment(),
      join(this.folder, "sh"),
      "-ec",
      text,
      "sh",
      ...this.#command(),
    ]);
  }

  #command = (): string[] => [join(this.folder, "ash"), "-c", 'export NP_MAIN=$$; exec "$0" "$@"', join(this.folder, "ash"), agentScript];
  #environment(): string[] {
    return ["env", `NP_CLOCK=${this.#sleep.clock}`, `NP_AGENT_DIR=${this.state}`, `PATH=${this.folder}:${machinePath}`];
  }
  /** A change waits for its confirmation. */
  #waits = (): boolean => existsSync(join(this.state, "pending"));
  #timerLives = (): boolean => spawnSync("flock", ["-n", join(this.state, "timer"), "true"]).status === 1;
  /** Until when whoever sleeps does so, s; NaN for who is just going to. */
  #sleepers(): number[] {
    const files = readdirSync(this.folder).filter((name) => /^clock\.\d+$/.test(name));
    return files.flatMap((name) => {
      try {
        return [Number.parseInt(readFileSync(join(this.folder, name), "utf8"), 10)];
      } catch {
        // Woken up in the meantime.
        return [];
      }
    });
  }
}

let found: string | undefined;
function busybox(): string {
  found ??= execFileSync("sh", ["-c", "command -v busybox"], { encoding: "utf8" }).trim();
  return found;
}
