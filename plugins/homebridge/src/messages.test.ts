import type { SubjectState } from "@network-personas/engine/model";
import type { Logging } from "homebridge";
import { expect, it } from "vitest";
import { Messages } from "./messages.ts";

function listen() {
  const lines: string[] = [];
  const say = (level: string) => (text: string) => void lines.push(`${level} ${text}`);
  const log = { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") } as unknown as Logging;
  return { lines, messages: new Messages(log) };
}

it("says once why the engine is away, however long and in however many ways", () => {
  const { lines, messages } = listen();
  messages.online();
  for (let night = 0; night < 100; night++) for (const why of ["the connection was lost", "no connection"]) messages.offline(why);
  messages.online();
  messages.online();
  messages.offline("no connection");
  expect(lines).toEqual([
    "info engine: connected",
    "warn engine: the connection was lost; accessories do not respond until it is back",
    "warn engine: no connection",
    "info engine: connected",
    "warn engine: no connection; accessories do not respond until it is back",
  ]);
});

it("says of people what changes, by the names of personas", () => {
  const { lines, messages } = listen();
  const person = (active: string, decidedBy: SubjectState["decidedBy"], more = {}) =>
    ({ subject: "ann", name: "Ann", active, decidedBy, ...more }) as SubjectState;
  messages.directory({ home: "demo", people: [], personas: [{ id: "gamer", name: "Gamer" }] });
  const everyday = person("everyday", "prediction");
  messages.changed(everyday, undefined);
  messages.changed(person("everyday", "prediction", { distribution: {} }), everyday);
  messages.changed(person("gamer", "override"), everyday);
  messages.changed(person("gamer", "prediction"), person("gamer", "override"));
  expect(lines).toEqual(["info Ann: Gamer (forced)", "info Ann: Gamer (automatic)"]);
});
