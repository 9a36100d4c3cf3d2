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

/** The error that a refused request's answer describes. */
export async function errorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => undefined)) as
    | { error?: { code?: string; message?: string; field?: string; problems?: ApiProblem[] } }
    | undefined;
  const error = body?.error;
  if (!error?.code)
    return new ApiError(
      "bad-response",
      response.status,
      `the answer (status ${response.status}) is not from a Network Personas engine; check the URL`,
    );
  return new ApiError(error.code, response.status, error.message ?? error.code, { field: error.field, problems: error.problems });
}
