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
];
