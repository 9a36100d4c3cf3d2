import { z } from "zod";
import type { Instant } from "../model/index.ts";
import type { Store } from "../store/index.ts";

const fact = "clients-first-seen";
/** Guests' phones come with new addresses all the time: the oldest are forgotten. */
const most = 500;
const Known = z.record(z.string(), z.string());

/** Since when each MAC address is known here. */
export class ClientMemory {
  readonly #store: Pick<Store, "fact" | "setFact">;
  #known: Map<string, Instant> | undefined;

  constructor(store: Pick<Store, "fact" | "setFact">) {
    this.#store = store;
  }

  /** Looks up what is kept anew: it was replaced. */
  recall(): void {
    this.#known = undefined;
  }

  /** Notes who is there; resolves with since when each is known. */
  async note(macs: readonly string[], at: Instant): Promise<ReadonlyMap<string, Instant>> {
    this.#known ??= await this.#load();
    const known = this.#known;
    const news = macs.filter((mac) => !known.has(mac));
    if (news.length === 0) return known;
    for (const mac of news) known.set(mac, at);
    for (const mac of [...known.keys()].slice(0, Math.max(0, known.size - most))) known.delete(mac);
    await this.#store.setFact(fact, JSON.stringify(Object.fromEntries(known)));
    return known;
  }

  async #load(): Promise<Map<string, Instant>> {
    const text = await this.#store.fact(fact);
    if (text === null) return new Map();
    try {
      return new Map(Object.entries(Known.parse(JSON.parse(text))));
    } catch {
      return new Map();
    }
  }
}
