import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { flowsText, readFlows } from "./flows.ts";
import { score } from "./score.ts";

const header = "source,app,cls,proto,dport,dur,pu,pd,bu,bd";
const game = "x,shooter,gaming,UDP,27015,60,3840,3840,345600,960000";
const film = "x,film,streaming,TCP,443,60,6000,36000,360000,50400000";
const idle = "x,sensor,iot,TCP,8883,60,6,6,500,500";

describe("a score of recognition", () => {
  it("is about flows that matter, and counts what is not sure apart", () => {
    const result = score(readFlows([header, game, film, idle, ""].join("\n"), "a.csv"));
    expect(result).toMatchObject({ n: 3, significant: 2, majority: 0.5, falseRealtime: 0, realtimeRecall: 1 });
    expect(result.confusion.gaming).toEqual({ realtime: 1 });
  });
  it("counts a film that is labelled a call against recall, and a game labelled a film as falsely realtime", () => {
    const result = score(
      readFlows([header, film.replace("streaming", "conference"), game.replace("gaming", "streaming")].join("\n"), "a.csv"),
    );
    expect(result).toMatchObject({ falseRealtime: 1, realtimeRecall: 0, accuracy: 0 });
  });
  it("says nothing about shares of nothing", () => {
    expect(score([])).toMatchObject({ n: 0, accuracy: null, realtimeRecall: null, abstention: null });
  });
});

describe("labelled flows with a history", () => {
  const down = (history: string) => `x,x,bulk,TCP,443,60,3000,24000,180000,33600000,${history}`;
  const text = [`${header},history`, down("4400;4500;4450;4480;4490;4510;4500;4470"), down("")].join("\n");
  it("are scored with it, where they have one", () => {
    const [steady, unknown] = readFlows(text, "a.csv");
    expect(score([steady!])).toMatchObject({ accuracy: 1, abstention: 0 });
    expect(score([unknown!]).accuracy).not.toBe(1);
  });
  it("are read as they were written", () => {
    const flows = readFlows(text, "a.csv");
    expect(readFlows(flowsText(flows, "x"), "b.csv")).toEqual(flows);
  });
});

/** Of `npm run bench:recognise -- --captures --seconds 24 --save bench/recognise/captured.csv`. */
const captured = readFlows(readFileSync(new URL("./captured.csv", import.meta.url), "utf8"), "captured.csv");

describe("flows of real programs, as a real router showed them", () => {
  it("are told apart better by their history, and nothing is called realtime in vain", () => {
    const once = score(captured.map((flow) => ({ ...flow, history: [] })));
    const watched = score(captured);
    expect(watched.accuracy!).toBeGreaterThan(once.accuracy! + 0.1);
    expect(watched.accuracy!).toBeGreaterThan(watched.majority!);
    expect(watched).toMatchObject({ falseRealtime: 0, realtimeRecall: 1 });
    expect(watched.abstention).toBeLessThanOrEqual(0.4);
  });
});

describe("reading labelled flows", () => {
  it.each([
    ["a missing column", "source,app,cls", /header lacks proto/],
    ["a word where a number belongs", `${header}\n${game.replace("3840", "many")}`, /line 2: pu is "many"/],
    ["an empty cell", `${header}\n${game.replace("27015", "")}`, /line 2: dport is ""/],
    ["a history of words", `${header},history\n${game},fast;slow`, /line 2: history is "fast;slow"/],
    ["an unknown label", `${header}\n${game.replace("gaming", "knitting")}`, /cls is "knitting"; known: gaming/],
  ])("names %s", (_, text, problem) => {
    expect(() => readFlows(text, "a.csv")).toThrow(problem);
  });
});
