import type { Client, Home, Instant } from "../model/index.ts";
import { type Asked, type PrivateMacs, privateMacsFrom, withPrivateMacs } from "../observe/index.ts";

/** The home as it was written down, and with it the made-up addresses of its devices that their owner agreed to. */
export class HomeAsSeen {
  #written: Home;
  #macs: PrivateMacs = {};
  #asked: Asked = new Map();
  #home: Home;

  constructor(written: Home) {
    this.#written = written;
    this.#home = written;
  }
  get home(): Home {
    return this.#home;
  }
  /** Takes in who is on the network, and what was asked of DHCP servers so far; true when the home is another now. */
  sees(clients: readonly Client[], at: Instant, asked: Asked): boolean {
    const before = this.#addresses();
    this.#asked = asked;
    this.#macs = privateMacsFrom(clients, this.#macs, this.#written, at, asked);
    if (this.#addresses() === before) return false;
    this.#home = withPrivateMacs(this.#written, this.#macs);
    return true;
  }
  /** It was edited: what its owner agrees to no more is forgotten. */
  rewrite(written: Home, at: Instant): void {
    this.#written = written;
    this.#macs = privateMacsFrom([], this.#macs, written, at, this.#asked);
    this.#home = withPrivateMacs(written, this.#macs);
  }
  #addresses = (): string =>
    JSON.stringify(
      Object.entries(this.#macs)
        .map(([mac, { device }]) => `${mac} ${device}`)
        .sort(),
    );
}
