import { z } from "zod";
import { ApplyOutcome, HoldState } from "../../model/index.ts";
import { route } from "../route.ts";

const common = { method: "POST", tag: "Control", scope: "control", reach: "home", response: z.array(ApplyOutcome) } as const;

export const applyRoutes = [
  route({
    ...common,
    operationId: "apply",
    path: "/v1/apply",
    summary: "Plans now and brings every router that is `live` to it",
    handle: ({ service }) => service.apply(),
  }),
  route({
    ...common,
    operationId: "rollback",
    path: "/v1/rollback",
    summary: "Back to the plan before the last change",
    handle: ({ service }) => service.rollback(),
  }),
  route({
    ...common,
    operationId: "pause",
    path: "/v1/pause",
    summary: "Leaves everything as it is for a while, or until `apply`",
    description: "Plans go on and are shown; nothing is written to a router by itself. Routers that were released stay so.",
    body: z.strictObject({
      minutes: z
        .number()
        .int()
        .min(1)
        .max(7 * 24 * 60)
        .default(60),
    }),
    response: HoldState,
    example: { body: { minutes: 60 } },
    handle: ({ service, body }) => service.pause(body.minutes * 60_000),
  }),
  route({
    ...common,
    operationId: "release",
    path: "/v1/release",
    summary: "Removes everything of ours from every router, and stops applying until `apply`",
    description: "With `untilStart`, for a host that is being removed: an engine that starts again is wanted again, and applies.",
    body: z.strictObject({ untilStart: z.boolean().default(false) }),
    handle: ({ service, body }) => service.release(body),
  }),
];
