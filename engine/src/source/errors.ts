// A worker runs this, too, and needs no schemas.
import { PersonasError } from "../model/errors.ts";
import { reachTrouble } from "../model/reach.ts";
import { inEnglish, type Sentence, sentence } from "../model/sentence.ts";

export type CalendarErrorCode =
  | "calendar-unreachable"
  | "calendar-refused"
  | "calendar-missing"
  | "calendar-not-a-calendar"
  | "calendar-too-large"
  | "calendar-busy";

/** A calendar could not be read: a sentence that says why, and never holds its address. */
export class CalendarError extends PersonasError {
  override name = "CalendarError";
  declare readonly code: CalendarErrorCode;
  declare readonly said: Sentence;
  /** The server's own wish when to come back, ms. */
  readonly retryAfter: number | undefined;
  /** Trying again soon will not help. */
  readonly lasting: boolean;
  /** `place`: where it was looked for, without what makes the address secret. */
  constructor(
    code: CalendarErrorCode,
    said: Sentence,
    options: { lasting: boolean; place?: string | undefined; retryAfter?: number | undefined; cause?: unknown },
  ) {
    super(code, `${options.place ? `${options.place}: ` : ""}${inEnglish(said)}`, {
      responsible: options.lasting ? "owner" : "retry",
      cause: options.cause,
      said,
    });
    this.lasting = options.lasting;
    this.retryAfter = options.retryAfter;
  }
}

/** What an HTTP status means for a calendar; undefined when it is fine. */
export function statusError(status: number, retryAfter?: number): CalendarError | undefined {
  if (status < 400) return undefined;
  if (status === 401 || status === 403)
    return new CalendarError("calendar-refused", sentence("calendar-refused", { status }), { lasting: true });
  if (status === 404 || status === 410)
    return new CalendarError("calendar-missing", sentence("calendar-missing", { status }), { lasting: true });
  if (status === 429 || status >= 500)
    return new CalendarError("calendar-busy", sentence("calendar-busy", { status }), { lasting: false, retryAfter });
  return new CalendarError("calendar-refused", sentence("calendar-answered", { status }), { lasting: true });
}

/** What is larger than what is read. `limit`: bytes. */
export const tooLarge = (limit: number): CalendarError =>
  new CalendarError("calendar-too-large", sentence("calendar-large", { limit: limit / 1e6 }), { lasting: true });

/** Why a calendar's server was not reached. What fetch says itself may hold the address. `limit`: how long was waited, in ms. */
export const unreachable = (error: unknown, address: string, limit: number): CalendarError =>
  new CalendarError("calendar-unreachable", reachTrouble(error, limit), { lasting: false, place: placeOf(address) });

/** Where an address points to, without what makes it secret. */
export function placeOf(address: string): string {
  try {
    return new URL(address).host || "a file";
  } catch {
    return "a file";
  }
}
