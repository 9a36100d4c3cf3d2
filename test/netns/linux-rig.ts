import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DriverContext, loadSupport } from "@network-personas/engine/driver";
import { type Fault, sampleApplications, sampleMacs, TestClock } from "@network-personas/engine/testing";
import { LinuxDriver } from "../../plugins/routers/src/linux/driver.ts";
import { localShell, type Shell } from "../../plugins/routers/src/linux/shell.ts";
import { Namespaces } from "./namespace.ts";
import { steppedSleep } from "./stepped-sleep.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {} };
export const linuxSupport = await loadSupport(new URL("../../plugins/routers/src/linux/support.yaml", import.meta.url));

/** The tunnel every rig's router is told of. */
export const sampleTunnel = { work: { device: "tun0", dns: ["10.8.0.1", "fd08::1"] } };

/** Runs what the driver runs, with trouble a test can put on it. */
export class BadShell implements Shell {
  fault: Fault | null = null;
  writes = 0;
  readonly #shell: Shell;
  constructor(shell: Shell) {
    this.#shell = shell;
  }
  async run(argv: readonly string[], input?: string) {
    if (this.fault === "unreachable") throw new Error("spawn ENOENT");
    if (this.fault === "hang") return this.#shell.run(["/bin/sleep", "1000"]);
    if (this.fault === "garbage") return { code: 0, stdout: "<html>502 Bad Gateway</html>", stderr: "" };
    const writes = argv.includes("-f") || argv.includes("-batch");
    if (writes) this.writes++;
    if (this.fault === "fail-mid-apply" && argv[0] === "nft" && writes) return { code: 1, stdout: "", stderr: "Error: Out of memory" };
    return this.#shell.run(argv, input);
  }
}

export interface LinuxRig {
  namespace: string;
  /** Where the driver keeps on the router what is gone when that restarts. */
  runDir: string;
  driver: LinuxDriver;
  shell: BadShell;
  another(): LinuxDriver;
  /** Lets time pass for driver and router. */
  advance(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** A real Linux router in a network namespace: a bridge for the home, a line, and rules and queues of its owner. */
export async function linuxRig(
  given: Partial<DriverContext> = {},
  namespaces = new Namespaces(),
  namespace = namespaces.add("router"),
  more: object = {},
  lease?: number,
  /** Longest a command may take, ms: short where one hangs on purpose. */
  longest = 1_000,
): Promise<LinuxRig> {
  const folder = await mkdtemp(join(tmpdir(), "np-linux-"));
  const runDir = join(folder, "run");
  const clock = new TestClock("2026-01-05T10:00:00Z");
  const sleeps = await steppedSleep(folder, clock.now());
  const shell = new BadShell(localShell(longest, ["ip", "netns", "exec", namespace, ...sleeps.environment]));
  const settings = {
    id: "main",
    driver: "linux",
    mode: "live",
    lan: "br-lan",
    wan: "wan0",
    tunnels: sampleTunnel,
    runDir,
    ...more,
  };
  const another = () =>
    new LinuxDriver(
      {
        settings,
        router: "main",
        home: { id: "home" },
        dataDir: folder,
        clock,
        log: quiet,
        applications: sampleApplications,
        protectedMacs: new Set([sampleMacs.protected]),
        ...given,
      },
      linuxSupport,
      shell,
      lease,
    );
  return {
    namespace,
    runDir,
    driver: another(),
    shell,
    another,
    async advance(ms) {
      await clock.advance(ms);
      await sleeps.advance(namespace, `${runDir}/main`, clock.now());
    },
    async stop() {
      await rm(sleeps.clock, { force: true });
      namespaces.remove();
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    },
  };
}

/** What an owner has on his router. */
export const ownersRouter = `
ip link add br-lan type bridge
ip link set br-lan address 0a:00:00:00:00:01 up
sysctl -qw net.netfilter.nf_conntrack_acct=1
ip link add wan0 type veth peer name line0
ip link set wan0 up
ip link set line0 up
ip link add tun0 type veth peer name exit0
ip address add 10.8.0.2/24 dev tun0
ip address add fd08::2/64 dev tun0 nodad
ip link set tun0 up
ip link set exit0 up
ip rule add fwmark 0x7 table 100 priority 100
ip route add unreachable 198.51.100.0/24 table 100
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
