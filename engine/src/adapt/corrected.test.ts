import { everyday } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { later } from "../model/index.ts";
import { isCorrected } from "./corrected.ts";

const at = "2026-11-28T14:00:00.000Z";
const doing = (persona: string, seconds: number) => ({
  activity: { persona, source: "router:main/traffic", at: later(at, -1_000 * seconds), expiresAt: later(at, 60_000), weight: 0.5 },
});
const recent = (...did: [persona: string, minutesAgo: number][]) =>
  did.map(([persona, minutesAgo]) => ({ persona, minutesAgo, minutes: 1 }));
const pause = 10 * 60_000;

describe("isCorrected", () => {
  it("is who has done one thing for half a minute and nothing else lately", () => {
    expect(isCorrected(doing("video-editor", 30), recent(["video-editor", 0]), pause, at)).toBe(true);
    expect(isCorrected(doing("video-editor", 29), recent(["video-editor", 0]), pause, at)).toBe(false);
    expect(isCorrected({}, [], pause, at)).toBe(false);
  });
  it("is not who did something else that may go on again", () => {
    expect(isCorrected(doing("video-editor", 30), recent(["video-editor", 0], ["gamer", 9]), pause, at)).toBe(false);
    expect(isCorrected(doing("video-editor", 30), recent(["video-editor", 0], [everyday, 1], ["gamer", 10]), pause, at)).toBe(true);
  });
  it("is nobody by doing nothing in particular: that is what a pause looks like", () => {
    expect(isCorrected(doing(everyday, 600), recent([everyday, 0]), pause, at)).toBe(false);
  });
});
