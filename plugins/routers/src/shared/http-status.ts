import { type HttpAnswer, Rejected } from "@network-personas/engine/driver";

/** The error of an HTTP status that no driver expects. Shows no more of a redirect than where it leads. */
export function unexpectedStatus({ status, headers }: HttpAnswer, asked: URL, where: { router: string; request: string }): Rejected {
  if (status >= 300 && status < 400) {
    const location = String(headers.location ?? "");
    const to = URL.canParse(location, asked.href) ? new URL(location, asked).origin : "somewhere else";
    return new Rejected(`redirects to ${to}; set \`url\` to the address it really answers at`, where);
  }
  return new Rejected(`the web server answered HTTP ${status}`, where, { retryable: status >= 500 });
}
