import { createExpander, type Expander } from "../calendar/expander-worker.ts";

/** One worker reads the calendars of every home of this process, and ends with the last of them. */
let shared: { expander: Expander; users: number } | undefined;

export function acquireExpander(): Expander {
  shared ??= { expander: createExpander(), users: 0 };
  shared.users++;
  return shared.expander;
}

export async function releaseExpander(): Promise<void> {
  if (!shared || --shared.users > 0) return;
  const { expander } = shared;
  shared = undefined;
  await expander.close();
}
