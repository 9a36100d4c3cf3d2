import { PersonasError } from "@network-personas/engine/model";

/** The engine's reasons for saying no, as opposed to not having been reached or not having done its work. */
export interface Refusal {
  code: string;
  message: string;
  field?: string;
}

/** What the engine refused, or undefined when the error is something else. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof PersonasError) || error.responsible === "retry" || error.responsible === "us") return undefined;
  return { code: error.code, message: error.message, ...(error.field && { field: error.field }) };
}
