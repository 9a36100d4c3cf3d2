import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Application } from "@network-personas/personas";
import {
  askForPassword,
  askForUrl,
  askForUsername,
  type Clock,
  type DriverModule,
  type DriverWelcome,
  type Log,
  type RouterDriver,
  troubleFinding,
} from "../../driver/index.ts";
import {
  BadInput,
  type CalendarConfig,
  type CalendarTrial,
  type CalendarTrialInput,
  type DoctorFinding,
  type DriverOffer,
  type FoundRouter,
  type Home,
  later,
  type RouterTrial,
  type RouterTrialInput,
  type SecretRef,
  type Sentence,
  secretFields,
  sentence,
} from "../../model/index.ts";
import { noCopyStore, openCalendar } from "../../source/index.ts";
import type { DriverResolver } from "../driver-resolver.ts";
import type { SetupService } from "../port.ts";
import { describe } from "../router-desk.ts";
import type { Secrets } from "../secrets.ts";
import { type UpcomingInputs, upcomingEvents } from "../upcoming.ts";
import { findRouters, placeOf } from "./find-routers.ts";
import { defaultGateways } from "./gateways.ts";
import { SecretFiles } from "./secret-files.ts";

export interface SetupDeskOptions {
  /** Folder of home.yaml. */
  folder: string;
  dataDir: string;
  resolver: DriverResolver;
  secrets: Secrets;
  clock: Clock;
  log: Log;
  home(): Home;
  applications(): ReadonlyMap<string, Application>;
  personas(): UpcomingInputs["personas"];
  /** A secret that the home names has another value now. */
  onSecret(): Promise<void>;
}

const shownEvents = 5;
const lookAhead = 31 * 24 * 3_600_000;

/** What is asked and tried before it belongs to the home. Writes nothing to a router, and nothing into home.yaml. */
export class SetupDesk implements SetupService {
  readonly #o: SetupDeskOptions;
  readonly #files: SecretFiles;

  constructor(options: SetupDeskOptions) {
    this.#o = options;
    this.#files = new SecretFiles(options.dataDir, options.folder, options.secrets);
  }

