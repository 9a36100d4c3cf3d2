// Runs `calendar expand` alone, without loading the rest of the command line: for scoring a checkout in which other parts are in flux.
import { readFile } from "node:fs/promises";
import { calendarExpand } from "../../engine/src/cli/calendar-expand.ts";

process.exitCode = await calendarExpand(
  { batch: true },
  {
    stdin: process.stdin,
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
    readFile: (file) => readFile(file, "utf8"),
  },
);
