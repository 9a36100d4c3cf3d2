import type { CalendarDesk } from "./calendar-desk.ts";
import type { Hold } from "./hold.ts";
import type { PersonaShelf } from "./persona-shelf.ts";
import { aboutRouter, type RouterDesk } from "./router-desk.ts";

/** What the owner should look at. */
export function problemsOf(home: {
  edit: string | null | undefined;
  shelf: PersonaShelf;
  calendars: CalendarDesk;
  routers: readonly RouterDesk[];
  hold: Hold;
}): string[] {
  const calendars = home.calendars.statuses().filter((c) => c.status === "failed" || c.status === "stale");
  const failed = home.routers.map((r) => r.status()).filter((s) => !s.error && s.lastOutcome?.error);
  return [
    ...(home.edit ? [home.edit] : []),
    ...home.shelf.problems,
    ...calendars.map((c) => `calendar ${c.calendar}: ${c.problems[0] ?? c.status}`),
    ...home.routers.flatMap((r) => (r.status().error ? [aboutRouter(r.id, r.status().error!.message)] : [])),
    ...failed.map((s) => `router ${s.router}: the last change failed: ${s.lastOutcome!.error!.message}`),
    ...(home.hold.notice ? [home.hold.notice] : []),
  ];
}
