import { readFile } from "node:fs/promises";
import { decodeText } from "../source/text.ts";
import { calendarExpand } from "./calendar-expand.ts";
import type { Command } from "./command.ts";

export const calendarExpandCommand: Command = {
  name: "calendar expand",
  summary: "occurrences of a calendar file as JSON; --batch reads cases as JSON lines",
  options: {
    ics: { type: "string", placeholder: "FILE", describe: "the calendar" },
    from: { type: "string", placeholder: "ISO", describe: "start of the window" },
    to: { type: "string", placeholder: "ISO", describe: "end of the window" },
    tz: { type: "string", placeholder: "ZONE", describe: "home zone for floating and all-day times (default: the home's, else UTC)" },
    batch: { type: "boolean", describe: "read {name, ics, from, to, tz?} per line on standard input" },
  },
  run: ({ options, json, terminal }) =>
    calendarExpand(
      { ...options, json },
      {
        stdin: terminal.stdin,
        stdout: (text) => terminal.write(text),
        stderr: (text) => terminal.complain(text.trimEnd()),
        readFile: async (file) => decodeText([await readFile(file)], undefined),
      },
    ),
};
