import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import { additive } from "./additive.ts";
import { localAt, someEvent, someFeatures } from "./test-features.ts";

const { personas } = await loadPersonas();
const nothing = someFeatures({ devices: [], local: { minuteOfDay: 480, dayOfWeek: 7, day: 20779 }, place: "nowhere" });

describe("additive", () => {
  it("gives everything to everyday when nothing speaks for anything", () => {
    expect(additive.predict(nothing, personas, additive.create()).distribution).toMatchObject({ everyday: 1, gamer: 0 });
  });
  it("is the sum of five scores divided by the total", () => {
    const features = someFeatures({ events: [someEvent()], devices: [{ id: "l", kind: "laptop", minutesPresent: 5 }] });
    const { distribution, evidence } = additive.predict(features, personas, additive.create());
    const sums = new Map<string, number>();
    for (const { persona, logOdds } of evidence) sums.set(persona, (sums.get(persona) ?? 0) + logOdds);
    const total = [...sums.values()].reduce((a, b) => a + b);
    for (const [persona, sum] of sums) expect(distribution[persona]).toBeCloseTo(sum / total, 12);
    expect(evidence.filter((e) => e.persona === "remote-worker").map((e) => [e.source, e.logOdds])).toEqual([
      ["history", 0],
      ["time", 0.5],
      ["location", 0.4],
      ["devices", 0.6],
      ["calendar", 0.9],
    ]);
  });
  it("learns frequencies of what really happened", () => {
    const state = additive.create();
    for (let day = 0; day < 20; day++)
      additive.learn(state, { features: someFeatures({ local: localAt(day * 1440 + 590) }), persona: "gamer", weight: 1 }, personas);
    const { distribution, evidence } = additive.predict(someFeatures({ local: localAt(20 * 1440 + 590) }), personas, state);
    expect(distribution.gamer).toBeGreaterThan(0.7);
    expect(evidence.find((e) => e.source === "history" && e.persona === "gamer")?.logOdds).toBe(1);
  });
  it("comes back from text byte for byte", () => {
    const state = additive.learn(additive.create(), { features: someFeatures(), persona: "gamer", weight: 0.5 }, personas);
    const text = additive.save(state);
    expect(additive.save(additive.restore(text, 1))).toBe(text);
  });
});
