import { Persona } from "@network-personas/personas";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FeatureVector, Prediction, Signal } from "../model/index.ts";
import type { Example, Scorer } from "../predict/index.ts";
import { SqliteStore } from "../store/index.ts";
import { Learning } from "./learning.ts";
import { silentLog } from "./system.ts";

/** Remembers what it was taught; its state is the list of lessons. */
const scorer: Scorer = {
  id: "test",
  version: 1,
  create: () => [],
  predict: () => {
    throw new Error("not asked here");
  },
  learn: (state, { persona, weight }: Example) => [...(state as string[]), `${persona} ${weight}`],
  startFrom: (others) => [`lent by ${others.length}`],
  save: (state) => JSON.stringify(state),
  restore: (text, version) => {
    if (version !== 1) throw new Error(`version ${version} is not known`);
    return JSON.parse(text);
  },
};
const personas = new Map(["everyday", "gamer"].map((id) => [id, Persona.parse({ id, name: id })]));
const at = (minute: number) => new Date(Date.parse("2026-11-22T10:00:00Z") + minute * 60_000).toISOString();
const features = (minute: number, horizon: number) => ({ subject: "ann", at: at(minute), horizon, recent: [] }) as unknown as FeatureVector;
const prediction = (minute: number, horizon: number) =>
  ({ subject: "ann", at: at(minute), horizon, distribution: { everyday: 1 }, evidence: [], scorer: "test" }) as Prediction;
const activity = (from: number, to: number): Signal => ({
  kind: "activity",
  subject: "ann",
  persona: "gamer",
  weight: 1,
  source: "owner",
  confidence: 1,
  id: `a${from}`,
  at: at(from),
  expiresAt: at(to),
});

let store: SqliteStore;
let warnings: string[];
const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
beforeEach(() => {
  store = new SqliteStore(":memory:", "home");
  warnings = [];
});
afterEach(() => store.close());

describe("Learning", () => {
  it("learns a quarter of an hour and an hour apart, each when its own window is over", async () => {
    const learning = new Learning(store, scorer, log);
    const quarter = 15 * 60_000;
    await learning.remember([quarter, 4 * quarter].map((h) => ({ prediction: prediction(0, h), features: features(0, h) })));
    await learning.observe([activity(-1, 70)], at(66));
    await learning.learn(personas, at(19));
    expect(learning.states("15").get("ann")).toBeUndefined();
    await learning.learn(personas, at(20));
    expect(learning.states("15").get("ann")).toEqual(["gamer 1"]);
    expect(learning.states("60").get("ann")).toBeUndefined();
    await learning.learn(personas, at(66));
    expect(learning.states("60").get("ann")).toEqual(["gamer 1"]);
    await learning.learn(personas, at(66));
    expect(learning.states("15").get("ann")).toEqual(["gamer 1"]);
  });
  it("writes down now and then what goes on, and all of it when it is over", async () => {
    const learning = new Learning(store, scorer, log);
    const kept = async () => (await store.labels(at(-10))).map((label) => label.to);
    for (const minute of [1, 2, 3]) await learning.observe([activity(0, 4)], at(minute));
    expect(await kept()).toEqual([at(1)]);
    await learning.observe([], at(9));
    expect(await kept()).toEqual([at(3)]);
    expect(learning.labels.map((label) => label.to)).toEqual([at(3)]);
  });
  it("keeps what it learned, each question by itself", async () => {
    await new Learning(store, scorer, log).started(features(0, 900_000), "gamer", 1, personas);
    const next = new Learning(store, scorer, log);
    await next.load(at(1));
    expect(next.states("start").get("ann")).toEqual(["gamer 1"]);
    expect(next.states("15").size).toBe(0);
  });
  it("lends the others' habits to people who have taught nothing, until they have", async () => {
    const learning = new Learning(store, scorer, log);
    await learning.started(features(0, 900_000), "gamer", 1, personas);
    learning.welcome(["ann", "ben"]);
    expect(learning.states("start").get("ben")).toEqual(["lent by 1"]);
    expect(learning.states("start").get("ann")).toEqual(["gamer 1"]);
    learning.welcome(["ann", "ben", "cleo"]);
    expect(learning.states("start").get("cleo")).toEqual(["lent by 1"]);
  });
  it("sets aside what cannot be read, says so, and starts anew", async () => {
    await store.learned([], [{ scorer: "test/15", subject: "ann", version: 7, data: "precious" }]);
    const learning = new Learning(store, scorer, log);
    await learning.load(at(0));
    expect(learning.states("15").has("ann")).toBe(false);
    expect(warnings.join()).toMatch(/ann cannot be read \(version 7 is not known\); it was set aside/);
    expect(await store.fact(`unreadable test/15 ann ${at(0)}`)).toBe("precious");
  });
});
