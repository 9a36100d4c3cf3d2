import { z } from "zod";
import { SubjectId, UpcomingEvent } from "../../model/index.ts";
import { route } from "../route.ts";
import { QueryInstant, queryInteger } from "../schemas.ts";
import { requireSubject } from "../third-party.ts";

export const calendarRoutes = [
  route({
    operationId: "getUpcoming",
    method: "GET",
    path: "/v1/calendar/upcoming",
    tag: "Calendar",
    summary: "Calendar events to come, with what each was taken to mean",
    description:
      "Everything that lasts into the hours asked for, counted from `from`, which is now unless it is said. Cancelled and declined events are left out, and what is private is empty.",
    scope: "read",
    reach: "subjects",
    query: z.strictObject({ subject: SubjectId.optional(), hours: queryInteger(1, 24 * 31).optional(), from: QueryInstant.optional() }),
    response: z.array(UpcomingEvent),
    async handle(call) {
      if (call.query.subject) requireSubject(call, call.query.subject);
      const events = await call.service.upcoming(call.query);
      return events.flatMap((event) => call.view.upcoming(event) ?? []);
    },
  }),
];
