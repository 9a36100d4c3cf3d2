import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DriverResolver, type Engine, openEngine, packageResolver, silentLog, VirtualClock } from "@network-personas/engine";
import type { EngineEvent, NetworkPlan } from "@network-personas/engine/model";

/** A day whose first minute is local midnight in the test home. */
export const day = "2026-11-17";
export const local = (time: string): string => new Date(`${day}T${time}:00+01:00`).toISOString();

export const homeYaml = (extra = "") => `version: 1
home: { id: test, name: Test home, timeZone: Europe/Berlin }
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people:
  - { id: ann, name: Ann, devices: [ann-laptop, ann-phone], calendars: [work] }
  - { id: ben, name: Ben, devices: [ben-console] }
devices:
  - { id: ann-laptop, kind: laptop, macs: ["02:00:00:00:01:11"] }
  - { id: ann-phone, kind: phone, macs: ["02:00:00:00:01:12"] }
  - { id: ben-console, kind: console, macs: ["02:00:00:00:01:21"] }
  - { id: camera, kind: camera, macs: ["02:00:00:00:01:41"] }
  - { id: gateway, macs: ["02:00:00:00:01:01"], infrastructure: true }
calendars:
  - { id: work, ics: ./work.ics }
routers:
  - id: main
    driver: virtual
    mode: live
    clients:
      - { mac: "02:00:00:00:01:11", hostname: ann-laptop, connected: true }
      - { mac: "02:00:00:00:01:12", hostname: ann-phone, connected: true }
personas: [./personas]
${extra}`;

export const workIcs = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:call@test
DTSTAMP:20260101T000000Z
DTSTART;TZID=Europe/Berlin:20261117T210000
DTEND;TZID=Europe/Berlin:20261117T220000
SUMMARY:Client call
LOCATION:https://zoom.us/j/1
END:VEVENT
END:VCALENDAR
`;

export interface TestHome {
  engine: Engine;
  clock: VirtualClock;
  events: EngineEvent[];
  folder: string;
  /** Moves to a local time of the day, looking every minute as a running engine does. */
  until(time: string): Promise<void>;
  plan(): NetworkPlan;
  device(id: string): NetworkPlan["devices"][number];
  /** The engine is gone as after a crash or a stop; a new one takes over its folder. */
  restart(options?: { crash?: boolean }): Promise<void>;
  stop(): Promise<void>;
}

/** A real engine on real files with the virtual router; only time is not real. */
export async function startHome(options: {
  time: string;
  yaml?: string;
  files?: Record<string, string>;
  resolver?: DriverResolver;
  /** Answers for a host beyond the line, ms. */
  probe?: (target: string) => Promise<number | null>;
}): Promise<TestHome> {
  const folder = await mkdtemp(join(tmpdir(), "np-scenario-"));
  await writeFile(join(folder, "home.yaml"), options.yaml ?? homeYaml());
  await writeFile(join(folder, "work.ics"), workIcs);
  for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(folder, name), text);
  const clock = new VirtualClock(local(options.time));
  const events: EngineEvent[] = [];
  const open = async () => {
    const { engine } = await openEngine({
      home: join(folder, "home.yaml"),
      log: silentLog,
      clock,
      resolver: options.resolver ?? packageResolver(folder),
      probe: options.probe,
    });
    engine.subscribe((event) => events.push(event));
    return engine;
  };
  const home: TestHome = {
    engine: await open(),
    clock,
    events,
    folder,
    async until(time) {
      const end = Date.parse(local(time));
      while (clock.now() < end) {
        await clock.advance(Math.min(60_000, end - clock.now()));
        await home.engine.step();
        await home.engine.settled();
      }
    },
    plan: () => home.engine.currentPlan()!.plan,
    device: (id) => home.plan().devices.find((d) => d.device === id)!,
    async restart() {
      await home.engine.close();
      home.engine = await open();
    },
    async stop() {
      await home.engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return home;
}
