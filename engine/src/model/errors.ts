import { inEnglish, type Sentence } from "./sentence.ts";

/** Who must act on an error: the person who wrote the input, the owner at the router, nobody (it is retried), or we. */
export type Responsible = "caller" | "owner" | "retry" | "us";

/** Base of every error that crosses a boundary: a stable code, who must act, and a message that says what to do. */
export class PersonasError extends Error {
  override name = "PersonasError";
  readonly code: string;
  readonly responsible: Responsible;
  /** Field of the input that is wrong, dotted; undefined when it is not about a field. */
  readonly field: string | undefined;
  /** What went wrong as a sentence, which every surface says in the language of its reader; undefined where English is all there is. */
  readonly said: Sentence | undefined;
  constructor(
    code: string,
    message: string,
    options: { responsible?: Responsible; field?: string | undefined; said?: Sentence | undefined; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.responsible = options.responsible ?? "caller";
    this.field = options.field;
    this.said = options.said;
  }
}

/** Input that does not mean anything: names the field and what was expected, as a sentence where it is typed into a form. */
export class BadInput extends PersonasError {
  override name = "BadInput";
  constructor(field: string, what: string | Sentence) {
    const message = typeof what === "string" ? what : inEnglish(what);
    super("bad-input", field ? `${field}: ${message}` : message, {
      responsible: "caller",
      field,
      said: typeof what === "string" ? undefined : what,
    });
  }
}
/** Something named that does not exist. */
export class NotFound extends PersonasError {
  override name = "NotFound";
  constructor(what: string, id: string) {
    super("not-found", `there is no ${what} "${id}"`, { responsible: "caller" });
  }
}
