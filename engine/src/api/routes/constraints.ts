import { z } from "zod";
import { Constraint, NotFound } from "../../model/index.ts";
import { route } from "../route.ts";
import { KeptConstraint } from "../schemas.ts";
import { acceptedConstraint } from "../third-party.ts";

export const constraintRoutes = [
  route({
    operationId: "listConstraints",
    method: "GET",
    path: "/v1/constraints",
    tag: "Control",
    summary: "Constraints that stand",
    scope: "read",
    reach: "subjects",
    response: z.array(KeptConstraint),
    handle: ({ service, view }) => service.constraints().filter((c) => view.covers(c.subject)),
  }),
  route({
    operationId: "addConstraint",
    method: "POST",
    path: "/v1/constraints",
    tag: "Control",
    summary: "Floors, caps or tightens a subject's profile for a while",
    description:
      "Within what is safe, and never loosening security: there is no field for that. Stands one hour unless `expiresAt` says otherwise, 24 hours at most; the answer shows what was kept. The same `id` from the same source replaces.",
    scope: "control",
    reach: "subjects",
    body: Constraint,
    response: KeptConstraint,
    example: { body: { subject: "tv", source: "homework-flow", cap: { down: "10 Mbit/s" }, why: "homework time" } },
    handle: (call) => call.service.constrain(acceptedConstraint(call, call.body)),
  }),
  route({
    operationId: "removeConstraint",
    method: "DELETE",
    path: "/v1/constraints/{id}",
    tag: "Control",
    summary: "Withdraws a constraint",
    scope: "control",
    reach: "subjects",
    params: z.strictObject({ id: z.string().min(1).max(100) }),
    async handle({ service, view, params }) {
      const standing = service.constraints().find((c) => c.id === params.id);
      if (!standing || !view.covers(standing.subject)) throw new NotFound("constraint", params.id);
      await service.removeConstraint(params.id);
    },
  }),
];
