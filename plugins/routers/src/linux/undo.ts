import { DriverError, Rejected, Unreachable } from "@network-personas/engine/driver";
import type { QueueKind } from "../shared/htb.ts";
import { drain, drop, raise } from "./classes.ts";
import { type Held, nothing } from "./held.ts";
import type { Layout } from "./layout.ts";
import { startScript, stopScript } from "./names.ts";
import { transaction } from "./ruleset.ts";
import type { CommandResult, Shell } from "./shell.ts";
import { type Way, wayLines } from "./ways.ts";

/** One program with what it reads. */
export interface Command {
  program: "nft" | "tc" | "ip -4" | "ip -6" | "sh";
  input: string;
}
/** What leads from one state to another: what rules refer to first, then the rules, then what they refer to no more. */
export interface Step {
  raise: readonly Command[];
  rules: readonly Command[];
  drop: readonly Command[];
}

export function stepTo(held: Held, wanted: Held, layout: Layout, kind: QueueKind): Step {
  const command = (program: Command["program"], lines: readonly string[]): Command[] =>
    lines.length > 0 ? [{ program, input: `${lines.join("\n")}\n` }] : [];
  const sides = [
    [layout.lan, "down"],
    [layout.wan, "up"],
  ] as const;
  const ways = (action: "add" | "del", from: readonly Way[], to: readonly Way[]) => {
    const differing = to.filter((way) => !from.includes(way));
    return (["ipv4", "ipv6"] as const).flatMap((family) =>
      command(family === "ipv4" ? "ip -4" : "ip -6", wayLines(family, action, differing)),
    );
  };
  return {
    raise: [
      ...command(
        "tc",
        sides.flatMap(([device, side]) => raise(device, held[side], wanted[side], kind)),
      ),
      ...ways("add", held.ways, wanted.ways),
      ...command("sh", startScript(held.names, wanted.names, layout)),
    ],
    rules: command("nft", transaction(held, wanted, layout)),
    drop: [
      ...command(
        "sh",
        sides.flatMap(([device, side]) => drain(device, held[side], wanted[side])),
      ),
      ...command(
        "tc",
        sides.flatMap(([device, side]) => drop(device, held[side], wanted[side])),
      ),
      ...ways("del", wanted.ways, held.ways),
      ...command("sh", stopScript(held.names, wanted.names, layout)),
    ],
  };
}

/** From the new state or any part of it to the one before: makes all of that anew, and takes away what only the new one has. */
export function wayBack(before: Held, after: Held, layout: Layout, kind: QueueKind): Step {
  const anew = stepTo(nothing, before, layout, kind);
  const gone = stepTo(after, before, layout, kind);
  return { raise: anew.raise, rules: before.sets === null ? gone.rules : anew.rules, drop: gone.drop };
}

/** How a program is told to read what is to be done from stdin; `force`: what fails is passed over. */
export const argvOf = (program: Command["program"], force = false): string[] =>
  program === "nft" ? ["nft", "-f", "-"] : program === "sh" ? ["sh"] : [...program.split(" "), ...(force ? ["-force"] : []), "-batch", "-"];

/**
 * Undoes a change on the router itself, although we may be gone: before anything is changed, a script that leads back and a timer
 * that runs it are left there. Whoever renames `pending` first wins, the timer or the confirmation; a script that was interrupted
 * is run again.
 */
export class DeadMan {
  readonly #shell: Shell;
  readonly #folder: string;
  readonly #router: string;

  constructor(shell: Shell, runDir: string, router: string) {
    this.#shell = shell;
    this.#folder = `${runDir}/${router}`;
    this.#router = router;
  }

  /** `confirmWithin` ms from now the way back is taken. An earlier way back that was not taken yet stays the one. */
  async arm(back: Step, confirmWithin: number): Promise<void> {
    const undo = [
      "#!/bin/sh",
      // What is there already, or gone already, is no failure; rules that are not restored are, and the script is run again.
      ...[...back.raise, ...back.rules, ...back.drop].flatMap(heredoc),
      "exit 0",
    ];
    const script = `set -e
umask 077
mkdir -p "$1"
cd "$1"
if [ ! -e pending ] && [ ! -e undoing ]; then
  cat > undo.new
  sync undo.new 2>/dev/null || sync
  mv undo.new undo
fi
token=$$
echo $token > pending.new
mv pending.new pending
${stopTimer}
setsid sh -c 'sleep "$1"; [ "$(cat pending 2>/dev/null)" = "$2" ] && mv pending undoing && rm -f timer && sh undo && rm -f undoing undo' timer "$2" $token </dev/null >/dev/null 2>&1 &
echo $! > timer
`;
    await this.#sh(script, [this.#folder, String(confirmWithin / 1000)], `${undo.join("\n")}\n`, "leave a way back");
  }

  /** Resolves false when there was nothing to confirm. */
  async confirm(): Promise<boolean> {
    const { code } = await this.#run(
      `cd "$1" 2>/dev/null && mv pending confirmed 2>/dev/null || exit 3; rm -f confirmed undo; ${stopTimer}`,
      [this.#folder],
    );
    return code === 0;
  }

  /** Takes the way back now, if there is one. */
  async rollback(): Promise<void> {
    const script = `cd "$1" 2>/dev/null || exit 0
[ -e pending ] && mv pending undoing
[ -e undoing ] || exit 0
${stopTimer}
sh undo || exit
rm -f undoing undo`;
    await this.#sh(script, [this.#folder], "", "roll back");
  }

  /** Nothing is left behind. */
  async remove(): Promise<void> {
    await this.#sh('rm -rf "$1"', [this.#folder], "", "clean up");
  }

  async #sh(script: string, args: readonly string[], input: string, what: string): Promise<void> {
    const { code, stderr } = await this.#run(script, args, input);
    if (code !== 0) throw new Rejected(`cannot ${what}: ${firstLine(stderr)}`, { router: this.#router, request: "sh" });
  }
  #run(script: string, args: readonly string[], input = ""): Promise<CommandResult> {
    return runOn(this.#shell, this.#router, ["sh", "-c", script, "network-personas", ...args], input);
  }
}

/** Ends the timer with what it waits for, unless it has ended by itself. */
const stopTimer = '[ ! -e timer ] || { kill -- "-$(cat timer)" 2>/dev/null; rm -f timer; }';

/** The word that ends a text cannot occur in it: no program has such a line. */
const heredoc = ({ program, input }: Command): string[] => [
  `${argvOf(program, true).join(" ")} <<'END-OF-TEXT' ${program === "nft" ? "|| exit 4" : ""}`.trimEnd(),
  input.trimEnd(),
  "END-OF-TEXT",
];
export const firstLine = (text: string): string => text.trim().split("\n")[0]?.slice(0, 200) || "no reason given";

/** Runs a program on the router; that it could not be run at all is an error of its own. */
export async function runOn(shell: Shell, router: string, argv: readonly string[], input = ""): Promise<CommandResult> {
  try {
    return await shell.run(argv, input);
  } catch (error) {
    if (error instanceof DriverError) throw error;
    throw new Unreachable(`${argv[0]} cannot be run: ${error instanceof Error ? error.message : error}`, { router, request: argv[0]! });
  }
}
