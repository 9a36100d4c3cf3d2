import { nftJson } from "./firewall.ts";
import type { OpenWrtRouter } from "./router.ts";

/** What a program leaves behind; empty streams are absent. */
export interface Result {
  code: number;
  stdout?: string;
  stderr?: string;
}
type Program = (router: OpenWrtRouter, args: readonly string[]) => Result | Promise<Result>;

const usage: Result = { code: 255, stderr: "unknown arguments\n" };

/** The programs this router has, rendering its live state. */
export const commands: Record<string, Program> = {
  "/bin/echo": (_router, args) => ({ code: 0, stdout: `${args.join(" ")}\n` }),
  "/usr/sbin/nft": (router, args) =>
    ["-j list ruleset", "--terse --json list ruleset"].includes(args.join(" ")) ? { code: 0, stdout: nftJson(router.liveFirewall) } : usage,
  "/sbin/tc": (router, args) => {
    const line = args.join(" ");
    if (line === "qdisc show") return output(router.sqm.qdiscs(router.shapable()));
    const device = /^class show dev (\S+)$/.exec(line)?.[1];
    return device ? output(router.sqm.classes(device)) : usage;
  },
  "/sbin/fw4": (router, args) => {
    if (args.at(-1) !== "check") return usage;
    const quiet = args[0] === "-q";
    const rendered = router.renderFirewall();
    const problem = router.firewallProblem(rendered);
    const warnings = rendered.warnings.map((line) => `${line}\n`).join("");
    const stderr = `${warnings}${problem ? `/dev/stdin:68:2-33: Error: ${problem}\n` : ""}`;
    if (problem) return quiet ? { code: 1 } : { code: 1, stderr };
    return { code: 0, ...(quiet ? {} : { stdout: "Ruleset passes nftables check.\n", ...(stderr ? { stderr } : {}) }) };
  },
  "/usr/sbin/conntrack": (router, args) => {
    const [verb, ...rest] = args;
    if (verb === "-L") return listConnections(router, rest);
    const source = rest.at(-1);
    if (verb !== "-D" || rest.at(-2) !== "-s" || !source) return usage;
    const deleted = router.cutFlows(source);
    // Nothing to delete is a failure to conntrack.
    return { code: deleted > 0 ? 0 : 1, stderr: `conntrack v1.4.8 (conntrack-tools): ${deleted} flow entries have been deleted.\n` };
  },
  "/sbin/ip": (router, args) => {
    const family = /^-([46]) neigh show$/.exec(args.join(" "))?.[1];
    if (!family) return usage;
    const lines = router.neighbours
      .filter((n) => n.address.includes(":") === (family === "6"))
      .map((n) => `${n.address} dev br-lan ${n.state === "FAILED" ? "" : `lladdr ${n.mac} `}${n.state}`);
    return output(lines.map((line) => `${line}\n`).join(""));
  },
  "/usr/sbin/nlbw": (router, args) => {
    if (args.join(" ") !== "-c json -g mac") return usage;
    if (!router.accounting) return { code: 1, stderr: "connect: No such file or directory\n" };
    const columns = ["mac", "conns", "rx_bytes", "rx_pkts", "tx_bytes", "tx_pkts"];
    const data = [...router.accounting].map(([mac, bytes]) => [
      mac,
      1,
      bytes.rx,
      Math.ceil(bytes.rx / 1000),
      bytes.tx,
      Math.ceil(bytes.tx / 1000),
    ]);
    return output(`${JSON.stringify({ columns, data })}\n`);
  },
  "/etc/init.d/sqm": async (router, args) => {
    if (args.join(" ") !== "restart") return usage;
    router.countWrite();
    await router.sqm.restart();
    return { code: 0 };
  },
};

/** With a family, a protocol and perhaps a state of TCP; other filters this conntrack does not have. */
function listConnections(router: OpenWrtRouter, args: readonly string[]): Result {
  const match = /^-f (ipv4|ipv6) -p (udp|tcp)( --state ESTABLISHED)?$/.exec(args.join(" "));
  if (!match || (match[3] && match[2] !== "tcp")) return { code: 2, stderr: "conntrack v1.4.8 (conntrack-tools): unknown arguments\n" };
  const [, family, protocol] = match;
  const shown = router.flows.filter((f) => (f.protocol ?? "tcp") === protocol && f.address.includes(":") === (family === "ipv6"));
  const side = (from: string, to: string, [sport, dport]: [number, number], count: { packets: number; bytes: number }) =>
    `src=${from} dst=${to} sport=${sport} dport=${dport} ${router.counting ? `packets=${count.packets} bytes=${count.bytes} ` : ""}`;
  const none = { packets: 0, bytes: 0 };
  const lines = shown.map((f) => {
    const remote = family === "ipv6" ? "2001:db8::9" : "203.0.113.9";
    const ports: [number, number] = [40_000 + f.id, f.port];
    const own = family === "ipv6" ? f.address : "10.64.0.2";
    const head = protocol === "tcp" ? "tcp      6 431999 ESTABLISHED " : "udp      17 29 ";
    const counted = f.counted ?? { up: none, down: none };
    return `${head}${side(f.address, remote, ports, counted.up)}${side(remote, own, [ports[1], ports[0]], counted.down)}[ASSURED] mark=0 use=1\n`;
  });
  return {
    code: 0,
    ...(lines.length > 0 ? { stdout: lines.join("") } : {}),
    stderr: `conntrack v1.4.8 (conntrack-tools): ${lines.length} flow entries have been shown.\n`,
  };
}

const output = (stdout: string): Result => ({ code: 0, ...(stdout ? { stdout } : {}) });

/** Runs a program; undefined when there is none of that name. */
export async function runCommand(router: OpenWrtRouter, path: string, args: readonly string[]): Promise<Result | undefined> {
  if (router.missingPrograms.has(path)) return undefined;
  return commands[path]?.(router, args);
}
