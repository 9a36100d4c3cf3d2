import type { PersonasClient } from "@network-personas/engine/client";
import type { EngineState, SubjectState } from "@network-personas/engine/model";
import type { Directory } from "./exposure.ts";

/** A way into an engine, and how to let go of it. */
export interface Opened {
  client: PersonasClient;
  close(): Promise<void>;
  /**
   * Where the engine runs: in this process; beside it for the same home, so that opening again starts our own when that is gone for good;
   * or elsewhere.
   */
  runs: "here" | "beside" | "elsewhere";
}

export interface LinkListener {
  /** The engine is there, with everybody as they are. */
  online(): void;
  offline(why: string): void;
  /** Somebody changed; `before` is undefined when they are new. */
  changed(person: SubjectState, before: SubjectState | undefined): void;
  /** People or personas may have come, gone or been renamed. */
  directory(directory: Directory): void;
  /** One of the above threw. */
  failed(error: unknown): void;
}

export interface LinkTimes {
  firstRetry: number;
  longestRetry: number;
  /** How long the engine of another process may be away before the home is opened again. */
  absence: number;
  /** Names and what comes next are looked up this often: they are no news of the stream. */
  lookUp: number;
}
const defaultTimes: LinkTimes = { firstRetry: 1_000, longestRetry: 30_000, absence: 20_000, lookUp: 60_000 };

/** The connection to the engine: opens by itself and again when that failed, and knows everybody's present state. */
export class EngineLink {
  readonly #open: () => Promise<Opened>;
  readonly #listener: LinkListener;
  readonly #times: LinkTimes;
  readonly #lookUp: NodeJS.Timeout;
  #opened: Opened | undefined;
  #stopStream: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** Of the newest thing the stream told. */
  #sequence = 0;
  #people: SubjectState[] | undefined;

  constructor(open: () => Promise<Opened>, listener: LinkListener, times: Partial<LinkTimes> = {}) {
    this.#open = open;
    this.#listener = listener;
    this.#times = { ...defaultTimes, ...times };
    this.#lookUp = setInterval(() => void this.#again(), this.#times.lookUp);
    void this.#start(this.#times.firstRetry);
  }

  /** Everybody as last told; undefined while the engine is away. */
  get people(): readonly SubjectState[] | undefined {
    return this.#people;
  }
  get client(): PersonasClient | undefined {
    return this.#people && this.#opened?.client;
  }
  /** The client of an engine that ends with this process. */
  get ownEngine(): PersonasClient | undefined {
    return this.#opened?.runs === "here" ? this.#opened.client : undefined;
  }

  /** Takes over what the engine has acknowledged, before it tells everybody. */
  note(subject: string, change: (person: SubjectState) => SubjectState): void {
    const person = this.#people?.find((p) => p.subject === subject);
    if (person) this.#took(change(person));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    clearInterval(this.#lookUp);
    this.#stopStream?.();
    this.#people = undefined;
    await this.#opened?.close();
  }

  async #start(delay: number): Promise<void> {
    try {
      const opened = await this.#open();
      if (this.#closed) return await opened.close();
      this.#opened = opened;
      this.#stopStream = opened.client.stream({
        connection: (status, why) => (status === "online" ? this.#reached() : this.#lost(why ?? "")),
        snapshot: (state) => this.#snapshot(state),
        event: (event) => {
          this.#sequence = event.sequence;
          if (event.type === "subject") this.#took(event.data);
          if (event.type === "home") void this.#again();
        },
      });
    } catch (error) {
      if (this.#closed) return;
      this.#listener.offline(error instanceof Error ? error.message : String(error));
      this.#retry = setTimeout(() => void this.#start(Math.min(delay * 2, this.#times.longestRetry)), delay);
    }
  }

  #reached(): void {
    this.#retry = void clearTimeout(this.#retry);
  }
  #lost(why: string): void {
    this.#people = undefined;
    this.#listener.offline(why);
    if (this.#opened?.runs === "beside") this.#retry ??= setTimeout(() => void this.#reopen(), this.#times.absence);
  }
  async #reopen(): Promise<void> {
    this.#retry = undefined;
    this.#stopStream?.();
    const gone = this.#opened;
    this.#opened = undefined;
    await gone?.close();
    await this.#start(this.#times.firstRetry);
  }

  #snapshot(state: EngineState): void {
    const back = this.#people === undefined;
    this.#sequence = state.sequence;
    this.#people = peopleOf(state);
    if (back) this.#listener.online();
    void this.#again();
  }

  #took(person: SubjectState): void {
    if (!this.#people || person.appliesTo !== "person") return;
    const index = this.#people.findIndex((p) => p.subject === person.subject);
    const before = this.#people[index];
    this.#people = before ? this.#people.with(index, person) : [...this.#people, person];
    this.#listener.changed(person, before);
  }

  /** Looks everything up. That nothing is found is no news: the stream tells when the engine is gone. */
  async #again(): Promise<void> {
    const client = this.client;
    if (!client) return;
    const [state, personas] = await Promise.allSettled([client.state(), client.request("GET", "/v1/personas") as Promise<PersonaEntries>]);
    if (client !== this.client || state.status === "rejected" || personas.status === "rejected") return;
    try {
      this.#found(state.value, personas.value);
    } catch (error) {
      this.#listener.failed(error);
    }
  }

  #found(state: EngineState, personas: PersonaEntries): void {
    const people = peopleOf(state);
    // An answer that was overtaken by the stream knows the names, but no longer what people do.
    if (state.sequence >= this.#sequence) {
      this.#people = this.#people?.filter(({ subject }) => people.some((p) => p.subject === subject));
      for (const person of people) this.#took(person);
    }
    this.#listener.directory({
      home: state.home.id,
      people: people.map(({ subject, name }) => ({ id: subject, name })),
      personas: personas
        .filter(({ persona }) => persona.appliesTo !== "device")
        .map(({ persona: { id, name }, predicted }) => ({ id, name, predicted })),
    });
  }
}

type PersonaEntries = readonly { persona: { id: string; name: string; appliesTo: "person" | "device" | "any" }; predicted?: boolean }[];

const peopleOf = (state: EngineState): SubjectState[] => state.subjects.filter(({ appliesTo }) => appliesTo === "person");
