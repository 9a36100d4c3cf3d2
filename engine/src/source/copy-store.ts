import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { CalendarCopy, CopyStore } from "./port.ts";

const Meta = z.object({
  version: z.literal(1),
  origin: z.string(),
  fetchedAt: z.string(),
  state: z.unknown(),
  text: z.string().regex(/^[\w.-]+$/),
});

/**
 * Copies as files: `<id>.json` says what `<id>.<hash>.ics` holds. The text is in place before the description that names it, and both
 * are renamed into place, so a crash leaves the old copy or the new one.
 */
export function fileCopyStore(folder: string): CopyStore {
  return {
    async get(calendar) {
      let described: string;
      try {
        described = await readFile(join(folder, `${calendar}.json`), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
        throw error;
      }
      const meta = Meta.safeParse(parse(described));
      if (!meta.success) return undefined;
      const { origin, fetchedAt, state, text } = meta.data;
      const content = await readFile(join(folder, text), "utf8").catch(() => undefined);
      return content === undefined ? undefined : { origin, fetchedAt, state, text: content };
    },
    async put(calendar: string, copy: CalendarCopy) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const text = `${calendar}.${createHash("sha256").update(copy.text).digest("hex").slice(0, 16)}.ics`;
      const names = await readdir(folder);
      if (!names.includes(text)) await writeAtomically(join(folder, text), copy.text);
      const { origin, fetchedAt, state } = copy;
      await writeAtomically(join(folder, `${calendar}.json`), JSON.stringify({ version: 1, origin, fetchedAt, state, text }));
      const old = names.filter(
        (name) => name !== text && name.startsWith(`${calendar}.`) && /^[0-9a-f]{16}\.ics$/.test(name.slice(calendar.length + 1)),
      );
      await Promise.all(old.map((name) => rm(join(folder, name), { force: true })));
    },
  };
}

/** Removes the copies of all calendars but these. */
export async function dropOtherCopies(folder: string, calendars: readonly string[]): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  const isOf = (calendar: string, name: string) =>
    name === `${calendar}.json` || (name.startsWith(`${calendar}.`) && /^[0-9a-f]{16}\.ics$/.test(name.slice(calendar.length + 1)));
  const others = names.filter((name) => !calendars.some((calendar) => isOf(calendar, name)));
  await Promise.all(others.map((name) => rm(join(folder, name), { force: true })));
}

/** Keeps no copy. */
export const noCopyStore: CopyStore = { get: async () => undefined, put: async () => {} };

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Calendars are private: nobody but us may read them. */
async function writeAtomically(file: string, content: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    await writeFile(temporary, content, { mode: 0o600, flush: true });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
