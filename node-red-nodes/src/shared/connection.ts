import type { PersonasClient } from "@network-personas/engine/client";
import type { EngineEvent, EngineState, Home } from "@network-personas/engine/model";
import { BadMessage } from "./bad-message.ts";
import { type Directory, emptyDirectory } from "./directory.ts";

/** A way into an engine, and how to let go of it. */
export interface Opened {
  client: PersonasClient;
  close(): Promise<void>;
}
export type ConnectionStatus = "connecting" | "online" | "offline";

export interface ConnectionListener {
  connection?(status: ConnectionStatus, why: string): void;
  snapshot?(state: EngineState): void;
  event?(event: EngineEvent): void;
}

const firstRetry = 1_000;
const longestRetry = 30_000;
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

  /** Who and what the home knows. Devices and their owners need a token that may read the home; without, subjects only. */
  async directory(): Promise<Directory> {
    const client = await this.client();
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
    await this.#opened?.close();
  }

  async #start(delay: number): Promise<void> {
    try {
      const opened = await this.#open();
      if (this.#closed) return await opened.close();
      this.#opened = opened;
      this.#stopStream = opened.client.stream({
        connection: (status, why) => this.#tell(status, why ?? ""),
        snapshot: (state) => this.#snapshot(state),
        event: (event) => this.#event(event),
      });
    } catch (error) {
      if (this.#closed) return;
      this.#tell("offline", error instanceof Error ? error.message : String(error));
      this.#retry = setTimeout(() => void this.#start(Math.min(delay * 2, longestRetry)), delay);
    }
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
  }

  #online(): Promise<void> {
    return new Promise((resolve, reject) => {
      const done = (error?: Error) => {
        clearTimeout(timer);
        stop();
        if (error) reject(error);
        else resolve();
      };
      const timer = setTimeout(() => done(new BadMessage("offline", { why: this.#why })), patience);
      let stop = () => {};
      stop = this.subscribe({
        connection: (status) =>
          status === "online" ? queueMicrotask(() => done()) : this.#closed && done(new BadMessage("offline", { why: "" })),
      });
    });
  }
}

async function readDirectory(client: PersonasClient, state: EngineState | undefined): Promise<Directory> {
  const [current, personas, home] = await Promise.all([
    state ?? client.state(),
    client.request("GET", "/v1/personas").catch(() => []) as Promise<readonly { persona: { id: string; name: string } }[]>,
    client.request("GET", "/v1/home").catch(() => undefined) as Promise<{ home: Home } | undefined>,
  ]);
  const owners = new Map(home?.home.people.flatMap((person) => person.devices.map((device) => [device, person.id])));
  return {
    ...emptyDirectory,
    subjects: current.subjects.map(({ subject, name, appliesTo }) => ({ id: subject, name, appliesTo })),
    devices: (home?.home.devices ?? []).map(({ id, name, macs }) => {
      const owner = owners.get(id);
      return { id, name: name ?? id, macs, ...(owner && { owner }) };
    }),
    personas: personas.map(({ persona }) => ({ id: persona.id, name: persona.name })),
  };
}
