import { afterAll, beforeAll, expect, it } from "vitest";
import type { PlanView } from "../../engine/src/model/index.ts";
import type { EngineService } from "../../engine/src/runtime/port.ts";
import { type Harness, serveEngine } from "./harness.ts";
import { realEngine } from "./real-engine.ts";

let harness: Harness<EngineService>;
let token: string;
let dispose: (() => Promise<void>) | undefined;
beforeAll(async () => {
  const made = await realEngine();
  dispose = made.dispose;
  harness = await serveEngine(made.service, made.clock);
  token = await harness.token(["read"]);
});
afterAll(async () => {
  await harness.close();
  await dispose?.();
});

const plan = (body: object) => harness.ask("POST", "/v1/plan", { token, body });
const laptop = ({ plan }: PlanView) => plan.devices.find((d) => d.device === "alice-laptop")!;
const worker = async () =>
  ((await harness.ask("GET", "/v1/personas/remote-worker", { token })).body as { document: { profile: { qos: { demands: object } } } })
    .document;

it("plans with a persona as it would be after an edit, and keeps nothing of it", async () => {
  const saved = await worker();
  const demands = { interactive: { need: { down: ["1 Mbit/s"], up: ["1 Mbit/s"] } } };
  const draft = { ...saved, profile: { ...saved.profile, qos: { ...saved.profile.qos, demands } } };
  const distributions = { alice: { "remote-worker": 1 } };
  const [before, after] = [await plan({ distributions }), await plan({ distributions, personas: [draft] })];
  expect([before.status, after.status]).toEqual([200, 200]);
  expect(laptop(after.body as PlanView).guarantee.up).toBeLessThan(laptop(before.body as PlanView).guarantee.up);
  expect(await worker()).toEqual(saved);
  expect((await plan({ distributions })).body).toEqual(before.body);
});

it("plans with a persona that does not exist yet, and names the field that is wrong", async () => {
  const musician = {
    id: "musician",
    name: "Musician",
    deviceKinds: ["laptop"],
    profile: { qos: { demands: { realtime: { need: { down: [512], up: [512] } } } } },
  };
  const distributions = { alice: { musician: 1 } };
  expect((await plan({ distributions })).status).toBe(400);
  const { status, body } = await plan({ distributions, personas: [musician] });
  expect([status, laptop(body as PlanView).class]).toEqual([200, "realtime"]);
  const wrong = { ...musician, profile: { qos: { weight: 99 } } };
  expect(await plan({ personas: [wrong] })).toMatchObject({ status: 400, body: { error: { field: "personas.0.profile.qos.weight" } } });
  const unknown = { ...musician, profile: { applications: { blocked: ["no-such-thing"] } } };
  expect(await plan({ personas: [unknown] })).toMatchObject({
    status: 400,
    body: { error: { message: expect.stringContaining("no-such-thing") } },
  });
});

it("plans with other personas expected than the policy says", async () => {
  const calls = await plan({ at: "2026-11-23T10:05:00Z" });
  const without = await plan({ at: "2026-11-23T10:05:00Z", predicted: ["everyday", "gamer"] });
  expect([calls.status, without.status]).toEqual([200, 200]);
  expect(laptop(without.body as PlanView).guarantee.up).toBeLessThan(laptop(calls.body as PlanView).guarantee.up);
});

it("describes a profile for whoever makes a form of it", async () => {
  const { body } = await harness.ask("GET", "/v1/profile", { token });
  expect(body).toMatchObject({
    schema: { properties: { qos: { properties: { latencyTarget: { minimum: 1, maximum: 1000, "x-unit": "ms" } } } } },
    applications: expect.arrayContaining([{ id: "zoom", name: "Zoom", class: "interactive" }]),
  });
});
