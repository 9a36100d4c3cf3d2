import { mkdir, open, readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, Rejected } from "@network-personas/engine/driver";
import { factory, notOurs, ours, RouterFile, type Section, type Sections } from "./state.ts";

/**
 * The simulated router itself, apart from any driver: configuration on disk that survives us, and a dead-man timer that
 * undoes what nobody confirmed. A killed process leaves the old configuration or the new one, never a mixture.
 */
export class VirtualRouter {
  readonly file: string;
  readonly #name: string;
  readonly #clock: Clock;
  constructor(name: string, folder: string, clock: Clock) {
    this.#name = name;
    this.file = join(folder, "router.json");
    this.#clock = clock;
  }

  async sections(): Promise<Sections> {
    return (await this.#load()).sections;
  }

  /** Replaces everything tagged as ours; undone after `confirmWithin` ms unless confirmed. */
  async replaceOurs(wanted: Sections, confirmWithin: number): Promise<void> {
    const { sections, unconfirmed } = await this.#load();
    const foreign = notOurs(sections);
    const taken = Object.keys(wanted).find((name) => name in foreign);
    if (taken) throw new Rejected(`a section "${taken}" exists that is not ours; rename it`, { router: this.#name, request: "apply" });
    const undoAt = new Date(this.#clock.now() + confirmWithin).toISOString();
    await this.#save({
      ...factory,
      sections: { ...foreign, ...wanted },
      unconfirmed: { undoAt, previous: unconfirmed?.previous ?? ours(sections) },
    });
  }

  async confirm(): Promise<void> {
    const state = await this.#load();
    if (!state.unconfirmed)
      throw new Rejected("there is nothing to confirm; the time to confirm may be over", { router: this.#name, request: "confirm" });
    await this.#save({ ...state, unconfirmed: null });
  }

  async rollback(): Promise<void> {
    const state = await this.#load();
    if (state.unconfirmed) await this.#save(undone(state, state.unconfirmed.previous));
  }

  async removeOurs(): Promise<void> {
    const state = await this.#load();
    if (state.unconfirmed || Object.keys(ours(state.sections)).length > 0) await this.#save(undone(state, {}));
  }

  /** Power off and on: what is ours lives in memory only, so the base layer comes back. */
  async reboot(): Promise<void> {
    await this.#save(undone(await this.#load(), {}));
  }

  async #load(): Promise<RouterFile> {
    const text = await readFile(this.file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    if (text === undefined) return factory;
    const state = this.#parse(text);
    if (!state.unconfirmed || this.#clock.now() < Date.parse(state.unconfirmed.undoAt)) return state;
    const before = undone(state, state.unconfirmed.previous);
    await this.#save(before);
    return before;
  }

  #parse(text: string): RouterFile {
    try {
      return RouterFile.parse(JSON.parse(text));
    } catch (cause) {
      throw new Rejected("router.json in its data folder is not a virtual router's state; repair it, or delete it to start anew", {
        router: this.#name,
        cause,
      });
    }
  }

  async #save(state: RouterFile): Promise<void> {
    await mkdir(join(this.file, ".."), { recursive: true });
    const next = `${this.file}.${process.pid}.next`;
    const handle = await open(next, "w", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(state, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(next, this.file);
  }
}

const undone = (state: RouterFile, previous: Record<string, Section>): RouterFile => ({
  ...state,
  sections: { ...notOurs(state.sections), ...previous },
  unconfirmed: null,
});
