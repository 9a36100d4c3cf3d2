import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { BadFileError } from "@network-personas/personas/load";
import { PersonasError } from "../model/index.ts";
import { consoleLog, silentLog } from "../runtime/system.ts";
import { type Command, type CommandContext, type Terminal, UsageError } from "./command.ts";
import { commands } from "./commands.ts";
import { commonOptions, describeCommand, overview } from "./help.ts";

const standardTerminal: Terminal = {
  print: (line) => void process.stdout.write(`${line}\n`),
  complain: (line) => void process.stderr.write(`${line}\n`),
  write: (text) => void process.stdout.write(text),
  columns: process.stdout.isTTY ? process.stdout.columns : 0,
  stdin: process.stdin,
};

// A reader that has seen enough ("| head") closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

/** Runs one command. Resolves with its exit code: 0 ok, 1 failed, 2 bad input. */
export async function main(argv: readonly string[], terminal: Terminal = standardTerminal): Promise<number> {
  const [first] = argv;
  if (first === undefined || first === "--help" || first === "-h" || first === "help") {
    terminal.print(overview(commands));
    return first === undefined ? 2 : 0;
  }
  const command = find(argv);
  if (!command) {
    terminal.complain(`there is no command "${first}"; these exist: ${commands.map((c) => c.name).join(", ")}`);
    return 2;
  }
  try {
    const context = contextOf(command, argv.slice(command.name.split(" ").length), terminal);
    if (!context) return 0;
    return await command.run(context);
  } catch (error) {
    return complain(error, terminal);
  }
}

/** The command with the most words that the arguments begin with. */
const find = (argv: readonly string[]): Command | undefined =>
  [...commands].sort((a, b) => b.name.length - a.name.length).find((c) => c.name.split(" ").every((word, i) => argv[i] === word));

function contextOf(command: Command, args: readonly string[], terminal: Terminal): CommandContext | undefined {
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options: { ...commonOptions, ...command.options }, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message.split(". ")[0]}\n${describeCommand(command)}`);
  }
  const { values, positionals } = parsed as { values: Record<string, string | boolean | undefined>; positionals: string[] };
  if (values.help) {
    terminal.print(describeCommand(command));
    return undefined;
  }
  if (positionals.length > 0 && !command.positionals)
    throw new UsageError(`"${positionals[0]}" is not expected\n${describeCommand(command)}`);
  const log = values.verbose ? consoleLog({ debug: true }) : silentLog;
  const home = resolve(String(values.home ?? process.env.NETWORK_PERSONAS_HOME ?? "home.yaml"));
  const dataDir = values.data as string | undefined;
  return {
    options: values,
    positionals,
    terminal,
    log,
    home,
    dataDir,
    json: values.json === true,
    openHome: async () => {
      // Commands that ask no home should not wait for an engine to load.
      if (!existsSync(home)) throw (await import("../runtime/home-file.ts")).noHome(home);
      const { openForCommand } = await import("./open-for-command.ts");
      return openForCommand({ home, dataDir, log });
    },
  };
}

const badInput = new Set(["bad-input", "not-found", "no-home", "secret-missing", "conflict"]);

function complain(error: unknown, terminal: Terminal): number {
  if (error instanceof UsageError || error instanceof BadFileError) {
    terminal.complain(error.message);
    return 2;
  }
  if (error instanceof PersonasError || (error instanceof Error && "code" in error && "status" in error)) {
    terminal.complain(error.message);
    return badInput.has(String(error.code)) ? 2 : 1;
  }
  terminal.complain(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 1;
}
