import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@network-personas/engine/driver";
import type { RouterTime } from "../emulators/shared/time.ts";

/** A time that several processes live in: so many times as fast as real time since a moment, and ahead of it. */
export interface Time {
  /** A moment of real time, ms since 1970. */
  since: number;
  pace: number;
  /** What was skipped, ms. */
  ahead: number;
}

const nowIn = ({ since, pace, ahead }: Time): number => since + (Date.now() - since) * pace + ahead;

/** The clock of whoever works on a router that lives in a time. */
export const clockIn = (time: Time): Clock => ({
  now: () => nowIn(time),
  sleep: (ms, signal) => sleep(ms / time.pace, undefined, signal ? { signal } : {}),
});

/** A fast time that can be sent ahead: what is due on the way runs. */
export function fastTime(pace: number): RouterTime & { time: Time } {
  const time: Time = { since: Date.now(), pace, ahead: 0 };
  const timers = new Set<{ at: number; run: () => void }>();
  const { now, sleep: pass } = clockIn(time);
  const runDue = () => {
    for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > now() || !timers.delete(timer)) continue;
      timer.run();
    }
  };
  const ticking = setInterval(runDue, 5).unref();
  return {
    time,
    now,
    after(ms, run) {
      const timer = { at: now() + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: (ms) => pass(ms),
    clock: { now, sleep: pass },
    async advance(ms) {
      time.ahead += ms;
      runDue();
      await sleep(20);
    },
    stop() {
      clearInterval(ticking);
      timers.clear();
    },
  };
}
