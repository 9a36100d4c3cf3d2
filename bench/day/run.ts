import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, openEngine, packageResolver, SqliteStore, silentLog, VirtualClock } from "@network-personas/engine";
import type { SignalInput } from "@network-personas/engine/model";
import type { TrafficKind } from "@network-personas/personas";
import { type Quiet, quietSince, type Said, signalsFrom, worthSaying } from "../../engine/src/adapt/index.ts";
import { devicesOf, doingOf, firstDay, homeYaml, isOn, Lives, type Person, type Stretch } from "./household.ts";
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
    const since = new Map<string, { persona: string; at: string }>();
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
      for (const device of since.keys()) if (!doing.has(device)) since.delete(device);
      for (const [device, persona] of doing) if (since.get(device)?.persona !== persona) since.set(device, { persona, at: seen });
      const activities = [...doing].map(([device, persona]) => {
        return { device, kind: trafficOf[persona]!, probability: 0.95, since: since.get(device)!.at, signs: [] };
      });
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
