import { deviceKinds, firewallLevels, formatRate, trafficClasses, trafficKinds } from "@network-personas/personas";
import { describe, expect, it } from "vitest";
import { formats, inEnglish, type SentenceKey, say, sentence, sentences, verbatim } from "./sentence.ts";

const gaps = (text: string) => [...text.matchAll(/\{(\w+(?:\|\w+)?)(?::[^}]*)?\}/g)].map(([, gap]) => gap).sort();
const keys = Object.keys(sentences.en) as SentenceKey[];

describe("sentences", () => {
  it("are the same in every language: keys, what is filled in, and how", () => {
    for (const texts of Object.values(sentences)) {
      expect(Object.keys(texts).sort()).toEqual([...keys].sort());
      for (const key of keys) {
        expect(texts[key].trim(), key).not.toBe("");
        expect([...new Set(gaps(texts[key]))], key).toEqual([...new Set(gaps(sentences.en[key]))]);
      }
    }
  });

  it("use formats that exist, and have a word for everything a format may be given", () => {
    for (const key of keys)
      for (const [, format] of sentences.en[key].matchAll(/\{\w+\|(\w+)\}/g)) expect(Object.keys(formats), key).toContain(format);
    const closed = {
      kind: deviceKinds,
      class: trafficClasses,
      traffic: trafficKinds,
      level: firewallLevels,
      way: ["down", "up"],
      weekday: [1, 2, 3, 4, 5, 6, 7],
      part: ["night", "morning", "afternoon", "evening", "late"],
    };
    for (const [format, values] of Object.entries(closed)) for (const value of values) expect(keys).toContain(`${format}-${value}`);
  });

  it("are said in the language of who reads", () => {
    const said = sentence("classOf", {
      class: "realtime",
      who: [
        sentence("who", { name: "Alice", persona: "remote-worker", share: 0.874 }),
        sentence("who", { name: "Bob", persona: "gamer", share: 1 }),
      ],
    });
    expect(inEnglish(said)).toBe("its traffic is realtime for Alice as remote-worker (87 %) and Bob as gamer (100 %)");
    const persona = (id: string) => ({ "remote-worker": "Heimarbeit", gamer: "Spielen" })[id] ?? id;
    expect(say(said, { language: "de", persona })).toBe(
      "Verkehrsklasse Echtzeit für Alice als Heimarbeit (87 %) und Bob als Spielen (100 %)",
    );
    expect(say(sentence("moment", { day: 2, part: "evening" }), { language: "de" })).toBe("dienstags abends");
    expect(say(sentence("bothRates", { down: 1_500, up: null }), { language: "de" })).toBe(
      "1,5 Mbit/s im Download, keine Grenze im Upload",
    );
  });

  it("list and write numbers as each language does", () => {
    const of = (language: "en" | "de") => [
      say(sentence("setBy", { sources: ["Ann", "Bob", "Eve"] }), { language }),
      say(sentence("setBy", { sources: ["Ann", "Bob"] }), { language }),
      say(sentence("setBy", { sources: [] }), { language }),
      say(sentence("weightOf", { weight: 2.8 }), { language }),
    ];
    expect(of("en")).toEqual(["set by Ann, Bob and Eve", "set by Ann and Bob", "set by ", "weight 2.8"]);
    expect(of("de")).toEqual(["festgelegt von Ann, Bob und Eve", "festgelegt von Ann und Bob", "festgelegt von ", "Gewicht 2,8"]);
  });

  it("tell how long ago in minutes, hours or days", () => {
    const ago = (minutes: number, language: "en" | "de") => say(sentence("lastTime", { persona: "gamer", minutes }), { language });
    expect([25, 89, 90, 2_849, 5_760].map((minutes) => ago(minutes, "en"))).toEqual([
      "last gamer 25 min ago",
      "last gamer 89 min ago",
      "last gamer 2 h ago",
      "last gamer 47 h ago",
      "last gamer 4 days ago",
    ]);
    expect(ago(5_760, "de")).toBe("gamer: zuletzt vor 4 Tagen");
  });

  it("count as each language does", () => {
    const of = (count: number, language: "en" | "de") => say(sentence("allInForce", { count }), { language });
    expect([of(0, "en"), of(1, "en"), of(2, "en")].map((text) => text?.match(/\((.*)\)/)?.[1])).toEqual([
      "0 sections",
      "1 section",
      "2 sections",
    ]);
    expect([of(0, "de"), of(1, "de"), of(1200, "de")].map((text) => text?.match(/\((.*)\)/)?.[1])).toEqual([
      "0 Abschnitte",
      "1 Abschnitt",
      "1.200 Abschnitte",
    ]);
  });

  it("write rates as everywhere else", () => {
    for (const kbps of [0, 64, 999, 1_000, 1_536, 9_999, 50_000, 250_500, 2_500_000])
      expect(inEnglish(sentence("exactly", { rate: kbps }))).toBe(formatRate(kbps));
  });

  it("keep what others say, and leave a key they do not know to its text", () => {
    expect(say(verbatim("desk lamp {on}"), { language: "de" })).toBe("desk lamp {on}");
    expect(say({ key: "from-the-future", with: {} })).toBeUndefined();
    expect(say({ key: "toString", with: {} })).toBeUndefined();
  });
});
