import type {
  ApplyOutcome,
  CalibrationReport,
  DoctorFinding,
  DriverQuestion,
  EngineState,
  HistoryEntry,
  UpcomingEvent,
} from "../model/index.ts";
import { html, type Markup } from "./html.ts";
import type { OfferedPersona, Setup } from "./setup/state.ts";
import type { Key, Words } from "./words.ts";

/** Everything a page may show. */
export interface View {
  state: EngineState;
  words: Words;
  /** Names of personas by id. */
  personas: ReadonlyMap<string, string>;
  /** What may be set by hand; empty until asked. */
  offered: readonly OfferedPersona["persona"][];
  /** Newest part of the history, oldest first; undefined until asked. */
  history?: readonly HistoryEntry[] | undefined;
  /** undefined until asked. */
  calibration?: CalibrationReport | undefined;
  events?: readonly UpcomingEvent[] | undefined;
  findings?: readonly DoctorFinding[] | undefined;
  setup?: Setup | undefined;
}

export type Page = (view: View) => Markup;

export const personaName = ({ personas, words }: View, id: string): string => words.persona({ id, name: personas.get(id) ?? id });
export const subjectName = ({ state }: View, id: string): string =>
  state.subjects.find((s) => s.subject === id)?.name ?? state.devices.find((d) => d.device === id)?.name ?? id;
const holds = { paused: "paused", undone: "heldUndone", released: "heldReleased" } as const satisfies Record<string, Key>;
/** That nothing is applied, and the way on. */
export function held({ state: { at, hold }, words }: View): Markup | undefined {
  if (!hold) return undefined;
  return html`<section class="card" data-key="hold"><p>${words.say(holds[hold.why], { time: hold.until ? words.when(hold.until, at) : "" })}</p><button class="main" data-do="apply">${words.say("resume")}</button></section>`;
}

/** A colour of its own for a persona, the same everywhere: one of the classes `tone-0` to `tone-7`. */
export function tone(view: View, persona: string): string {
  if (persona === "everyday") return "tone-rest";
  return `tone-${[...view.personas.keys()].filter((id) => id !== "everyday").indexOf(persona) % 8}`;
}

const hourMs = 3_600_000;
/** Instants at which the wall clock of a zone shows some hours of the day that begins at `from`; 24 is when it ends: a day may have 23 or 25. */
export function hoursOf(from: number, timeZone: string, hours: readonly number[]): number[] {
  const wall = new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", hour: "numeric", hourCycle: "h23" });
  const shown = (at: number) => Object.fromEntries(wall.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { day: first, hour: begins = 0 } = shown(from);
  return hours.map((hour) => {
    const at = from + (hour - begins) * hourMs;
    const { day, hour: there = 0 } = shown(at);
    return at + (hour - (day === first ? there : there + 24)) * hourMs;
  });
}

/** What came of an attempt, in words. */
export const resultOf = (words: Words, { result }: ApplyOutcome): string => words.say(result === "failed" ? "result-failed" : result);

const actions = { add: "add", set: "change-set", remove: "remove" } as const;
const signs = { add: "+", set: "~", remove: "−" } as const;
/** Changes of a router as a diff. */
export const diff = (words: Words, changes: ApplyOutcome["changes"]): Markup =>
  html`<ul class="diff">${changes.map((c) => html`<li class="${c.action}"><span aria-label="${words.say(actions[c.action])}" role="img">${signs[c.action]}</span> <span>${words.reason(c.said, c.summary)}</span></li>`)}</ul>`;

/** Remedies name fields of home.yaml and the driver's page; on the screen are labelled inputs, and what that page says stands folded above them. */
export const namesOnScreen =
  (words: Words, questions?: readonly DriverQuestion[]) =>
  (text: string): string => {
    const folded = ([...(questions ? [] : ["setup", "step-router"]), "prepare"] as Key[]).map((key) => words.quoted(words.say(key)));
    return text
      .replace(/`(\w+)`/g, (whole, field) => {
        const label = questions?.find((q) => q.field === field)?.label[words.language].replace(/ \(.*$/, "") ?? words.fieldName(field);
        return label === undefined ? whole : words.quoted(label);
      })
      .replaceAll("install/README.md", folded.join(" → "));
  };

/** What a check-up found, and what to do about it. `inTermsOf`: what home.yaml names, in the terms of the screen. */
export const finding = (words: Words, { area, check, message, remedy, said }: DoctorFinding, inTermsOf = namesOnScreen(words)): Markup =>
  html`${words.looked("area", area)}: ${words.looked("check", check)}: ${words.trouble(said?.message, message, inTermsOf)}${remedy && html`<br>→ ${words.reason(said?.remedy, remedy, inTermsOf)}`}`;
