import assert from "node:assert/strict";
import { tryWayBack } from "../../apply/index.ts";
import type { Clock } from "../../driver/index.ts";
import { memoryJournal } from "../memory-journal.ts";
import { evening, sampleMacs, workAndPlay } from "../sample-plans.ts";
import { bring, type Suite } from "./harness.ts";

const home = { id: "home", name: "Home", timeZone: "UTC" };
const device = { id: "alice-laptop", kind: "laptop" as const, macs: [sampleMacs.laptop], infrastructure: false };

/** The owner may try the way back: something harmless is written, goes away unconfirmed, and leaves no trace. */
export function wayBackCases({ fixture, test }: Suite): void {
  for (const held of [null, evening()]) {
    test(`its way back can be tried ${held ? "under a plan" : "before any plan"}, and leaves no trace`, async (router) => {
      if (held) await bring(router.driver, held);
      const before = await router.snapshot();
      const writes = router.writes();
      const journal = memoryJournal();
      await journal.saveConfirmed("main", held);
      let now = Date.parse("2026-01-05T10:00:00Z");
      const clock: Clock = {
        now: () => now,
        async sleep(ms) {
          now += ms;
          await router.advance(ms);
        },
      };
      const findings = await tryWayBack({ router: "main", driver: router.driver, journal }, { home: { home, devices: [device] }, clock });
      assert.deepEqual(
        findings.map(({ check, status, message }) => [check, status === "ok" ? status : message]),
        [
          ["test change", "ok"],
          ["way back", "ok"],
          ["trace of the test", "ok"],
        ],
      );
      const says =
        fixture.rollback === "router" ? /the router took it back by itself after \d/ : /cannot take a change back by itself, so only/;
      assert.match(findings[1]!.message, says);
      assert.ok(router.writes() > writes, "nothing was written to the router");
      assert.deepEqual(await router.snapshot(), before);
      assert.equal(await journal.load("main"), null);
      await bring(router.driver, workAndPlay());
    });
  }
}
