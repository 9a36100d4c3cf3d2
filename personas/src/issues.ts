import type { z } from "zod";

/** The messages of a zod error, the innermost ones where a union failed. */
export function flattenIssues(
  issues: readonly z.core.$ZodIssue[],
  prefix: readonly PropertyKey[] = [],
): { path: PropertyKey[]; message: string }[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path];
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key], message: "is not a known field" }));
    if (issue.code === "invalid_union" && issue.errors.length > 0) {
      const deepest = issue.errors.map((errors) => flattenIssues(errors, path)).sort((a, b) => depth(b) - depth(a))[0]!;
      if (depth(deepest) > path.length) return deepest;
    }
    return [{ path, message: issue.message }];
  });
}
const depth = (problems: { path: PropertyKey[] }[]) => Math.max(0, ...problems.map((p) => p.path.length));

/** A zod error as "field: message" parts, for inputs that have no lines (API bodies, messages). */
export function describeIssues(error: z.core.$ZodError): { field: string; message: string }[] {
  return flattenIssues(error.issues).map(({ path, message }) => ({ field: path.join("."), message }));
}
