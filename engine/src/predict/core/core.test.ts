import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, read, type Table } from "./counts.ts";
import { count, gather, nothingObserved, without } from "./evidence.ts";
import { createHabits, infer, learnFrom } from "./habits.ts";
import { clockKernel, daySlot } from "./kernel.ts";
import { reweighed } from "./mixture.ts";
import { type Moment, mainClass, type Run, readPast } from "./moment.ts";
import { attend, override, unseen } from "./override.ts";
import { sourceIndex } from "./sources.ts";
import { splitStaying } from "./staying.ts";

const runs: Run[] = [
  { class: 0, start: 0, end: 400 },
  { class: 2, start: 400, end: 430 },
  { class: 1, start: 430, end: 500 },
  { class: 0, start: 500, end: 600 },
];
const classes = 3;

function someMoment(change: Partial<Moment> = {}): Moment {
  return {
    ...readPast(runs, 600, classes, (k) => k === 0),
    day: 0,
    minute: 600,
    weekday: 3,
    horizon: 15,
    yesterday: -1,
    lastWeek: -1,
    place: "",
    devices: "",
    calendar: "",
    allowed: [true, true, true],
    root: [1 / 3, 1 / 3, 1 / 3],
    stated: {},
    ...change,
  };
}
const whole = { certainty: 1, fresh: 1 };

describe("the past", () => {
  it("is read off the runs", () => {
    expect(readPast(runs, 600, classes, (k) => k === 0)).toEqual({
      current: 0,
      dwell: 100,
      previous: 1,
      previousDwell: 70,
      previous2: 2,
      last: 1,
      last2: 2,
      sinceLast: 101,
      since: [1, 101, 171],
      timesToday: [1, 1, 1],
      lately: 1,
      nthToday: 2,
    });
  });
  it("does not know what is going on after a gap", () => {
    expect(readPast(runs, 700, classes, () => false).current).toBe(-1);
    expect(mainClass(runs, 400, 460, classes)).toBe(1);
    expect(mainClass(runs, 560, 620, classes)).toBe(-1);
  });
});

describe("counts", () => {
  it("fade by half in a half-life, and weigh by distance around the clock", () => {
    const table: Table = {};
    add(table, "a", daySlot(1430), 1, 1, 0, 30);
    const out = new Float64Array(classes);
    const kernel = clockKernel(45);
    expect(read(table.a!, kernel, daySlot(1430), 0, 30, out)).toBe(1);
    expect(read(table.a!, kernel, daySlot(1430), 30, 30, out)).toBeCloseTo(0.5, 12);
    expect(read(table.a!, kernel, daySlot(5), 0, 30, out)).toBeGreaterThan(0.8);
    expect(read(table.a!, kernel, daySlot(720), 0, 30, out)).toBe(0);
  });
  it("look, without late observations, as if those had never been made", () => {
    const observed = nothingObserved();
    const late = { moment: someMoment({ minute: 615 }), outcome: 1, amount: 0.5 };
    count(someMoment(), 2, observed, 1);
    const before = [...gather(someMoment({ minute: 630 }), observed).evidence];
    count(late.moment, late.outcome, observed, late.amount);
    const after = [...gather(someMoment({ minute: 630 }), observed).evidence];
    const seen = without(observed, [late], () => [...gather(someMoment({ minute: 630 }), observed).evidence]);
    seen.forEach((v, i) => {
      expect(v).toBeCloseTo(before[i]!, 9);
    });
    expect(after).not.toEqual(before);
    expect([...gather(someMoment({ minute: 630 }), observed).evidence]).toEqual(after);
  });
});

