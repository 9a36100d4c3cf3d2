import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { UpcomingEvent } from "@network-personas/engine/model";
import { TestClock } from "@network-personas/engine/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeService, fakeService } from "../../api/fake-service.ts";
import { type Harness, serveEngine } from "../../api/harness.ts";
import { type DebugListener, listen } from "./support/debug.ts";
import { type NodeRed, startNodeRed } from "./support/node-red.ts";

// Real Node-RED, real API over HTTP and WebSocket; only what the engine would decide is stood in for.

const connected = "node-red:common.status.connected";
const disconnected = "node-red:common.status.disconnected";
const clock = new TestClock(Date.now());
const upcoming: UpcomingEvent[] = [];
let engine: Harness<FakeService>;
let token: string;
let red: NodeRed;
let debug: DebugListener;

const config = { id: "engine", type: "persona-engine", name: "", mode: "remote", home: "", secretNames: [] };
const place = { z: "tab", x: 0, y: 0 };
const inject = (id: string, to: string, payload: unknown, topic = "") => ({
  ...place,
  id,
  type: "inject",
  props: [{ p: "payload" }, { p: "topic", vt: "str" }],
  payload: typeof payload === "string" ? payload : JSON.stringify(payload),
  payloadType: typeof payload === "string" ? "str" : "json",
  topic,
  repeat: "",
  wires: [[to]],
});
const show = (name: string) => ({
  ...place,
  id: `show-${name}`,
  type: "debug",
  name,
  active: true,
  tosidebar: true,
  complete: "true",
  targetType: "full",
  wires: [],
});
const persona = (id: string, type: string, settings: object, ...wires: string[][]) => ({
  ...place,
  id,
  type,
  name: "",
  engine: "engine",
  ...settings,
  wires,
});
const anybody = { subject: "", subjectType: "str" };

const flows = () => [
  { id: "tab", type: "tab", label: "test" },
  { ...config, url: engine.server.url, credentials: { token } },
  inject("laptop-here", "presence", { present: true, device: "alice-laptop" }),
  inject("nonsense", "presence", { temperature: 21 }, "alice-laptop"),
  inject("stranger", "presence", "home", "carol"),
  persona("presence", "persona presence", { ...anybody, ttl: "10" }, ["show-presence"]),
  inject("ask-alice", "predict", "", "alice"),
  inject("ask-all", "predict", ""),
  persona("predict", "persona predict", { ...anybody, horizon: "30" }, ["blend", "show-predict"]),
  persona("blend", "persona blend", anybody, ["apply", "show-blend"]),
  inject("unknown-persona", "apply", { pirate: 1 }, "alice"),
  inject("withdraw", "apply", "withdraw", "alice"),
  persona("apply", "persona apply", { ...anybody, ttl: "5" }, ["show-applied"], ["show-not-applied"]),
  inject("bob-plays", "override", true),
  inject("bob-free", "override", false),
  persona("override", "persona override", { subject: "bob", subjectType: "str", persona: "gamer", personaType: "str", ttl: "2" }, [
    "show-override",
  ]),
  persona(
    "event",
    "persona event",
    { subject: "", types: "", personaOnly: true, initial: false },
    ["show-persona"],
    ["show-network"],
    ["show-device"],
    ["show-notice"],
  ),
  inject("list", "calendar", ""),
  persona(
    "calendar",
    "persona calendar",
    {
      subject: "",
      calendar: "",
      persona: "remote-worker",
      text: "",
      start: true,
      startOffset: "-60",
      end: false,
      endOffset: "0",
      hours: "24",
    },
    ["show-starts"],
    ["show-list"],
  ),
  { ...place, id: "catch", type: "catch", scope: null, uncaught: false, wires: [["show-caught"]] },
  ...[
    "presence",
    "predict",
    "blend",
    "applied",
    "not-applied",
    "override",
    "persona",
    "network",
    "device",
    "notice",
    "starts",
    "list",
    "caught",
  ].map(show),
];

beforeAll(async () => {
  const service = await fakeService({ clock });
  engine = await serveEngine({ ...service, upcoming: async () => upcoming }, clock);
  token = await engine.token(["admin"]);
  red = await startNodeRed({ adminRoot: "/red" });
  debug = await listen(red.url);
  await red.deploy(flows());
  await debug.status("predict", (status) => status.text === connected);
}, 60_000);
afterAll(async () => {
  debug?.close();
  await red?.stop();
  await engine?.close();
}, 30_000);

