import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Memory } from "./calendar-schedule.ts";
import { isFields } from "./values.ts";

/** Where a node keeps what it must not forget. */
export interface MemoryStore {
  /** Undefined when there is nothing, or nothing that can be read. */
  load(): Promise<Memory | undefined>;
  save(memory: Memory): Promise<void>;
  remove(): Promise<void>;
}

/**
 * A file per node in the user directory: Node-RED's own context is gone after a restart unless somebody configured it otherwise.
 * Written beside and renamed into place, so that a crash leaves the old memory or the new one.
 */
export function memoryFile(userDir: string, node: string): MemoryStore {
  const file = join(userDir, "network-personas", `calendar-${node.replace(/[^\w.-]/g, "_")}.json`);
  return {
    async load() {
      const text = await readFile(file, "utf8").catch(() => "");
      return parseMemory(text);
    },
    async save(memory) {
      await mkdir(dirname(file), { recursive: true });
      const temporary = `${file}.${randomUUID()}.tmp`;
      try {
        await writeFile(temporary, JSON.stringify({ version: 1, ...memory }), { mode: 0o600, flush: true });
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    remove: () => rm(file, { force: true }),
  };
}

export function parseMemory(text: string): Memory | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isFields(found) || found.version !== 1 || !Array.isArray(found.fired)) return undefined;
  const { settings, since, seen, fired } = found;
  if (typeof settings !== "string" || typeof since !== "number" || typeof seen !== "number") return undefined;
  return { settings, since, seen, fired: fired.filter(isFired) };
}

const isFired = (entry: unknown): entry is Memory["fired"][number] =>
  isFields(entry) &&
  ["calendar", "uid", "id", "trigger"].every((field) => typeof entry[field] === "string") &&
  typeof entry.due === "number" &&
  typeof entry.at === "number";
