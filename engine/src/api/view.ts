import {
  type EngineEvent,
  type EngineState,
  type Home,
  PersonasError,
  type PlanView,
  type SubjectState,
  subjectsOf,
  type UpcomingEvent,
} from "../model/index.ts";
import type { Principal } from "./principal.ts";

/** What one principal may see and speak about. A token without subjects sees everything unchanged. */
export interface View {
  /** Subjects it is limited to; undefined means all. */
  readonly only: readonly string[] | undefined;
  /** Its subjects and their devices. */
  covers(id: string): boolean;
  /** @throws PersonasError `forbidden` when the id is neither one of its subjects nor one of their devices */
  require(id: string, field: string): void;
  state(state: EngineState): EngineState;
  plan(plan: PlanView): PlanView;
  /** Undefined when the event is none of its business. */
  event(event: EngineEvent): EngineEvent | undefined;
  upcoming(event: UpcomingEvent): UpcomingEvent | undefined;
}

const everything: View = {
  only: undefined,
  covers: () => true,
  require: () => {},
  state: (state) => state,
  plan: (plan) => plan,
  event: (event) => event,
  upcoming: (event) => event,
};

/** The view of a principal on a home. A limited one sees no routers: their changes tell what others do. */
export function viewOf(principal: Principal, home: Home): View {
  if (!principal.subjects) return everything;
  const only = principal.subjects;
  const own = subjectsOf(home).filter((s) => only.includes(s.id));
  const devices = new Set(own.flatMap((s) => s.devices.map((d) => d.id)));
  const calendars = new Set(own.flatMap((s) => s.calendars));
  const covers = (id: string) => only.includes(id) || devices.has(id);
  const ofOwnDevice = (part: { device: string | null }) => part.device !== null && devices.has(part.device);
  const plan = (view: PlanView): PlanView => ({
    plan: { ...view.plan, devices: view.plan.devices.filter(ofOwnDevice) },
    reasons: view.reasons.filter(ofOwnDevice),
    refusals: view.refusals.filter((r) => covers(r.subject)),
    routers: [],
  });
  const subject = (state: SubjectState) => covers(state.subject);
  return {
    only,
    covers,
    require(id, field) {
      if (!covers(id))
        throw new PersonasError("forbidden", `the token "${principal.name}" may speak for ${only.join(", ")} only, not for "${id}"`, {
          field,
        });
    },
    plan,
    state: ({ line: _line, ...state }) => ({
      ...state,
      subjects: state.subjects.filter(subject),
      devices: state.devices.filter((d) => covers(d.device)),
      plan: state.plan && plan(state.plan),
      routers: [],
      calendars: state.calendars.filter((c) => calendars.has(c.calendar)),
      ...(state.activities ? { activities: state.activities.filter((a) => covers(a.device)) } : {}),
      today: {
        from: state.today.from,
        subjects: state.today.subjects.filter((s) => covers(s.subject)),
        corrections: state.today.corrections.filter((c) => covers(c.subject)),
      },
      problems: [],
      problemsSaid: [],
    }),
    event(event) {
      switch (event.type) {
        case "subject":
          return subject(event.data) ? event : undefined;
        case "label":
        case "corrected":
        case "today":
          return covers(event.data.subject) ? event : undefined;
        case "presence":
        case "activity":
          return covers(event.data.device) ? event : undefined;
        case "calendar":
          return calendars.has(event.data.calendar) ? event : undefined;
        case "plan":
          return { ...event, data: plan(event.data) };
        case "home":
          return { ...event, data: { reason: "the home changed" } };
        case "applied":
        case "router":
        case "line":
        case "problem":
          return undefined;
      }
    },
    upcoming(event) {
      const subjects = event.subjects.filter((id) => only.includes(id));
      return subjects.length > 0 ? { ...event, subjects } : undefined;
    },
  };
}