describe("evidence", () => {
  it("is nothing but the root's in a context never seen", () => {
    const { evidence } = gather(someMoment(), nothingObserved());
    expect(Math.max(...evidence.map(Math.abs))).toBeCloseTo(0, 12);
  });
  it("lets an activity never met before go on like the others do, and leaves the rest as likely as it was", () => {
    const observed = nothingObserved();
    const of = (current: number) => someMoment({ current, last: current, previous: -1 });
    const stay = (m: Moment) => {
      const { beliefs } = gather(m, observed);
      return [0, 1, 2].map((k) => beliefs[sourceIndex("current") * classes + k]!);
    };
    const guess = stay(of(2))[2]!;
    for (let i = 0; i < 30; i++) count(of(1), i % 10 === 0 ? 0 : 1, observed, 1);
    const [zero, one, two] = stay(of(2));
    expect(guess).toBeGreaterThan(0.85);
    expect(two).toBeCloseTo((27 + 4 * guess) / 34, 9);
    const history = gather(someMoment({ current: -1 }), observed).beliefs;
    expect(zero! / one!).toBeCloseTo(history[0]! / history[1]!, 9);
  });
  it("is split without loss, up to a constant per input", () => {
    const observed = nothingObserved();
    for (let day = 0; day < 5; day++) count(someMoment({ day }), day % 3, observed, 1);
    fc.assert(
      fc.property(fc.integer({ min: -1, max: 2 }), fc.integer({ min: 0, max: 1439 }), (current, minute) => {
        const m = someMoment({ current, minute, day: 6 });
        const table = gather(m, observed);
        const split = splitStaying(table, m);
        for (let i = 0; i < table.inputs; i++) {
          const difference = [0, 1, 2].map(
            (k) => (k === split.current ? split.staying[i]! : split.instead[i * classes + k]!) - table.evidence[i * classes + k]!,
          );
          expect(Math.max(...difference) - Math.min(...difference)).toBeLessThan(1e-9);
        }
      }),
      { seed: 3, numRuns: 50 },
    );
  });
});

describe("habits", () => {
  it("masks what cannot come next", () => {
    const { p } = infer(createHabits(), someMoment({ allowed: [false, true, true] }));
    expect(p[0]).toBe(0);
    expect(p[1]).toBeCloseTo(0.5, 9);
  });
  it("let an uncertain outcome teach less", () => {
    const after = (certainty: number) => {
      const state = createHabits();
      for (let day = 0; day < 5; day++)
        learnFrom(state, someMoment({ day }), infer(state, someMoment({ day })), 2, { certainty, fresh: 1 });
      return infer(state, someMoment({ day: 5 })).p[2]!;
    };
    expect(after(1)).toBeGreaterThan(after(0.2));
    expect(after(0.2)).toBeGreaterThan(1 / 3);
  });
  it("go on when a class is added", () => {
    const state = createHabits();
    for (let day = 0; day < 3; day++) learnFrom(state, someMoment({ day }), infer(state, someMoment({ day })), 2, whole);
    const wider = someMoment({
      day: 3,
      allowed: [true, true, true, true],
      root: [0.25, 0.25, 0.25, 0.25],
      since: [1, 101, 171, 4320],
      timesToday: [1, 1, 1, 0],
    });
    learnFrom(state, wider, infer(state, wider), 3, whole);
    const { p } = infer(state, { ...wider, day: 4 });
    expect(p.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    expect(p[3]).toBeGreaterThan(p[1]!);
  });
});

describe("mixture", () => {
  it("shifts to who was right and gives nobody up", () => {
    const members = [Float64Array.from([0.9, 0.1]), Float64Array.from([0.1, 0.9])];
    let weights = [0.5, 0.5];
    for (let i = 0; i < 200; i++) weights = reweighed(weights, members, 0, 1);
    expect(weights[0]).toBeGreaterThan(0.9);
    expect(weights[1]).toBeGreaterThan(0.002);
  });
});

describe("an appointment", () => {
  const all = { allowed: [true, true, true], current: -1 };
  const pool = Float64Array.from([0.8, 0.1, 0.1]);
  it("pulls to its declared meaning, and learns what it really means", () => {
    const appointment = unseen([0, 1, 0], classes);
    const first = override(appointment, pool, all, new Float64Array(classes));
    expect(first.p[1]).toBeGreaterThan(0.5);
    for (let i = 0; i < 12; i++) attend(appointment, override(appointment, pool, all, new Float64Array(classes)), -1, 2, 1);
    expect(override(appointment, pool, all, new Float64Array(classes)).p[2]).toBeGreaterThan(0.5);
  });
  it("learns from whoever comes late to it that what is going on goes on first, whatever that is", () => {
    const appointment = unseen([0, 1, 0], classes);
    const at = (current: number) => override(appointment, pool, { ...all, current }, new Float64Array(classes)).p;
    const before = at(2)[2]!;
    for (let i = 0; i < 12; i++)
      attend(appointment, override(appointment, pool, { ...all, current: 0 }, new Float64Array(classes)), 0, 0, 0.5);
    expect(at(2)[2]).toBeGreaterThan(before);
    expect(appointment.meaning[2]).toBe(unseen([0, 1, 0], classes).meaning[2]);
  });
  it("is doubted when what is on speaks against it", () => {
    const appointment = unseen([0, 1, 0], classes);
    const against = override(appointment, pool, all, Float64Array.from([2, -2, 0]));
    expect(against.p[1]).toBeLessThan(override(appointment, pool, all, new Float64Array(classes)).p[1]! / 2);
  });
});
