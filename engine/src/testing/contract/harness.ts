import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { type ChangeSet, DriverError, type RouterDriver } from "../../driver/index.ts";
import { type NetworkPlan, type Sentence, type SentenceLanguage, say, sentences } from "../../model/index.ts";
import type { DriverFixture, Fault, RouterUnderTest, TestFramework } from "../driver-contract.ts";
import { sampleApplications, sampleMacs } from "../sample-plans.ts";

export const confirmWithin = 30_000;
/** Real milliseconds a call that works may take before time is moved on, and a call that fails may take at most. */
const promptly = 200;
const patience = 12_000;

export interface Suite {
  fixture: DriverFixture;
  /** A case with a router of its own. */
  test(name: string, body: (router: RouterUnderTest) => Promise<void>): void;
  /** A case that needs a fault the fixture can bring about. */
  testFault(fault: Fault, name: string, body: (router: RouterUnderTest) => Promise<void>): void;
  /** A case that only concerns some drivers. */
  testIf(concerned: boolean, name: string, body: (router: RouterUnderTest) => Promise<void>): void;
}

/** Cases in terms of fresh routers that are always stopped again. */
export function harness(fixture: DriverFixture, { it }: TestFramework): Suite {
  const run = (body: (router: RouterUnderTest) => Promise<void>) => async () => {
    const router = await fixture.create({ applications: sampleApplications, protectedMacs: new Set([sampleMacs.protected]) });
    try {
      await body(router);
    } finally {
      await router.stop();
    }
  };
  return {
    fixture,
    test: (name, body) => void it(name, run(body)),
    testFault: (fault, name, body) => void (fixture.faults.includes(fault) && it(name, run(body))),
    testIf: (concerned, name, body) => void (concerned && it(name, run(body))),
  };
}

/** The difference between a plan and what the router has now. */
export async function difference(driver: RouterDriver, plan: NetworkPlan | null): Promise<ChangeSet> {
  return driver.plan(plan, await driver.read());
}

/** Applies without confirming. */
export async function applyOnly(driver: RouterDriver, plan: NetworkPlan | null): Promise<ChangeSet> {
  const changes = await difference(driver, plan);
  await driver.apply(changes, { confirmWithin });
  return changes;
}

/** Brings the router to a plan for good. */
export async function bring(driver: RouterDriver, plan: NetworkPlan | null): Promise<ChangeSet> {
  const changes = await applyOnly(driver, plan);
  await driver.confirm();
  return changes;
}

/** Fails unless the router holds the plan. */
export async function assertHolds(driver: RouterDriver, plan: NetworkPlan | null, when: string): Promise<void> {
  const { changes } = await difference(driver, plan);
  assert.deepEqual(
    changes.map((c) => `${c.action} ${c.target}: ${c.summary}`),
    [],
    `${when} the router should hold the plan, but there is still something to change`,
  );
}

/** Fails unless what is not ours is as it was. */
export async function assertForeignKept(router: RouterUnderTest, before: { foreign: unknown }, when: string): Promise<void> {
  assert.deepEqual((await router.snapshot()).foreign, before.foreign, `${when} something that is not ours has changed`);
}

/** Fails unless the sentence is one of ours: words of our own that come as they are would be English to everybody. */
export function assertSaid(sentence: Sentence): void {
  assert.notEqual(sentence.key, "verbatim", `"${String(sentence.with.text)}" is no sentence of ours`);
  for (const language of Object.keys(sentences) as SentenceLanguage[])
    assert.ok(say(sentence, { language }), `"${sentence.key}" says nothing in "${language}"`);
}

/** The DriverError a call rejects with; fails when it succeeds, rejects with anything else or takes too long. */
export async function driverError(router: RouterUnderTest, what: string, call: () => Promise<unknown>): Promise<DriverError> {
  let settled = false;
  const result = Promise.resolve()
    .then(call)
    .then(
      () => undefined,
      (error: unknown) => error,
    )
    .finally(() => {
      settled = true;
    });
  await within(promptly, result);
  // Drivers may time out by the injected clock or by the real one: two minutes of the former, some seconds of the latter.
  for (let second = 0; second < 120 && !settled; second++) await router.advance(1_000);
  const error = await within(patience, result);
  assert.ok(settled, `${what} neither resolved nor rejected in time`);
  assert.ok(
    error instanceof DriverError,
    `${what} should reject with a DriverError, not with ${error === undefined ? "success" : String(error)}`,
  );
  assert.ok(error.message.includes(error.router), `the message of ${what} does not name the router: ${error.message}`);
  return error;
}

/** The result, or undefined when it takes longer than `ms` real milliseconds. */
async function within<T>(ms: number, result: Promise<T>): Promise<T | undefined> {
  const done = new AbortController();
  const late = delay(ms, undefined, { signal: done.signal }).catch(() => undefined);
  return Promise.race([result, late]).finally(() => done.abort());
}

/** Fails when a secret can be read anywhere in the value (errors with their causes included). */
export function assertNoSecrets(secrets: readonly string[], value: unknown, where: string): void {
  const text = reveal(value, new Set());
  for (const secret of secrets) assert.ok(!text.includes(secret), `a secret can be read in ${where}`);
}

function reveal(value: unknown, seen: Set<unknown>): string {
  if (typeof value !== "object" || value === null) return String(value);
  if (seen.has(value)) return "";
  seen.add(value);
  const own = Object.getOwnPropertyNames(value).map((key) => `${key}=${reveal((value as Record<string, unknown>)[key], seen)}`);
  return `${value instanceof Error ? String(value) : ""} ${own.join(" ")}`;
}
