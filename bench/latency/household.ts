import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine, SqliteStore, silentLog } from "@network-personas/engine";
import { loadSupport } from "@network-personas/engine/driver";
import { LinuxDriver } from "../../plugins/routers/src/linux/driver.ts";
import { localShell } from "../../plugins/routers/src/linux/shell.ts";
import { devices, line, macOf } from "./line.ts";
import { type PersonId, people } from "./scenarios.ts";

const support = await loadSupport(new URL("../../plugins/routers/src/linux/support.yaml", import.meta.url));
const kinds = {
  "player-pc": "desktop",
  "worker-laptop": "laptop",
  "viewer-laptop": "laptop",
  "editor-pc": "desktop",
  tv: "tv",
  nas: "server",
  plug: "appliance",
} as const satisfies Record<keyof typeof devices, string>;

/** The home as its owner describes it. */
const homeYaml = (planned: PersonId | undefined, more: string): string => `version: 1
home: { id: bench, name: Bench, timeZone: UTC }
wan: { down: ${line.down / 1000} Mbit/s, up: ${line.up / 1000} Mbit/s }
people:
${Object.entries(people)
  .map(([id, { devices: own }]) => `  - { id: ${id}, devices: [${own}]${id === planned ? ", calendars: [plans]" : ""} }`)
  .join("\n")}
devices:
${Object.keys(devices)
  .map((id) => `  - { id: ${id}, kind: ${kinds[id as keyof typeof devices]}, macs: ["${macOf(id as keyof typeof devices)}"] }`)
  .join("\n")}
${planned ? "calendars: [{ id: plans, ics: ./plans.ics }]" : ""}
routers:
  - { id: main, driver: linux, mode: live, lan: br-lan, wan: wan0, runDir: run }
${more}
`;

/** A calendar that says one thing for all of today. */
function calendar(summary: string): string {
  const at = (ms: number) => new Date(ms).toISOString().replace(/[-:]|\.\d+/g, "");
  const hour = 3_600_000;
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//bench//EN",
    "BEGIN:VEVENT",
    "UID:planned",
    `DTSTAMP:${at(Date.now())}`,
    `DTSTART:${at(Date.now() - hour / 12)}`,
    `DTEND:${at(Date.now() + hour)}`,
    `SUMMARY:${summary}`,
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}

export interface Household {
  engine: Engine;
  driver: LinuxDriver;
  close(): Promise<void>;
}

/** The whole engine, in the real time, with the real driver on the rig's router. Resolves when it knows who is at home and has applied its first plan. */
export async function openHousehold(
  router: string,
  { event, more = "" }: { event?: { of: PersonId; summary: string }; more?: string },
): Promise<Household> {
  const folder = await mkdtemp(join(tmpdir(), "np-latency-"));
  await writeFile(join(folder, "home.yaml"), homeYaml(event?.of, more));
  if (event) await writeFile(join(folder, "plans.ics"), calendar(event.summary));
  const created = Promise.withResolvers<LinuxDriver>();
  const { engine } = await openEngine({
    home: join(folder, "home.yaml"),
    log: silentLog,
    store: new SqliteStore(":memory:", "bench"),
    resolver: async () => ({
      create: async (context) => {
        const settings = { ...context.settings, runDir: join(folder, "run") };
        const driver = new LinuxDriver({ ...context, settings }, support, localShell(10_000, ["ip", "netns", "exec", router]));
        created.resolve(driver);
        return driver;
      },
    }),
  });
  const known = new Promise<void>((done) => {
    const present = new Set<string>();
    engine.subscribe((change) => {
      if (change.type === "presence" && change.data.present) present.add(change.data.device);
      if (present.size === Object.keys(devices).length && engine.routers().every(({ lastOutcome }) => lastOutcome !== null)) done();
    });
  });
  engine.run();
  await known;
  await engine.settled();
  return {
    engine,
    driver: await created.promise,
    async close() {
      await engine.release();
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
