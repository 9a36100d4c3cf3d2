import { createHash } from "node:crypto";
import { isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import type { Expander } from "../calendar/expander-worker.ts";
import { BadInput, type CalendarStatus, type Instant, later, meaningOf, type Occurrence, PersonasError, sentence } from "../model/index.ts";
import { caldavFetcher } from "./caldav.ts";
import { fileCopyStore } from "./copy-store.ts";
import { CalendarError } from "./errors.ts";
import { feedFetcher } from "./feed.ts";
import { fileFetcher } from "./file.ts";
import type { CalendarCopy, CalendarFetcher, CalendarSource, CopyStore, Fetched, ResolvedCalendar, SourceEnvironment } from "./port.ts";
import { nextRefresh, nextRetry } from "./schedule.ts";
import { acquireExpander, releaseExpander } from "./shared-expander.ts";

/** Opens a calendar with its last good copy. Rejects with BadInput when the address makes no sense; a calendar that cannot be reached opens. */
export async function openCalendar(config: ResolvedCalendar, environment: SourceEnvironment): Promise<CalendarSource> {
  const fetcher = fetcherFor(config, environment);
  const copies = environment.copies ?? fileCopyStore(environment.dataDir);
  const source = new Source(config, fetcher, copies, environment);
  await source.restore();
  return source;
}

function fetcherFor(config: ResolvedCalendar, { folder, fetch = globalThis.fetch, conferenceHosts }: SourceEnvironment): CalendarFetcher {
  const field = `calendars.${config.id}`;
  if (config.caldav) {
    if (!URL.canParse(config.caldav.url) || !/^https?:/i.test(config.caldav.url))
      throw new BadInput(`${field}.caldav.url`, sentence("input-scheme"));
    return caldavFetcher(config.caldav, conferenceHosts);
  }
  const address = config.ics?.trim() ?? "";
  if (address === "") throw new BadInput(field, "needs `ics` or `caldav`");
  if (/^(?:https?|webcals?):/i.test(address)) {
    if (!URL.parse(address)?.hostname) throw new BadInput(`${field}.ics`, sentence("input-calendar-address"));
    return feedFetcher(address, fetch);
  }
  if (/^file:/i.test(address)) return fileFetcher(fileURLToPath(address));
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(address))
    throw new BadInput(`${field}.ics`, sentence("input-calendar-scheme", { scheme: address.slice(0, address.indexOf(":")) }));
  return fileFetcher(isAbsolute(address) ? address : resolve(folder ?? ".", address));
}

const statusWindow = 48 * 3_600_000;
const keepAgain = 3_600_000;

class Source implements CalendarSource {
  readonly id: string;
  readonly #config: ResolvedCalendar;
  readonly #fetcher: CalendarFetcher;
  readonly #copies: CopyStore;
  readonly #environment: SourceEnvironment;
  readonly #expander: Expander;
  readonly #closing = new AbortController();
  #copy: CalendarCopy | undefined;
  #failure: { error: Error; since: Instant } | undefined;
  #failures = 0;
  /** When to ask again, ms since 1970. */
  #due = 0;
  #keptAt = 0;
  #events = 0;
  #revision = 0;
  #hint: number | undefined;
  /** What was wrong in any window of the current text that was asked for, one sentence per kind. */
  #problems = new Map<string, string>();
  #refreshing: Promise<void> | undefined;

  constructor(config: ResolvedCalendar, fetcher: CalendarFetcher, copies: CopyStore, environment: SourceEnvironment) {
    this.id = config.id;
    this.#config = config;
    this.#fetcher = fetcher;
    this.#copies = copies;
    this.#environment = environment;
    this.#expander = acquireExpander();
  }

