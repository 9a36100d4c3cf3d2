import type { ParseArgsOptionDescriptor } from "node:util";
import type { Log } from "../driver/port.ts";
import type { HomeHandle } from "../runtime/index.ts";

/** Where a command reads and writes; tests bring their own. */
export interface Terminal {
  /** One line on standard output. */
  print(line: string): void;
  /** One line on standard error. */
  complain(line: string): void;
  write(text: string): void;
  /** Standard output is a terminal of this many columns; 0 when it is not one. */
  columns: number;
  stdin: AsyncIterable<string | Buffer>;
}

export interface CommandContext {
  options: Readonly<Record<string, string | boolean | undefined>>;
  positionals: readonly string[];
  terminal: Terminal;
  log: Log;
  /** Path of home.yaml. */
  home: string;
  dataDir: string | undefined;
  json: boolean;
  /** Opens the home's engine for one question, or becomes a client of the one that runs. */
  openHome(): Promise<HomeHandle>;
}

export interface OptionSpec extends ParseArgsOptionDescriptor {
  /** What stands for the value in the help; absent for switches. */
  placeholder?: string;
  describe: string;
}

/** One command of the command line. Exit code: 0 ok, 1 failed, 2 bad input. */
export interface Command {
  name: string;
  summary: string;
  /** Positional arguments as the help shows them. */
  positionals?: string;
  options?: Readonly<Record<string, OptionSpec>>;
  run(context: CommandContext): Promise<number>;
}

/** Bad use of a command: exit code 2. */
export class UsageError extends Error {
  override name = "UsageError";
}
