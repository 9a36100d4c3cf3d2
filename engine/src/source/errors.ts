import { PersonasError } from "../model/errors.ts";

export type CalendarErrorCode =
  | "calendar-unreachable"
  | "calendar-refused"
  | "calendar-missing"
  | "calendar-not-a-calendar"
  | "calendar-too-large"
  | "calendar-busy";

/** A calendar could not be read. Messages never carry its address. */
export class CalendarError extends PersonasError {
  override name = "CalendarError";
  /** The server's own wish when to come back, ms. */
  readonly retryAfter: number | undefined;
  /** Trying again soon will not help. */
  readonly lasting: boolean;
  constructor(
    code: CalendarErrorCode,
    message: string,
    options: { lasting: boolean; retryAfter?: number | undefined; cause?: unknown } = { lasting: false },
  ) {
    super(code, message, { responsible: options.lasting ? "owner" : "retry", cause: options.cause });
    this.lasting = options.lasting;
    this.retryAfter = options.retryAfter;
  }
}

/** What an HTTP status means for a calendar; undefined when it is fine. */
export function statusError(status: number, retryAfter?: number): CalendarError | undefined {
  if (status < 400) return undefined;
  if (status === 401 || status === 403)
    return new CalendarError(
      "calendar-refused",
      `the server refuses (${status}); the login or the secret address is wrong or was revoked: copy it again from the calendar's settings`,
      { lasting: true },
    );
  if (status === 404 || status === 410)
    return new CalendarError(
      "calendar-missing",
      `there is no such calendar at the address (${status}); check it, or whether the calendar is still shared`,
      { lasting: true },
    );
  if (status === 429 || status >= 500)
    return new CalendarError("calendar-busy", `the server is busy or has a fault (${status})`, { lasting: false, retryAfter });
  return new CalendarError("calendar-refused", `the server answered ${status}`, { lasting: true });
}

/** Where an address points to, without what makes it secret. */
export function placeOf(address: string): string {
  try {
    return new URL(address).host || "a file";
  } catch {
    return "a file";
  }
}
