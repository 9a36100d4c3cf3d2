import { z } from "zod";
import { SubjectId, UpcomingEvent } from "../../model/index.ts";
import { route } from "../route.ts";
import { queryInteger } from "../schemas.ts";
import { requireSubject } from "../third-party.ts";

export const calendarRoutes = [
  route({
    operationId: "getUpcoming",
    method: "GET",
    path: "/v1/calendar/upcoming",
    tag: "Calendar",
    summary: "Calendar events to come, with what each was taken to mean",
    scope: "read",
    reach: "subjects",
    query: z.strictObject({ subject: SubjectId.optional(), hours: queryInteger(1, 24 * 31).optional() }),
    response: z.array(UpcomingEvent),
    handle(call) {
      if (call.query.subject) requireSubject(call, call.query.subject);
      return call.service.upcoming(call.query).flatMap((event) => call.view.upcoming(event) ?? []);
    },
  }),
];
