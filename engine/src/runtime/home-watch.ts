import type { HomeFile } from "./home-file.ts";

/** Notices that home.yaml was edited by hand. */
export class HomeWatch {
  readonly #read: () => Promise<HomeFile>;
  #seen: string | undefined;
  #problem: string | null = null;

  constructor(read: () => Promise<HomeFile>) {
    this.#read = read;
  }
  /** Why the file cannot be taken into force; null while it can. */
  get problem(): string | null {
    return this.#problem;
  }

  /** The edited home, once it has stood still for a look: an editor may be in the middle of writing it. */
  async look(inForce: string): Promise<HomeFile | undefined> {
    try {
      const file = await this.#read();
      this.#problem = null;
      const still = this.#seen === file.etag;
      this.#seen = file.etag;
      return still && file.etag !== inForce ? file : undefined;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      // The same: what is half written is no problem yet.
      if (this.#seen === message) this.#problem = `${message}; the home before this edit stays in force`;
      this.#seen = message;
      return undefined;
    }
  }
}
