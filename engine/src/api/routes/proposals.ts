import { z } from "zod";
import { NotFound, Proposal } from "../../model/index.ts";
import { route } from "../route.ts";
import { KeptProposal, ProposalResult } from "../schemas.ts";
import { attributed, requirePersonas, requireSubject } from "../third-party.ts";

export const proposalRoutes = [
  route({
    operationId: "listProposals",
    method: "GET",
    path: "/v1/proposals",
    tag: "Control",
    summary: "Proposals that stand",
    scope: "read",
    reach: "subjects",
    response: z.array(KeptProposal),
    handle: ({ service, view }) => service.proposals().filter((p) => view.covers(p.subject)),
  }),
  route({
    operationId: "propose",
    method: "POST",
    path: "/v1/proposals",
    tag: "Control",
    summary: "Replaces the engine's own profile of a subject for a while, and applies",
    description:
      "Give a whole `profile`, or a `distribution` to blend. Answers with what came of applying it on each router; a token limited to subjects is not told the routers' changes.",
    scope: "control",
    reach: "subjects",
    body: Proposal,
    response: ProposalResult,
    example: { body: { subject: "alice", source: "flow-evening", ttl: 900, distribution: { "remote-worker": 0.9, everyday: 0.1 } } },
    async handle(call) {
      const { service, principal, view, body } = call;
      requireSubject(call, body.subject);
      if (body.distribution) requirePersonas(call, body.distribution, "distribution");
      const result = await service.propose({ ...body, source: attributed(principal, body.source) });
      if (!view.only) return result;
      return { ...result, outcomes: result.outcomes.map((outcome) => ({ ...outcome, changes: [], omissions: [] })) };
    },
  }),
  route({
    operationId: "withdrawProposal",
    method: "DELETE",
    path: "/v1/proposals/{id}",
    tag: "Control",
    summary: "Withdraws a proposal",
    scope: "control",
    reach: "subjects",
    params: z.strictObject({ id: z.string().min(1).max(100) }),
    async handle({ service, view, params }) {
      const standing = service.proposals().find((p) => p.id === params.id);
      if (!standing || !view.covers(standing.subject)) throw new NotFound("proposal", params.id);
      await service.withdraw(params.id);
    },
  }),
];
