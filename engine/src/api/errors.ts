import type { BadFileError } from "@network-personas/personas/load";
import type { Log } from "../driver/port.ts";
import { meaningOf, PersonasError, type Responsible, type Sentence, sentence } from "../model/index.ts";

/** One thing wrong with an input. `line` and `column` only for texts. */
export interface InputProblem {
  field: string;
  message: string;
  line?: number;
  column?: number;
}

/** What every refused request answers. */
export interface ErrorBody {
  error: { code: string; message: string; said?: Sentence; field?: string; problems?: readonly InputProblem[] };
}

/** Input with several things wrong. The message holds them all. */
export class BadRequest extends PersonasError {
  override name = "BadRequest";
  readonly problems: readonly InputProblem[];
  /** `said`: what is wrong, where it is one thing. */
  constructor(problems: readonly InputProblem[], said?: Sentence) {
    const text = problems.map((p) => (p.field ? `${p.field}: ${p.message}` : p.message)).join("; ");
    super("bad-input", text, { responsible: "caller", ...(problems[0]?.field ? { field: problems[0].field } : {}), said });
    this.problems = problems;
  }
}

/** Too many tokens that were not valid; `seconds` until the next may be tried. */
export class TooManyAttempts extends PersonasError {
  override name = "TooManyAttempts";
  readonly seconds: number;
  constructor(address: string, seconds: number) {
    super("too-many-attempts", `too many tokens that are not valid came from ${address}; try again in ${seconds} s`);
    this.seconds = seconds;
  }
}

/** Status of each code that does not follow from who must act. */
const statusByCode: Readonly<Record<string, number>> = {
  "bad-input": 400,
  "bad-file": 400,
  unauthenticated: 401,
  forbidden: 403,
  "not-found": 404,
  "method-not-allowed": 405,
  conflict: 409,
  "unsafe-plan": 409,
  "too-large": 413,
  "unsupported-media-type": 415,
  "upgrade-required": 426,
  "precondition-required": 428,
  "too-many-attempts": 429,
  internal: 500,
};
const statusByResponsible: Readonly<Record<Responsible, number>> = { caller: 400, owner: 502, retry: 503, us: 500 };

// Told by shape, not by class: a driver from another package may bring its own copy of our classes.
const isPersonasError = (error: unknown): error is PersonasError =>
  error instanceof Error && "code" in error && "responsible" in error && String(error.responsible) in statusByResponsible;
const isDriverError = (error: PersonasError): boolean => "router" in error && "retryable" in error;
const isBadFile = (error: unknown): error is BadFileError => error instanceof Error && error.name === "BadFileError" && "problems" in error;

/** Status for an error: by its code, else 502 for a router's error, else by who must act. */
export function statusOf(error: PersonasError): number {
  return statusByCode[error.code] ?? (isDriverError(error) ? 502 : statusByResponsible[error.responsible]);
}

/** The answer to an error. What is not meant for the caller goes to the log under a reference, never into the answer. */
export function describeError(error: unknown, log: Log): { status: number; body: ErrorBody } {
  if (isBadFile(error)) return describeError(new BadRequest(error.problems), log);
  if (isPersonasError(error) && statusOf(error) !== 500) {
    const problems = error instanceof BadRequest ? { problems: error.problems } : {};
    const field = error.field ? { field: error.field } : {};
    const meaning = meaningOf(error);
    const said = meaning ? { said: meaning } : {};
    return { status: statusOf(error), body: { error: { code: error.code, message: error.message, ...said, ...field, ...problems } } };
  }
  const reference = crypto.randomUUID().slice(0, 8);
  log.error(`api: internal error ${reference}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return {
    status: 500,
    body: {
      error: {
        code: "internal",
        message: `this went wrong on our side; the engine's log says what, under ${reference}`,
        said: sentence("error-internal"),
      },
    },
  };
}
