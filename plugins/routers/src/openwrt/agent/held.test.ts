import { expect, it } from "vitest";
import { heldOf } from "./held.ts";
import { AgentState } from "./wire.ts";

const stateOf = (marker: string, features: object) =>
  AgentState.parse({
    version: 1,
    pending: null,
    features: { json: true, bridge: false, fq_codel: false, mwan3: false, ...features },
    inet: {
      nftables: [
        { set: { name: marker } },
        { set: { name: "blocked", elem: ["02:00:00:00:00:31"] } },
        { set: { name: "strict", elem: [{ elem: { val: "02:00:00:00:00:11", timeout: 900, expires: 42 } }] } },
      ],
    },
    bridge: null,
    roots: {},
    queues: {},
  });

it("tells what runs out from what stays, however long it has left", () => {
  expect(heldOf(stateOf("agent_2", { leases: true })).sets).toMatchObject({
    blocked: ["02:00:00:00:00:31"],
    strict: ["02:00:00:00:00:11 timeout"],
  });
});
it("takes the rules of an agent from before leases for what they are, and makes them anew once it is replaced", () => {
  expect(heldOf(stateOf("agent_1", {})).sets).toMatchObject({ blocked: ["02:00:00:00:00:31"] });
  expect(heldOf(stateOf("agent_1", { leases: true })).sets).toBeNull();
});
