import { everyday } from "@network-personas/personas";
import { type Belief, inEnglish, later, mostProbable, type Subject, type SubjectState, sentence, unrecorded } from "../model/index.ts";
import { type Decisions, eventsOf, type PipelineInput, predictSubject } from "./pipeline.ts";

/** Evidence that moves nothing visibly is left out of what people see. */
const leastShown = 0.05;
const mostShown = 12;
/** What is coming is named only when it is at least this likely. */
const likely = 0.3;
/** So many coming events are looked at for what comes next: a calendar may hold a call every quarter of an hour for weeks. */
const mostLookedAt = 12;

/** One subject as people see it now. */
export function subjectState(
  input: PipelineInput,
  decisions: Decisions,
  subject: Subject,
  options: { withoutNext?: boolean } = {},
): SubjectState {
  const decision = decisions.subjects.get(subject.id)!;
  const evidence = [...decision.prediction.evidence]
    .filter((e) => Math.abs(e.logOdds) >= leastShown)
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds))
    .slice(0, mostShown);
  return {
    subject: subject.id,
    name: subject.name,
    appliesTo: subject.appliesTo,
    home: atHome(decisions.belief, subject),
    active: decision.active,
    decidedBy: decision.decidedBy,
    until: decision.until,
    distribution: { ...decision.profile.distribution },
    evidence,
    ...(unrecorded(input.home).has(subject.id) ? { recorded: false as const } : {}),
    next: options.withoutNext ? null : nextActivity(input, decisions, subject),
  };
}

function atHome(belief: Belief, subject: Subject): boolean | null {
  if (subject.appliesTo === "device") return belief.devices.get(subject.id)?.present ?? null;
  const place = belief.subjects.get(subject.id)?.place;
  return place === undefined ? null : place === "home";
}

/** What the calendar will make likely next, as the predictor itself sees it at that time. */
function nextActivity(input: PipelineInput, decisions: Decisions, subject: Subject): SubjectState["next"] {
  const events = eventsOf(input, decisions.belief, subject).filter((e) => e.startsIn > 0 && e.matches.length > 0);
  const active = decisions.subjects.get(subject.id)!.active;
  for (const event of events.sort((a, b) => a.startsIn - b.startsIn).slice(0, mostLookedAt)) {
    const at = later(input.at, event.startsIn * 60_000);
    const { prediction } = predictSubject({ ...input, at }, { ...decisions.belief, at }, subject);
    const persona = mostProbable(prediction.distribution);
    const probability = prediction.distribution[persona] ?? 0;
    if (persona === active || persona === everyday || probability < likely) continue;
    const matched = event.matches.find((m) => m.persona === persona)?.matched;
    const { calendar } = event;
    const said = matched ? sentence("calendarNamedSays", { calendar, word: matched }) : sentence("calendarNamed", { calendar });
    return { persona, at, probability, why: inEnglish(said), said };
  }
  return null;
}
