import type { Clock, Log } from "../driver/port.ts";
import type { CalendarConfig, CalendarStatus, Instant, Occurrence } from "../model/index.ts";

/** A calendar of home.yaml with its secrets resolved. */
export type ResolvedCalendar = Pick<CalendarConfig, "id" | "refresh"> & {
  name?: string | undefined;
  /** Path, http(s):// or webcal:// URL. */
  ics?: string | undefined;
  caldav?: { url: string; username: string; password: string } | undefined;
};

export interface SourceEnvironment {
  clock: Clock;
  log: Log;
  /** Folder for what must survive restarts. */
  dataDir: string;
  /** Home zone. */
  timeZone: string;
  /** Folder that relative paths start from; the working directory when absent. */
  folder?: string;
  /** Hosts of conference links that personas name, besides the well-known ones. */
  conferenceHosts?: readonly string[];
  fetch?: typeof globalThis.fetch;
  /** 0..1, for jitter. */
  random?(): number;
  copies?: CopyStore;
}

/** How long a server may take, ms: a whole CalDAV account needs a while the first time. */
export const answerWithin = { feed: 30_000, caldav: 120_000 } as const;

/** One calendar, wherever it comes from. Its last good copy outlives failures and restarts. */
export interface CalendarSource {
  readonly id: string;
  /** Rises with every text that is taken up: as long as it stays, occurrences stay. */
  readonly revision: number;
  status(): CalendarStatus;
  /** Asks the server when it is time to (or at once with `force`). Never rejects for a calendar that fails: `status` tells. */
  refresh(options?: { force?: boolean }): Promise<void>;
  /** Of the last good copy; empty when there is none yet. */
  occurrences(from: Instant, to: Instant): Promise<readonly Occurrence[]>;
  close(): Promise<void>;
}

/** A calendar as it was last read. */
export interface CalendarCopy {
  /** Hash of the address it came from: a copy of another address is of no use. Never the address itself. */
  origin: string;
  text: string;
  fetchedAt: Instant;
  /** What the next request needs: validators, tokens. Plain JSON. */
  state: unknown;
}

/** Where last good copies are kept. */
export interface CopyStore {
  get(calendar: string): Promise<CalendarCopy | undefined>;
  put(calendar: string, copy: CalendarCopy): Promise<void>;
}

/** What came of asking. `state` goes along with the next question. */
export type Fetched = { text: string; state: unknown } | { unchanged: true; state: unknown };

/** One way to get a calendar's text. Rejects with CalendarError. */
export interface CalendarFetcher {
  /** Identifies the address, for the copy's origin. Secret. */
  readonly address: string;
  /** Mail addresses the calendar's owner is known by. */
  owners(state: unknown): readonly string[];
  /** Its texts are reduced to what may be kept already. */
  readonly isReduced?: boolean;
  /** Asking costs next to nothing, so it is done every time. */
  readonly cheap: boolean;
  fetch(previous: CalendarCopy | undefined, signal: AbortSignal): Promise<Fetched>;
}
