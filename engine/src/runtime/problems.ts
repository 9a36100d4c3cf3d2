import { inEnglish, type Sentence, sentence } from "../model/index.ts";
import type { CalendarDesk } from "./calendar-desk.ts";
import type { Hold } from "./hold.ts";
import type { PersonaShelf } from "./persona-shelf.ts";
import { aboutRouter, type RouterDesk } from "./router-desk.ts";

/** One thing to look at; `said` is null where its text is all there is. */
interface Problem {
  text: string;
  said: Sentence | null;
}

/** What the owner should look at. */
export function problemsOf(home: {
  edit: string | null | undefined;
  shelf: PersonaShelf;
  calendars: CalendarDesk;
  routers: readonly RouterDesk[];
  hold: Hold;
}): Problem[] {
  const calendars = home.calendars.statuses().filter((c) => c.status === "failed" || c.status === "stale");
  const failed = home.routers.map((r) => r.status()).filter((s) => !s.error && s.lastOutcome?.error);
  return [
    ...(home.edit ? [{ text: home.edit, said: sentence("error-home-file") }] : []),
    ...home.shelf.problems.map((text) => ({ text, said: sentence("error-persona-file") })),
    ...calendars.map(({ calendar, status, problems, fetchedAt: time, said: what }) => ({
      text: `calendar ${calendar}: ${problems[0] ?? status}`,
      said: what ? sentence(time ? "calendarStale" : "calendarUnread", { calendar, what, time }) : null,
    })),
    ...home.routers.flatMap((r) => {
      const { error } = r.status();
      if (!error) return [];
      return {
        text: aboutRouter(r.id, error.message),
        said: error.said ? sentence("routerTrouble", { router: r.id, what: error.said }) : null,
      };
    }),
    ...failed.map(({ router, lastOutcome }) => {
      const { message, said: what } = lastOutcome!.error!;
      return {
        text: `router ${router}: the last change failed: ${message}`,
        said: what ? sentence("routerFailed", { router, what }) : null,
      };
    }),
    ...home.routers.flatMap(({ id: router, keepsOurs }) => {
      const said = home.hold.isReleased && keepsOurs && sentence("holdLeft", { router });
      return said ? { text: inEnglish(said), said } : [];
    }),
    ...(home.hold.notice ? [{ text: inEnglish(home.hold.notice), said: home.hold.notice }] : []),
  ];
}
