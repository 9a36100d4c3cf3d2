import { afterAll, beforeAll, expect, it } from "vitest";
import { type LineRig, makeLine } from "../../bench/latency/line.ts";
import { table } from "../../bench/latency/report.ts";
import { play } from "../../bench/latency/run.ts";
import { scenarios } from "../../bench/latency/scenarios.ts";
import { describeIf } from "../support/require.ts";

describeIf(["namespaces", "nftables", "traffic-control", "conntrack"], "what people do on a real line", () => {
  let rig: LineRig;
  beforeAll(() => {
    rig = makeLine();
  }, 30_000);
  afterAll(() => rig.stop());

  it("is found out by the whole engine, put in force on the router, and measured", async () => {
    const run = await play(rig, scenarios.game, "found", { settle: 1, seconds: 2 }, { class: "realtime" });
    expect(run.foundAfter).toEqual(expect.any(Number));
    expect(run.plan).toMatchObject({ device: "player-pc", class: "realtime" });
    expect(run.switches).toBeGreaterThan(0);
    expect(run.figures).toMatchObject({ p99: expect.any(Number), callQuality: null, videoMbit: null });
    // The far end answers a game after this long; less would mean that the wrong packets were matched.
    expect(run.figures.p50).toBeGreaterThanOrEqual(20);
    expect(run.figures.loss).toBeLessThan(1);
    expect(run.figures.othersDownMbit).toBeGreaterThan(0);
    expect(run.figures.othersUpMbit).toBeGreaterThan(0);
    expect(run.probe.sent).toBeGreaterThan(0);
    expect(table([{ scenario: "game", runs: [run] }], scenarios)).toContain("persona found");
  }, 120_000);
});
