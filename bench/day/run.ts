import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine, packageResolver, SqliteStore, silentLog, VirtualClock } from "@network-personas/engine";
import type { Distribution, NetworkPlan, SignalInput } from "@network-personas/engine/model";
import { everyday, type TrafficKind } from "@network-personas/personas";
import { type Quiet, quietSince, type Said, signalsFrom, worthSaying } from "../../engine/src/adapt/index.ts";
import { type DeviceOf, devicesOf, firstDay, homeYaml, isOn, kindOf, type Person, type Stretch } from "./household.ts";
import { worthOf } from "./value.ts";

const minute = 60_000;
const week = 7 * 24 * 60 * minute;

/** What a whole run, or one week of it, came to. */
export interface Week {
  /** Sum of what people got, weighted by time, in worth x days. */
  value: number;
  writes: number;
  wrongSeconds: number;
}

/** What each persona's traffic is recognised as, ten seconds after it began. */
const trafficOf: Readonly<Record<string, TrafficKind>> = {
  "remote-worker": "call",
  gamer: "game",
  "streaming-enthusiast": "streaming",
  "video-editor": "upload",
};

async function withEngine<T>(
  people: readonly Person[],
  more: string,
  work: (engine: Engine, clock: VirtualClock) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "np-day-"));
  const clock = new VirtualClock(firstDay);
  writeFileSync(join(folder, "home.yaml"), homeYaml(people, devicesOf(people), more));
  const { engine } = await openEngine({
    home: join(folder, "home.yaml"),
    log: silentLog,
    clock,
    resolver: packageResolver(folder),
    store: new SqliteStore(":memory:", "bench"),
  });
  try {
    return await work(engine, clock);
  } finally {
    await engine.close();
    rmSync(folder, { recursive: true });
  }
}

