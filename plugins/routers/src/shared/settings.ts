import { BadInput, sentence, sentenceOf } from "@network-personas/engine/model";
import { Duration } from "@network-personas/personas";
import { z } from "zod";

/** The address of a router; `example` is shown to whoever gives something else. */
export const routerUrl = (example: string) =>
  z
    .url({ protocol: /^https?$/, error: `expected the address of the router such as "${example}"` })
    .refine((text) => URL.canParse(text) && new URL(text).username === "" && new URL(text).password === "", {
      error: "must not hold a user name or password; give them as `username` and `password`",
      params: { said: sentence("input-login-in-address") },
    });

/** SHA-256 of a certificate. */
export const fingerprint = z.string().regex(/^([0-9A-Fa-f]{2}:?){32}$/, "expected a SHA-256 fingerprint such as AA:BB:...");

export const requestTimeout = Duration.prefault("PT8S").meta({ description: "Longest time one request may take." });

/** Reads a router's entry of home.yaml. @throws BadInput that names the field; values are never repeated */
export function parseSettings<S extends z.ZodType>(schema: S, router: string, raw: unknown): z.output<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  const field = first?.path.join(".") ?? "";
  throw new BadInput(`routers.${router}${field ? `.${field}` : ""}`, sentenceOf(first) ?? first?.message ?? "is not valid");
}
