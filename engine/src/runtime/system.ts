import { setTimeout as sleep } from "node:timers/promises";
import type { Clock, Log } from "../driver/port.ts";

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) => sleep(Math.min(ms, 2 ** 31 - 1), undefined, signal ? { signal } : {}),
};

/** A log on standard error, one line a message; `debug` only when asked for. */
export function consoleLog(options: { debug?: boolean } = {}): Log {
  const write = (level: string) => (message: string) => void process.stderr.write(`${new Date().toISOString()} ${level} ${message}\n`);
  return { debug: options.debug ? write("debug") : () => {}, info: write("info "), warn: write("warn "), error: write("error") };
}

/** A log that says nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
