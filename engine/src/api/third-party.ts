import type { z } from "zod";
import { type Constraint, type Distribution, later, PersonasError, type SignalInput, subjectsOf } from "../model/index.ts";
import { BadRequest, type InputProblem } from "./errors.ts";
import { type Principal, requireScope } from "./principal.ts";
import type { Call, Received } from "./route.ts";
import { longestStatementMs, strongestEvidence } from "./schemas.ts";

type Asking = Pick<Call<unknown, unknown, unknown>, "service" | "principal" | "view" | "now">;
type ParsedSignal = z.output<typeof SignalInput>;

const defaultConstraintMs = 3_600_000;

/**
 * The source under which something said is kept. What comes with a token is marked with the token's name, so that
 * nobody can speak as the owner, a router or another token.
 */
export function attributed(principal: Principal, source: string): string {
  if (principal.kind !== "token") return source;
  const prefix = `token:${principal.name}`;
  return (source === prefix || source.startsWith(`${prefix}/`) ? source : `${prefix}/${source}`).slice(0, 100);
}

/** @throws PersonasError `forbidden` when the token may not speak for it; BadRequest when it does not exist */
export function requireSubject({ service, view }: Asking, id: string, field = "subject"): void {
  view.require(id, field);
  const known = subjectsOf(service.home().home).map((s) => s.id);
  if (known.includes(id)) return;
  throw new BadRequest([
    { field, message: `there is no person or unowned device "${id}"; expected one of: ${known.filter(view.covers).join(", ")}` },
  ]);
}

/** @throws BadRequest naming each persona that does not exist */
export function requirePersonas(
  { service }: Asking,
  distribution: Distribution,
  field: string,
  assumed: readonly { id: string }[] = [],
): void {
  const known = [...new Set([...service.personas().map((p) => p.persona), ...assumed].map(({ id }) => id))];
  const problems = Object.keys(distribution)
    .filter((id) => !known.includes(id))
    .map((id): InputProblem => ({ field: `${field}.${id}`, message: `there is no persona "${id}"; expected one of: ${known.join(", ")}` }));
  if (problems.length > 0) throw new BadRequest(problems);
}

/**
 * Signals as they go to the engine, which checks what they name: attributed, evidence clamped and limited in time.
 * Overrides and activities decide by themselves, so they need the scope `control`.
 * @throws PersonasError `forbidden`
 */
export function acceptedSignals({ principal, view, now }: Asking, signals: readonly ParsedSignal[]): SignalInput[] {
  return signals.map((signal): SignalInput => {
    view.require(signal.subject, "subject");
    if (signal.kind === "override" || signal.kind === "activity") requireScope(principal, "control", `a signal of kind "${signal.kind}"`);
    const said = { ...signal, source: attributed(principal, signal.source) };
    return said.kind === "evidence" ? clampedEvidence(said, now) : said;
  });
}

function clampedEvidence(signal: Extract<ParsedSignal, { kind: "evidence" }>, now: number): SignalInput {
  const latest = new Date(now + longestStatementMs).toISOString();
  return {
    ...signal,
    logOdds: Object.fromEntries(
      Object.entries(signal.logOdds).map(([persona, x]) => [persona, Math.min(strongestEvidence, Math.max(-strongestEvidence, x))]),
    ),
    ...(signal.expiresAt !== undefined && signal.expiresAt > latest ? { expiresAt: latest } : {}),
  };
}

/**
 * A constraint as it goes to the engine: attributed, an hour long unless it says otherwise, a day at most.
 * @throws BadRequest, or PersonasError `conflict` when the id belongs to somebody else's constraint
 */
export function acceptedConstraint(
  asking: Asking,
  constraint: Received<z.output<typeof Constraint>>,
): Received<z.output<typeof Constraint>> {
  requireSubject(asking, constraint.subject);
  const { floor, cap } = constraint;
  const problems: InputProblem[] = [];
  const nothing =
    !floor && !cap && constraint.weight === undefined && constraint.blockApplications.length === 0 && constraint.tighten.length === 0;
  if (nothing)
    problems.push({ field: "", message: "asks for nothing; give at least one of floor, cap, weight, blockApplications and tighten" });
  for (const direction of ["down", "up"] as const) {
    const [least, most] = [floor?.[direction], cap?.[direction]];
    if (least !== undefined && most !== undefined && least > most)
      problems.push({ field: `floor.${direction}`, message: `is above the cap of ${most} kbit/s` });
  }
  const nowText = new Date(asking.now).toISOString();
  if (constraint.expiresAt !== undefined && constraint.expiresAt <= nowText)
    problems.push({ field: "expiresAt", message: "has passed already" });
  if (problems.length > 0) throw new BadRequest(problems);
  const source = attributed(asking.principal, constraint.source);
  const standing = asking.service.constraints().find((c) => c.id === constraint.id);
  if (standing && (standing.source !== source || !asking.view.covers(standing.subject))) {
    throw new PersonasError("conflict", `the id "${constraint.id}" is taken by another source; choose one of your own or leave it out`, {
      field: "id",
    });
  }
  const latest = later(nowText, longestStatementMs);
  const wanted = constraint.expiresAt ?? later(nowText, defaultConstraintMs);
  return { ...constraint, source, expiresAt: [wanted, latest].sort()[0]! };
}
