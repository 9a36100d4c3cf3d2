import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Log, PermissionMissing } from "@network-personas/engine/driver";
import { z } from "zod";
import type { Reader } from "./reader.ts";

const Started = z.array(z.string());

/**
 * Tunnels we brought up. Their state lives in netifd without a tag of ours, so which ones are ours is kept in our own folder,
 * written before the tunnel is started: a crash leaves a tunnel that is brought down again, never one nobody knows of.
 */
export class Tunnels {
  readonly #file: string;
  readonly #folder: string;
  readonly #reader: Reader;
  readonly #log: Log;
  readonly #router: string;
  #undo: { up: readonly string[]; down: readonly string[] } | undefined;

  constructor(reader: Reader, context: { dataDir: string; log: Log; router: string }) {
    this.#reader = reader;
    this.#folder = context.dataDir;
    this.#file = join(context.dataDir, "openwrt-tunnels.json");
    this.#log = context.log;
    this.#router = context.router;
  }

  /** Tunnels of ours. */
  async started(): Promise<string[]> {
    const text = await readFile(this.#file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    try {
      return Started.parse(JSON.parse(text)).sort();
    } catch {
      this.#log.warn(`${this.#router}: ${this.#file} is damaged; tunnels we started stay up`);
      return [];
    }
  }

  /** Brings up what is wanted and down what we brought up and is wanted no more. */
  async bring(wanted: readonly string[]): Promise<void> {
    const ours = await this.started();
    const states = wanted.length + ours.length > 0 ? await this.#reader.interfaces() : [];
    const isUp = (tunnel: string) => states.find((i) => i.interface === tunnel)?.up ?? false;
    const up = wanted.filter((tunnel) => !isUp(tunnel));
    const down = ours.filter((tunnel) => !wanted.includes(tunnel));
    this.#undo = { up: down.filter(isUp), down: up };
    await this.#keep([...new Set([...ours, ...up])]);
    for (const tunnel of up) await this.#call(tunnel, "up");
    for (const tunnel of down) await this.#call(tunnel, "down");
    if (down.length > 0) await this.#keep([...new Set([...ours, ...up])].filter((tunnel) => !down.includes(tunnel)));
  }

  confirm(): void {
    this.#undo = undefined;
  }

  async rollback(): Promise<void> {
    const undo = this.#undo;
    this.#undo = undefined;
    if (!undo) return;
    const ours = await this.started();
    for (const tunnel of undo.up) await this.#call(tunnel, "up");
    for (const tunnel of undo.down) await this.#call(tunnel, "down");
    await this.#keep([...ours, ...undo.up].filter((tunnel) => !undo.down.includes(tunnel)));
  }

  async #call(tunnel: string, method: "up" | "down"): Promise<void> {
    await this.#reader.ubus.call(`network.interface.${tunnel}`, method).catch((error: unknown) => {
      if (method === "up" || !(error instanceof PermissionMissing)) throw error;
      this.#log.warn(`${this.#router}: the account may not bring "${tunnel}" down any more; it stays up`);
    });
  }

  async #keep(tunnels: readonly string[]): Promise<void> {
    const before = await this.started();
    const next = [...new Set(tunnels)].sort();
    if (JSON.stringify(before) === JSON.stringify(next)) return;
    await mkdir(this.#folder, { recursive: true });
    await writeFile(`${this.#file}.new`, JSON.stringify(next));
    await rename(`${this.#file}.new`, this.#file);
  }
}
