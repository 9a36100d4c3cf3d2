import type { ApplyOutcome } from "@network-personas/engine/model";
import { expect, it } from "vitest";
import { Farewell } from "./farewell.ts";
import type { Remains } from "./removal.ts";

const done = { router: "main", result: "confirmed" } as ApplyOutcome;
const failed = { router: "attic", result: "failed", error: { code: "unreachable", message: "no answer" } } as ApplyOutcome;

/** A plugin of which this is left, with an engine that answers so to a release. */
function farewell(remains: Remains, answer: () => Promise<readonly ApplyOutcome[]> = async () => [done]) {
  const made = { remains, own: true, orders: [] as unknown[], said: [] as string[] };
  const release = (how?: object) => {
    made.orders.push(how);
    return answer();
  };
  const one = new Farewell({
    remains: async () => made.remains,
    ownEngine: () => (made.own ? { release } : undefined),
    messages: {
      leaving: () => made.said.push("leaving"),
      left: (routers) => made.said.push(`left ${routers}`),
      notLeft: (why) => made.said.push(`not left: ${why}`),
    },
    patience: 20,
  });
  return { made, say: (ending: boolean) => one.say(ending) };
}
const there = { installed: true, configured: true };
const gone = { installed: false, configured: false };

it("does nothing while the plugin is there", async () => {
  const { made, say } = farewell(there);
  await say(false);
  await say(true);
  expect(made).toMatchObject({ orders: [], said: [] });
});
it("cleans once while Homebridge runs, until the engine starts again, and looks again when Homebridge ends", async () => {
  const { made, say } = farewell(there);
  await say(false);
  made.remains = gone;
  await say(false);
  await say(false);
  expect(made.orders).toEqual([{ untilStart: true }]);
  expect(made.said).toEqual(["leaving", "left main"]);
  await say(true);
  expect(made.orders).toHaveLength(2);
});
it("leaves alone what an engine drives that goes on without the plugin", async () => {
  const { made, say } = farewell(gone);
  made.own = false;
  await say(false);
  await say(true);
  expect(made).toMatchObject({ orders: [], said: [] });
});
it("says which router is not clean, and why", async () => {
  const { made, say } = farewell(gone, async () => [done, failed]);
  await say(true);
  expect(made.said).toEqual(["leaving", "not left: attic: no answer"]);
});
it("says so when the engine refuses", async () => {
  const { made, say } = farewell(gone, () => Promise.reject(new Error("the engine is closing")));
  await say(true);
  expect(made.said).toEqual(["leaving", "not left: the engine is closing"]);
});
it("says so when Homebridge ends sooner, and waits as long as it takes while Homebridge runs", async () => {
  const slow = () => new Promise<readonly ApplyOutcome[]>((resolve) => setTimeout(resolve, 100, [done]));
  const ending = farewell({ installed: true, configured: false }, slow);
  await ending.say(true);
  expect(ending.made.said).toEqual(["leaving", "not left: Homebridge ended before it was done"]);
  const running = farewell(gone, slow);
  await running.say(false);
  expect(running.made.said).toEqual(["leaving", "left main"]);
});
