import type { Home, Instant, SignalInput } from "../model/index.ts";
import { type PresenceMemory, presenceFrom } from "../observe/index.ts";
import type { Store } from "../store/index.ts";
import { ClientMemory } from "./client-memory.ts";
import { HomeAsSeen } from "./home-as-seen.ts";
import { keepable } from "./privacy.ts";
import type { RouterDesk } from "./router-desk.ts";

export interface ClientDeskOptions {
  home: Home;
  store: Store;
  now(): Instant;
  routers(): readonly RouterDesk[];
  submit(signals: readonly SignalInput[]): Promise<unknown>;
  /** An address counts as one of a device's from now on, or no more. */
  onHome(): void;
}

/** Looks at who is on the network, as every router shows it. */
export class ClientDesk {
  /** Since when each address is known. */
  readonly known: ClientMemory;
  readonly #o: ClientDeskOptions;
  readonly #asSeen: HomeAsSeen;
  readonly #presence = new Map<string, PresenceMemory>();

  constructor(options: ClientDeskOptions) {
    this.#o = options;
    this.known = new ClientMemory(options.store);
    this.#asSeen = new HomeAsSeen(options.home);
  }
  /** The home with the made-up addresses of its devices. */
  get home(): Home {
    return this.#asSeen.home;
  }
  /** It was edited: whose device is whose was said anew. */
  rewrite(home: Home): void {
    this.#asSeen.rewrite(home, this.#o.now());
    this.#presence.clear();
  }

  async look(): Promise<void> {
    await Promise.all(this.#o.routers().map((router) => this.#lookAt(router).catch((error) => router.noteFailure(error))));
  }
  async #lookAt(router: RouterDesk): Promise<void> {
    const clients = await router.clients();
    if (!clients) return;
    const { asked } = await this.known.note(keepable(clients, this.home), this.#o.now());
    if (this.#asSeen.sees(clients, this.#o.now(), asked)) this.#o.onHome();
    const { signals, memory } = presenceFrom(clients, this.#presence.get(router.id) ?? {}, this.home, router.id, this.#o.now());
    this.#presence.set(router.id, memory);
    if (signals.length > 0) await this.#o.submit(signals);
  }
}