  async drivers(): Promise<readonly DriverOffer[]> {
    return (await this.#families()).map(({ driver, welcome }) => {
      const { name, questions, prepare, commands } = welcome ?? usualWelcome(driver);
      return { driver, name, questions: [...questions], prepare, ...(commands === undefined ? {} : { commands }) };
    });
  }

  async find(address?: string): Promise<readonly FoundRouter[]> {
    const places = address === undefined ? null : [placeOf(address)];
    const families = (await this.#families()).flatMap(({ driver, welcome }) => (welcome ? [{ driver, welcome }] : []));
    return findRouters(families, places, defaultGateways);
  }

  async tryRouter({ router, secrets: given }: RouterTrialInput): Promise<RouterTrial> {
    const { resolver, secrets, clock, log, home } = this.#o;
    const module = await resolver(router.driver, "driver");
    const settings: Record<string, unknown> = { ...router };
    for (const field of secretFields) {
      const value = given[field] ?? (router[field] === undefined ? undefined : await secrets.resolve(router[field], field));
      if (value === undefined) continue;
      secrets.register(value);
      settings[field] = value;
    }
    // A folder of its own: what is remembered of a router that was only tried must not bind the one that is chosen.
    const dataDir = await mkdtemp(join(tmpdir(), "network-personas-trial-"));
    let driver: RouterDriver | undefined;
    try {
      driver = await createFor(module, router.id, () => ({
        settings,
        router: router.id,
        home: { id: home().home.id },
        dataDir,
        clock,
        log: secrets.guard(log),
        applications: this.#o.applications(),
        protectedMacs: new Set(),
      }));
      return await examine(driver, router.id, secrets);
    } finally {
      await driver?.close().catch(() => {});
      await rm(dataDir, { recursive: true, force: true });
    }
  }

  async tryCalendar(input: CalendarTrialInput): Promise<CalendarTrial> {
    const { secrets, clock, log, folder, home } = this.#o;
    const text = async (value: string | SecretRef, field: string) => {
      if (typeof value !== "string") return secrets.resolve(value, field);
      // Whoever has a calendar's address can read it.
      if (field !== "ics" || /:\/\//.test(value)) secrets.register(value);
      return value;
    };
    const ics = input.ics === undefined ? undefined : await text(input.ics, "ics");
    const caldav = input.caldav && { ...input.caldav, password: await text(input.caldav.password, "caldav.password") };
    const config: CalendarConfig = { id: "new", refresh: 15 * 60_000, meanings: input.meanings, ...(ics ? { ics } : {}) };
    const personas = this.#o.personas();
    const source = await openCalendar(
      { id: config.id, refresh: config.refresh, ics, caldav },
      {
        clock,
        log: { ...secrets.guard(log), warn: () => {} },
        dataDir: "",
        folder,
        timeZone: home().home.timeZone,
        conferenceHosts: [...personas.values()].flatMap((p) => p.signs.calendar.conferenceHosts),
        copies: noCopyStore,
      },
    ).catch((error) => {
      throw renamed(error, "calendars.new");
    });
    try {
      await source.refresh({ force: true });
      const from = new Date(clock.now()).toISOString();
      const to = later(from, lookAhead);
      const occurrences = new Map([[config.id, await source.occurrences(from, to)]]);
      const events = upcomingEvents({ home: { ...home(), people: [], calendars: [config] }, personas, occurrences }, { from, to });
      return { status: source.status(), events: events.slice(0, shownEvents) };
    } finally {
      await source.close();
    }
  }

  async keepSecret(name: string, value: string): Promise<SecretRef> {
    const reference = await this.#files.put(name, value);
    if (names(this.#o.home(), reference)) await this.#o.onSecret();
    return reference;
  }
  forgetSecret = (name: string): Promise<void> => this.#files.remove(name);

  async #families(): Promise<{ driver: string; welcome: DriverWelcome | undefined }[]> {
    const { resolver } = this.#o;
    const names = (await resolver.list?.()) ?? [];
    return Promise.all(names.map(async (driver) => ({ driver, welcome: (await resolver(driver, "driver")).welcome })));
  }
}

/** Whether a home names a secret anywhere. */
const names = ({ routers, calendars }: Home, reference: SecretRef): boolean =>
  JSON.stringify([routers, calendars]).includes(JSON.stringify(reference));

/** What a driver that says nothing about itself is asked. */
const usualWelcome = (driver: string): DriverWelcome => ({
  name: driver,
  usualHosts: [],
  questions: [askForUrl("http://192.168.1.1"), askForUsername(), askForPassword],
  prepare: { en: "See the driver's own documentation.", de: "Siehe die Dokumentation des Treibers." },
});

/** A field a driver names by its place in home.yaml is named by itself here. */
async function createFor(module: DriverModule, id: string, context: () => Parameters<DriverModule["create"]>[0]): Promise<RouterDriver> {
  try {
    return await module.create(context());
  } catch (error) {
    throw renamed(error, `routers.${id}`);
  }
}

/** The error with its field named as it was asked for here. Told by shape: a driver may bring its own copy of our classes. */
function renamed(error: unknown, place: string): unknown {
  const field = error instanceof Error && "field" in error ? String(error.field) : "";
  if (!field.startsWith(`${place}.`)) return error;
  const { message, said } = error as Error & { said?: Sentence };
  return new BadInput(
    field.slice(place.length + 1),
    said ?? (message.startsWith(`${field}: `) ? message.slice(field.length + 2) : message),
  );
}

async function examine(driver: RouterDriver, id: string, secrets: Secrets): Promise<RouterTrial> {
  const area = `router ${id}`;
  const findings: DoctorFinding[] = [];
  try {
    findings.push(...((await driver.doctor?.()) ?? []).map((f): DoctorFinding => ({ area, ...f, message: secrets.redact(f.message) })));
    if (findings.some((f) => f.status === "failed")) return { ready: false, identity: null, undoneBy: null, findings };
    const identity = await driver.identify();
    const { rollback } = await driver.capabilities();
    return { ready: true, identity, undoneBy: rollback, findings };
  } catch (error) {
    findings.push({ area, ...troubleFinding("reachable", describe(error, secrets), sentence("checkAnswers")) });
    return { ready: false, identity: null, undoneBy: null, findings };
  }
}
