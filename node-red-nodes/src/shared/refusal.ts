import { ApiError } from "@network-personas/engine/client";

/** Why the engine said no, as opposed to not having been reached or having failed itself. */
export interface Refusal {
  code: string;
  message: string;
  field?: string;
}

/** What the engine refused, or undefined when the error is something else. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof ApiError) || error.status < 400 || error.status >= 500) return undefined;
  return { code: error.code, message: error.message, ...(error.field && { field: error.field }) };
}
