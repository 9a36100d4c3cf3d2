import { type Clock, findingOf, troubleFinding } from "../driver/index.ts";
import { type DoctorFinding, type Home, type Sentence, sentence, subjectsOf, verbatim } from "../model/index.ts";
import type { CalendarDesk } from "./calendar-desk.ts";
import type { PersonaShelf } from "./persona-shelf.ts";
import { describe, type RouterDesk } from "./router-desk.ts";
import type { Secrets } from "./secrets.ts";

export interface Patient {
  home: Home;
  shelf: PersonaShelf;
  routers: readonly RouterDesk[];
  calendars: CalendarDesk;
  clock: Clock;
  secrets: Secrets;
}

/** Before this date no build of the product existed: a clock that is earlier was never set. */
const earliest = Date.parse("2026-01-01T00:00:00Z");

/** Checks everything a home needs and says what to do about what is missing. */
export async function doctor(patient: Patient): Promise<DoctorFinding[]> {
  await patient.calendars.refreshNow();
  return [...homeFindings(patient), ...clockFindings(patient), ...calendarFindings(patient), ...(await routerFindings(patient))];
}

const finding = (area: string, check: string, status: DoctorFinding["status"], message: Sentence, remedy?: Sentence): DoctorFinding => ({
  area,
  ...findingOf(check, status, message, remedy),
});

function homeFindings({ home, shelf }: Patient): DoctorFinding[] {
  const found = [
    finding(
      "home",
      "home.yaml",
      "ok",
      sentence("foundHome", { people: home.people.length, devices: home.devices.length, subjects: subjectsOf(home).length }),
    ),
  ];
  if (home.people.length === 0) found.push(finding("home", "people", "warning", sentence("foundNobody"), sentence("addPeople")));
  for (const device of home.devices.filter((d) => d.macs.length === 0)) {
    found.push(finding("home", `device ${device.id}`, "warning", sentence("foundNoMac"), sentence("addMac")));
  }
  if (!home.devices.some((d) => d.infrastructure)) {
    found.push(finding("home", "infrastructure", "warning", sentence("foundNoInfrastructure"), sentence("addInfrastructure")));
  }
  for (const message of shelf.problems)
    found.push({
      area: "personas",
      ...troubleFinding("persona files", { message, said: sentence("error-persona-file") }, sentence("mendPersona")),
    });
  if (shelf.problems.length === 0)
    found.push(
      finding(
        "personas",
        "persona files",
        "ok",
        sentence("foundPersonas", { personas: shelf.personas.size, applications: shelf.applications.size }),
      ),
    );
  return found;
}

function clockFindings({ clock }: Patient): DoctorFinding[] {
  const good = clock.now() > earliest;
  return [
    good
      ? finding("clock", "date", "ok", sentence("clockReads", { time: new Date(clock.now()).toISOString() }))
      : finding("clock", "date", "failed", sentence("foundClock", { time: new Date(clock.now()).toISOString() }), sentence("setClock")),
  ];
}

function calendarFindings({ calendars }: Patient): DoctorFinding[] {
  return calendars.statuses().flatMap((c) => {
    const area = `calendar ${c.calendar}`;
    const good = c.status === "ok";
    const content = c.problems.slice(good ? 0 : 1).map((message) => ({
      area,
      ...troubleFinding("content", { message, said: sentence("error-calendar-content") }, sentence("restUsed"), "warning"),
    }));
    if (good) return [finding(area, "reachable", "ok", sentence("foundEvents", { events: c.events, time: c.fetchedAt })), ...content];
    const unread = { message: c.problems[0] ?? c.status, said: c.said ?? sentence("error-calendar-failed") };
    const status = c.status === "failed" ? "failed" : "warning";
    return [{ area, ...troubleFinding("reachable", unread, sentence("checkCalendar"), status) }, ...content];
  });
}

/** What came of trying a router's way back; that it cannot be asked is a finding, too. */
export async function rollbackFindings(router: RouterDesk, secrets: Secrets): Promise<DoctorFinding[]> {
  const area = `router ${router.id}`;
  try {
    return (await router.testRollback()).map((f) => ({ area, ...f }));
  } catch (error) {
    return [notAsked(area, error, secrets)];
  }
}

const notAsked = (area: string, error: unknown, secrets: Secrets): DoctorFinding => ({
  area,
  ...troubleFinding("reachable", describe(error, secrets), sentence("checkLogin")),
});

async function routerFindings({ home, routers, secrets }: Patient): Promise<DoctorFinding[]> {
  if (home.routers.length === 0) return [finding("router", "configured", "warning", sentence("foundNoRouter"), sentence("addRouter"))];
  const all = await Promise.all(
    routers.map(async (router) => {
      const area = `router ${router.id}`;
      try {
        const findings = (await router.doctor()).map((f): DoctorFinding => ({ area, ...f }));
        const { mode, foreign, foreignSaid } = router.status();
        return [
          ...findings,
          // Most drivers name them themselves, with what to do about them.
          ...foreign.flatMap((f, i) =>
            findings.some(({ message }) => message === f)
              ? []
              : finding(area, "foreign", "warning", foreignSaid?.[i] ?? verbatim(f), sentence("seeRouterPage")),
          ),
          finding(area, "mode", "ok", sentence(mode === "live" ? "modeLive" : "modePreview")),
        ];
      } catch (error) {
        return [notAsked(area, error, secrets)];
      }
    }),
  );
  return all.flat();
}
