import type { Clock } from "@network-personas/engine/driver";

/** The time a router lives in, with the clock a driver beside it must use. */
export interface RouterTime {
  now(): number;
  /** Runs something later; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
  /** A command that takes `ms`. */
  pass(ms: number): Promise<void>;
  /** For the driver: the same time. */
  clock: Clock;
  /** Lets time pass. */
  advance(ms: number): Promise<void>;
  /** Drops what is still to run. */
  stop(): void;
}

interface Timer {
  at: number;
  run: () => void;
}

/**
 * Time that stands still until somebody sleeps: a sleep jumps to its end, running what is due on the way in order.
 * Tests are as fast as their I/O, and a slow machine changes nothing.
 */
export function steppedTime(start = Date.parse("2026-01-05T09:00:00Z")): RouterTime {
  let now = start;
  const timers = new Set<Timer>();
  const jump = async (ms: number) => {
    const end = now + Math.max(0, ms);
    await settle();
    for (;;) {
      const next = [...timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      timers.delete(next);
      now = Math.max(now, next.at);
      next.run();
      await settle();
    }
    now = Math.max(now, end);
    await settle();
  };
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass: jump,
    clock: {
      now: () => now,
      async sleep(ms, signal) {
        signal?.throwIfAborted();
        await jump(ms);
        signal?.throwIfAborted();
      },
    },
    advance: jump,
    stop: () => timers.clear(),
  };
}

/** Real time, `scale` times as long: 1 is a router's own pace, 0.02 makes a minute 1.2 s. */
export function scaledTime(scale = 1): RouterTime {
  const start = Date.now();
  const timers = new Set<NodeJS.Timeout>();
  const sleep = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const timer = setTimeout(done, ms * scale);
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      function done() {
        signal?.removeEventListener("abort", abort);
        resolve();
      }
      signal?.addEventListener("abort", abort, { once: true });
    });
  const now = () => start + (Date.now() - start) / scale;
  return {
    now,
    after(ms, run) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        run();
      }, ms * scale);
      timers.add(timer);
      return () => {
        clearTimeout(timer);
        timers.delete(timer);
      };
    },
    pass: (ms) => sleep(ms),
    clock: { now, sleep },
    advance: (ms) => sleep(ms),
    stop() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

const settle = async () => {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
};
