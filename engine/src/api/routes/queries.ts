import { Persona } from "@network-personas/personas";
import { z } from "zod";
import { Distribution, Instant, PersonaId, PlanView, Prediction, SubjectId } from "../../model/index.ts";
import { route } from "../route.ts";
import { BlendedProfile } from "../schemas.ts";
import { requirePersonas, requireSubject } from "../third-party.ts";

const PredictQuery = z.strictObject({
  subject: SubjectId.optional(),
  at: Instant.optional(),
  horizon: z
    .number()
    .int()
    .positive()
    .max(7 * 86_400_000)
    .optional()
    .meta({ unit: "ms", description: "How far ahead." }),
  starting: z.boolean().optional().meta({ description: "Something starts now: ask what it is, instead of what will be going on." }),
});
const BlendQuery = z.strictObject({ subject: SubjectId, distribution: Distribution });
const PlanQuery = z.strictObject({
  at: Instant.optional(),
  distributions: z
    .record(SubjectId, Distribution)
    .optional()
    .meta({ description: "Distributions to use for these subjects instead of the predicted ones." }),
  personas: z
    .array(Persona)
    .max(50)
    .optional()
    .meta({ description: "Personas to use instead of those of the same ids: what an edit would change, before it is kept." }),
  predicted: z
    .array(PersonaId)
    .optional()
    .meta({ description: "Personas that may be predicted, instead of those that policy.personas names." }),
});

export const queryRoutes = [
  route({
    operationId: "predict",
    method: "POST",
    path: "/v1/predict",
    tag: "Queries",
    summary: "What each subject is likely about to do",
    description: "A query: nothing is kept or changed.",
    scope: "read",
    reach: "subjects",
    body: PredictQuery,
    response: z.array(Prediction),
    example: { body: { subject: "alice", at: "2026-11-23T08:55:00Z", horizon: 900_000 } },
    async handle(call) {
      const { service, view, body } = call;
      if (body.subject) requireSubject(call, body.subject);
      if (body.subject || !view.only) return service.predict(body);
      return (await Promise.all(view.only.map((subject) => service.predict({ ...body, subject })))).flat();
    },
  }),
  route({
    operationId: "blend",
    method: "POST",
    path: "/v1/blend",
    tag: "Queries",
    summary: "The network profile that a distribution over personas gives",
    description: "A query: nothing is kept or changed.",
    scope: "read",
    reach: "subjects",
    body: BlendQuery,
    response: BlendedProfile,
    example: { body: { subject: "alice", distribution: { "remote-worker": 0.8, everyday: 0.2 } } },
    handle(call) {
      requireSubject(call, call.body.subject);
      requirePersonas(call, call.body.distribution, "distribution");
      // Claims are between the blend and compose stages.
      const { claims: _claims, ...blended } = call.service.blend(call.body);
      return blended;
    },
  }),
  route({
    operationId: "planQuery",
    method: "POST",
    path: "/v1/plan",
    tag: "Queries",
    summary: "What would be planned, and what it would change on each router",
    description:
      "A query: nothing is kept, changed or written to a router. With something assumed it tells what would be planned once what is in force holds nothing back.",
    scope: "read",
    reach: "subjects",
    body: PlanQuery,
    response: PlanView,
    example: { body: { distributions: { alice: { gamer: 1 } } } },
    async handle(call) {
      for (const [subject, distribution] of Object.entries(call.body.distributions ?? {})) {
        requireSubject(call, subject, `distributions.${subject}`);
        requirePersonas(call, distribution, `distributions.${subject}`, call.body.personas);
      }
      return call.view.plan(await call.service.plan(call.body));
    },
  }),
];
