import { loadPersonas } from "@network-personas/personas/load";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FeatureVector } from "../model/index.ts";
import { accountedFor } from "./explain.ts";
import { type LearnedState, learned } from "./learned.ts";
import { DamagedState } from "./state-text.ts";
import { localAt, someEvent, someFeatures } from "./test-features.ts";

const { personas } = await loadPersonas();
const fresh = (features: FeatureVector) => learned.predict(features, personas, learned.create()).distribution;
const evening = { minuteOfDay: 1230, dayOfWeek: 2, day: 20781 };

/** Alice works mornings and plays evenings, for some days. */
function taught(days: number, state = learned.create()): LearnedState {
  for (let n = 0; n < days * 1440; n += 15) {
    const hour = Math.floor((n % 1440) / 60);
    const persona = hour >= 9 && hour < 12 ? "video-editor" : hour >= 19 && hour < 22 ? "gamer" : "everyday";
    const before = Math.floor(((n + 1425) % 1440) / 60);
    const current = before >= 9 && before < 12 ? "video-editor" : before >= 19 && before < 22 ? "gamer" : "everyday";
    const features = someFeatures({ local: localAt(n), devices: [], recent: [{ persona: current, minutesAgo: 0, minutes: 15 }] });
    learned.learn(state, { features, persona, weight: 1 }, personas);
  }
  return state;
}

describe("learned, on day one", () => {
  it("believes a matching event in ten minutes", () => {
    for (const strength of [0.6, 0.8, 1]) {
      const p = fresh(someFeatures({ events: [someEvent({}, "remote-worker", strength)] }));
      expect(p["remote-worker"], `strength ${strength}`).toBeGreaterThan(0.6);
    }
  });
  it("expects nothing in particular at night", () => {
    expect(fresh(someFeatures({ local: { minuteOfDay: 180, dayOfWeek: 2, day: 20781 } })).everyday).toBeGreaterThan(0.8);
  });
  it("expects a gamer when the console comes on in the evening, and less so when it is always on", () => {
    const before = fresh(someFeatures({ local: evening })).gamer!;
    const on = (minutesPresent: number) =>
      fresh(someFeatures({ local: evening, shared: [{ id: "console", kind: "console", minutesPresent }] })).gamer!;
    expect(on(3)).toBeGreaterThan(0.6);
    expect(on(3_000)).toBeGreaterThan(before);
    expect(on(3_000)).toBeLessThan(on(3));
  });
  it("knows a camera by its kind, day and night, and gives a television only what applies to it", () => {
    for (const minuteOfDay of [180, 720]) {
      const camera = {
        subject: "cam",
        appliesTo: "device",
        kinds: ["camera"],
        devices: [],
        local: { minuteOfDay, dayOfWeek: 3, day: 20782 },
      } as const;
      expect(fresh(someFeatures(camera))["iot-device"]).toBeGreaterThan(0.9);
    }
    expect(fresh(someFeatures({ subject: "tv", appliesTo: "device", kinds: ["tv"], devices: [] }))).toEqual({ everyday: 1 });
  });
  it("takes the owner's word for certain", () => {
    const p = learned.predict(someFeatures({ override: "gamer" }), personas, learned.create());
    expect(p.distribution.gamer).toBe(1);
    expect(Object.values(p.distribution).reduce((a, b) => a + b)).toBe(1);
    expect(p.evidence).toMatchObject([{ source: "override", persona: "gamer" }]);
  });
  it("listens to third parties, up to a limit", () => {
    const said = (logOdds: number) =>
      fresh(someFeatures({ evidence: [{ source: "steam", logOdds: { gamer: logOdds }, why: "steam runs" }] })).gamer!;
    expect(said(2)).toBeGreaterThan(3 * said(0));
    expect(said(20)).toBe(said(4));
  });
});