/** Who does what at a moment. Lives are read in order, so each is a cursor. */
class Lives {
  readonly #people: readonly Person[];
  readonly #at: number[];
  constructor(people: readonly Person[]) {
    this.#people = people;
    this.#at = people.map(() => 0);
  }
  at(now: number): Map<string, Stretch> {
    return new Map(
      this.#people.map(({ id, life }, i) => {
        while (life[this.#at[i]! + 1] && life[this.#at[i]! + 1]!.from <= now) this.#at[i]!++;
        return [id, life[this.#at[i]!]!];
      }),
    );
  }
}

/** Persona by device: what really goes on. */
function doingOf(now: ReadonlyMap<string, Stretch>, devices: readonly DeviceOf[]): Map<string, string> {
  const doing = new Map<string, string>();
  for (const { id, person, kind } of devices) {
    const { persona } = now.get(person)!;
    if (persona !== everyday && kindOf(persona) === kind) doing.set(id, persona);
  }
  return doing;
}

/** Plays the weeks through the whole engine, minute by minute: presence and recognised traffic in, plans out. */
export async function live(people: readonly Person[], days: number, more: string, onDay: (day: number) => void): Promise<Week[]> {
  const devices = devicesOf(people);
  return withEngine(people, more, async (engine, clock) => {
    const weeks: Week[] = Array.from({ length: Math.ceil(days / 7) }, () => ({ value: 0, writes: 0, wrongSeconds: 0 }));
    let week_ = weeks[0]!;
    engine.subscribe((event) => {
      if (event.type === "applied" && event.data.result === "confirmed") week_.writes++;
    });
    const lives = new Lives(people);
    const present = new Map<string, boolean>();
    let said: Said = new Map();
    let quiet: Quiet = new Map();
    let before: ReadonlyMap<string, string> = new Map();
    for (let m = 0; m < days * 1440; m++) {
      const now = firstDay + m * minute;
      week_ = weeks[Math.floor((now - firstDay) / week)]!;
      if (m % 1440 === 0) onDay(m / 1440);
      await clock.advance(now - clock.now());
      const at = new Date(now).toISOString();
      const state = lives.at(now);
      const doing = doingOf(state, devices);
      const signals: SignalInput[] = [];
      for (const device of devices) {
        const on = isOn(device, state.get(device.person)!);
        if (present.get(device.id) !== on || m % 60 === 0)
          signals.push({ kind: "presence", subject: device.id, present: on, source: "router:main", at });
        present.set(device.id, on);
      }
      if (signals.length > 0) await engine.submit(signals);
      const value = () => worthOf(doing, engine.currentPlan()!.plan);
      const changed = JSON.stringify([...doing]) !== JSON.stringify([...before]);
      let seconds = 60;
      if (changed) {
        // Nothing is recognised in the first ten seconds of something new.
        await engine.step();
        await engine.settled();
        week_.value += (value() * 10) / 86_400;
        week_.wrongSeconds += 10 * wrong(engine, state);
        seconds = 50;
        await clock.advance(10_000);
      }
      before = doing;
      const seen = new Date(clock.now()).toISOString();
      const activities = [...doing].map(([device, persona]) => ({ device, kind: trafficOf[persona]!, probability: 0.95, signs: [] }));
      const home = engine.home().home;
      const atHome = new Set(people.map(({ id }) => id).filter((id) => state.get(id)!.home));
      quiet = quietSince(quiet, new Set(doing.keys()), { home, atHome, at: seen });
      const look = { home, personas: engine.personaSet, router: "main", atHome, quiet, at: seen };
      const worth = worthSaying(signalsFrom(activities, look), said, seen);
      said = worth.said;
      if (worth.signals.length > 0) await engine.submit(worth.signals);
      await engine.step();
      await engine.settled();
      week_.value += (value() * seconds) / 86_400;
      week_.wrongSeconds += seconds * wrong(engine, state);
    }
    return weeks;
  });
}

/** How many people are thought to do something else than they do. */
const wrong = (engine: Engine, state: ReadonlyMap<string, Stretch>) =>
  engine.decisions().filter(({ subject, active }) => state.has(subject) && state.get(subject)!.persona !== active).length;

/** The same weeks under plans that only follow what each person truly does (`told`), or never change (the best of all). */
export async function limits(people: readonly Person[], days: number): Promise<{ told: number[]; still: number[]; stillWith: string }> {
  const devices = devicesOf(people);
  return withEngine(people, "", async (engine) => {
    await engine.submit(devices.map(({ id }): SignalInput => ({ kind: "presence", subject: id, present: true, source: "bench" })));
    const plans = new Map<string, NetworkPlan>();
    const planFor = async (personas: readonly string[]): Promise<NetworkPlan> => {
      const key = personas.join();
      const known = plans.get(key);
      if (known) return known;
      const distributions = Object.fromEntries(people.map(({ id }, i): [string, Distribution] => [id, { [personas[i]!]: 1 }]));
      const { plan } = await engine.plan({ distributions });
      plans.set(key, plan);
      return plan;
    };
    // Minutes of each combination of what people do, per week.
    const combinations = new Map<string, { personas: string[]; doing: Map<string, string>; minutes: number[] }>();
    const lives = new Lives(people);
    for (let m = 0; m < days * 1440; m++) {
      const state = lives.at(firstDay + m * minute);
      const personas = people.map(({ id }) => state.get(id)!.persona);
      const entry = combinations.get(personas.join()) ?? { personas, doing: doingOf(state, devices), minutes: [] };
      const w = Math.floor(m / 10_080);
      entry.minutes[w] = (entry.minutes[w] ?? 0) + 1;
      combinations.set(personas.join(), entry);
    }
    const weeks = Array.from({ length: Math.ceil(days / 7) }, (_, w) => w);
    const valueWith = async (plan: (personas: readonly string[]) => Promise<NetworkPlan>) => {
      const sums = weeks.map(() => 0);
      for (const { personas, doing, minutes } of combinations.values()) {
        const value = worthOf(doing, await plan(personas));
        weeks.forEach((w) => {
          sums[w]! += (value * (minutes[w] ?? 0)) / 1440;
        });
      }
      return sums;
    };
    const told = await valueWith(planFor);
    const choices = people.map(({ life }) => [...new Set(life.map(({ persona }) => persona))].sort());
    let best = { still: [] as number[], total: Number.NEGATIVE_INFINITY, stillWith: "" };
    for (const personas of choices.reduce<string[][]>((all, own) => all.flatMap((some) => own.map((p) => [...some, p])), [[]])) {
      const plan = await planFor(personas);
      const still = await valueWith(async () => plan);
      const total = still.reduce((sum, v) => sum + v, 0);
      if (total > best.total) best = { still, total, stillWith: personas.join(", ") };
    }
    return { told, still: best.still, stillWith: best.stillWith };
  });
}
