import { z } from "zod";
import { DoctorFinding, RouterClients, RouterStatus } from "../../model/index.ts";
import { route } from "../route.ts";

export const networkRoutes = [
  route({
    operationId: "getClients",
    method: "GET",
    path: "/v1/clients",
    tag: "Network",
    summary: "Who is on the network, per router",
    description: "Asks the routers now; one that does not answer says so in `error`.",
    scope: "read",
    reach: "home",
    response: z.array(RouterClients),
    handle: ({ service }) => service.clients(),
  }),
  route({
    operationId: "getRouters",
    method: "GET",
    path: "/v1/routers",
    tag: "Network",
    summary: "Every router with what it can do and what was last done",
    scope: "read",
    reach: "home",
    response: z.array(RouterStatus),
    handle: ({ service }) => service.routers(),
  }),
  route({
    operationId: "runDoctor",
    method: "GET",
    path: "/v1/doctor",
    tag: "Network",
    summary: "Checks settings, logins, single rights, calendars and clock, and says how to mend what is wrong",
    description: "Logs in to every router, so it needs `control`.",
    scope: "control",
    reach: "home",
    response: z.array(DoctorFinding),
    handle: ({ service }) => service.doctor(),
  }),
  route({
    operationId: "testRollback",
    method: "POST",
    path: "/v1/doctor/test-rollback",
    tag: "Network",
    summary: "Tries once that a router takes back what is not confirmed",
    description:
      "Writes a change that harms nobody, does not confirm it, waits until what was before is back, and reads that nothing is left: about half a minute, and other changes wait. Nothing is written in `preview`.",
    scope: "control",
    reach: "home",
    body: z.strictObject({ router: z.string().min(1).max(100) }),
    response: z.array(DoctorFinding),
    example: { body: { router: "main" } },
    handle: ({ service, body }) => service.testRollback(body.router),
  }),
];
