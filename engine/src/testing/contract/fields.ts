import assert from "node:assert/strict";
import { planFields } from "../../model/index.ts";
import { fieldSample } from "../sample-plans.ts";
import { applyOnly, assertHolds, bring, difference, type Suite } from "./harness.ts";

/** Every field of a plan either reaches the router or is reported as left out: nothing is dropped silently. */
export function fieldCases({ fixture, test }: Suite): void {
  for (const field of planFields) {
    const { support } = fixture.support.fields[field];
    const sample = fieldSample(field, fixture.tunnel ?? "no-tunnel");
    const said = {
      lowered: "reaches the router and goes away again",
      substituted: "is replaced by something, and says by what",
      impossible: "is reported as left out",
    }[support];

    test(`${field} ${said}`, async ({ driver }) => {
      await bring(driver, sample.from);
      const to = await difference(driver, sample.to);
      const omission = to.omissions.find((o) => o.field === field);
      if (support === "lowered") {
        assert.equal(omission, undefined, `${field} is declared as lowered but left out: ${omission?.why}`);
        assert.ok(to.changes.length > 0, `${field} is declared as lowered but changes nothing`);
      } else {
        assert.ok(omission, `${field} is declared as ${support} but no omission says so`);
        assert.ok(omission.why.length > 0 && omission.wanted.length > 0, "the omission gives no reason");
        if (support === "substituted") assert.ok(omission.instead.length > 0, "the omission does not say what is done instead");
        else assert.deepEqual(to.changes, [], `${field} is declared as impossible but changes something`);
      }
      // The engine looks before it confirms, when what was there before may still be beside it.
      await applyOnly(driver, sample.to);
      await assertHolds(driver, sample.to, "after applying it");
      await driver.confirm();
      await applyOnly(driver, sample.from);
      await assertHolds(driver, sample.from, "after going back");
      await driver.confirm();
      await assertHolds(driver, sample.from, "after confirming that");
    });
  }
}
