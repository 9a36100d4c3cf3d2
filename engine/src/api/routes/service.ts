import { z } from "zod";
import { route } from "../route.ts";

/** What anybody who may knock at all may know. */
export const serviceRoutes = [
  route({
    operationId: "getIndex",
    method: "GET",
    path: "/",
    tag: "Service",
    summary: "Where to go from here",
    scope: null,
    reach: "subjects",
    response: z.strictObject({ name: z.string(), api: z.string(), openapi: z.string(), state: z.string(), stream: z.string() }),
    handle: () => ({ name: "Network Personas", api: "/v1", openapi: "/openapi.json", state: "/v1/state", stream: "/v1/stream" }),
  }),
  route({
    operationId: "getHealth",
    method: "GET",
    path: "/v1/health",
    tag: "Service",
    summary: "Whether the engine answers",
    scope: null,
    reach: "subjects",
    response: z.strictObject({ status: z.enum(["ok", "degraded"]) }),
    handle: ({ service }) => ({ status: service.state().problems.length === 0 ? "ok" : "degraded" }),
  }),
  route({
    operationId: "getOpenApi",
    method: "GET",
    path: "/openapi.json",
    tag: "Service",
    summary: "This document",
    scope: null,
    reach: "subjects",
    response: z.record(z.string(), z.unknown()),
    handle: ({ document }) => document(),
  }),
];
