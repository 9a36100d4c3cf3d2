import { chmod, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Whoever sleeps has a file beside the clock that says until when. */
const script = `#!/bin/sh
PATH=/usr/bin:/bin
end=$(( $(cat "$NP_CLOCK") + $\{1%.*} ))
echo $end > "$NP_CLOCK.$$"
trap 'rm -f "$NP_CLOCK.$$"; exit 1' TERM
while now=$(cat "$NP_CLOCK" 2>/dev/null) && [ "$now" -lt "$end" ]; do /bin/sleep 0.02; done
rm -f "$NP_CLOCK.$$"
`;

/** A program `sleep` in `folder` that goes by the test's clock, so that a router's own timer can be tested without waiting. */
export async function steppedSleep(folder: string, now: number): Promise<{ clock: string; tick(now: number): Promise<void> }> {
  const clock = join(folder, "clock");
  // Renamed into place: whoever reads it never finds it empty.
  const tick = async (ms: number) => {
    await writeFile(`${folder}/new-clock`, `${Math.floor(ms / 1000)}`);
    await rename(`${folder}/new-clock`, clock);
  };
  await tick(now);
  await writeFile(join(folder, "sleep"), script);
  await chmod(join(folder, "sleep"), 0o755);
  return { clock, tick };
}
