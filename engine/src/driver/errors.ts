import { inEnglish, PersonasError, type Responsible, type Sentence } from "../model/index.ts";

interface Where {
  router: string;
  /** What was asked, without secrets, e.g. "uci apply". */
  request?: string;
  cause?: unknown;
}

/** What went wrong: a sentence, which every surface says in the language of its reader, or English that only the router's owner can make sense of. */
type Told = string | Sentence;

/** A router did not do what was asked. `retryable` says whether asking again may help. */
export class DriverError extends PersonasError {
  override name = "DriverError";
  readonly router: string;
  readonly request: string | undefined;
  readonly retryable: boolean;
  constructor(code: string, what: Told, where: Where, options: { responsible: Responsible; retryable: boolean }) {
    super(code, `${where.router}: ${typeof what === "string" ? what : inEnglish(what)}${where.request ? ` (${where.request})` : ""}`, {
      responsible: options.responsible,
      cause: where.cause,
      said: typeof what === "string" ? undefined : what,
    });
    this.router = where.router;
    this.request = where.request;
    this.retryable = options.retryable;
  }
}

/** No answer, or none in time. */
export class Unreachable extends DriverError {
  override name = "Unreachable";
  constructor(message: Told, where: Where) {
    super("unreachable", message, where, { responsible: "retry", retryable: true });
  }
}
/** The router refused user name or password. Not repeated until the settings change. */
export class AuthFailed extends DriverError {
  override name = "AuthFailed";
  constructor(message: Told, where: Where) {
    super("auth-failed", message, where, { responsible: "owner", retryable: false });
  }
}
/** The router refuses logins for a while, or another administrator holds it. */
export class LockedOut extends DriverError {
  override name = "LockedOut";
  constructor(message: Told, where: Where) {
    super("locked-out", message, where, { responsible: "owner", retryable: true });
  }
}
/** The account lacks one right. */
export class PermissionMissing extends DriverError {
  override name = "PermissionMissing";
  readonly right: string;
  constructor(right: string, message: string, where: Where) {
    super("permission-missing", message, where, { responsible: "owner", retryable: false });
    this.right = right;
  }
}
/** The router or its firmware cannot do it. */
export class Unsupported extends DriverError {
  override name = "Unsupported";
  readonly feature: string;
  constructor(feature: string, message: Told, where: Where) {
    super("unsupported", message, where, { responsible: "owner", retryable: false });
    this.feature = feature;
  }
}
/** The router said no, or answered something it should not. */
export class Rejected extends DriverError {
  override name = "Rejected";
  constructor(message: Told, where: Where, options: { retryable?: boolean } = {}) {
    super("rejected", message, where, { responsible: "owner", retryable: options.retryable ?? false });
  }
}
/** It said yes, but does not hold what was written. */
export class ReadBackMismatch extends DriverError {
  override name = "ReadBackMismatch";
  readonly diff: readonly string[];
  constructor(diff: readonly string[], where: Where) {
    super(
      "read-back-mismatch",
      `the router does not hold what was written: ${diff.slice(0, 3).join("; ")}${diff.length > 3 ? ` and ${diff.length - 3} more` : ""}`,
      where,
      { responsible: "retry", retryable: true },
    );
    this.diff = diff;
  }
}
/** The plan would cut the path between us and the router. Nothing was written. */
export class UnsafePlan extends DriverError {
  override name = "UnsafePlan";
  constructor(message: string, where: Where) {
    super("unsafe-plan", message, where, { responsible: "caller", retryable: false });
  }
}
