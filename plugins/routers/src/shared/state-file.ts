import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { Rejected } from "@network-personas/engine/driver";
import type { z } from "zod";

/** One JSON file in a router's data folder that is always whole: what a driver must know after a crash. */
export class StateFile<S extends z.ZodType> {
  readonly #dataDir: string;
  readonly #name: string;
  readonly #schema: S;
  readonly #router: string;

  constructor(context: { dataDir: string; router: string }, name: string, schema: S) {
    this.#dataDir = context.dataDir;
    this.#router = context.router;
    this.#name = name;
    this.#schema = schema;
  }

  /** What was saved last; undefined when nothing was. @throws Rejected when it is damaged: guessing could leave things behind */
  async load(): Promise<z.output<S> | undefined> {
    let text: string;
    try {
      text = await readFile(join(this.#dataDir, this.#name), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
    try {
      return this.#schema.parse(JSON.parse(text));
    } catch (cause) {
      throw new Rejected(
        `${this.#name} in the router's data folder is damaged, so what is ours on the router is not known; restore it, or delete it and remove by hand what is ours`,
        { router: this.#router, request: "read journal", cause },
      );
    }
  }

  /** Resolves when it is on disk. */
  async save(state: z.input<S>): Promise<void> {
    await mkdir(this.#dataDir, { recursive: true });
    const path = join(this.#dataDir, this.#name);
    const file = await open(`${path}.new`, "w", 0o600);
    try {
      await file.writeFile(`${JSON.stringify(state)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }
}
