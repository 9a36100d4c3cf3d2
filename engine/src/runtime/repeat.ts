import type { Clock, Log } from "../driver/port.ts";

/** Repeats `work` every `every` ms until aborted; what goes wrong is logged and does not end it. */
export async function repeat(every: number, clock: Clock, log: Log, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      log.error(error instanceof Error ? error.message : String(error));
    }
    await clock.sleep(every, signal).catch(() => {});
  }
}
