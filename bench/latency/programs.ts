import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { far, type LineRig } from "./line.ts";
import type { Program } from "./scenarios.ts";
import { emptyRecording, type Recording } from "./traffic/wire.ts";

const program = fileURLToPath(new URL("./traffic/program.ts", import.meta.url));
/** What measures time goes before everything else on this machine, else the machine would be measured. */
const promptly = ["chrt", "-f", "50"];
const prompt: ReadonlySet<string> = new Set(["serve", "game", "call", "probe"]);

/** Programs that make the traffic of one run. */
export class Programs {
  readonly #children: ChildProcess[] = [];
  readonly #rig: LineRig;
  constructor(rig: LineRig) {
    this.#rig = rig;
  }

  /** The far end: there before anybody calls. */
  async serve(): Promise<void> {
    await Promise.all([this.#start(this.#rig.server, "serve", far), this.#start(this.#rig.server, "serve-web", far)]);
  }
  async start(programs: readonly Program[]): Promise<void> {
    await Promise.all(
      programs.map(({ on, role, name = "", direction = "down", connections = 1 }) =>
        this.#start(this.#rig.clients[on], role, far, name, direction, String(connections)),
      ),
    );
  }
  async #start(namespace: string, role: string, ...args: string[]): Promise<void> {
    const before = prompt.has(role) ? promptly : [];
    const child = spawn("ip", ["netns", "exec", namespace, ...before, process.execPath, program, role, ...args], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#children.push(child);
    const [said] = await Promise.race([once(child.stdout!, "data"), once(child, "exit")]);
    if (!String(said).startsWith("ready")) throw new Error(`${role} did not start`);
  }

  /** Ends all, and tells what they saw together. */
  async stop(): Promise<Recording> {
    const all = emptyRecording();
    // What is on its way still counts: senders stop first.
    for (const child of this.#children.toReversed()) {
      const chunks: string[] = [];
      child.stdout!.setEncoding("utf8").on("data", (text: string) => chunks.push(text));
      child.stdin!.write("stop\n");
      await once(child.stdout!, "end");
      const recording = JSON.parse(chunks.join("")) as Recording;
      for (const key of ["sent", "got", "kept", "carried"] as const) Object.assign(all[key], recording[key]);
      all.parts.push(...recording.parts);
    }
    this.#children.length = 0;
    return all;
  }
  kill(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }
}