  /** Takes up the copy of an earlier run, if it is one of the same address. */
  async restore(): Promise<void> {
    try {
      const copy = await this.#copies.get(this.id);
      if (copy?.origin !== this.#origin) return;
      this.#copy = copy;
      await this.#read(copy.text, copy.state);
    } catch (error) {
      this.#copy = undefined;
      this.#environment.log.warn(`calendar ${this.id}: the kept copy cannot be used (${messageOf(error)}); it is read anew`);
    }
  }

  get #origin(): string {
    return createHash("sha256").update(`calendar copy ${this.#fetcher.address}`).digest("hex").slice(0, 32);
  }
  get #now(): number {
    return this.#environment.clock.now();
  }
  #random(): number {
    return this.#environment.random?.() ?? Math.random();
  }

  get revision(): number {
    return this.#revision;
  }
  status(): CalendarStatus {
    const fetchedAt = this.#copy?.fetchedAt ?? null;
    const content = [...this.#problems.values()];
    if (!this.#failure)
      return { calendar: this.id, status: this.#copy ? "ok" : "loading", fetchedAt, events: this.#events, problems: content };
    const { error, since } = this.#failure;
    const said = meaningOf(error);
    const age = this.#copy
      ? `; the copy of ${this.#copy.fetchedAt} is used (${ageOf(this.#now - Date.parse(this.#copy.fetchedAt))} old)`
      : "";
    return {
      calendar: this.id,
      status: this.#copy ? "stale" : "failed",
      fetchedAt,
      events: this.#events,
      problems: [`cannot be read since ${since}: ${messageOf(error)}${age}`, ...content],
      ...(said ? { said } : {}),
    };
  }

  refresh(options: { force?: boolean } = {}): Promise<void> {
    if (this.#closing.signal.aborted) return Promise.resolve();
    if (!options.force && !this.#fetcher.cheap && this.#now < this.#due) return this.#refreshing ?? Promise.resolve();
    this.#refreshing ??= this.#ask().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #ask(): Promise<void> {
    const at = new Date(this.#now).toISOString();
    try {
      const fetched = await this.#fetcher.fetch(this.#copy, this.#closing.signal);
      const copy = this.#copyOf(fetched, at);
      if (!("unchanged" in fetched)) await this.#read(copy.text, copy.state);
      const before = this.#copy;
      this.#copy = copy;
      if (!before || before.text !== copy.text || !isDeepStrictEqual(this.#readers(before.state), this.#readers(copy.state)))
        this.#revision++;
      this.#succeed();
      if (before && before.text !== copy.text) this.#expander.forget(before.text);
      if (this.#isWorthKeeping(before, copy)) await this.#keep(copy);
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#fail(error instanceof Error ? error : new Error(String(error)), at);
    }
  }

  #copyOf(fetched: Fetched, fetchedAt: Instant): CalendarCopy {
    return {
      origin: this.#origin,
      text: "unchanged" in fetched ? (this.#copy?.text ?? "") : fetched.text,
      fetchedAt,
      state: fetched.state,
    };
  }

  /** The time alone is written only now and then: many homes keep their data on an SD card. */
  #isWorthKeeping(before: CalendarCopy | undefined, now: CalendarCopy): boolean {
    if (before?.text !== now.text || JSON.stringify(before.state) !== JSON.stringify(now.state)) return true;
    return !this.#fetcher.cheap && this.#now - this.#keptAt >= keepAgain;
  }

  /** What is kept has no descriptions and no addresses of others in it, but reads the same. */
  async #keep(copy: CalendarCopy): Promise<void> {
    this.#keptAt = this.#now;
    try {
      await this.#copies.put(this.id, this.#fetcher.isReduced ? copy : { ...copy, text: await this.#reduced(copy) });
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      this.#environment.log.warn(
        `calendar ${this.id}: its copy cannot be written (${messageOf(error)}); it will be missing after a restart if the calendar cannot be reached then`,
      );
    }
  }
  #reduced({ text, state }: CalendarCopy): Promise<string> {
    return this.#expander.reduce({ ics: text, ...this.#readers(state) });
  }

  /** Reads a text before it replaces what we have: what is no calendar never does. */
  async #read(text: string, state: unknown): Promise<void> {
    const now = new Date(this.#now).toISOString();
    const expansion = await this.#expand(text, state, now, later(now, statusWindow));
    this.#events = expansion.events;
    this.#hint = expansion.refresh;
    this.#problems = new Map();
    this.#note(expansion.problems);
  }

  #expand(text: string, state: unknown, from: Instant, to: Instant): ReturnType<Expander["expand"]> {
    return this.#expander.expand({ ics: text, from, to, timeZone: this.#environment.timeZone, ...this.#readers(state) });
  }
  /** What tells whose calendar it is and which links are calls. */
  #readers(state: unknown): { owners: readonly string[]; conferenceHosts?: readonly string[] } {
    const { conferenceHosts } = this.#environment;
    return { owners: this.#fetcher.owners(state), ...(conferenceHosts ? { conferenceHosts } : {}) };
  }

  #succeed(): void {
    if (this.#failure) this.#environment.log.info(`calendar ${this.id}: can be read again`);
    this.#failure = undefined;
    this.#failures = 0;
    this.#due = this.#now + nextRefresh(this.#config.refresh, this.#hint, this.#random());
  }

  #fail(error: Error, at: Instant): void {
    this.#failures++;
    if (!this.#failure) this.#environment.log.warn(`calendar ${this.id}: ${messageOf(error)}`);
    this.#failure = { error, since: this.#failure?.since ?? at };
    const kind = error instanceof CalendarError ? error : { lasting: error instanceof PersonasError };
    this.#due = this.#now + nextRetry(this.#failures, this.#config.refresh, kind, this.#random());
  }

  async occurrences(from: Instant, to: Instant): Promise<readonly Occurrence[]> {
    if (!this.#copy) return [];
    const { text, state } = this.#copy;
    const { occurrences, problems } = await this.#expand(text, state, from, to);
    if (this.#copy.text === text) this.#note(problems);
    const name = this.#config.name;
    return occurrences.map((o) => ({ ...o, calendar: this.id, ...(name && !o.calendarName ? { calendarName: name } : {}) }));
  }

  /** The worst that was seen of each kind stands, so that what is told does not change with who asks for which window. */
  #note(problems: readonly string[]): void {
    for (const problem of problems) {
      const kind = problem.replace(/^\d+ events? /, "").replace(/ \(first at line \d+\)$/, "");
      if (!this.#problems.has(kind) || Number.parseInt(problem, 10) > Number.parseInt(this.#problems.get(kind)!, 10))
        this.#problems.set(kind, problem);
    }
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await this.#refreshing?.catch(() => {});
    await releaseExpander();
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function ageOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 90) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} days`;
}