describe("learned, while something goes on", () => {
  const doing = ["gamer", "remote-worker", "streaming-enthusiast", "video-editor"];
  const uneventful = () => {
    const state = learned.create();
    for (let n = 0; n < 1440; n += 15) {
      const recent = n === 0 ? [] : [{ persona: "everyday", minutesAgo: 0, minutes: n }];
      learned.learn(state, { features: someFeatures({ local: localAt(n), recent }), persona: "everyday", weight: 1 }, personas);
    }
    return state;
  };
  const atHome = (n: number, persona: string, weight = 1, minutesPresent = 40) =>
    someFeatures({
      local: localAt(1440 + n),
      recent: [
        { persona, minutesAgo: 0, minutes: 0, weight },
        { persona: "everyday", minutesAgo: 0, minutes: 900 },
      ],
      shared: [{ id: "tv", kind: "tv", minutesPresent }],
    });
  const p = (state: LearnedState, features: FeatureVector, persona: string) =>
    learned.predict(features, personas, state).distribution[persona]!;

  it.each([
    ["on day one", learned.create()],
    ["after a day of nothing", uneventful()],
  ])("expects it to go on from its first minute, whatever the hour and never met before: %s", (_, state) => {
    for (const persona of doing) {
      for (const hour of [3, 9, 14, 20, 23.5])
        expect(p(state, atHome(hour * 60, persona), persona), `${persona} at ${hour}`).toBeGreaterThan(0.8);
    }
  });
  it("believes what is only suspected to go on by as much as it is suspected", () => {
    const [none, half, sure] = [0, 0.5, 1].map((weight) => p(learned.create(), atHome(840, "gamer", weight), "gamer"));
    expect(none).toBeLessThan(0.3);
    expect(half).toBeGreaterThan(none! + 0.2);
    expect(sure).toBeGreaterThan(half! + 0.2);
  });
  it("takes a device that came on since for news, and one that was on already for none", () => {
    const playing = (minutesPresent: number) => ({
      ...atHome(1200, "gamer", 1, minutesPresent),
      recent: [{ persona: "gamer", minutesAgo: 0, minutes: 60 }],
    });
    expect(p(learned.create(), playing(5), "gamer")).toBeLessThan(p(learned.create(), playing(90), "gamer") - 0.1);
  });
});

