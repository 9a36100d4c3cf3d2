import { setTimeout as sleep } from "node:timers/promises";
import type { RouterTime } from "../emulators/openwrt/time.ts";

/** What of its time an emulated router takes for its own work. */
export const hurry = 0.05;

/** Real time, with a hurry on what a router takes for its own work, which can be sent ahead: what is due on the way runs. */
export function jumpingTime(): RouterTime {
  let ahead = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const now = () => Date.now() + ahead;
  const runDue = () => {
    for (const timer of [...timers].sort((a, b) => a.at - b.at)) {
      if (timer.at > now() || !timers.delete(timer)) continue;
      timer.run();
    }
  };
  const ticking = setInterval(runDue, 10).unref();
  const pass = async (ms: number, signal?: AbortSignal) => {
    await sleep(ms * hurry, undefined, signal ? { signal } : {});
  };
  return {
    now,
    after(ms, run) {
      const timer = { at: now() + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: (ms) => pass(ms),
    clock: { now, sleep: pass },
    async advance(ms) {
      ahead += ms;
      runDue();
      await sleep(20);
    },
    stop() {
      clearInterval(ticking);
      timers.clear();
    },
  };
}
