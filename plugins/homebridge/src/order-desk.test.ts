import type { SubjectState } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import { OrderDesk } from "./order-desk.ts";
import type { Order } from "./switches.ts";

const force = (subject: string, persona = "gamer"): Order => ({ kind: "force", subject, persona });
const release = (subject: string): Order => ({ kind: "release", subject });
const alice = { subject: "alice", active: "everyday", decidedBy: "prediction", until: null, home: true } as SubjectState;

/** An engine that answers when told to. */
function slowEngine() {
  const asked: { order: Order; answer: PromiseWithResolvers<void> }[] = [];
  const desk = new OrderDesk((order) => {
    const answer = Promise.withResolvers<void>();
    asked.push({ order, answer });
    return answer.promise;
  });
  return { desk, asked };
}

describe("the order desk", () => {
  it("sends one order at a time for a person, and of those that wait only the last", async () => {
    const { desk, asked } = slowEngine();
    const given = Array.from({ length: 201 }, (_, i) => desk.give(i % 2 === 0 ? force("alice") : release("alice")));
    expect(asked.map(({ order }) => order.kind)).toEqual(["force"]);
    asked[0]!.answer.resolve();
    await given[0];
    expect(asked.map(({ order }) => order.kind)).toEqual(["force", "force"]);
    asked[1]!.answer.resolve();
    await Promise.all(given);
    expect(asked).toHaveLength(2);
  });
  it("lets orders for different people, and about different things, go side by side", () => {
    const { desk, asked } = slowEngine();
    for (const order of [force("alice"), force("bob"), { kind: "place", subject: "alice", home: false } as const]) void desk.give(order);
    expect(asked).toHaveLength(3);
  });
  it("takes what is ordered for so until the engine has answered", async () => {
    const { desk, asked } = slowEngine();
    const first = desk.give(force("alice"));
    void desk.give(force("alice", "remote-worker"));
    void desk.give({ kind: "place", subject: "alice", home: false });
    expect(desk.foresee([alice])).toMatchObject([{ active: "remote-worker", decidedBy: "override", home: false }]);
    asked[0]!.answer.resolve();
    await first;
    expect(desk.foresee([alice])).toMatchObject([{ active: "remote-worker" }]);
    asked[1]!.answer.resolve();
    asked[2]!.answer.resolve();
    await expect.poll(() => desk.foresee([alice])).toEqual([alice]);
  });
  it("tells who gave it that an order failed, and goes on", async () => {
    const { desk, asked } = slowEngine();
    const refused = desk.give(force("alice"));
    const after = desk.give(release("alice"));
    asked[0]!.answer.reject(new Error("no"));
    await expect(refused).rejects.toThrow("no");
    asked[1]!.answer.resolve();
    await after;
    expect(desk.foresee([alice])).toEqual([alice]);
  });
});
