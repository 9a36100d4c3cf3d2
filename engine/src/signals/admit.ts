import { describeIssues, type PersonaSet } from "@network-personas/personas";
import { BadInput, earliest, type Home, type Instant, later, type Signal, SignalInput, type SignalKind } from "../model/index.ts";
import { lifetimes } from "./expiry.ts";

/** How far ahead of our clock a sender's may be before we call it wrong. */
const clockTolerance = 5 * 60_000;

/** What a signal is checked against. */
export interface AdmitContext {
  home: Home;
  personas: PersonaSet;
  /** When it reached us. */
  at: Instant;
  /** Identity for signals that bring none; the same for the same arguments on a replay. */
  id: string;
}

/**
 * Checks a signal and completes it with identity, instants and expiry.
 * @throws BadInput naming the field that is wrong and what was expected
 */
export function admit(input: SignalInput, context: AdmitContext): Signal {
  const parsed = SignalInput.safeParse(input);
  if (!parsed.success) {
    const [first] = describeIssues(parsed.error);
    throw new BadInput(first!.field, first!.message);
  }
  const signal = parsed.data;
  const { home, personas } = context;
  const people = new Set(home.people.map((p) => p.id));
  const devices = new Set(home.devices.map((d) => d.id));
  const known = signal.kind === "location" ? people.has(signal.subject) : people.has(signal.subject) || devices.has(signal.subject);
  if (!known) {
    const expected = signal.kind === "location" ? [...people] : [...people, ...devices];
    throw new BadInput(
      "subject",
      `"${signal.subject}" is nobody in this home; expected one of: ${expected.join(", ") || "(home.yaml lists nobody yet)"}`,
    );
  }
  for (const [field, persona] of personasNamed(signal)) {
    if (!personas.has(persona)) throw new BadInput(field, `there is no persona "${persona}"; known: ${[...personas.keys()].join(", ")}`);
  }
  const at = signal.at ?? context.at;
  if (Date.parse(at) > Date.parse(context.at) + clockTolerance)
    throw new BadInput("at", `${at} is in the future; check the sender's clock or time zone`);
  const lifetime = defaultLifetime(signal.kind, home);
  const longest = later(at, lifetimes[signal.kind].longest);
  const wanted = signal.expiresAt ?? later(at, lifetime);
  if (wanted <= at) throw new BadInput("expiresAt", `${wanted} is not after ${at}`);
  return { ...signal, id: signal.id ?? context.id, at, expiresAt: earliest(wanted, longest) };
}

const defaultLifetime = (kind: SignalKind, home: Home) => (kind === "override" ? home.policy.forcedFor : lifetimes[kind].default);

function personasNamed(signal: SignalInput): [field: string, persona: string][] {
  if (signal.kind === "evidence") return Object.keys(signal.logOdds).map((p) => [`logOdds.${p}`, p]);
  if ((signal.kind === "override" || signal.kind === "activity") && signal.persona) return [["persona", signal.persona]];
  return [];
}
