import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import type { FeatureVector } from "../model/index.ts";
import { inputName, inputNames } from "./core/evidence.ts";
import { learned } from "./learned.ts";
import { line, lines } from "./reasons.ts";
import { localAt, someFeatures } from "./test-features.ts";

const { personas } = await loadPersonas();
const state = learned.create();
for (let n = 0; n < 2 * 1440; n += 15) {
  const recent = [
    { persona: "everyday", minutesAgo: 0, minutes: 120 },
    { persona: "gamer", minutesAgo: 120, minutes: 60 },
  ];
  const persona = n % 240 === 0 ? "gamer" : "everyday";
  learned.learn(state, { features: someFeatures({ local: localAt(n), recent }), persona, weight: 1 }, personas);
}
const said = (recent: FeatureVector["recent"]) =>
  learned.predict(someFeatures({ local: localAt(3000), recent }), personas, state).evidence.map((e) => e.why);

describe("reasons", () => {
  it("have a sentence for every input", () => {
    for (const input of [...inputNames, inputName(inputNames.length)]) expect(Object.keys(lines), input).toContain(line(input));
  });
  it("never show the name of an input", () => {
    for (const why of said([{ persona: "gamer", minutesAgo: 0, minutes: 30 }]))
      expect(inputNames.filter((n) => n.length > 8 && n !== "yesterday")).not.toContain(why);
  });
  it("say what goes on and for how long, by its name", () => {
    expect(said([{ persona: "gamer", minutesAgo: 0, minutes: 30 }])).toContain("Gamer for 30 min");
    expect(said([{ persona: "gamer", minutesAgo: 0, minutes: 0 }])).toContain("Gamer has just begun");
  });
  it("do not claim that what ended hours ago still goes on", () => {
    const ended = said([
      { persona: "everyday", minutesAgo: 300, minutes: 100 },
      { persona: "gamer", minutesAgo: 400, minutes: 60 },
    ]);
    expect(ended.filter((why) => /^Everyday (for|has|after)/.test(why))).toEqual([]);
    expect(ended).toContain("last Everyday 5 h ago");
  });
});
