import { slug } from "../shared/slug.ts";
import type { Rest } from "./rest.ts";
import { isTrue } from "./values.ts";

/** Comment of a WireGuard interface that its owner lets us switch on and off. */
export const lentTag = "np:tunnel";
/** The same while we have it on. */
const onTag = "np:tunnel on";

/** A WireGuard interface of the router. */
export interface Tunnel {
  id: string;
  name: string;
  disabled: boolean;
  comment: string;
}

export interface Switch {
  id: string;
  name: string;
  disabled: boolean;
  before: { name: string; disabled: boolean; comment: string };
}

/** WireGuard interfaces. Only those whose comment says so are switched, and only what we switched on is switched off again. */
export class Tunnels {
  readonly #rest: Rest;
  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Never asks for the private key. */
  async all(): Promise<Tunnel[]> {
    const rows = (await this.#rest.listIfAny("interface/wireguard", [".id", "name", "disabled", "comment"])) ?? [];
    return rows.flatMap(({ ".id": id, name, disabled, comment = "" }) =>
      id && name ? [{ id, name, disabled: isTrue(disabled), comment }] : [],
    );
  }

  /** What must be switched so that `wanted` is up and nothing else that we brought up. */
  async switches(wanted: readonly string[]): Promise<Switch[]> {
    return (await this.all()).flatMap(({ id, name, disabled, comment }): Switch[] => {
      const before = { name, disabled, comment };
      if (wanted.includes(name)) return disabled && isLent(comment) ? [{ id, name, disabled: false, before }] : [];
      return comment === onTag && !disabled ? [{ id, name, disabled: true, before }] : [];
    });
  }

  async carryOut(switches: readonly Switch[]): Promise<void> {
    for (const { id, disabled } of switches)
      await this.#rest.set("interface/wireguard", id, { disabled: String(disabled), comment: disabled ? lentTag : onTag });
  }

  async restore(before: readonly { name: string; disabled: boolean; comment: string }[]): Promise<void> {
    const tunnels = before.length > 0 ? await this.all() : [];
    for (const { name, disabled, comment } of before) {
      const tunnel = tunnels.find((one) => one.name === name);
      if (tunnel) await this.#rest.set("interface/wireguard", tunnel.id, { disabled: String(disabled), comment });
    }
  }
}

const isLent = (comment: string): boolean => comment === lentTag || comment === onTag;

/** Tunnels a plan may use, by a name it can say: those that are up, and those we may bring up. */
export const usable = (tunnels: readonly Tunnel[]): Map<string, string> =>
  new Map(
    tunnels
      .filter(({ disabled, comment }) => !disabled || isLent(comment))
      .map(({ name }) => [slug(name), name] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Tunnels that are up because we brought them up. */
export const broughtUp = (tunnels: readonly Tunnel[]): string[] =>
  tunnels
    .filter(({ disabled, comment }) => !disabled && comment === onTag)
    .map(({ name }) => name)
    .sort();
