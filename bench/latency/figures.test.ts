import { describe, expect, it } from "vitest";
import { figuresOf, suffered } from "./figures.ts";
import { emptyRecording, type Recording } from "./traffic/wire.ts";

const stretch = { from: 1_000, to: 2_000 };
const recording = (more: Partial<Recording>): Recording => ({ ...emptyRecording(), ...more });

describe("figures of a stretch", () => {
  it("are of the packets sent in it, wherever they arrive", () => {
    const game = recording({
      sent: { game: [900, 1_000, 1_400, 1_900, 2_000] },
      got: {
        game: [
          [0, 5_000],
          [1, 1_030],
          [3, 2_100],
        ],
      },
    });
    expect(figuresOf(game, "game", stretch)).toMatchObject({ p50: 200, p99: 200, loss: 1 / 3, callQuality: null, uploadMbit: null });
  });
  it("call a call as good as its worse direction: pictures kept, and packets in time", () => {
    const call = (late: number) =>
      recording({
        sent: { "call up": [1_000, 1_500], "call down": [1_000, 1_500] },
        got: {
          "call up": [
            [0, 1_010],
            [1, 1_500 + late],
          ],
          "call down": [
            [0, 1_010],
            [1, 1_510],
          ],
        },
        kept: {
          "call up": [
            [1_000, 1],
            [1_500, 0.8],
          ],
          "call down": [[1_000, 1]],
        },
      });
    expect(figuresOf(call(20), "call", stretch).callQuality).toBeCloseTo(0.9);
    expect(figuresOf(call(95), "call", stretch).callQuality).toBe(0.5);
  });
  it("take transfers by what they carried meanwhile, and films by the parts that came", () => {
    const carried: [number, number][] = [
      [900, 0],
      [1_000, 1_000_000],
      [1_900, 1_225_000],
      [2_100, 9_000_000],
    ];
    const figures = figuresOf(
      recording({
        carried: { footage: carried, "others down": carried, "others down too": carried },
        parts: [
          { asked: 0, there: 900, mbit: 25 },
          { asked: 900, there: 1_500, mbit: 16 },
        ],
      }),
      "probe",
      stretch,
    );
    expect(figures).toMatchObject({ uploadMbit: 2, othersDownMbit: 4, othersUpMbit: null, videoMbit: 16, p99: null });
  });
  it("count what a small device's packets suffer", () => {
    const probe = recording({
      sent: { "probe up": [1_000, 1_100, 1_200], "probe down": [1_000] },
      got: {
        "probe up": [
          [2, 1_201],
          [0, 1_202],
        ],
        "probe down": [[0, 1_001]],
      },
    });
    expect(suffered(probe, stretch)).toEqual({ sent: 4, lost: 1, reordered: 1 });
  });
});
