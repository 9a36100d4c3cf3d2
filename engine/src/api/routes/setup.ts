import { z } from "zod";
import {
  CalendarTrial,
  CalendarTrialInput,
  DriverOffer,
  FoundRouter,
  RouterTrial,
  RouterTrialInput,
  SecretRef,
} from "../../model/index.ts";
import { route } from "../route.ts";

const common = { tag: "Setting up", scope: "admin", reach: "home" } as const;
const SecretName = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?$/, 'expected up to 62 lower-case letters, digits and "-", such as "router-main"'),
});

export const setupRoutes = [
  route({
    ...common,
    operationId: "listDrivers",
    method: "GET",
    path: "/v1/drivers",
    summary: "The families of routers there are drivers for, with what each wants to be told",
    response: z.array(DriverOffer),
    handle: ({ service }) => service.setup.drivers(),
  }),
  route({
    ...common,
    operationId: "findRouters",
    method: "POST",
    path: "/v1/setup/find",
    summary: "Looks for a router, without a login",
    description:
      "At the address, or else at this machine's default gateway and at the names and addresses such routers usually have. Sends no secret and changes nothing.",
    body: z.strictObject({
      address: z.string().min(1).max(200).optional().meta({ description: 'An address, a name or a URL, e.g. "192.168.1.1".' }),
    }),
    response: z.array(FoundRouter),
    example: { body: { address: "http://127.0.0.1:9" } },
    handle: ({ service, body }) => service.setup.find(body.address),
  }),
  route({
    ...common,
    operationId: "tryRouter",
    method: "POST",
    path: "/v1/setup/router",
    summary: "Logs in to a router that is not part of the home yet, and says which right is missing and how to grant it",
    description: "Writes nothing to the router, and keeps nothing of what it is told.",
    body: RouterTrialInput,
    response: RouterTrial,
    example: { body: { router: { id: "main", driver: "virtual" } } },
    handle: ({ service, body }) => service.setup.tryRouter(body),
  }),
  route({
    ...common,
    operationId: "tryCalendar",
    method: "POST",
    path: "/v1/setup/calendar",
    summary: "Reads a calendar that is not part of the home yet: its next events, and what each is taken to mean",
    body: CalendarTrialInput,
    response: CalendarTrial,
    example: { body: { ics: "./alice.ics" } },
    handle: ({ service, body }) => service.setup.tryCalendar(body),
  }),
  route({
    ...common,
    operationId: "putSecret",
    method: "PUT",
    path: "/v1/secrets/{id}",
    summary: "Keeps a secret in a file that only this engine's user may read",
    description: "It is never given back. Write the `reference` where home.yaml wants a secret.",
    params: SecretName,
    body: z.strictObject({ value: z.string().min(1).max(4000) }),
    response: z.strictObject({ reference: SecretRef }),
    async handle({ service, params, body }) {
      return { reference: await service.setup.keepSecret(params.id, body.value) };
    },
  }),
  route({
    ...common,
    operationId: "deleteSecret",
    method: "DELETE",
    path: "/v1/secrets/{id}",
    summary: "Deletes a secret that was kept",
    params: SecretName,
    handle: ({ service, params }) => service.setup.forgetSecret(params.id),
  }),
];
