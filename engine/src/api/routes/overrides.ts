import { z } from "zod";
import { SubjectId } from "../../model/index.ts";
import { route } from "../route.ts";
import { KeptSignal, OverrideInput, OverrideView } from "../schemas.ts";
import { attributed, requireSubject } from "../third-party.ts";

export const overrideRoutes = [
  route({
    operationId: "listOverrides",
    method: "GET",
    path: "/v1/overrides",
    tag: "Control",
    summary: "Subjects whose persona was set by hand",
    scope: "read",
    reach: "subjects",
    response: z.array(OverrideView),
    handle: ({ service, view }) =>
      service
        .state()
        .subjects.filter((s) => s.decidedBy === "override" && view.covers(s.subject))
        .map((s) => ({ subject: s.subject, persona: s.active, until: s.until })),
  }),
  route({
    operationId: "setOverride",
    method: "POST",
    path: "/v1/overrides",
    tag: "Control",
    summary: "Says what a subject is doing: counts as certain until it ends",
    scope: "control",
    reach: "subjects",
    body: OverrideInput,
    response: KeptSignal,
    example: { body: { subject: "bob", persona: "gamer", source: "phone", ttl: 7200 } },
    handle(call) {
      const { service, principal, body } = call;
      requireSubject(call, body.subject);
      return service.override({ ...body, source: attributed(principal, body.source) });
    },
  }),
  route({
    operationId: "clearOverride",
    method: "DELETE",
    path: "/v1/overrides/{subject}",
    tag: "Control",
    summary: "Returns a subject to automatic",
    scope: "control",
    reach: "subjects",
    params: z.strictObject({ subject: SubjectId }),
    async handle(call) {
      requireSubject(call, call.params.subject);
      await call.service.clearOverride(call.params.subject);
    },
  }),
];
