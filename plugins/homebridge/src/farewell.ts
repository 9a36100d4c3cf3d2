import type { PersonasClient } from "@network-personas/engine/client";
import type { Messages } from "./messages.ts";
import { isRemoved, type Remains } from "./removal.ts";

export interface FarewellOptions {
  remains(): Promise<Remains>;
  /** The engine that ends with this process; one that goes on without the plugin keeps its routers. */
  ownEngine(): Pick<PersonasClient, "release"> | undefined;
  messages: Pick<Messages, "leaving" | "left" | "notLeft">;
  /** How long there is once Homebridge ends. Milliseconds. */
  patience?: number;
}

/** Homebridge ends what has not ended after five seconds. */
const defaultPatience = 4_000;

/** Leaves the routers clean when the plugin is removed, of which Homebridge tells it nothing. */
export class Farewell {
  readonly #options: FarewellOptions;
  #isSaid = false;
  constructor(options: FarewellOptions) {
    this.#options = options;
  }

  /** Looks whether the plugin is being removed, and cleans if so; while Homebridge runs once, and again when it ends. */
  async say(ending: boolean): Promise<void> {
    const { remains, ownEngine, messages, patience = defaultPatience } = this.#options;
    const engine = ownEngine();
    if (!engine || (this.#isSaid && !ending) || !isRemoved(await remains(), ending)) return;
    this.#isSaid = true;
    messages.leaving();
    const late = new Promise<"late">((resolve) => ending && setTimeout(resolve, patience, "late").unref());
    try {
      const outcomes = await Promise.race([engine.release({ untilStart: true }), late]);
      if (outcomes === "late") return messages.notLeft("Homebridge ended before it was done");
      const failed = outcomes.filter(({ error }) => error);
      if (failed.length > 0) messages.notLeft(failed.map(({ router, error }) => `${router}: ${error!.message}`).join("; "));
      else messages.left(outcomes.map(({ router }) => router));
    } catch (error) {
      messages.notLeft(error instanceof Error ? error.message : String(error));
    }
  }
}
