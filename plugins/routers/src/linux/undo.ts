import { DriverError, Rejected, Unreachable } from "@network-personas/engine/driver";
import { drop, type QueueKind, raise } from "./classes.ts";
import type { Held } from "./held.ts";
import { transaction } from "./ruleset.ts";
import type { Settings } from "./settings.ts";
import type { CommandResult, Shell } from "./shell.ts";

/** What leads from one state to another: classes first, then who is in them, then what nobody is in any more. */
export interface Step {
  raise: string;
  rules: string;
  drop: string;
}

export function stepTo(held: Held, wanted: Held, settings: Settings, kind: QueueKind): Step {
  const text = (lines: readonly string[]) => (lines.length > 0 ? `${lines.join("\n")}\n` : "");
  const sides = [
    [settings.lan, "down"],
    [settings.wan, "up"],
  ] as const;
  return {
    raise: text(sides.flatMap(([device, side]) => raise(device, held[side], wanted[side], kind))),
    rules: transaction(held, wanted, settings),
    drop: text(sides.flatMap(([device, side]) => drop(device, held[side], wanted[side]))),
  };
}

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
      ...heredoc("tc -force -batch -", back.raise),
      // Classes that are there already are no failure; rules that are not restored are, and the script is run again.
      ...heredoc("nft -f -", back.rules, "|| exit 4"),
      ...heredoc("tc -force -batch -", back.drop),
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

/** The word that ends a text cannot occur in it: no line of nft or tc is without a space. */
const heredoc = (command: string, text: string, more = ""): string[] =>
  text === "" ? [] : [`${command} <<'END-OF-TEXT' ${more}`.trimEnd(), text.trimEnd(), "END-OF-TEXT"];
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
