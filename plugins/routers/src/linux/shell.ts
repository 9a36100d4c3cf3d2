import { spawn } from "node:child_process";

/** How a command ended. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** Runs programs on the router. Arguments are never parsed by a shell; data goes in through stdin. */
export interface Shell {
  /** Rejects with an Error when the program cannot be started or does not end in time. */
  run(argv: readonly string[], input?: string): Promise<CommandResult>;
  /** Ends the connection, where there is one. */
  close?(): Promise<void>;
}

/** One word of a POSIX shell, whatever is in it. */
export const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** More than this no answer of ours is long, characters. */
const longest = 8_000_000;

/** Runs programs on this machine, behind `prefix` where there is one, each for at most `timeLimit` ms. */
export function localShell(timeLimit: number, prefix: readonly string[] = []): Shell {
  return {
    run(argv, input = "") {
      const [program, ...args] = [...prefix, ...argv];
      const { promise, resolve, reject } = Promise.withResolvers<CommandResult>();
      const child = spawn(program!, args, { stdio: ["pipe", "pipe", "pipe"], env: { ...process.env, LC_ALL: "C" } });
      let [stdout, stderr] = ["", ""];
      const giveUp = (why: string) => {
        child.kill("SIGKILL");
        reject(new Error(`${argv[0]} ${why}`));
      };
      const timer = setTimeout(() => giveUp(`did not end within ${timeLimit / 1000} s`), timeLimit);
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        if (stdout.length > longest) giveUp("printed more than anybody reads");
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr = (stderr + text).slice(-10_000);
      });
      child.on("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      child.on("close", (code) => {
        clearTimeout(timer);
        resolve({ code: code ?? 1, stdout, stderr });
      });
      // A program may end without reading everything.
      child.stdin.on("error", () => {});
      child.stdin.end(input);
      return promise;
    },
  };
}
