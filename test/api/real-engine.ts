import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TestClock } from "@network-personas/engine/testing";
import { openEngine } from "../../engine/src/runtime/index.ts";
import { homeText } from "./fake-service.ts";
import { keptLog, startTime } from "./harness.ts";
import type { MakeEngine } from "./suite.ts";

const calendar = `BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//EN
BEGIN:VEVENT
UID:standup@example
DTSTAMP:20261101T000000Z
DTSTART:20261123T100000Z
DTEND:20261123T103000Z
SUMMARY:Standup call
END:VEVENT
END:VCALENDAR
`.replaceAll("\n", "\r\n");

/** The engine itself, for the home of the stand-in, in a folder of its own. */
export const realEngine: MakeEngine = async () => {
  const folder = await mkdtemp(join(tmpdir(), "np-api-"));
  const home = join(folder, "home.yaml");
  await writeFile(home, homeText);
  await writeFile(join(folder, "alice.ics"), calendar);
  await writeFile(join(folder, "school.ics"), calendar.replace("standup@", "parents@").replace("Standup call", "Parents' evening"));
  const clock = new TestClock(startTime);
  const { engine } = await openEngine({ home, clock, log: keptLog() });
  return {
    service: engine,
    clock,
    async dispose() {
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