/** Presses a button and waits for what a debug node shows. */
async function press(id: string, name: string) {
  const next = debug.next(name);
  await red.inject(id);
  return (await next).msg as Record<string, unknown> & { persona: Record<string, unknown> };
}
const errorOf = async (id: string) => ((await press(id, "caught")).error as { message: string }).message;

describe("the nodes in a real Node-RED", () => {
  it("load without errors, with their texts and help in both languages, below any admin root", async () => {
    const sets = (await (await fetch(`${red.url}/nodes`, { headers: { accept: "application/json" } })).json()) as {
      module: string;
      types: string[];
      err?: string;
    }[];
    const ours = sets.filter((set) => set.module === "@network-personas/node-red");
    expect(ours.map((set) => set.err ?? set.types[0]).sort()).toEqual(
      [
        "persona apply",
        "persona blend",
        "persona calendar",
        "persona event",
        "persona override",
        "persona predict",
        "persona presence",
        "persona-engine",
      ].sort(),
    );
    const page = async (language: string) =>
      (await fetch(`${red.url}/nodes`, { headers: { accept: "text/html", "accept-language": language } })).text();
    expect(await page("de")).toContain("Fragt, was jemand gleich tun wird.");
    expect(await page("en-US")).toContain("Asks what somebody is about to do.");
    const texts = await (await red.get("locales/@network-personas/node-red/predict?lng=de")).json();
    expect(texts).toMatchObject({ palette: "Persona vorhersagen", common: { status: { refused: "abgelehnt" } } });
  });

  it("offer the home's people, devices and personas to the editor, and never the token", async () => {
    const text = await (await red.get("network-personas/engines/engine/choices")).text();
    expect(JSON.parse(text)).toMatchObject({
      status: "online",
      home: "Demo home",
      subjects: expect.arrayContaining([{ id: "alice", name: "Alice", appliesTo: "person" }]),
      devices: expect.arrayContaining([expect.objectContaining({ id: "alice-laptop", owner: "alice" })]),
      personas: expect.arrayContaining([expect.objectContaining({ id: "gamer" })]),
    });
    expect(text).not.toContain(token);
    expect(await (await red.get("network-personas/engines/nobody/choices")).json()).toEqual({ status: "unknown" });
  });

  it("tell the engine who is here", async () => {
    const message = await press("laptop-here", "presence");
    expect(message).toMatchObject({
      payload: true,
      topic: "alice-laptop",
      persona: { subject: "alice-laptop", signal: { kind: "presence", present: true } },
    });
    const { at, expiresAt } = message.persona.signal as { at: string; expiresAt: string };
    expect(Date.parse(expiresAt) - Date.parse(at)).toBe(600_000);
    expect((await debug.next("device")).msg).toMatchObject({ payload: true, topic: "alice-laptop", event: "presence" });
  });

  it("give errors that help to Catch nodes, and go on", async () => {
    expect(await errorOf("nonsense")).toContain('Send true or false, "home" or "away", or a place.');
    expect(await errorOf("stranger")).toContain('no person or device "carol"');
    expect(debug.statuses.get("presence")).toMatchObject({ fill: "red", text: "common.status.badMessage" });
    expect(await press("laptop-here", "presence")).toMatchObject({ payload: true });
  });

  it("predict, blend and apply in one flow", async () => {
    const [predicted, blended, applied] = [debug.next("predict"), debug.next("blend"), debug.next("applied")];
    await red.inject("ask-alice");
    expect((await predicted).msg).toMatchObject({
      topic: "alice",
      payload: { everyday: 1 },
      persona: { top: "everyday", probability: 1, name: "Alice", horizon: 1_800_000 },
    });
    expect((await blended).msg).toMatchObject({
      topic: "alice",
      payload: { qos: { weight: 1 } },
      persona: { distribution: { everyday: 1 }, explanation: expect.any(Array) },
    });
    expect((await applied).msg).toMatchObject({
      topic: "alice",
      payload: { ok: true },
      persona: { subject: "alice", proposal: { ttl: 300, source: expect.stringContaining("node-red:") } },
    });
    expect(engine.service.proposals().map((proposal) => proposal.subject)).toEqual(["alice"]);
    expect((await press("withdraw", "applied")).payload).toEqual({ result: "withdrawn", ok: true });
    expect(engine.service.proposals()).toEqual([]);
  });

  it("ask about everyone with one message each", async () => {
    await red.inject("ask-all");
    for (const subject of ["alice", "bob", "tv"])
      await debug.next("predict", (shown) => (shown.msg as { topic: string }).topic === subject);
    // Everything they led to is applied and withdrawn again, so that other tests find nothing.
    for (const subject of ["alice", "bob", "tv"])
      await debug.next("applied", (shown) => (shown.msg as { topic: string }).topic === subject);
  });

  it("tell a refusal from an error", async () => {
    const refused = await press("unknown-persona", "not-applied");
    expect(refused.payload).toMatchObject({
      result: "refused",
      ok: false,
      errors: [{ code: "bad-input", field: expect.stringContaining("distribution") }],
    });
    expect(debug.statuses.get("apply")).toMatchObject({ fill: "red", text: "common.status.refused" });
  });

  it("force a persona like a switch, for the time the node says, and tell everybody", async () => {
    const changed = debug.next("persona", (shown) => (shown.msg as { topic: string }).topic === "bob");
    const forced = await press("bob-plays", "override");
    expect(forced).toMatchObject({ payload: "gamer", topic: "bob", persona: { subject: "bob", persona: "gamer" } });
    expect(Date.parse(String(forced.persona.until)) - clock.now()).toBe(120_000);
    expect((await changed).msg).toMatchObject({ payload: "gamer", event: "subject", persona: { decidedBy: "override" } });
    expect(await press("bob-free", "override")).toMatchObject({ payload: "automatic", persona: { persona: null, until: null } });
  });

  it("list what is coming and fire in time", async () => {
    // The node fires an hour before the start, which is in a moment.
    const start = Date.now() + 3_600_000 + 1_500;
    const event = {
      calendar: "alice-work",
      subjects: ["alice"],
      categories: [],
      busy: "busy" as const,
      status: "confirmed" as const,
      recurring: false,
      start: new Date(start).toISOString(),
      end: new Date(start + 1_800_000).toISOString(),
      allDay: false,
    };
    upcoming.push(
      { ...event, id: "1", uid: "1", summary: "Standup", meanings: [{ persona: "remote-worker", strength: 0.8, matched: "standup" }] },
      { ...event, id: "2", uid: "2", summary: "Dentist", meanings: [] },
    );
    const fired = debug.next("starts");
    engine.service.emit({ type: "calendar", data: { calendar: "alice-work", status: "ok", fetchedAt: null, events: 2, problems: [] } });
    expect(((await press("list", "list")).payload as UpcomingEvent[]).map((entry) => entry.summary)).toEqual(["Standup"]);
    expect((await fired).msg).toMatchObject({
      payload: { id: "1", summary: "Standup", minutesToStart: 60 },
      topic: "alice-work",
      event: "start",
      offset: -60,
      late: false,
      persona: { subjects: ["alice"] },
    });
    expect(debug.shown.filter((shown) => shown.name === "starts")).toHaveLength(1);
  });

  it("show when the engine is gone, find it again, and tell only what changed meanwhile", async () => {
    const before = debug.shown.length;
    await engine.server.close();
    await debug.status("event", (status) => status.text === disconnected);
    expect(debug.statuses.get("event")).toMatchObject({ fill: "red", shape: "ring" });
    await engine.service.override({ subject: "bob", persona: "gamer", source: "test", ttl: 60 });
    const { port } = new URL(engine.server.url);
    const again = await serveEngine(engine.service, clock, { tokens: engine.tokens, config: { port: Number(port) } });
    try {
      await debug.next("persona", (shown) => (shown.msg as { payload: string }).payload === "gamer");
      const told = debug.shown.slice(before).filter((shown) => ["persona", "device", "network", "notice"].includes(shown.name));
      expect(told.map((shown) => (shown.msg as { topic: string }).topic)).toEqual(["bob"]);
      expect(await press("laptop-here", "presence")).toMatchObject({ payload: true });
    } finally {
      await again.close();
    }
  });

  it("keep the token encrypted, and out of flows and logs", async () => {
    const files = (await readdir(red.userDir)).filter((file) => file.endsWith(".json"));
    expect(files).toContain("flows_cred.json");
    for (const file of files) expect([file, (await readFile(join(red.userDir, file), "utf8")).includes(token)]).toEqual([file, false]);
    expect(red.log()).not.toContain(token);
  });
});
