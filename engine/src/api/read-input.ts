import { describeIssues } from "@network-personas/personas/load";
import type { z } from "zod";
import { inEnglish, PersonasError, sentenceOf } from "../model/index.ts";
import { BadRequest, type InputProblem } from "./errors.ts";
import type { Route } from "./route.ts";

const jsonTypes = ["application/json"];
/** Largest request body in bytes. */
const largestBody = 256 * 1024;
const yamlTypes = ["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"];

function validated(schema: z.ZodType | undefined, value: unknown, prefix: string): unknown {
  if (!schema) return {};
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const placed = (field: string) => (prefix && field ? `${prefix}.${field}` : field || prefix);
  const problems = describeIssues(result.error);
  const said = problems.length === 1 ? sentenceOf(result.error.issues[0]) : undefined;
  throw new BadRequest(
    problems.map(({ field, message }): InputProblem => ({ field: placed(field), message: said ? inEnglish(said) : message })),
    said,
  );
}

export const readParams = (route: Route, raw: Record<string, string>): unknown => validated(route.params, raw, "");

/** @throws BadRequest for fields that are unknown, repeated or wrong */
export function readQuery(route: Route, url: URL): unknown {
  const raw: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    if (/token|authorization/i.test(name))
      throw new BadRequest([
        { field: name, message: "a token never goes into an address; send it as the header Authorization: Bearer <token>" },
      ]);
    if (Object.hasOwn(raw, name)) throw new BadRequest([{ field: name, message: "is given more than once" }]);
    raw[name] = value;
  }
  const unexpected = route.query ? undefined : Object.keys(raw)[0];
  if (unexpected !== undefined) throw new BadRequest([{ field: unexpected, message: "is not a known field; this operation takes none" }]);
  return validated(route.query, raw, "");
}

/**
 * The body, checked against the route's schema, with what was sent. An empty body counts as an empty object.
 * @throws PersonasError `unsupported-media-type`; BadRequest when it is not JSON or does not fit the schema
 */
export async function readBody(route: Route, request: Request): Promise<{ body: unknown; sent: { json: unknown } | { yaml: string } }> {
  if (!route.body) return { body: {}, sent: { json: {} } };
  const text = await limitedText(request, route.largestBody ?? largestBody);
  const type = (request.headers.get("content-type") ?? "").split(";")[0]!.trim().toLowerCase();
  if (text === "" && type === "") return { body: validated(route.body, {}, ""), sent: { json: {} } };
  if (route.yaml && yamlTypes.includes(type)) return { body: {}, sent: { yaml: text } };
  if (!jsonTypes.includes(type)) {
    const expected = route.yaml ? "application/json or application/yaml" : "application/json";
    throw new PersonasError(
      "unsupported-media-type",
      `send the body with Content-Type: ${expected}${type ? `, not ${type.slice(0, 60)}` : ""}`,
    );
  }
  const json = parseJson(text);
  return { body: validated(route.body, json, ""), sent: { json } };
}

/** Reads no further than the limit, whatever Content-Length says. */
async function limitedText(request: Request, most: number): Promise<string> {
  const tooLarge = () =>
    new PersonasError("too-large", `the body is larger than ${most / 1024} KiB${most === largestBody ? "; send it in parts" : ""}`);
  if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge();
  if (!request.body) return "";
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of request.body) {
    size += part.byteLength;
    if (size > most) throw tooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text === "" ? "{}" : text);
  } catch (error) {
    // V8 quotes the text in its message, and the text may hold a secret; only the place is passed on.
    const place = /at position \d+ \(line \d+ column \d+\)/.exec(error instanceof Error ? error.message : "")?.[0];
    throw new BadRequest([{ field: "", message: `the body is not valid JSON${place ? ` ${place}` : ""}` }]);
  }
}
