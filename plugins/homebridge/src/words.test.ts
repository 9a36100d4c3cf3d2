import { readFile } from "node:fs/promises";
import { ApiError } from "@network-personas/engine/client";
import { expect, it } from "vitest";
import { inWords, Problem, problemOf } from "./problem.ts";

/** It runs in browsers as it is. */
const script = new URL("../homebridge-ui/public/words.js", import.meta.url);
const { words, speaking } = (await import(script.href)) as {
  words: Record<"en" | "de", Record<string, string>>;
  speaking(language?: string): { language: string; say(key: string, parts?: object): string };
};

const page = (file: string) => readFile(new URL(`../homebridge-ui/public/${file}`, import.meta.url), "utf8");
const gaps = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

it("says the same in every language, with the same filled in", () => {
  const shape = (table: object) => Object.entries(table).map(([key, text]) => [key, gaps(text)]);
  expect(shape(words.de)).toEqual(shape(words.en));
});

it("has words for everything the page names, and names everything it has words for", async () => {
  const [html, script] = await Promise.all([page("index.html"), page("settings.js")]);
  const named = [...html.matchAll(/data-(?:say|title)="(\w+)"/g)].map(([, key]) => key!);
  expect(named.filter((key) => !Object.hasOwn(words.en, key))).toEqual([]);
  const unused = Object.keys(words.en).filter((key) => !named.includes(key) && !script.includes(`"${key}"`));
  // Why a persona is active comes from our server.
  expect(unused).toEqual(["forced", "byFlow"]);
  // Words stand in the table, not in the page.
  expect(html.replace(/<(code|script).*?<\/\1>|placeholder="[^"]*"/gs, "").match(/>[^<]*[a-z][^<]*</g)).toBeNull();
});

it("speaks the language of Homebridge UI, and English where it has no other", () => {
  expect(["de", "de-AT", "en", "fr", undefined].map((language) => speaking(language).language)).toEqual(["de", "de", "en", "en", "en"]);
  expect(speaking("de").say("likely", { share: 87 })).toBe("87 % wahrscheinlich");
});

it("tells in the reader's language what the engine refuses, and never what was typed as a token", () => {
  const wrong = problemOf(new ApiError("unauthenticated", 401, "this token is not valid here"), "http://127.0.0.1:8787/") as Error;
  expect(inWords(wrong, "en")).toMatch(/^The token is not valid there/);
  expect(inWords(wrong, "de")).toMatch(/^Das Token gilt dort nicht/);
  expect(inWords(new Problem("no-file", { file: "home.yaml" }), "de")).toContain("noch keine Datei home.yaml");
  const other = new ApiError("conflict", 409, "somebody else was faster");
  expect(problemOf(other, "http://127.0.0.1:8787")).toBe(other);
  expect(inWords(other, "de")).toBe("somebody else was faster");
});
