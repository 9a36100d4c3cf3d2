import { z } from "zod";
import type { Client, Home, Instant } from "../model/index.ts";
import type { Asked } from "../observe/index.ts";
import type { Store } from "../store/index.ts";
import type { Forgetting } from "./port.ts";

const fact = "clients-first-seen";
/** Guests' phones come with new addresses all the time: those not seen for longest are forgotten. */
const most = 500;
/** Since when, and what was asked of a DHCP server where that is known. */
const Known = z.record(
  z.string(),
  z.union([z.string().transform((since) => ({ since })), z.object({ since: z.string(), asked: z.string() })]),
);
type Known = z.output<typeof Known>;

/** Since when each MAC address is known here, and what it last asked a DHCP server for. */
export class ClientMemory {
  readonly #store: Pick<Store, "fact" | "setFact">;
  #known: Map<string, Known[string]> | undefined;

  constructor(store: Pick<Store, "fact" | "setFact">) {
    this.#store = store;
  }

  /** Looks up what is kept anew: it was replaced. */
  recall(): void {
    this.#known = undefined;
  }

  /** Of a stretch of time, who was first seen in it; of a person, their devices. Who is still there is seen for the first time again. */
  async forget({ subject, from = "", to = "9999" }: Forgetting, { people, devices }: Pick<Home, "people" | "devices">): Promise<void> {
    this.#known ??= await this.#load();
    const owned = people.find((person) => person.id === subject)?.devices ?? [subject];
    const macs = new Set(devices.flatMap((device) => (owned.includes(device.id) ? device.macs : [])));
    for (const [mac, { since }] of this.#known)
      if ((subject === undefined || macs.has(mac)) && since >= from && since < to) this.#known.delete(mac);
    await this.#keep();
  }

  /** Notes who is there. */
  async note(
    clients: readonly Pick<Client, "mac" | "dhcpFingerprint">[],
    at: Instant,
  ): Promise<{ firstSeen: ReadonlyMap<string, Instant>; asked: Asked }> {
    this.#known ??= await this.#load();
    const known = this.#known;
    let changed = false;
    for (const { mac, dhcpFingerprint: asked } of clients) {
      const before = known.get(mac);
      if (before && (asked === undefined || ("asked" in before && before.asked === asked))) continue;
      const since = before?.since ?? at;
      known.set(mac, asked === undefined ? { since } : { since, asked });
      changed = true;
    }
    if (changed) {
      for (const { mac } of clients) {
        const one = known.get(mac)!;
        known.delete(mac);
        known.set(mac, one);
      }
      for (const mac of [...known.keys()].slice(0, Math.max(0, known.size - most))) known.delete(mac);
      await this.#keep();
    }
    return {
      firstSeen: new Map([...known].map(([mac, { since }]) => [mac, since])),
      asked: new Map([...known].flatMap(([mac, one]) => ("asked" in one ? [[mac, one.asked] as const] : []))),
    };
  }

  async #keep(): Promise<void> {
    const kept = [...(this.#known ?? [])].map(([mac, one]) => [mac, "asked" in one ? one : one.since]);
    await this.#store.setFact(fact, JSON.stringify(Object.fromEntries(kept)));
  }
  async #load(): Promise<Map<string, Known[string]>> {
    const text = await this.#store.fact(fact);
    if (text === null) return new Map();
    try {
      return new Map(Object.entries(Known.parse(JSON.parse(text))));
    } catch {
      return new Map();
    }
  }
}
