import { readFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import type { Engine } from "../../engine/src/runtime/index.ts";
import { parsePresence } from "../../node-red-nodes/src/shared/parse-presence.ts";
import { type Harness, serveEngine } from "../api/harness.ts";
import { realEngine } from "../api/real-engine.ts";

// What the README tells people to copy must work as it stands there.

const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
/** The first match's first group. */
const copied = (pattern: RegExp): string => {
  const found = pattern.exec(readme)?.[1];
  if (found === undefined) throw new Error(`the README has nothing like ${pattern}`);
  return found;
};

let engine: Awaited<ReturnType<typeof realEngine>>;
let api: Harness<Engine>;
beforeEach(async () => {
  engine = await realEngine();
  api = await serveEngine(engine.service as Engine, engine.clock);
});
afterEach(async () => {
  await api.close();
  await engine.dispose?.();
});
const alice = () => api.service.state().subjects.find((s) => s.subject === "alice")!;
const send = async (body: string) => (await api.ask("POST", "/v1/signals", { token: await api.token(["signal"]), body })).status;

it("takes the OwnTracks line for the shell", async () => {
  expect(await send(copied(/\/v1\/signals .*\\\n +-d '(\{.*"owntracks"\})'/))).toBe(200);
  expect(alice().home).toBe(false);
});

describe("Home Assistant's configuration", () => {
  const yaml = copied(/```yaml\n# configuration\.yaml\n([\s\S]*?)```/);
  const [configuration = "", automations = ""] = yaml.split("# automations.yaml\n");
  const command = parse(configuration.replace("!secret ", "")).rest_command.network_personas;
  const [automation] = parse(automations);
  /** Home Assistant's templates, as far as the README uses them. */
  const render = (template: string, values: Record<string, string>): string =>
    template.replaceAll(/\{\{ *(.*?) *\}\}/g, (_, expression: string) => {
      const choice = /^'(.*)' if trigger\.to_state\.state == '(.*)' else trigger\.to_state\.state \| lower$/.exec(expression);
      if (choice) return values.state === choice[2] ? choice[1]! : values.state!.toLowerCase();
      const value = values[expression];
      if (value === undefined) throw new Error(`the template names ${expression}`);
      return value;
    });
  const moveTo = (state: string) => {
    const { subject, place } = automation.actions[0].data as { subject: string; place: string };
    return send(render(command.payload, { subject, place: render(place, { state }) }));
  };

  it("calls the command it defines, with what the command's payload needs", () => {
    expect(automation.actions[0].action).toBe("rest_command.network_personas");
    expect(command).toMatchObject({ method: "post", content_type: "application/json", url: "http://127.0.0.1:8787/v1/signals" });
    expect(command.headers).toHaveProperty("Authorization");
  });
  it("tells where she is: at home, away, or in a zone", async () => {
    expect(await moveTo("home")).toBe(200);
    expect(alice().home).toBe(true);
    engine.clock.advance(60_000);
    expect(await moveTo("not_home")).toBe(200);
    expect(alice().home).toBe(false);
    expect(await moveTo("Work")).toBe(200);
  });
  it("says nothing while Home Assistant itself does not know", () => {
    expect(automation.triggers[0].not_to).toEqual(["unknown", "unavailable"]);
  });
});

describe("OwnTracks in Node-RED", () => {
  const directory = {
    subjects: [{ id: "alice", name: "Alice", appliesTo: "person" as const }],
    devices: [{ id: "alice-phone", name: "Alice's phone", macs: [], owner: "alice" }],
    personas: [],
  };
  const leave = { _type: "transition", event: "leave", desc: "home", tst: Date.parse("2026-11-23T08:50:00Z") / 1000, acc: 12, tid: "al" };
  const context = { directory, source: "node-red", at: "2026-11-23T08:55:00.000Z" };

  it("says who left home, from an HTTP message with a fixed subject", async () => {
    for (const signal of parsePresence(leave, { ...context, subject: "alice" })) expect(await send(JSON.stringify(signal))).toBe(200);
    expect(alice().home).toBe(false);
  });
  it("says who left home, from an MQTT message with its topic alone", () => {
    expect(parsePresence(JSON.stringify(leave), { ...context, topic: "owntracks/alice/iphone" })).toEqual([
      expect.objectContaining({ subject: "alice", present: false, at: "2026-11-23T08:50:00.000Z" }),
    ]);
  });
});
