import type { EngineState } from "../../model/index.ts";
import { call } from "../connection.ts";
import { measureFor } from "./line.ts";
import type { Setup } from "./state.ts";

/** Looks at what the line carries for a while, and proposes the most it was. */
export function measure(setup: Setup, redraw: () => void): void {
  if (setup.measuring) return;
  const most = { down: 0, up: 0 };
  let left = measureFor;
  setup.measured = null;
  setup.measuring = { left, ...most };
  const timer = setInterval(async () => {
    left--;
    if (left % 2 === 0)
      await call<EngineState>("GET", "v1/state").then(
        ({ line }) => {
          most.down = Math.max(most.down, line?.carried.down ?? 0);
          most.up = Math.max(most.up, line?.carried.up ?? 0);
        },
        () => {},
      );
    setup.measuring = left > 0 ? { left, ...most } : null;
    if (left <= 0) {
      clearInterval(timer);
      setup.measured = most;
      const mbit = (kbps: number) => `${Math.floor(kbps / 100) / 10} Mbit/s`;
      if (most.down >= 1_000) setup.answers["line.down"] = mbit(most.down);
      if (most.up >= 1_000) setup.answers["line.up"] = mbit(most.up);
    }
    redraw();
  }, 1_000);
}
