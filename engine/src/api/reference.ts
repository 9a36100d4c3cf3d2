import { streamOperation } from "./openapi.ts";
import type { Route } from "./route.ts";

/** The operations as a Markdown table, for the manual. */
export function apiReference(routes: readonly Route[]): string {
  const row = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const operations = [...routes, { ...streamOperation, method: "WS", path: "/v1/stream", scope: "read", reach: "subjects" }];
  return [
    row(["Operation", "Request", "Scope", "Does"]),
    row(["---", "---", "---", "---"]),
    ...operations.map(({ operationId, method, path, scope, reach, summary }) =>
      row([
        `\`${operationId}\``,
        `\`${method} ${path}\``,
        scope === null ? "none" : `\`${scope}\`${reach === "home" ? ", whole home" : ""}`,
        summary,
      ]),
    ),
    "",
  ].join("\n");
}