describe("learned, after a while", () => {
  const state = taught(14);
  const at = (n: number) =>
    learned.predict(
      someFeatures({ local: localAt(14 * 1440 + n), devices: [], recent: [{ persona: "everyday", minutesAgo: 0, minutes: 15 }] }),
      personas,
      state,
    );

  it("has learned when things happen", () => {
    expect(at(9 * 60).distribution["video-editor"]).toBeGreaterThan(0.6);
    expect(at(19 * 60).distribution.gamer).toBeGreaterThan(0.6);
    expect(at(3 * 60).distribution.everyday).toBeGreaterThan(0.9);
  });
  it("learns that an appointment is never kept", () => {
    const stubborn = learned.create();
    const meeting = (n: number) => someFeatures({ local: localAt(n), events: [someEvent({ startsIn: -5, endsIn: 25 })] });
    const before = learned.predict(meeting(600), personas, stubborn).distribution["remote-worker"]!;
    for (let day = 0; day < 20; day++)
      learned.learn(stubborn, { features: meeting(day * 1440 + 600), persona: "everyday", weight: 1 }, personas);
    expect(learned.predict(meeting(20 * 1440 + 600), personas, stubborn).distribution["remote-worker"]).toBeLessThan(before / 4);
  });
  it("answers what starts with something that can start", () => {
    const features = someFeatures({
      local: localAt(14 * 1440 + 1200),
      starting: true,
      recent: [{ persona: "gamer", minutesAgo: 0, minutes: 60 }],
      events: [someEvent()],
    });
    const prediction = learned.predict(features, personas, state);
    expect(prediction.distribution.everyday).toBeLessThan(0.001);
    expect(prediction.distribution.gamer).toBeLessThan(0.001);
    const sums = accountedFor(prediction);
    for (const [persona, p] of Object.entries(prediction.distribution)) expect(Math.abs(sums[persona]! - p)).toBeLessThan(1e-9);
  });
  it("lends a newcomer the home's habits, until the newcomer has its own", () => {
    const newcomer = learned.startFrom!([learned.create(), state]);
    const morning = someFeatures({ subject: "bob", local: localAt(14 * 1440 + 570), devices: [] });
    const guess = (s: LearnedState) => learned.predict(morning, personas, s).distribution["video-editor"]!;
    expect(guess(newcomer)).toBeGreaterThan(1.5 * guess(learned.create()));
    expect(newcomer.habits.observed.memory.rows).toEqual([]);
    for (let q = 0; q < 5 * 96; q++)
      learned.learn(
        newcomer,
        { features: someFeatures({ local: localAt(15 * 1440 + q * 15), devices: [] }), persona: "everyday", weight: 1 },
        personas,
      );
    expect(guess(newcomer)).toBeLessThan(0.1);
    expect(learned.startFrom!([])).toEqual(learned.create());
  });
  it("forgets the moments of a day and what later ones tell of it, and keeps what they added up to", () => {
    const day = localAt(0).day + 10;
    const [before, after] = [taught(12), taught(12)];
    learned.forget!(after, day * 1440, (day + 1) * 1440);
    expect(learned.save(before)).toContain(String(day));
    expect(learned.save(after)).not.toContain(String(day));
    expect(after.habits.observed.memory.rows.length).toBeGreaterThan(0);
    expect(after.unripe).toEqual([]);
    const evening = (s: LearnedState) =>
      learned.predict(someFeatures({ local: localAt(12 * 1440 + 1170), devices: [] }), personas, s).distribution.gamer!;
    expect(Math.abs(evening(after) - evening(before))).toBeLessThan(0.15);
    expect(learned.save(learned.restore(learned.save(after), learned.version))).toBe(learned.save(after));
  });
  it("never changes its state by predicting", () => {
    const text = learned.save(state);
    at(600);
    expect(learned.save(state)).toBe(text);
  });
  it("comes back from text byte for byte and predicts the same", () => {
    const text = learned.save(state);
    const restored = learned.restore(text, learned.version);
    expect(learned.save(restored)).toBe(text);
    const features = someFeatures({ events: [someEvent()] });
    expect(learned.predict(features, personas, restored)).toEqual(learned.predict(features, personas, state));
    learned.learn(restored, { features, persona: "gamer", weight: 1 }, personas);
    const twin = learned.restore(text, learned.version);
    learned.learn(twin, { features, persona: "gamer", weight: 1 }, personas);
    expect(learned.save(twin)).toBe(learned.save(restored));
  });
  it("refuses damaged text", () => {
    const text = learned.save(state);
    expect(() => learned.restore(text.slice(0, -20), 1)).toThrow(DamagedState);
    expect(() => learned.restore(text.replace("gamer", "gamex"), 1)).toThrow(/checksum/);
    expect(() => learned.restore("{}", 1)).toThrow(DamagedState);
  });
  it("keeps working when personas come and go", () => {
    const fewer = new Map([...personas].filter(([id]) => id !== "gamer"));
    const own = { ...personas.get("gamer")!, id: "a-new-one", name: "A new one" };
    const more = new Map([...personas, ["a-new-one", own]]);
    const copy = learned.restore(learned.save(state), 1);
    const features = someFeatures({ recent: [{ persona: "long-gone", minutesAgo: 0, minutes: 30 }] });
    expect(Object.keys(learned.predict(features, fewer, copy).distribution)).not.toContain("gamer");
    expect(learned.predict(features, more, copy).distribution["a-new-one"]).toBeGreaterThan(0);
    learned.learn(copy, { features, persona: "a-new-one", weight: 1 }, more);
    learned.learn(copy, { features, persona: "gamer", weight: 1 }, fewer);
    const sum = Object.values(learned.predict(features, more, copy).distribution).reduce((a, b) => a + b);
    expect(sum).toBeCloseTo(1, 9);
  });
  it("learns nothing from a label of no weight or a persona that does not apply", () => {
    const text = learned.save(state);
    learned.learn(state, { features: someFeatures({ local: localAt(30_000) }), persona: "gamer", weight: 0 }, personas);
    learned.learn(state, { features: someFeatures({ local: localAt(30_000) }), persona: "iot-device", weight: 1 }, personas);
    expect(learned.save(state)).toBe(text);
  });
});

