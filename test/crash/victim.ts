import { setTimeout as sleep } from "node:timers/promises";
import type { Shell } from "../../plugins/routers/src/linux/shell.ts";
import { type Orders, openBench } from "./bench.ts";
import { delay, type Fate, garbage, type Side } from "./gate.ts";

// A process of its own that changes plans and is killed in the midst of it.

/** What it tells: that a message is on its way, that the old plan is there, how the change to the new one ended. */
export type Told = { asks: Side } | { holds: "old"; rollback: "router" | "engine" } | { ended: string | null };

/** Long enough for a change on a busy machine, ms of the router's time. */
const confirmWithin = 300_000;

const tell = (message: Told): void => void process.send!(message);
const answer = (): Promise<unknown> => new Promise((resolve) => process.once("message", resolve));

/** Asks before every command whether it may run, and after it whether its answer arrives. */
function gated(inner: Shell): Shell {
  const ask = async (side: Side): Promise<Fate> => {
    tell({ asks: side });
    const fate = (await answer()) as Fate;
    if (fate === "cut") throw new Error("the connection is gone");
    if (fate === "slow") await sleep(delay);
    return fate;
  };
  return {
    async run(argv, input) {
      await ask("request");
      const result = await inner.run(argv, input);
      return (await ask("answer")) === "garbage" ? { code: 0, stdout: garbage, stderr: "" } : result;
    },
  };
}

const bench = await openBench((await answer()) as Orders, gated);
const first = await bench.bring("old");
if (first) tell({ ended: first });
else {
  tell({ holds: "old", rollback: (await bench.driver.capabilities()).rollback as "router" | "engine" });
  await answer();
  tell({ ended: (await bench.bring("new", confirmWithin)) ?? null });
}
await bench.close();
process.disconnect();
