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

/** Milliseconds a router asks to wait, when it says so in seconds; an hour is the most that is believed. */
export function retryAfter({ headers }: HttpAnswer): number {
  const seconds = Number(headers["retry-after"]);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds, 3600) * 1000 : 0;
}
