import { BadInput, inEnglish, type Sentence, sentence, sentenceOf } from "@network-personas/engine/model";
import { Duration } from "@network-personas/personas";
import { z } from "zod";

/** The address of a router; `example` is shown to whoever gives something else. `only`: nothing but host and port belong there. */
export function routerUrl(example: string, only?: Sentence) {
  const expected = sentence("input-router-url", { example });
  const wrong = (text: string): Sentence | undefined => {
    const url = URL.parse(text);
    if (!url || !/^[A-Za-z0-9[]/.test(url.hostname) || !isLike(url, new URL(example))) return expected;
    if (only && !/^\/?$/.test(url.pathname)) return only;
    return url.username !== "" || url.password !== "" ? (only ?? sentence("input-login-in-address")) : undefined;
  };
  return z
    .string({ error: inEnglish(expected) })
    .superRefine((text, context) => {
      const said = wrong(text);
      if (said) context.addIssue({ code: "custom", message: inEnglish(said), params: { said } });
    })
    .meta({ format: "uri" });
}
/** http stands for https and the other way round. */
const isLike = (url: URL, example: URL): boolean => url.protocol.replace("https", "http") === example.protocol.replace("https", "http");

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
