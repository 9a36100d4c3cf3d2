import { firewallLevels, profileFields } from "@network-personas/personas";
import { loadPersonas } from "@network-personas/personas/load";
import { describe, expect, it } from "vitest";
import { type SentenceKey, sentences } from "../model/sentence.ts";
import { doctorEnglish } from "../model/sentences-doctor.ts";
import { errorsEnglish } from "../model/sentences-errors.ts";
import { personasGerman } from "../model/sentences-personas.ts";
import { type Key, languages, Words } from "./words.ts";
import { applicationsGerman } from "./words-applications.ts";
import { profileFieldsGerman } from "./words-profile.ts";

const sentencesOf = (language: "en" | "de", keys: readonly string[]): Record<string, string> =>
  Object.fromEntries(keys.map((key) => [key, sentences[language][key as SentenceKey]]));
const names = (text: string) => [...text.matchAll(/\{(\w+)(?::[^}]*)?\}/g)].map((m) => m[1]).sort();

it("have German for every field of a profile; English is the schema's own", () => {
  expect(Object.keys(profileFieldsGerman).sort()).toEqual(profileFields.map(({ path }) => path).sort());
  for (const { title, description } of Object.values(profileFieldsGerman)) expect([title, description]).not.toContain("");
  const sections = new Set(profileFields.map(({ section }) => section));
  for (const section of sections) expect(languages.en).toHaveProperty(`section-${section}`);
});

describe("words", () => {
  it("are the same in every language: keys, and what is filled in", () => {
    const keys = Object.keys(languages.en) as Key[];
    for (const texts of Object.values(languages)) {
      expect(Object.keys(texts).sort()).toEqual([...keys].sort());
      for (const key of keys) {
        expect(texts[key].trim(), key).not.toBe("");
        expect(names(texts[key]), key).toEqual(names(languages.en[key]));
      }
    }
  });

  it("call what is on the screen as the screen does", () => {
    const quotes = { en: /[“"]([^“”"]*)[”"]/g, de: /„([^„“]*)“/g } as const;
    // What is typed, a mark, a scope, and the title of an event.
    const noLabel = /^(\d.*|np|admin|\{event\})$/;
    for (const language of ["en", "de"] as const) {
      const words = new Words(language, "UTC");
      const personas = Object.entries(personasGerman).map(([id, { called }]) => words.persona({ id, name: called }));
      const labels = [...Object.values(languages[language]), ...personas, ...firewallLevels.map((level) => words.level(level))];
      const known = new Set(labels.map((label) => label.toLowerCase()));
      const about = {
        ...languages[language],
        ...sentencesOf(language, Object.keys(doctorEnglish)),
        ...sentencesOf(language, Object.keys(errorsEnglish)),
      };
      const fields = Object.values(language === "de" ? profileFieldsGerman : {}).map(({ description }) => description);
      const called = [...Object.values(about), ...fields].flatMap((text) =>
        [...text.matchAll(quotes[language])].map(([, label]) => label!),
      );
      expect(called.length).toBeGreaterThan(30);
      expect(called.filter((label) => !known.has(label.toLowerCase()) && !noLabel.test(label) && !/^\{\w+\}$/.test(label))).toEqual([]);
    }
  });

  it("say reasons in the language of who reads, and mark what there is in English only", () => {
    const de = new Words("de", "UTC", () => "Spielen");
    expect(de.reason({ key: "background", with: { personas: { key: "personaNamed", with: { persona: "gamer" } } } }, "").text).toBe(
      "Spielen läuft im Hintergrund",
    );
    expect(de.reason(undefined, "a <b> lamp").text).toBe('<span lang="en">a &lt;b&gt; lamp</span>');
  });

  it("write numbers as each language does", () => {
    const [en, de] = [new Words("en", "Europe/Berlin"), new Words("de", "Europe/Berlin")];
    expect([en.rate(50_000), en.rate(1_500), en.rate(64), en.rate(2_500_000)]).toEqual([
      "50 Mbit/s",
      "1.5 Mbit/s",
      "64 kbit/s",
      "2.5 Gbit/s",
    ]);
    expect(de.rate(1_500)).toBe("1,5 Mbit/s");
    expect([en.lasting(21.4), en.lasting(119), en.lasting(400), de.lasting(5_400), de.lasting(9_000)]).toEqual([
      "21 s",
      "119 s",
      "7 min",
      "90 min",
      "2,5 h",
    ]);
    expect(en.percent(0.024)).toBe("2.4%");
    expect(en.time("2026-07-01T08:30:00Z")).toBe("10:30");
    expect(de.trafficClass("realtime")).toBe("Echtzeit");
    expect([en.kind("tv"), de.kind("tv")]).toEqual(["television", "Fernseher"]);
    expect([1, 2].map((count) => de.say("changed", { router: "main", count, result: "" }))).toEqual([
      "main: 1 Änderung ()",
      "main: 2 Änderungen ()",
    ]);
    expect([de.looked("area", "calendar alice-work"), de.looked("check", "persona files"), de.looked("check", "np.acl")]).toEqual([
      "Kalender alice-work",
      "Persona-Dateien",
      "np.acl",
    ]);
    expect(en.say("likely", { persona: "Gamer", share: "50%" })).toBe("Gamer, 50%");
  });
});

it("call the personas that come along by German names, and one its owner renamed as he does", async () => {
  const { personas, applications } = await loadPersonas([]);
  const called = Object.fromEntries(Object.entries(personasGerman).map(([id, { called }]) => [id, called]));
  expect(called).toEqual(Object.fromEntries([...personas.values()].map(({ id, name }) => [id, name])));
  const de = new Words("de", "UTC");
  expect(de.persona({ id: "gamer", name: "Gamer" })).toBe("Spielen");
  const names = [...applications.values()].map(({ name }) => name);
  for (const name of Object.keys(applicationsGerman)) expect(names).toContain(name);
  expect([de.application("Cloud storage"), de.application("Zoom")]).toEqual(["Cloud-Speicher", "Zoom"]);
  expect(de.persona({ id: "gamer", name: "Bob's games" })).toBe("Bob's games");
  expect(new Words("en", "UTC").persona({ id: "gamer", name: "Gamer" })).toBe("Gamer");
});

it("say what went wrong in the language of who reads, with what exactly in English", () => {
  const said = { key: "error-unreachable", with: {} };
  expect(new Words("de", "UTC").trouble(said, "main: no answer <x>").text).toBe(
    'der Router antwortet nicht oder nicht rechtzeitig <small lang="en">(main: no answer &lt;x&gt;)</small>',
  );
  expect(new Words("de", "UTC").trouble(null, "odd").text).toBe('<small lang="en">odd</small>');
  expect(new Words("en", "UTC").trouble(said, "main: no answer").text).toBe("main: no answer");
  // What a sentence says whole is not repeated.
  const whole = { key: "reach-closed", with: {} };
  expect(new Words("de", "UTC").trouble(whole, "main: closed the connection before it answered (status)").text).toBe(
    "die Verbindung wurde beendet, bevor eine Antwort kam",
  );
  expect(new Words("de", "UTC").troubleText(said, "main: no answer")).toBe(
    "der Router antwortet nicht oder nicht rechtzeitig (main: no answer)",
  );
});
