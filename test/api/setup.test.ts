import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CalendarTrial, type RouterClients, type RouterTrial, type Sentence, say } from "@network-personas/engine/model";
import { TestClock } from "@network-personas/engine/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../engine/src/runtime/index.ts";
import { openEngine } from "../../engine/src/runtime/index.ts";
import { type OpenWrtEmulator, startOpenWrt } from "../emulators/openwrt/index.ts";
import { type Harness, keptLog, realClock, serveEngine, startTime } from "./harness.ts";

const password = "a long-password & more";
const acl = JSON.parse(await readFile(new URL("../../plugins/routers/src/openwrt/install/network-personas.json", import.meta.url), "utf8"));

let folder: string;
let home: string;
let router: OpenWrtEmulator;
let engine: Engine;
let harness: Harness<Engine>;
let admin: string;
const log = keptLog();

async function open(clock = realClock): Promise<void> {
  ({ engine } = await openEngine({ home, clock, log, startNew: true }));
  harness = await serveEngine(engine, new TestClock(startTime));
  admin = await harness.token(["admin"]);
}
const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  harness.ask(method, path, { token: admin, headers, ...(body === undefined ? {} : { body }) });
async function edit(change: (document: Record<string, unknown>) => object) {
  const { document, etag } = (await ask("GET", "/v1/home")).body as { document: Record<string, unknown>; etag: string };
  return ask("PUT", "/v1/home", change(document), { "if-match": etag });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-setup-"));
  home = join(folder, "home.yaml");
  router = await startOpenWrt({ acl, password, timeScale: 0.05 });
  router.seedDevice({ mac: "02:00:00:00:02:11", ipv4: "192.168.1.111", hostname: "anns-laptop", connected: true });
  await open();
});
afterEach(async () => {
  await harness.close();
  await engine.close();
  await router.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("a home that nobody has described", () => {
  it("runs without a file, says so, and becomes one with the first save, comments and all", async () => {
    expect((await ask("GET", "/v1/state")).body).toMatchObject({ home: { isNew: true }, subjects: [], routers: [] });
    expect(existsSync(home)).toBe(false);
    // Any browser can see that nobody has said yet what the line carries.
    expect((await ask("GET", "/v1/home")).body).toMatchObject({ document: { wan: { assumed: true } } });
    const saved = await edit((document) => ({ ...document, wan: { down: "50 Mbit/s", up: "10 Mbit/s" } }));
    expect(saved.status, JSON.stringify(saved.body)).toBe(200);
    expect(await readFile(home, "utf8")).toMatch(/# What your line really carries.*\nwan: \{ down: 50 Mbit\/s, up: 10 Mbit\/s \}/);
    expect((await ask("GET", "/v1/state")).body).not.toHaveProperty("home.isNew");
  });

  it("never overwrites a file that was written meanwhile", async () => {
    const { document, etag } = (await ask("GET", "/v1/home")).body as { document: object; etag: string };
    const mine = "version: 1\nhome: { timeZone: Europe/Berlin }\nwan: { down: 8 Mbit/s, up: 1 Mbit/s }\n";
    await writeFile(home, mine);
    expect(await ask("PUT", "/v1/home", document, { "if-match": etag })).toMatchObject({
      status: 409,
      body: { error: { message: expect.stringMatching(/changed meanwhile/) } },
    });
    expect(await readFile(home, "utf8")).toBe(mine);
  });
});

describe("a router, before it belongs to the home", () => {
  const entry = () => ({ id: "main", driver: "openwrt", url: router.url, username: router.username });

  it("is found, tried with a wrong and a right password, and kept with its password named only", async () => {
    expect((await ask("POST", "/v1/setup/find", { address: router.url })).body).toEqual([{ driver: "openwrt", url: router.url }]);
    const wrong = (await ask("POST", "/v1/setup/router", { router: entry(), secrets: { password: "wrong-password-1" } }))
      .body as RouterTrial;
    expect(wrong).toMatchObject({ ready: false, identity: null });
    expect(wrong.findings.find((f) => f.status === "failed")).toMatchObject({ check: "login", remedy: expect.stringMatching(/password/) });
    const right = (await ask("POST", "/v1/setup/router", { router: entry(), secrets: { password } })).body as RouterTrial;
    expect(right).toMatchObject({ ready: true, identity: { vendor: "OpenWrt" }, undoneBy: "router" });
    expect(existsSync(home)).toBe(false);

    const { reference } = (await ask("PUT", "/v1/secrets/router-main", { value: password })).body as { reference: { file: string } };
    expect(reference).toEqual({ file: ".network-personas/secrets/router-main" });
    expect((await stat(join(folder, reference.file))).mode & 0o777).toBe(0o600);
    const saved = await edit((document) => ({ ...document, routers: [{ ...entry(), password: reference }] }));
    expect(saved.body).toMatchObject({ home: { routers: [{ mode: "preview" }] } });
    const [{ clients }] = (await ask("GET", "/v1/clients")).body as [RouterClients];
    expect(clients.find((c) => c.hostname === "anns-laptop")).toMatchObject({
      device: null,
      randomised: true,
      firstSeen: expect.any(String),
    });
    // The stored secret serves for a second look, too.
    expect((await ask("POST", "/v1/setup/router", { router: { ...entry(), password: reference } })).body).toMatchObject({ ready: true });

    const told = [JSON.stringify([wrong, right, saved]), await readFile(home, "utf8"), log.lines.join(), harness.log.lines.join()].join();
    expect(told).not.toContain(password);
    expect(told).not.toContain("wrong-password-1");
    expect((await ask("DELETE", "/v1/secrets/router-main")).status).toBe(204);
    expect(existsSync(join(folder, reference.file))).toBe(false);
  });

  it("is opened anew when its secret has another value, and keeps its login while other things change", async () => {
    const { reference } = (await ask("PUT", "/v1/secrets/router-main", { value: "wrong-password-1" })).body as { reference: object };
    await edit((document) => ({ ...document, routers: [{ ...entry(), password: reference }] }));
    const error = async () => ((await ask("GET", "/v1/routers")).body as { error: { code: string } | null }[])[0]!.error;
    expect(await error()).toMatchObject({ code: "auth-failed" });
    await ask("PUT", "/v1/secrets/router-main", { value: password });
    expect(await error()).toBeNull();
    const before = router.logins();
    await edit((document) => ({ ...document, people: [{ id: "ann" }] }));
    expect(router.logins()).toBe(before);
  });

  it("says which right is missing and how to grant it", async () => {
    await router.stop();
    const { "network-personas": rights } = structuredClone(acl) as Record<string, { write: { uci: string[] } }>;
    rights!.write.uci = rights!.write.uci.filter((name) => name !== "firewall");
    router = await startOpenWrt({ acl: { "network-personas": rights! } as never, password });
    const trial = (await ask("POST", "/v1/setup/router", { router: entry(), secrets: { password } })).body as RouterTrial;
    expect(trial.ready).toBe(false);
    expect(trial.findings.filter((f) => f.status === "failed")).toEqual([
      expect.objectContaining({ check: "right: uci firewall write", remedy: expect.stringMatching(/network-personas\.json/) }),
    ]);
  });

  it("refuses what cannot be, naming the field as it was asked for", async () => {
    const trial = (extra: object) => ask("POST", "/v1/setup/router", { router: { ...entry(), ...extra }, secrets: { password } });
    expect(await trial({ url: "http://user:pw@127.0.0.1" })).toMatchObject({ status: 400, body: { error: { field: "url" } } });
    expect(await trial({ driver: "no-such" })).toMatchObject({ status: 400, body: { error: { field: "driver" } } });
    expect(await trial({ username: undefined })).toMatchObject({ status: 400, body: { error: { field: "username" } } });
    expect(await ask("POST", "/v1/setup/find", { address: "not an address" })).toMatchObject({
      status: 400,
      body: { error: { field: "address", message: expect.stringMatching(/such as/) } },
    });
    const spaced = await ask("PUT", "/v1/secrets/router-main", { value: " padded-secret " });
    expect(spaced).toMatchObject({ status: 400, body: { error: { field: "value" } } });
    expect(JSON.stringify(spaced.body)).not.toContain("padded-secret");
    expect((await ask("PUT", "/v1/secrets/..%2Fhome", { value: "x1234" })).status).toBe(400);
    // Whoever typed it reads it in their language, and nothing of it is told in English only.
    for (const [refusal, german] of [
      [await trial({ url: "http://user:pw@127.0.0.1" }), /weder Benutzername noch Passwort/],
      [await trial({ url: "192.168.1.1" }), /eine vollständige Adresse/],
      [await trial({ username: "" }), /nicht leer/],
      [await ask("POST", "/v1/setup/find", { address: "not an address" }), /die Adresse des Routers, etwa „192\.168\.1\.1“/],
      [spaced, /Leerzeichen/],
      [await ask("POST", "/v1/setup/calendar", { caldav: { url: "example.org", username: "a", password: "b" } }), /vollständige Adresse/],
      [await ask("POST", "/v1/setup/calendar", { ics: "ftp://example.org/a.ics" }), /„ftp:“/],
      [await ask("POST", "/v1/setup/calendar", { ics: "webcal://" }), /keine Adresse/],
      [await trial({ url: "ftp://192.168.1.1" }), /etwa „http:\/\/192\.168\.1\.1“/],
    ] as const) {
      const { said, message } = (refusal.body as { error: { said: Sentence; message: string } }).error;
      expect(say(said, { language: "de" })).toMatch(german);
      expect(message).toContain(say(said));
    }
  });
});

describe("a calendar, before it belongs to the home", () => {
  const event = (day: number, summary: string, extra = "") =>
    `BEGIN:VEVENT\r\nUID:${summary.replaceAll(" ", "-")}@example\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:202611${day}T100000Z\r\nDTEND:202611${day}T110000Z\r\nSUMMARY:${summary}\r\n${extra}END:VEVENT\r\n`;

  it("shows the next five events with what they mean, and takes a correction", async () => {
    await harness.close();
    await engine.close();
    await open(new TestClock(startTime) as never);
    const events = [24, 25, 26, 27, 28, 29].map((day) => event(day, day === 24 ? "Band practice" : `Zoom call ${day}`));
    await writeFile(
      join(folder, "ann.ics"),
      `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n${event(20, "Long past")}${events.join("")}END:VCALENDAR\r\n`,
    );
    const look = async (meanings: object[] = []) =>
      (await ask("POST", "/v1/setup/calendar", { ics: "./ann.ics", meanings })).body as CalendarTrial;
    const first = await look();
    expect(first.status).toMatchObject({ status: "ok" });
    expect(first.events.map((e) => [e.summary, e.meanings[0]?.persona])).toEqual([
      ["Band practice", undefined],
      ...[25, 26, 27, 28].map((day) => [`Zoom call ${day}`, "remote-worker"]),
    ]);
    expect((await look([{ text: "Band practice", persona: "video-editor" }])).events[0]!.meanings[0]).toMatchObject({
      persona: "video-editor",
    });
  });

  it("says what is wrong with it, without its address", async () => {
    const secret = "http://127.0.0.1:9/private-5f2c9/basic.ics";
    const { status, body } = await ask("POST", "/v1/setup/calendar", { ics: secret });
    expect([status, (body as CalendarTrial).status.status]).toEqual([200, "failed"]);
    expect(JSON.stringify(body) + log.lines.join()).not.toContain("private-5f2c9");
    const server = createServer((_, response) => response.writeHead(401, { "www-authenticate": "Basic" }).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/dav/`;
    const refused = (await ask("POST", "/v1/setup/calendar", { caldav: { url, username: "ann", password: "wrong-calendar-1" } })).body;
    server.close();
    expect(refused).toMatchObject({ status: { status: "failed", problems: [expect.stringMatching(/login/)] }, events: [] });
    expect(JSON.stringify(refused) + log.lines.join()).not.toContain("wrong-calendar-1");
    expect(await ask("POST", "/v1/setup/calendar", { ics: "ftp://example.org/a.ics" })).toMatchObject({
      status: 400,
      body: { error: { field: "ics" } },
    });
    expect((await ask("POST", "/v1/setup/calendar", {})).status).toBe(400);
  });
});
