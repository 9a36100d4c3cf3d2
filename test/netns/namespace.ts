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
