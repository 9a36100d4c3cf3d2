import { chmod, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { succeeds } from "./namespace.ts";

/** Whoever sleeps has a file beside the clock that says until when. */
const script = `#!/bin/sh
PATH=/usr/bin:/bin
end=$(( $(cat "$NP_CLOCK") + $\{1%.*} ))
echo $end > "$NP_CLOCK.$$"
trap 'rm -f "$NP_CLOCK.$$"; exit 1' TERM
while now=$(cat "$NP_CLOCK" 2>/dev/null) && [ "$now" -lt "$end" ]; do /bin/sleep 0.1; done
rm -f "$NP_CLOCK.$$"
`;

/** Longer no way back takes on a busy machine, ms. */
const patience = 60_000;

export interface SteppedSleep {
  /** The file that says what time it is, s. */
  clock: string;
  /** What to put in front of a command whose programs are to sleep so. */
  environment: readonly string[];
  tick(now: number): Promise<void>;
  /** Lets time pass for a router of the `linux` driver, whose timers are in `runDir`: who sleeps there wakes up, and takes the way back. */
  advance(namespace: string, runDir: string, now: number): Promise<void>;
}

/** A program `sleep` in `folder` that goes by the test's clock, so that a router's own timer can be tested without waiting. */
export async function steppedSleep(folder: string, now: number): Promise<SteppedSleep> {
  const clock = join(folder, "clock");
  // Renamed into place: whoever reads it never finds it empty.
  const tick = async (ms: number) => {
    await writeFile(`${folder}/new-clock`, `${Math.floor(ms / 1000)}`);
    await rename(`${folder}/new-clock`, clock);
  };
  await tick(now);
  await writeFile(join(folder, "sleep"), script);
  await chmod(join(folder, "sleep"), 0o755);
  return {
    clock,
    environment: ["env", `NP_CLOCK=${clock}`, `PATH=${folder}:${process.env.PATH}`],
    tick,
    async advance(namespace, runDir, ms) {
      const whileSo = async (condition: string) => {
        const end = Date.now() + patience;
        while (succeeds(namespace, condition)) {
          if (Date.now() > end) throw new Error(`a timer in ${runDir} does not come to its end`);
          await pause(20);
        }
      };
      // A timer that is only just starting would count from the new time.
      await whileSo(`[ -e ${runDir}/pending ] && ! ls ${clock}.* >/dev/null 2>&1`);
      await tick(ms);
      await pause(40);
      // In the order in which it goes on, so that no step is missed: who sleeps too long, who woke up, who takes the way back.
      await whileSo(`cd ${runDir} 2>/dev/null || exit 1
sleeping=
for f in ${clock}.*; do
  [ -e "$f" ] || continue
  [ "$(cat "$f" || echo 0)" -le "$(cat ${clock})" ] && exit 0
  sleeping=yes
done
[ -z "$sleeping" ] && [ -e pending ] && exit 0
[ -e undoing ]`);
    },
  };
}
