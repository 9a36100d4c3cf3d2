import type { Home } from "../model/index.ts";
import { RouterDesk, type RouterDeskOptions } from "./router-desk.ts";

type Shared = Omit<RouterDeskOptions, "config" | "home" | "applications">;
type Applications = RouterDeskOptions["applications"];

/** The routers of a home, in the order of its file. Those that an edited home names unchanged go on as they are. */
export class RouterFleet {
  readonly #shared: Shared;
  #routers: readonly RouterDesk[] = [];

  constructor(shared: Shared) {
    this.#shared = shared;
  }
  get all(): readonly RouterDesk[] {
    return this.#routers;
  }
  find(id: string): RouterDesk | undefined {
    return this.#routers.find((router) => router.id === id);
  }

  /** Closes what `home` does not go on with. Nothing may be asked of the routers until `man`. */
  async retire(home: Home, applications: Applications): Promise<void> {
    const goesOn = async (router: RouterDesk) => {
      const config = home.routers.find(({ id }) => id === router.id);
      if (config && (await router.adopt({ config, home, applications }))) return true;
      await router.close();
      return false;
    };
    const stays = await Promise.all(this.#routers.map(goesOn));
    this.#routers = this.#routers.filter((_, i) => stays[i]);
  }
  /** A desk for every router of the home that has none. */
  man(home: Home, applications: Applications): void {
    this.#routers = home.routers.map((config) => this.find(config.id) ?? new RouterDesk({ ...this.#shared, config, home, applications }));
  }
  /** Reaches for all of them; one that cannot be reached says so itself. */
  async reach(): Promise<void> {
    await Promise.all(this.#routers.map((router) => router.open().catch(() => {})));
  }
  async close(): Promise<void> {
    await Promise.all(this.#routers.map((router) => router.close()));
  }
}
