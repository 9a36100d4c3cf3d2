import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, it, vi } from "vitest";
import { describeAgent, full, other, patience, request } from "./agent-rig.ts";

vi.setConfig({ testTimeout: patience });

describeAgent("the agent on the router, killed at any moment", ({ rig, untouched }) => {
  const order = () => join(rig().agent.folder, "kill-at");
  /** Lets a call be killed at the start of the n-th program it runs, until one is not reached. Returns how many were. */
  async function everywhere(call: () => Promise<unknown>, check: (n: number) => Promise<void>, step = 1): Promise<number> {
    for (let n = 1; ; n += step) {
      writeFileSync(order(), `0 ${n} ${Math.floor(n / step) % 2}\n`);
      await call();
      const reached = Number(readFileSync(order(), "utf8").split(" ")[0]) >= n;
      rmSync(order());
      await check(n);
      if (!reached) return n - step;
    }
  }
  beforeAll(() => {
    // Every second of the programs runs on, as one does whose parent rpcd kills.
    rig().agent.wrap(`if read -r n at runs < ${order()}; then
    n=$((n + 1)); echo "$n $at $runs" > ${order()}
    if [ $n = $at ]; then kill -9 $NP_MAIN; [ $runs = 1 ] || exit 1; fi
  fi 2>/dev/null`);
  });

  it("applying: the old or the new plan holds at the next call, and without one the old does in time", async () => {
    await rig().bring(full);
    const before = rig().kernel();
    await rig().bring(other);
    const after = rig().kernel();
    await rig().bring(full);
    const kills = await everywhere(
      () => rig().agent.raw(["call", "apply"], JSON.stringify(request(other))),
      async (n) => {
        if (n % 8 < 4) {
          const { pending } = await rig().ask("status");
          expect(rig().kernel(), `killed at program ${n}`).toBe(pending === null ? before : after);
        }
        await rig().later(31);
        expect(rig().kernel(), `killed at program ${n}`).toBe(before);
      },
      2,
    );
    expect(kills).toBeGreaterThan(15);
  });
  it("confirming: the new plan holds, or the old one again", async () => {
    await rig().bring(full);
    const before = rig().kernel();
    await rig().bring(other);
    const after = rig().kernel();
    await rig().bring(full);
    let { id } = await rig().apply(other);
    await everywhere(
      () => rig().agent.raw(["call", "confirm"], JSON.stringify({ id })),
      async (n) => {
        await rig().later(31);
        expect([before, after], `killed at program ${n}`).toContain(rig().kernel());
        await rig().bring(full);
        ({ id } = await rig().apply(other));
      },
    );
  });
  it("going back or releasing: the next call ends it", async () => {
    await rig().bring(full);
    const before = rig().kernel();
    await rig().apply(other);
    await everywhere(
      () => rig().agent.raw(["call", "rollback"], "{}"),
      async (n) => {
        await rig().ask("rollback");
        expect(rig().kernel(), `killed at program ${n}`).toBe(before);
        await rig().apply(other);
      },
      3,
    );
    await rig().ask("rollback");
    await everywhere(
      () => rig().agent.raw(["call", "release"], "{}"),
      async (n) => {
        await rig().ask("release");
        expect(rig().kernel(), `killed at program ${n}`).toBe(untouched());
        await rig().bring(full);
      },
      3,
    );
  });
});
