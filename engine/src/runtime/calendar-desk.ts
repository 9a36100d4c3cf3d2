import type { Clock, Log } from "../driver/port.ts";
import { type CalendarConfig, type CalendarStatus, type Instant, later, type Occurrence } from "../model/index.ts";
import { type CalendarSource, dropOtherCopies, noCopyStore, openCalendar } from "../source/index.ts";
import { repeat } from "./repeat.ts";
import type { Secrets } from "./secrets.ts";

const hour = 60 * 60_000;
/** How far ahead occurrences are held, and how far back. */
const ahead = 48 * hour;
const behind = 24 * hour;
/** Sources decide themselves when to ask their server; this only gives them the occasion. */
const pollEvery = 30_000;
/** How long occurrences of an unchanged text are used before the window is moved on, and so how much further it has to reach. */
const window = 6 * hour;

export interface CalendarDeskOptions {
  calendars: readonly CalendarConfig[];
  /** Those of which no copy is kept on disk. */
  unkept: ReadonlySet<string>;
  timeZone: string;
  /** Conference hosts personas name. */
  conferenceHosts: readonly string[];
  /** Folder relative calendar paths start from. */
  folder: string;
  dataDir: string;
  secrets: Secrets;
  clock: Clock;
  log: Log;
  /** Called when occurrences or a status changed. */
  onChange(status: CalendarStatus): void;
}

/** Keeps the occurrences of all calendars of a home at hand. A calendar that fails leaves the others and its own last good copy alone. */
export class CalendarDesk {
  readonly #options: CalendarDeskOptions;
  readonly #sources = new Map<string, CalendarSource>();
  readonly #held = new Map<string, readonly Occurrence[]>();
  /** Of which text they are, and when they were read, ms since 1970. */
  readonly #read = new Map<string, { revision: number; at: number }>();
  readonly #statuses = new Map<string, CalendarStatus>();
  readonly #stop = new AbortController();

  constructor(options: CalendarDeskOptions) {
    this.#options = options;
    for (const { id } of options.calendars)
      this.#statuses.set(id, { calendar: id, status: "loading", fetchedAt: null, events: 0, problems: [] });
  }
  get occurrences(): ReadonlyMap<string, readonly Occurrence[]> {
    return this.#held;
  }
  /** Occurrences as they matter at `at`, which may be any time. */
  async around(at: Instant): Promise<ReadonlyMap<string, readonly Occurrence[]>> {
    const distance = Date.parse(at) - this.#options.clock.now();
    // A belief looks a day ahead.
    if (distance > -behind && distance < ahead - 24 * hour) return this.#held;
    return this.#readAll(later(at, -behind), later(at, ahead));
  }
  /** Occurrences that overlap [from, to), and perhaps more. A calendar that cannot be expanded gives what is held of it. */
  async between(from: Instant, to: Instant): Promise<ReadonlyMap<string, readonly Occurrence[]>> {
    const now = this.#options.clock.now();
    if (Date.parse(from) > now - behind + hour && Date.parse(to) < now + ahead - hour) return this.#held;
    return this.#readAll(from, to);
  }
  async #readAll(from: Instant, to: Instant): Promise<ReadonlyMap<string, readonly Occurrence[]>> {
    const read = async ([id, source]: [string, CalendarSource]) =>
      [id, await source.occurrences(from, to).catch(() => this.#held.get(id) ?? [])] as const;
    return new Map(await Promise.all([...this.#sources].map(read)));
  }
  statuses(): CalendarStatus[] {
    return [...this.#statuses.values()];
  }

  /** Opens every calendar and reads it once; resolves when all have answered or failed. */
  async open(): Promise<void> {
    const { calendars, unkept, dataDir } = this.#options;
    await dropOtherCopies(
      dataDir,
      calendars.map(({ id }) => id).filter((id) => !unkept.has(id)),
    );
    await Promise.all(this.#options.calendars.map((config) => this.refresh(config)));
  }
  /** Keeps reading until closed. */
  run(): void {
    const { clock, log, calendars } = this.#options;
    void repeat(pollEvery, clock, log, this.#stop.signal, async () => {
      await Promise.all(calendars.map((config) => this.refresh(config)));
    });
  }

  /** Asks every calendar's server at once, whenever it was asked last. */
  async refreshNow(): Promise<void> {
    await Promise.all(this.#options.calendars.map((config) => this.refresh(config, { force: true })));
  }
  async refresh(config: CalendarConfig, options: { force?: boolean } = {}): Promise<void> {
    const now = new Date(this.#options.clock.now()).toISOString();
    try {
      const source = this.#sources.get(config.id) ?? (await this.#openSource(config));
      await source.refresh(options);
      this.#accept(source.status(), await this.#current(source, now));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#accept(
        { calendar: config.id, status: "failed", fetchedAt: null, events: 0, problems: [this.#options.secrets.redact(message)] },
        this.#held.get(config.id) ?? [],
      );
    }
  }

  /** Expanding a calendar takes a worker: as long as its text stays, what was read serves for a while. */
  async #current(source: CalendarSource, now: Instant): Promise<readonly Occurrence[]> {
    const held = this.#held.get(source.id);
    const read = this.#read.get(source.id);
    const age = Date.parse(now) - (read?.at ?? 0);
    if (held && read?.revision === source.revision && age >= 0 && age < window) return held;
    const { revision } = source;
    const occurrences = await source.occurrences(later(now, -behind), later(now, ahead + window));
    this.#read.set(source.id, { revision, at: Date.parse(now) });
    return occurrences;
  }

  async #openSource(config: CalendarConfig): Promise<CalendarSource> {
    const { secrets, clock, log, dataDir, folder, timeZone, conferenceHosts, unkept } = this.#options;
    const field = `calendars.${config.id}`;
    const ics = typeof config.ics === "object" ? await secrets.resolve(config.ics, `${field}.ics`) : config.ics;
    if (ics && /^(https?|webcal):/i.test(ics)) secrets.register(ics);
    const caldav = config.caldav && {
      ...config.caldav,
      password: await secrets.resolve(config.caldav.password, `${field}.caldav.password`),
    };
    const copies = unkept.has(config.id) ? { copies: noCopyStore } : {};
    const source = await openCalendar({ ...config, ics, caldav }, { clock, log, dataDir, folder, timeZone, conferenceHosts, ...copies });
    this.#sources.set(config.id, source);
    return source;
  }

  #accept(status: CalendarStatus, occurrences: readonly Occurrence[]): void {
    const before = { status: this.#statuses.get(status.calendar), occurrences: this.#held.get(status.calendar) };
    this.#statuses.set(status.calendar, status);
    this.#held.set(status.calendar, occurrences);
    if (told(status, occurrences) !== told(before.status, before.occurrences)) this.#options.onChange(status);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all([...this.#sources.values()].map((source) => source.close()));
  }
}

/** What makes a status news: neither the time of the last look nor that the copy in use grows older. */
function told(status: CalendarStatus | undefined, occurrences: readonly Occurrence[] | undefined): string {
  const problems = status?.problems.map((problem) => problem.replace(/ \([^()]* old\)$/, ""));
  return JSON.stringify([{ ...status, fetchedAt: null, problems }, occurrences]);
}