const anyFeatures = fc
  .record({
    n: fc.integer({ min: 0, max: 28 * 1440 }),
    horizon: fc.constantFrom(15, 60),
    place: fc.constantFrom(undefined, "home", "away", "work"),
    kinds: fc.uniqueArray(fc.constantFrom("laptop" as const, "console" as const, "tv" as const, "phone" as const)),
    minutes: fc.integer({ min: 0, max: 600 }),
    event: fc.option(
      fc.record({
        startsIn: fc.integer({ min: -60, max: 30 }),
        strength: fc.double({ min: 0, max: 1, noNaN: true }),
        persona: fc.constantFrom("gamer", "remote-worker"),
      }),
    ),
    recent: fc.array(
      fc.record({ persona: fc.constantFrom("gamer", "everyday", "unheard-of"), minutes: fc.integer({ min: 1, max: 200 }) }),
      { maxLength: 6 },
    ),
    said: fc.option(fc.double({ min: -20, max: 20, noNaN: true })),
  })
  .map(({ n, horizon, place, kinds, minutes, event, recent, said }) => {
    let ago = 0;
    return someFeatures({
      local: localAt(n),
      horizon: horizon * 60_000,
      ...(place === undefined ? {} : { place }),
      devices: kinds.map((kind) => ({ id: kind, kind, minutesPresent: minutes })),
      events: event ? [someEvent({ startsIn: event.startsIn, endsIn: event.startsIn + 60 }, event.persona, event.strength)] : [],
      recent: recent.map(({ persona, minutes: length }) => {
        const run = { persona, minutesAgo: ago, minutes: length };
        ago += length;
        return run;
      }),
      evidence: said === null ? [] : [{ source: "x", logOdds: { gamer: said }, why: "" }],
    });
  });

describe("learned, whatever it is given", () => {
  const state = taught(3);
  const check = (property: (features: FeatureVector) => void) => fc.assert(fc.property(anyFeatures, property), { seed: 7, numRuns: 60 });

  it("sums to one and keeps every persona possible", () => {
    check((features) => {
      const p = Object.values(learned.predict(features, personas, state).distribution);
      expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 9);
      expect(Math.min(...p)).toBeGreaterThan(0);
    });
  });
  it("accounts for what it shows, exactly", () => {
    check((features) => {
      const prediction = learned.predict(features, personas, state);
      const sums = accountedFor(prediction);
      for (const [persona, p] of Object.entries(prediction.distribution)) expect(Math.abs(sums[persona]! - p)).toBeLessThan(1e-9);
    });
  });
  it("does not depend on the order of personas", () => {
    const reversed = new Map([...personas].reverse());
    check((features) => {
      expect(learned.predict(features, reversed, state)).toEqual(learned.predict(features, personas, state));
    });
  });
  it("learns the same from the same", () => {
    fc.assert(
      fc.property(fc.array(anyFeatures, { minLength: 1, maxLength: 5 }), (list) => {
        const learn = () =>
          list.reduce((s, features) => learned.learn(s, { features, persona: "gamer", weight: 0.8 }, personas), learned.create());
        expect(learned.save(learn())).toBe(learned.save(learn()));
      }),
      { seed: 7, numRuns: 15 },
    );
  });
});
