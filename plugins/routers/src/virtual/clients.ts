import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Log } from "@network-personas/engine/driver";
import { describeIssues } from "@network-personas/personas/load";
import { withinSchedule } from "./local-time.ts";
import { type ClientSetting, type LiveClient, LiveClients } from "./settings.ts";

/** Whether a client is connected, and what it is used for, as somebody's simulated days have it; undefined when they do not say. */
export type Script = (client: ClientSetting, at: number) => { connected: boolean; activity?: string } | undefined;

/**
 * The simulated clients: those of the settings, with their schedules, and over them whatever clients.json in the data
 * folder says at this moment. A clients.json that cannot be read leaves the last good one in force.
 */
export class SimulatedClients {
  readonly #file: string;
  readonly #settings: readonly ClientSetting[];
  readonly #script: Script;
  readonly #timeZone: string;
  readonly #clock: Clock;
  readonly #log: Log;
  #live: readonly LiveClient[] = [];
  #lastText = "";
  /** What is wrong with clients.json now, or undefined. */
  problem: string | undefined;

  constructor(of: { folder: string; clients: readonly ClientSetting[]; script: Script; timeZone: string; clock: Clock; log: Log }) {
    this.#file = join(of.folder, "clients.json");
    this.#settings = of.clients;
    this.#script = of.script;
    this.#timeZone = of.timeZone;
    this.#clock = of.clock;
    this.#log = of.log;
  }

  /** Every known client as it is now, connected or not. */
  async now(): Promise<ClientSetting[]> {
    await this.#reload();
    const at = this.#clock.now();
    const all = new Map(this.#settings.map((client) => [client.mac, this.#scripted(client, at)]));
    for (const live of this.#live) {
      const known: ClientSetting = all.get(live.mac) ?? { mac: live.mac, via: "wifi", connected: true };
      all.set(live.mac, {
        ...known,
        ...live,
        via: live.via ?? known.via,
        connected: live.connected ?? (live.schedule ? withinSchedule(live.schedule, at, this.#timeZone) : known.connected),
      });
    }
    return [...all.values()].sort((a, b) => (a.mac < b.mac ? -1 : 1));
  }

  #scripted(client: ClientSetting, at: number): ClientSetting {
    if (client.schedule) return { ...client, connected: client.connected && withinSchedule(client.schedule, at, this.#timeZone) };
    return { ...client, ...this.#script(client, at) };
  }

  async #reload(): Promise<void> {
    const text = await readFile(this.#file, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return "[]";
      throw error;
    });
    if (text === this.#lastText) return;
    this.#lastText = text;
    this.problem = undefined;
    try {
      const result = LiveClients.safeParse(JSON.parse(text));
      if (result.success) this.#live = result.data;
      else
        this.problem = describeIssues(result.error)
          .map(({ field, message }) => `${field}: ${message}`)
          .join("; ");
    } catch (error) {
      this.problem = `is not JSON: ${(error as Error).message}`;
    }
    if (this.problem) this.#log.warn(`clients.json ${this.problem}; the clients stay as they were`);
  }
}
