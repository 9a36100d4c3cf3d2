import { z } from "zod";
import { CalibrationReport, EngineState, HistoryEntry, historyKinds, PlanView, Prediction, SubjectId } from "../../model/index.ts";
import { BadRequest } from "../errors.ts";
import { route } from "../route.ts";
import { QueryInstant, queryInteger } from "../schemas.ts";
import { requireSubject } from "../third-party.ts";

const HistoryQuery = z.strictObject({
  subject: SubjectId.optional(),
  kind: z.enum(historyKinds).optional(),
  from: QueryInstant.optional(),
  to: QueryInstant.optional(),
  limit: queryInteger(1, 10_000).optional(),
});

export const stateRoutes = [
  route({
    operationId: "getState",
    method: "GET",
    path: "/v1/state",
    tag: "State",
    summary: "The whole home as it is now",
    description:
      "The same as the snapshot of the stream. A token limited to subjects sees these, their devices and calendars, and no routers.",
    scope: "read",
    reach: "subjects",
    response: EngineState,
    handle: ({ service, view }) => view.state(service.state()),
  }),
  route({
    operationId: "getPredictions",
    method: "GET",
    path: "/v1/predictions",
    tag: "State",
    summary: "The latest prediction of every subject",
    scope: "read",
    reach: "subjects",
    response: z.array(Prediction),
    handle: ({ service, view }) => service.predictions().filter((p) => view.covers(p.subject)),
  }),
  route({
    operationId: "getPlan",
    method: "GET",
    path: "/v1/plan",
    tag: "State",
    summary: "The plan in force, with its reasons",
    description: "`null` until there is one.",
    scope: "read",
    reach: "subjects",
    response: PlanView.nullable(),
    handle({ service, view }) {
      const plan = service.currentPlan();
      return plan && view.plan(plan);
    },
  }),
  route({
    operationId: "getHistory",
    method: "GET",
    path: "/v1/history",
    tag: "State",
    summary: "Predictions made, labels that came, changes applied",
    scope: "read",
    reach: "subjects",
    query: HistoryQuery,
    response: z.array(HistoryEntry),
    async handle(call) {
      const { service, view, query } = call;
      if (query.from && query.to && query.from > query.to) throw new BadRequest([{ field: "from", message: "is after `to`" }]);
      if (!query.subject && query.kind !== "applied" && view.only && view.only.length > 1) {
        throw new BadRequest([{ field: "subject", message: `name one of the subjects of your token: ${view.only.join(", ")}` }]);
      }
      const subject = query.subject ?? view.only?.[0];
      if (subject) requireSubject(call, subject);
      const entries = await service.history({ ...query, ...(subject ? { subject } : {}) });
      return view.only ? entries.filter((entry) => entry.kind !== "applied" && view.covers(entry.subject)) : entries;
    },
  }),
  route({
    operationId: "getCalibration",
    method: "GET",
    path: "/v1/calibration",
    tag: "State",
    summary: "How well everybody was predicted over the last four weeks",
    description:
      "A quarter of an hour ahead, against what really happened as far as it is known. Nobody is in it who wants nothing recorded.",
    scope: "read",
    reach: "subjects",
    response: CalibrationReport,
    async handle({ service, view }) {
      const report = await service.calibration();
      return { ...report, subjects: report.subjects.filter((c) => view.covers(c.subject)) };
    },
  }),
  route({
    operationId: "forgetHistory",
    method: "DELETE",
    path: "/v1/history",
    tag: "State",
    summary: "Forgets what was kept of a subject, of a stretch of time, or of both",
    description:
      "Without a time, what was learned of the subject goes as well. With one, lessons that were learned already stay: they are counts without a date.",
    scope: "admin",
    reach: "home",
    query: HistoryQuery.omit({ limit: true, kind: true }).extend({
      day: z.iso
        .date({ error: "expected a date such as 2026-11-24" })
        .optional()
        .meta({ description: "A day where the home is; instead of `from` and `to`." }),
    }),
    handle: ({ service, query }) => service.forget(query),
  }),
];
