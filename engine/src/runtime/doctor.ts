import type { Clock } from "../driver/port.ts";
import { type DoctorFinding, type Home, subjectsOf } from "../model/index.ts";
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

const finding = (area: string, check: string, status: DoctorFinding["status"], message: string, remedy = ""): DoctorFinding => ({
  area,
  check,
  status,
  message,
  remedy,
});

function homeFindings({ home, shelf }: Patient): DoctorFinding[] {
  const found = [
    finding(
      "home",
      "home.yaml",
      "ok",
      `${home.people.length} people, ${home.devices.length} devices, ${subjectsOf(home).length} predicted for`,
    ),
  ];
  if (home.people.length === 0)
    found.push(finding("home", "people", "warning", "nobody is listed", "add a person with their devices under people"));
  for (const device of home.devices.filter((d) => d.macs.length === 0)) {
    found.push(
      finding(
        "home",
        `device ${device.id}`,
        "warning",
        "has no MAC address, so no router can recognise it",
        "add its address under macs; `network-personas clients` lists who is on the network",
      ),
    );
  }
  if (!home.devices.some((d) => d.infrastructure)) {
    found.push(
      finding(
        "home",
        "infrastructure",
        "warning",
        "no device is marked as infrastructure",
        "mark the gateway, access points and the machine this runs on with infrastructure: true, so that no plan can touch them",
      ),
    );
  }
  for (const problem of shelf.problems)
    found.push(finding("personas", "persona files", "failed", problem, "mend the file; meanwhile it is left out"));
  if (shelf.problems.length === 0)
    found.push(finding("personas", "persona files", "ok", `${shelf.personas.size} personas, ${shelf.applications.size} applications`));
  return found;
}

function clockFindings({ clock }: Patient): DoctorFinding[] {
  const good = clock.now() > earliest;
  return [
    good
      ? finding("clock", "date", "ok", new Date(clock.now()).toISOString())
      : finding(
          "clock",
          "date",
          "failed",
          `the machine thinks it is ${new Date(clock.now()).toISOString()}`,
          "set the clock (NTP); predictions and calendars depend on it",
        ),
  ];
}

function calendarFindings({ calendars }: Patient): DoctorFinding[] {
  return calendars.statuses().flatMap((c) => {
    const area = `calendar ${c.calendar}`;
    const good = c.status === "ok";
    const first = finding(
      area,
      "reachable",
      good ? "ok" : c.status === "failed" ? "failed" : "warning",
      good ? `${c.events} events, read ${c.fetchedAt}` : (c.problems[0] ?? c.status),
      good ? "" : "check the address and login in home.yaml",
    );
    return [
      first,
      ...c.problems.slice(good ? 0 : 1).map((p) => finding(area, "content", "warning", p, "the rest of the calendar is used all the same")),
    ];
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

const notAsked = (area: string, error: unknown, secrets: Secrets): DoctorFinding =>
  finding(area, "reachable", "failed", describe(error, secrets).message, "check url, username and password of this router in home.yaml");

async function routerFindings({ home, routers, secrets }: Patient): Promise<DoctorFinding[]> {
  if (home.routers.length === 0)
    return [finding("router", "configured", "warning", "no router is configured", "add one under routers; mode: preview writes nothing")];
  const all = await Promise.all(
    routers.map(async (router) => {
      const area = `router ${router.id}`;
      try {
        const findings = (await router.doctor()).map((f): DoctorFinding => ({ area, ...f }));
        const { mode, foreign } = router.status();
        return [
          ...findings,
          // Most drivers name them themselves, with what to do about them.
          ...foreign
            .filter((f) => !findings.some(({ message }) => message === f))
            .map((f) => finding(area, "foreign", "warning", f, "see the router's page in the documentation")),
          finding(area, "mode", "ok", mode === "live" ? "live: plans are written" : "preview: plans are shown, nothing is written"),
        ];
      } catch (error) {
        return [notAsked(area, error, secrets)];
      }
    }),
  );
  return all.flat();
}
