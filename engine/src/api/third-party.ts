import type { z } from "zod";
import { type Constraint, type Distribution, later, PersonasError, type SignalInput, subjectsOf } from "../model/index.ts";
import { BadRequest, type InputProblem } from "./errors.ts";
import { type Principal, requireScope } from "./principal.ts";
import type { Call, Received } from "./route.ts";
import { longestStatementMs, strongestEvidence } from "./schemas.ts";

type Asking = Pick<Call<unknown, unknown, unknown>, "service" | "principal" | "view" | "now">;
type ParsedSignal = z.output<typeof SignalInput>;

/** Clocks of senders may be this far ahead of ours. */
const toleratedAheadMs = 5 * 60_000;
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

/** What is wrong with naming this subject or persona; checked against the home as it is now. */
function namesOf({ service, view }: Asking) {
  const { home } = service.home();
  const subjects = subjectsOf(home).map((s) => s.id);
  const people = home.people.map((p) => p.id);
  const devices = home.devices.map((d) => d.id);
  const personas = service.personas().map((p) => p.persona.id);
  const unknown = (what: string, id: string, known: readonly string[]) => {
    const visible = known.filter(view.covers);
    return `there is no ${what} "${id}"; there ${visible.length === 1 ? "is" : "are"} ${visible.join(", ") || "none"}`;
  };
  return {
    subject: (id: string) => (subjects.includes(id) ? undefined : unknown("person or unowned device", id, subjects)),
    person: (id: string) => (people.includes(id) ? undefined : unknown("person", id, people)),
    present: (id: string) => (people.includes(id) || devices.includes(id) ? undefined : unknown("person or device", id, [...people, ...devices])),
    persona: (id: string) => (personas.includes(id) ? undefined : `there is no persona "${id}"; there are ${personas.join(", ")}`),
  };
}

/** @throws BadRequest when the subject does not exist; PersonasError `forbidden` when the token may not speak for it */
export function requireSubject(asking: Asking, id: string, field = "subject"): void {
  asking.view.require(id);
  const message = namesOf(asking).subject(id);
  if (message) throw new BadRequest([{ field, message }]);
}

/** @throws BadRequest naming each persona that does not exist */
export function requirePersonas(asking: Asking, distribution: Distribution, field: string): void {
  const names = namesOf(asking);
  const problems = Object.keys(distribution).flatMap((id): InputProblem[] => {
    const message = names.persona(id);
    return message ? [{ field: `${field}.${id}`, message }] : [];
  });
  if (problems.length > 0) throw new BadRequest(problems);
}

/**
 * Signals as they go to the engine: attributed, evidence clamped and limited in time. All or none.
 * Overrides and activities decide by themselves, so they need the scope `control`.
 * @throws BadRequest with every problem of every signal
 */
export function acceptedSignals(asking: Asking, signals: readonly ParsedSignal[], fieldOf: (index: number) => string): SignalInput[] {
  const names = namesOf(asking);
  const problems: InputProblem[] = [];
  const accepted = signals.map((signal, index): SignalInput => {
    const wrong = (field: string, message: string | undefined) => {
      if (message) problems.push({ field: `${fieldOf(index)}${field}`, message });
    };
    asking.view.require(signal.subject);
    if (signal.kind === "override" || signal.kind === "activity") requireScope(asking.principal, "control", `a signal of kind "${signal.kind}"`);
    if (signal.kind === "presence") wrong("subject", names.present(signal.subject));
    else if (signal.kind === "location") wrong("subject", names.person(signal.subject));
    else wrong("subject", names.subject(signal.subject));
    if (signal.kind === "evidence") for (const persona of Object.keys(signal.logOdds)) wrong(`logOdds.${persona}`, names.persona(persona));
    if ((signal.kind === "override" || signal.kind === "activity") && signal.persona !== null) wrong("persona", names.persona(signal.persona));
    const at = signal.at === undefined ? asking.now : Date.parse(signal.at);
    if (at > asking.now + toleratedAheadMs) wrong("at", "lies in the future; check the clock of the sender, or leave it out");
    if (signal.expiresAt !== undefined && Date.parse(signal.expiresAt) <= at) wrong("expiresAt", "must be after `at`");
    const said = { ...signal, source: attributed(asking.principal, signal.source) };
    return said.kind === "evidence" ? clampedEvidence(said, asking.now) : said;
  });
  if (problems.length > 0) throw new BadRequest(problems);
  return accepted;
}

function clampedEvidence(signal: Extract<ParsedSignal, { kind: "evidence" }>, now: number): SignalInput {
  const latest = new Date(now + longestStatementMs).toISOString();
  return {
    ...signal,
    logOdds: Object.fromEntries(Object.entries(signal.logOdds).map(([persona, x]) => [persona, Math.min(strongestEvidence, Math.max(-strongestEvidence, x))])),
    ...(signal.expiresAt !== undefined && signal.expiresAt > latest ? { expiresAt: latest } : {}),
  };
}

/**
 * A constraint as it goes to the engine: attributed, an hour long unless it says otherwise, a day at most.
 * @throws BadRequest, or PersonasError `conflict` when the id belongs to somebody else's constraint
 */
export function acceptedConstraint(asking: Asking, constraint: Received<z.output<typeof Constraint>>): Received<z.output<typeof Constraint>> {
  requireSubject(asking, constraint.subject);
  const { floor, cap } = constraint;
  const problems: InputProblem[] = [];
  const nothing = !floor && !cap && constraint.weight === undefined && constraint.blockApplications.length === 0 && constraint.tighten.length === 0;
  if (nothing) problems.push({ field: "", message: "asks for nothing; give at least one of floor, cap, weight, blockApplications and tighten" });
  for (const direction of ["down", "up"] as const) {
    const [least, most] = [floor?.[direction], cap?.[direction]];
    if (least !== undefined && most !== undefined && least > most) problems.push({ field: `floor.${direction}`, message: `is above the cap of ${most} kbit/s` });
  }
  const nowText = new Date(asking.now).toISOString();
  if (constraint.expiresAt !== undefined && constraint.expiresAt <= nowText) problems.push({ field: "expiresAt", message: "has passed already" });
  if (problems.length > 0) throw new BadRequest(problems);
  const source = attributed(asking.principal, constraint.source);
  const standing = asking.service.constraints().find((c) => c.id === constraint.id);
  if (standing && (standing.source !== source || !asking.view.covers(standing.subject))) {
    throw new PersonasError("conflict", `the id "${constraint.id}" is taken by another source; choose one of your own or leave it out`, { field: "id" });
  }
  const latest = later(nowText, longestStatementMs);
  const wanted = constraint.expiresAt ?? later(nowText, defaultConstraintMs);
  return { ...constraint, source, expiresAt: wanted < latest ? wanted : latest };
}
