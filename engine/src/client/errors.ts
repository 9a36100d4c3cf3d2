/** What of a request was wrong, from the API's answer. */
export interface ApiProblem {
  field: string;
  message: string;
  line?: number;
  column?: number;
}

/**
 * The API refused a request, or could not be reached (`status` 0, code `unreachable` or `timeout`).
 * The message says what to do; it never holds the token.
 */
export class ApiError extends Error {
  override name = "ApiError";
  readonly code: string;
  readonly status: number;
  /** Dotted path of the first field that is wrong. */
  readonly field: string | undefined;
  /** Everything that is wrong with the input. */
  readonly problems: readonly ApiProblem[];
  constructor(
    code: string,
    status: number,
    message: string,
    details: { field?: string | undefined; problems?: readonly ApiProblem[] | undefined; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = status;
    this.field = details.field;
    this.problems = details.problems ?? [];
  }
}

/** The value of a JSON text; undefined when it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The error that a refused request's answer describes. */
export function errorOf({ status, text }: { status: number; text: string }): ApiError {
  const body = parsedJson(text) as
    | { error?: { code?: string; message?: string; field?: string; problems?: ApiProblem[] } }
    | null
    | undefined;
  const error = body?.error;
  if (!error?.code)
    return new ApiError("bad-response", status, `the answer (status ${status}) is not from a Network Personas engine; check the URL`);
  return new ApiError(error.code, status, error.message ?? error.code, { field: error.field, problems: error.problems });
}
