import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { type Orders, openBench } from "./bench.ts";
import { type Fate, type Gate, gatedProxy } from "./gate.ts";
import { plansWith } from "./plans.ts";
import type { Subject } from "./routers.ts";
import type { Told } from "./victim.ts";

/** One way to disturb a change. */
export interface Trouble {
  /** What happens to the message of that number, counted over requests and answers; or when, ms after the change began. */
  fate: Exclude<Fate, "pass">;
  at: { message: number } | { after: number };
  /** What happens to the router before we are there again. */
  next: "nothing" | "timer" | "reboot";
}
/** What an undisturbed change looks like. */
export interface Undisturbed {
  messages: number;
  /** The first message that finds the router no longer as it was; more than `messages` when only the end does. */
  changed: number;
  took: number;
  rollback: "router" | "engine";
  kept: { none: unknown; old: unknown; new: unknown };
  inForce: { old: unknown; new: unknown };
}
/** How a disturbed one ended: the plan the router held before we did anything, if it was one, and after; or what is wrong. */
export interface Ending {
  found: "none" | "old" | "new" | "between";
  recovered: string;
  wrong: string[];
}

/** A process to be killed, and the conversation with it. It waits for orders, so that one can be started ahead. */
class Victim {
  readonly #process: ChildProcess;
  readonly #told: Told[] = [];
  #wake: (() => void) | undefined;
  #gone = false;
  gate: Gate = () => "pass";
  constructor() {
    this.#process = fork(join(import.meta.dirname, "victim.ts"), {
      execArgv: ["--conditions=np-source"],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // Those that end by themselves keep what they compiled for those after them.
      env: { ...process.env, NODE_OPTIONS: "", NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(tmpdir(), "np-crash-compiled") },
    });
    this.#process.on("message", (message: Told) => {
      if ("asks" in message) {
        const fate = this.gate(message.asks);
        if (fate !== "kill") this.tell(fate);
        return;
      }
      this.#told.push(message);
      this.#wake?.();
    });
    this.#process.on("exit", () => {
      this.#gone = true;
      this.#wake?.();
    });
  }
  tell(message: Orders | Fate | "go on"): void {
    if (this.#process.connected) this.#process.send(message);
  }
  /** The next thing it tells; undefined when it is gone. */
  async next(): Promise<Told | undefined> {
    while (this.#told.length === 0 && !this.#gone) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    return this.#told.shift();
  }
  kill(): void {
    this.#process.kill("SIGKILL");
  }
  async gone(): Promise<void> {
    if (!this.#gone) await once(this.#process, "exit");
  }
}

let spare: Victim | undefined;
function nextVictim(): Victim {
  const victim = spare ?? new Victim();
  spare = new Victim();
  return victim;
}
export function endVictims(): void {
  spare?.kill();
  spare = undefined;
}

/** Opens a router and a folder for one change, and closes them. */
async function withRouter<T>(open: () => Promise<Subject>, work: (subject: Subject, dataDir: string) => Promise<T>): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), "np-crash-"));
  const subject = await open();
  try {
    return await work(subject, dataDir);
  } finally {
    await subject.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Lets a process bring the router to the old plan; from then on its messages on the way to the new one meet the gate. */
async function change(subject: Subject, dataDir: string, gate: Gate, begun?: (victim: Victim) => void) {
  let gated = false;
  const guard: Gate = (side) => (gated ? gate(side) : "pass");
  const proxy = subject.settings.url === undefined ? undefined : await gatedProxy(subject.settings.url, guard);
  const victim = nextVictim();
  victim.gate = guard;
  victim.tell({ ...ordersFor(subject, dataDir), settings: { ...subject.settings, ...(proxy && { url: proxy.url }) } });
  const ready = await victim.next();
  if (!ready || !("holds" in ready)) throw new Error(`the first plan cannot be applied: ${JSON.stringify(ready)}`);
  const old = { kept: subject.kept(), inForce: inForce(subject) };
  gated = true;
  victim.tell("go on");
  begun?.(victim);
  const told = await victim.next();
  await victim.gone();
  proxy?.close();
  return { old, rollback: ready.rollback, ended: told && "ended" in told ? (told.ended ?? "well") : "killed" };
}

const ordersFor = ({ settings, prefix, time, leased }: Subject, dataDir: string): Orders => ({
  settings,
  time,
  dataDir,
  ...(prefix && { prefix }),
  ...(leased && { leased }),
});

/** Makes the change without any trouble, to know what there is to disturb. */
export function undisturbed(open: () => Promise<Subject>): Promise<Undisturbed> {
  return withRouter(open, async (subject, dataDir) => {
    const none = subject.kept();
    let messages = 0;
    let changed: number | undefined;
    let before: unknown;
    let began = 0;
    const gate: Gate = () => {
      messages++;
      if (changed !== undefined) return "pass";
      const looked = performance.now();
      const now = subject.kept();
      before ??= now;
      if (!isDeepStrictEqual(now, before)) changed = messages;
      // Looking is no part of the change.
      began += performance.now() - looked;
      return "pass";
    };
    const { old, rollback, ended } = await change(subject, dataDir, gate, () => {
      began = performance.now();
    });
    if (ended !== "well") throw new Error(`the second plan cannot be applied: ${ended}`);
    return {
      messages,
      changed: changed ?? messages + 1,
      took: performance.now() - began,
      rollback,
      kept: { none, old: old.kept, new: subject.kept() },
      inForce: { old: old.inForce, new: inForce(subject) },
    };
  });
}

/** Disturbs the change, starts again, and sees what is left. */
export function disturbed(open: () => Promise<Subject>, trouble: Trouble, expected: Undisturbed): Promise<Ending> {
  const { fate, at, next } = trouble;
  return withRouter(open, async (subject, dataDir) => {
    let victim: Victim | undefined;
    let left = "message" in at ? at.message : Number.POSITIVE_INFINITY;
    const gate: Gate = () => {
      if (--left !== 0) return "pass";
      if (fate === "kill") victim!.kill();
      return fate;
    };
    await change(subject, dataDir, gate, (begun) => {
      victim = begun;
      if ("after" in at) setTimeout(() => begun.kill(), at.after);
    });
    if (next === "timer") await subject.passTime();
    if (next === "reboot") await subject.reboot();
    const found = planIn(subject, expected, next === "reboot");
    const wrong: string[] = [];
    const half = found === "between" && !Object.values(expected.inForce).some((plan) => isDeepStrictEqual(inForce(subject), plan));
    if (next === "timer" && expected.rollback === "router" && half)
      wrong.push("the router's own timer left neither the old nor the new plan");
    const recovered = await startAgain(subject, dataDir, expected, wrong, next === "reboot").catch((error: Error) => {
      wrong.push(`we cannot start again: ${error.message}`);
      return "failed";
    });
    return { found, recovered, wrong };
  });
}

const inForce = (subject: Subject): unknown => subject.inForce?.() ?? subject.kept();
/** The plan the router holds; after a restart that of which all is there that outlives one. */
const planIn = (subject: Subject, { kept }: Undisturbed, rebooted = false): Ending["found"] => {
  const part = (state: unknown) => (rebooted && subject.saved ? subject.saved(state) : state);
  const now = part(subject.kept());
  return (["none", "old", "new"] as const).find((name) => isDeepStrictEqual(now, part(kept[name]))) ?? "between";
};

/** A router may be away for a moment, after it started or changed something: the engine asks again, too. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === 60) throw error;
      await sleep(250);
    }
  }
}

/** What a next start does: ends what was interrupted, works on, and leaves without a trace. */
async function startAgain(subject: Subject, dataDir: string, expected: Undisturbed, wrong: string[], rebooted: boolean): Promise<string> {
  const bench = await openBench(ordersFor(subject, dataDir));
  try {
    const recovered = await patiently(() => bench.applier.recover());
    // Where nothing was interrupted, the router has not been asked yet.
    await patiently(() => bench.driver.read());
    const plan = await bench.journal.confirmed("main");
    const plans = plansWith(subject.leased);
    const confirmed = (["old", "new"] as const).find((name) => isDeepStrictEqual(plan, plans[name]));
    const there = planIn(subject, expected, rebooted);
    if (!confirmed) wrong.push("neither plan is noted as confirmed");
    // Some routers forget all of ours when they start; the next plan brings it back.
    else if (!(rebooted && there === "none")) {
      if (there !== confirmed) wrong.push(`the ${confirmed} plan is noted, ${there} is there`);
      // What a restart ended comes back with the next comparison.
      const error = rebooted && subject.saved ? await bench.bring(confirmed) : undefined;
      if (error || planIn(subject, expected) !== there) wrong.push(`the ${confirmed} plan is not there any more: ${error ?? "another is"}`);
      const lacking = await bench.open(confirmed);
      if (lacking.length > 0) wrong.push(`the ${confirmed} plan lacks ${lacking.join("; ")}`);
    }
    const error = await bench.bring("new");
    if (error || planIn(subject, expected) !== "new") wrong.push(`the new plan cannot be applied afterwards: ${error ?? "it is another"}`);
    const { error: remains } = await bench.applier.release();
    if (remains || !isDeepStrictEqual(subject.kept(), expected.kept.none))
      wrong.push(`after the release it is not as it was before us${remains ? `: ${remains.message}` : ""}`);
    return recovered;
  } finally {
    await bench.close();
  }
}
