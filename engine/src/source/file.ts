import { readFile, stat } from "node:fs/promises";
import { limits } from "../calendar/limits.ts";
import { sentence } from "../model/sentence.ts";
import { CalendarError, tooLarge } from "./errors.ts";
import type { CalendarCopy, CalendarFetcher, Fetched } from "./port.ts";
import { decodeText } from "./text.ts";

interface FileState {
  modified: number;
  size: number;
}

/** A calendar in a file. Looked at every time; read when its time or size changed. */
export function fileFetcher(path: string): CalendarFetcher {
  return {
    address: path,
    owners: () => [],
    cheap: true,
    async fetch(previous: CalendarCopy | undefined): Promise<Fetched> {
      try {
        const { mtimeMs: modified, size } = await stat(path);
        const state: FileState = { modified, size };
        const before = previous?.state as FileState | undefined;
        if (before?.modified === modified && before.size === size) return { unchanged: true, state };
        if (size > limits.text) throw tooLarge(limits.text);
        return { text: decodeText([await readFile(path)], undefined), state };
      } catch (error) {
        throw error instanceof CalendarError ? error : fileError(error as NodeJS.ErrnoException, path);
      }
    },
  };
}

function fileError(error: NodeJS.ErrnoException, path: string): CalendarError {
  const key = error.code === "ENOENT" ? "calendar-no-file" : error.code === "EACCES" ? "calendar-no-right" : "calendar-no-read";
  const said = sentence(key, { path, code: error.code ?? error.message });
  return new CalendarError("calendar-missing", said, { lasting: true, cause: error });
}
