import { describe, expect, it } from "vitest";
import { readFlows } from "./flows.ts";
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

describe("reading labelled flows", () => {
  it.each([
    ["a missing column", "source,app,cls", /header lacks proto/],
    ["a word where a number belongs", `${header}\n${game.replace("3840", "many")}`, /line 2: pu is "many"/],
    ["an empty cell", `${header}\n${game.replace("27015", "")}`, /line 2: dport is ""/],
    ["an unknown label", `${header}\n${game.replace("gaming", "knitting")}`, /cls is "knitting"; known: gaming/],
  ])("names %s", (_, text, problem) => {
    expect(() => readFlows(text, "a.csv")).toThrow(problem);
  });
});
