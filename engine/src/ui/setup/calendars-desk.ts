import type { CalendarTrial } from "../../model/index.ts";
import { call } from "../connection.ts";
import { meaningName } from "./calendars.ts";
import { answered, type DeskHost } from "./desk.ts";
import { type CalendarEntry, idOf, withCalendar, withoutCalendar } from "./edits.ts";
import { type Actions, Wrong } from "./state.ts";

interface Meaning {
  text: string;
  persona?: string;
  away?: boolean;
}

/** Tries calendars, and keeps them with what their events mean. */
export class CalendarsDesk {
  readonly #host: DeskHost;
  constructor(host: DeskHost) {
    this.#host = host;
  }

  readonly actions: Actions = {
    "setup-calendar": ["calendar", () => this.#try()],
    "setup-add-calendar": [
      "add-calendar",
      async () => {
        await this.#add();
        this.#host.onward();
      },
    ],
    "setup-add-another": ["add-calendar", () => this.#add()],
    "setup-remove-calendar": ["calendar", ({ calendar }) => this.#host.edit((home) => withoutCalendar(home, calendar!))],
  };

  #calendar(): { ics?: string; caldav?: { url: string; username: string; password: string } } {
    const { setup, words } = this.#host;
    const address = answered(setup, "calendar.address");
    const [username, password] = [answered(setup, "calendar.username"), setup.answers["calendar.password"] ?? ""];
    if (address === "") throw new Wrong(words().say("needAddress"), "calendar.address");
    if ((username === "") !== (password === ""))
      throw new Wrong(words().say("needLogin"), username === "" ? "calendar.username" : "calendar.password");
    return username === "" ? { ics: address } : { caldav: { url: address, username, password } };
  }

  /** What the titles of the shown events mean where it was said otherwise. */
  #meanings(): Meaning[] {
    const { calendar, answers } = this.#host.setup;
    const corrected = new Map<string, Meaning>();
    for (const { summary: text, meanings } of calendar?.events ?? []) {
      const said = answers[meaningName(text)];
      if (said === undefined || text === "" || said === (meanings[0]?.persona ?? "")) continue;
      corrected.set(text, said === "away" ? { text, away: true } : { text, persona: said || "everyday" });
    }
    return [...corrected.values()];
  }

  async #try(): Promise<void> {
    const { setup } = this.#host;
    const calendar = this.#calendar();
    setup.calendar = null;
    this.#host.redraw();
    setup.calendar = await call<CalendarTrial>("POST", "v1/setup/calendar", calendar);
    this.#host.focusOn("events");
  }

  async #add(): Promise<void> {
    const { setup } = this.#host;
    const { ics, caldav } = this.#calendar();
    const owner = setup.answers["calendar.owner"] ?? setup.document?.people?.[0]?.id ?? "";
    const name = setup.calendar?.events[0]?.calendarName;
    const taken = new Set((setup.document?.calendars ?? []).map(({ id }) => id));
    const id = idOf(name ?? (owner ? `${owner} calendar` : "calendar"), taken, "calendar");
    const keep = async (value: string) => (await call<{ reference: object }>("PUT", `v1/secrets/calendar-${id}`, { value })).reference;
    const meanings = this.#meanings();
    const entry: CalendarEntry = {
      id,
      ...(name ? { name } : {}),
      // Whoever knows the address can read the calendar; a path says nothing.
      ...(ics === undefined ? {} : { ics: /:\/\//.test(ics) ? await keep(ics) : ics }),
      ...(caldav ? { caldav: { ...caldav, password: await keep(caldav.password) } } : {}),
      ...(meanings.length > 0 ? { meanings } : {}),
    };
    await this.#host.edit((home) => withCalendar(home, entry, owner));
    setup.calendar = null;
    for (const answer of Object.keys(setup.answers)) if (/^(calendar|meaning)\./.test(answer)) delete setup.answers[answer];
    for (const input of document.querySelectorAll<HTMLInputElement>('input[name^="calendar."]')) input.value = "";
  }
}
