import { z } from "zod";
import { BadInput, NotFound, PersonasError, subjectsOf } from "../../model/index.ts";
import { BadRequest } from "../errors.ts";
import { type Call, route } from "../route.ts";
import { CreatedToken, TokenInput, TokenView } from "../schemas.ts";
import type { Tokens } from "../tokens.ts";

function tokensOf({ tokens }: Pick<Call<unknown, unknown, unknown>, "tokens">): Tokens {
  if (!tokens) throw new PersonasError("not-found", "this engine keeps no tokens");
  return tokens;
}

export const tokenRoutes = [
  route({
    operationId: "listTokens",
    method: "GET",
    path: "/v1/tokens",
    tag: "Tokens",
    summary: "Every API token, without its secret",
    scope: "admin",
    reach: "home",
    response: z.array(TokenView),
    handle: (call) => tokensOf(call).list(),
  }),
  route({
    operationId: "createToken",
    method: "POST",
    path: "/v1/tokens",
    tag: "Tokens",
    summary: "Makes an API token; its text is shown this once",
    description:
      "`read` sees; `signal` speaks but sees nothing; `control` includes both and decides; `admin` includes everything and edits the home.",
    scope: "admin",
    reach: "home",
    body: TokenInput,
    response: CreatedToken,
    example: { body: { name: "alice-phone", scopes: ["signal"], subjects: ["alice"] } },
    handle(call) {
      const { subjects = [], expiresAt } = call.body;
      const known = subjectsOf(call.service.home().home).map((s) => s.id);
      const unknown = subjects.filter((id) => !known.includes(id));
      if (unknown.length > 0)
        throw new BadRequest([{ field: "subjects", message: `there is no ${unknown.join(", ")}; there are ${known.join(", ")}` }]);
      if (expiresAt && Date.parse(expiresAt) <= call.now) throw new BadInput("expiresAt", "has passed already");
      const { name, scopes } = call.body;
      return tokensOf(call).create({ name, scopes, ...(call.body.subjects ? { subjects } : {}), ...(expiresAt ? { expiresAt } : {}) });
    },
  }),
  route({
    operationId: "revokeToken",
    method: "DELETE",
    path: "/v1/tokens/{id}",
    tag: "Tokens",
    summary: "Withdraws a token at once; its open streams end",
    scope: "admin",
    reach: "home",
    params: z.strictObject({ id: z.string().regex(/^[0-9a-f]{12}$/, "expected the id of a token, the part between np_ and the second _") }),
    async handle(call) {
      if (!(await tokensOf(call).revoke(call.params.id))) throw new NotFound("token", call.params.id);
    },
  }),
];
