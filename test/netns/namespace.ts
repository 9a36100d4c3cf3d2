import { execFileSync, spawnSync } from "node:child_process";

let made = 0;

/** Network namespaces of one test, under names nobody else has. */
export class Namespaces {
  readonly #names: string[] = [];

  add(part: string): string {
    const name = `np-${process.pid}-${++made}-${part}`;
    execFileSync("ip", ["netns", "add", name]);
    this.#names.push(name);
    run(name, "ip link set lo up");
    return name;
  }
  /** Everything in them goes with them. */
  remove(): void {
    for (const name of this.#names.splice(0)) {
      for (const pid of execFileSync("ip", ["netns", "pids", name], { encoding: "utf8" }).split("\n").filter(Boolean))
        spawnSync("kill", ["-9", pid]);
      execFileSync("ip", ["netns", "del", name]);
    }
  }
}

/** Runs a script of sh in a namespace and returns what it printed. */
export function run(namespace: string, script: string): string {
  return execFileSync("ip", ["netns", "exec", namespace, "sh", "-ec", script], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
/** Whether a script succeeds. */
export const succeeds = (namespace: string, script: string): boolean =>
  spawnSync("ip", ["netns", "exec", namespace, "sh", "-c", script], { stdio: "ignore" }).status === 0;

/** Datagrams so far that reached a namespace and found no room at whom they were for. */
export function overruns(namespace: string): number {
  const [names, values] = run(namespace, "grep ^Udp: /proc/net/snmp").trim().split("\n");
  const ipv6 = Number(/^Udp6RcvbufErrors\s+(\d+)/m.exec(run(namespace, "cat /proc/net/snmp6"))?.[1] ?? 0);
  return Number(values!.split(" ")[names!.split(" ").indexOf("RcvbufErrors")]) + ipv6;
}
