import type { PersonasClient } from "@network-personas/engine/client";
import type { EngineEvent, EngineState, Home } from "@network-personas/engine/model";
import { BadMessage } from "./bad-message.ts";
import { type Directory, emptyDirectory } from "./directory.ts";

/** A way into an engine, and how to let go of it. */
export interface Opened {
  client: PersonasClient;
  close(): Promise<void>;
  /** Another process runs the engine: when it is gone for good, opening again starts our own. */
  replaceable: boolean;
}
export type ConnectionStatus = "connecting" | "online" | "offline";

export interface ConnectionListener {
  connection?(status: ConnectionStatus, why: string): void;
  snapshot?(state: EngineState): void;
  event?(event: EngineEvent): void;
}

const firstRetry = 1_000;
const longestRetry = 30_000;
/** How long the engine of another process may be away before we open the home again. */
const absence = 20_000;
/** How long a message waits for an engine that is still starting. */
const patience = 15_000;

/**
 * The one connection of a config node, shared by all nodes that use it. Opens by itself, opens again when that failed,
 * and tells its listeners where it stands; late listeners are told at once.
 */
export class EngineConnection {
  readonly #open: () => Promise<Opened>;
  readonly #report: (message: string) => void;
  readonly #listeners = new Set<ConnectionListener>();
  /** Messages that wait for the engine. */
  readonly #waiting = new Set<() => void>();
  #opened: Opened | undefined;
  #stopStream: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  #status: ConnectionStatus = "connecting";
  #why = "";
  #state: EngineState | undefined;
  #directory: Promise<Directory> | undefined;

  constructor(open: () => Promise<Opened>, report: (message: string) => void) {
    this.#open = open;
    this.#report = report;
    void this.#start(firstRetry);
  }

  get status(): { status: ConnectionStatus; why: string } {
    return { status: this.#status, why: this.#why };
  }
  /** The home as last told, with the subjects kept up to date. */
  get state(): EngineState | undefined {
    return this.#state;
  }

  subscribe(listener: ConnectionListener): () => void {
    this.#listeners.add(listener);
    listener.connection?.(this.#status, this.#why);
    if (this.#state) listener.snapshot?.(this.#state);
    return () => this.#listeners.delete(listener);
  }

  /** The client, as soon as the engine answers. Rejects when it does not within 15 s. */
  async client(): Promise<PersonasClient> {
    if (this.#status !== "online") await this.#online();
    if (!this.#opened) throw new BadMessage("offline", { why: this.#why });
    return this.#opened.client;
  }

  /** The client, and who and what the home knows. */
  async ready(): Promise<{ client: PersonasClient; directory: Directory }> {
    const client = await this.client();
    return { client, directory: await this.#known(client) };
  }

  #known(client: PersonasClient): Promise<Directory> {
    this.#directory ??= readDirectory(client, this.#state).catch((error) => {
      this.#directory = undefined;
      throw error;
    });
    return this.#directory;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#stopStream?.();
    this.#tell("offline", "");
    this.#listeners.clear();
    for (const wake of this.#waiting) wake();
    await this.#opened?.close();
  }

  async #start(delay: number): Promise<void> {
    try {
      const opened = await this.#open();
      if (this.#closed) return await opened.close();
      this.#opened = opened;
      this.#stopStream = opened.client.stream({
        connection: (status, why) => this.#connected(status, why ?? ""),
        snapshot: (state) => this.#snapshot(state),
        event: (event) => this.#event(event),
      });
    } catch (error) {
      if (this.#closed) return;
      this.#tell("offline", error instanceof Error ? error.message : String(error));
      this.#retry = setTimeout(() => void this.#start(Math.min(delay * 2, longestRetry)), delay);
    }
  }

  #connected(status: "online" | "offline", why: string): void {
    this.#tell(status, why);
    if (status === "online") this.#retry = void clearTimeout(this.#retry);
    else if (this.#opened?.replaceable) this.#retry ??= setTimeout(() => void this.#reopen(), absence);
  }

  async #reopen(): Promise<void> {
    this.#retry = undefined;
    this.#stopStream?.();
    const gone = this.#opened;
    this.#opened = undefined;
    await gone?.close();
    await this.#start(firstRetry);
  }

  #snapshot(state: EngineState): void {
    this.#state = state;
    this.#directory = undefined;
    this.#tell("online", "");
    for (const listener of this.#listeners) listener.snapshot?.(state);
  }

  #event(event: EngineEvent): void {
    if (event.type === "home") this.#directory = undefined;
    if (event.type === "subject" && this.#state) {
      const others = this.#state.subjects.filter((subject) => subject.subject !== event.data.subject);
      this.#state = { ...this.#state, at: event.at, sequence: event.sequence, subjects: [...others, event.data] };
    }
    for (const listener of this.#listeners) listener.event?.(event);
  }

  #tell(status: ConnectionStatus, why: string): void {
    if (status === this.#status && why === this.#why) return;
    this.#status = status;
    this.#why = why;
    if (status === "offline" && why) this.#report(why);
    for (const listener of this.#listeners) listener.connection?.(status, why);
    if (status === "online") for (const wake of this.#waiting) wake();
  }

  async #online(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    this.#waiting.add(resolve);
    await promise;
    this.#waiting.delete(resolve);
    clearTimeout(timer);
    if (this.#status !== "online") throw new BadMessage("offline", { why: this.#why });
  }
}

async function readDirectory(client: PersonasClient, state: EngineState | undefined): Promise<Directory> {
  const [current, personas, home] = await Promise.all([
    state ?? client.state(),
    client.request("GET", "/v1/personas").catch(() => []) as Promise<readonly { persona: { id: string; name: string } }[]>,
    // Needs a token that may read the home. Without one, devices are known from the plan and nobody owns them.
    client.request("GET", "/v1/home").catch(() => undefined) as Promise<{ home: Home } | undefined>,
  ]);
  const devices: readonly { id: string; name?: string | undefined; macs: readonly string[] }[] =
    home?.home.devices ?? current.plan?.plan.devices.map(({ device, macs }) => ({ id: device, macs })) ?? [];
  const owners = new Map(home?.home.people.flatMap((person) => person.devices.map((device) => [device, person.id])));
  return {
    ...emptyDirectory,
    subjects: current.subjects.map(({ subject, name, appliesTo }) => ({ id: subject, name, appliesTo })),
    devices: devices.map(({ id, name, macs }) => {
      const owner = owners.get(id);
      return { id, name: name ?? id, macs, ...(owner && { owner }) };
    }),
    personas: personas.map(({ persona }) => ({ id: persona.id, name: persona.name })),
  };
}
