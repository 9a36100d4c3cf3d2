import { Id, Persona } from "@network-personas/personas";
import { z } from "zod";
import { BadInput, mayBePredicted, NotFound } from "../../model/index.ts";
import type { EngineService, PersonaEntry } from "../../runtime/port.ts";
import { route } from "../route.ts";
import { PersonaView, ProfileForm } from "../schemas.ts";
import { personaDocument, yamlOf } from "../yaml-text.ts";

const Params = z.strictObject({ id: Id });
function shown(service: EngineService, entry: PersonaEntry) {
  const { persona } = entry;
  return { ...entry, document: personaDocument(persona), predicted: mayBePredicted(service.home().home.policy, persona.id) };
}

function found(service: EngineService, id: string): PersonaEntry {
  const entry = service.personas().find((p) => p.persona.id === id);
  if (!entry) throw new NotFound("persona", id);
  return entry;
}

export const personaRoutes = [
  route({
    operationId: "listPersonas",
    method: "GET",
    path: "/v1/personas",
    tag: "Personas",
    summary: "Every persona of the home",
    scope: "read",
    reach: "subjects",
    response: z.array(PersonaView),
    handle: ({ service }) => service.personas().map((entry) => shown(service, entry)),
  }),
  route({
    operationId: "getPersona",
    method: "GET",
    path: "/v1/personas/{id}",
    tag: "Personas",
    summary: "One persona",
    scope: "read",
    reach: "subjects",
    params: Params,
    response: PersonaView,
    handle: ({ service, params }) => shown(service, found(service, params.id)),
  }),
  route({
    operationId: "describeProfile",
    method: "GET",
    path: "/v1/profile",
    tag: "Personas",
    summary: "What a profile can say, for a form to edit it with",
    description: "The schema of a profile as it may be written, and the applications it may name.",
    scope: "read",
    reach: "subjects",
    response: ProfileForm,
    handle: ({ service, document }) => ({
      schema: (document() as { components: { schemas: Record<string, Record<string, unknown>> } }).components.schemas.NetworkProfileInput!,
      applications: service.applications().map(({ id, name, class: kind }) => ({ id, name, class: kind })),
    }),
  }),
  route({
    operationId: "putPersona",
    method: "PUT",
    path: "/v1/personas/{id}",
    tag: "Personas",
    summary: "Adds or replaces a persona",
    description: "YAML text or JSON. A built-in persona is not lost: deleting its replacement brings it back.",
    scope: "admin",
    reach: "home",
    params: Params,
    body: Persona,
    yaml: true,
    response: PersonaView,
    example: {
      body: {
        id: "musician",
        name: "Musician",
        profile: { qos: { demands: { realtime: { need: { down: ["512 kbit/s"], up: ["512 kbit/s"] } } }, latencyTarget: 15 } },
      },
    },
    async handle({ service, params, sent, body }) {
      if ("json" in sent && body.id !== params.id)
        throw new BadInput("id", `is "${body.id}" but the address says "${params.id}"; make them the same`);
      return shown(service, await service.putPersona(params.id, "yaml" in sent ? sent.yaml : yamlOf(sent.json)));
    },
  }),
  route({
    operationId: "deletePersona",
    method: "DELETE",
    path: "/v1/personas/{id}",
    tag: "Personas",
    summary: "Deletes an own persona; a built-in one that it replaced comes back",
    scope: "admin",
    reach: "home",
    params: Params,
    async handle({ service, params }) {
      if (found(service, params.id).origin === "built-in")
        throw new BadInput("id", `"${params.id}" is built in and cannot be deleted; leave it out with policy.personas in home.yaml`);
      await service.deletePersona(params.id);
    },
  }),
];
