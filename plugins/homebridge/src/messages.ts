import { ApiError } from "@network-personas/engine/client";
import type { SubjectState } from "@network-personas/engine/model";
import type { Logging } from "homebridge";
import type { Directory } from "./exposure.ts";
import type { Log } from "./open-engine.ts";
import type { Order } from "./switches.ts";

/** Everything the log says: changes, each once. */
export class Messages {
  readonly #log: Logging;
  /** What was said last of each matter, so that nothing is said twice in a row. */
  readonly #last = new Map<string, string>();
  /** Why the engine has been away since it was last there. */
  readonly #away = new Set<string>();
  #personas = new Map<string, string>();

  constructor(log: Logging) {
    this.#log = log;
  }

  get engineLog(): Log {
    const log = this.#log;
    return {
      debug: (message) => log.debug(message),
      info: (message) => log.info(message),
      warn: (message) => log.warn(message),
      error: (message) => log.error(message),
    };
  }

  badConfig(problems: readonly string[]): void {
    for (const problem of problems) this.#log.error(`the settings cannot be used: ${problem}`);
  }
  notConfigured(): void {
    this.#log.info("not set up yet: open the settings of Network Personas and say where its engine is");
  }
  unknown(problems: readonly string[]): void {
    this.#news("unknown", problems.join("; "), (text) => text !== "" && this.#log.warn(`settings: ${text}`));
  }
  online(): void {
    this.#away.clear();
    this.#news("engine", "connected", (text) => this.#log.info(`engine: ${text}`));
  }
  /** A router that restarts is away for several reasons in turn, again and again: each is said once until the engine is back. */
  offline(why: string): void {
    if (this.#away.has(why)) return;
    this.#away.add(why);
    const effect = this.#away.size === 1 ? "; accessories do not respond until it is back" : "";
    this.#news("engine", why, (text) => this.#log.warn(`engine: ${text}${effect}`));
  }
  failed(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#news("failure", text, () => this.#log.error(`please report this: ${text}`));
  }
  directory({ personas }: Directory): void {
    this.#personas = new Map(personas.map(({ id, name }) => [id, name]));
  }
  added(names: readonly string[]): void {
    this.#log.info(`added: ${names.join(", ")}`);
  }
  renamed(names: readonly string[]): void {
    this.#log.info(`renamed: ${names.join(", ")}`);
  }
  removed(names: readonly string[]): void {
    this.#log.info(`removed: ${names.join(", ")}`);
  }
  leaving(): void {
    this.#log.info("the plugin was removed: what it has set up on your routers is removed, too");
  }
  left(routers: readonly string[]): void {
    this.#log.info(`nothing of ours is left on: ${routers.join(", ") || "no router"}`);
  }
  notLeft(why: string): void {
    this.#log.warn(
      `not everything could be removed from your routers: ${why}. Install the plugin once more and press "Remove everything of ours from the routers" in its settings`,
    );
  }
  changed(person: SubjectState, before: SubjectState | undefined): void {
    if (before && before.active === person.active && before.decidedBy === person.decidedBy) return;
    const how = person.decidedBy === "override" ? "forced" : person.decidedBy === "prediction" ? "automatic" : person.decidedBy;
    const text = `${this.#personas.get(person.active) ?? person.active} (${how})`;
    if (before) this.#news(`person ${person.subject}`, text, () => this.#log.info(`${person.name}: ${text}`));
  }
  refused(order: Order, error: unknown): void {
    const what = order.kind === "place" ? "where they are" : "persona" in order ? order.persona : "automatic";
    const code = error instanceof ApiError && error.code === "forbidden" ? " (the token needs the scope control)" : "";
    this.#log.warn(`${order.subject}: ${what} could not be set: ${error instanceof Error ? error.message : String(error)}${code}`);
  }

  #news(matter: string, text: string, say: (text: string) => unknown): void {
    if (this.#last.get(matter) === text || (text === "" && !this.#last.has(matter))) return;
    this.#last.set(matter, text);
    say(text);
  }
}
