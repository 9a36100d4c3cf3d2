import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { languages, nodeFolders } from "../build.ts";
import { secretCredentials } from "./shared/secrets.ts";

const home = fileURLToPath(new URL("../", import.meta.url));
const read = (file: string) => readFileSync(`${home}${file}`, "utf8");
const json = (file: string) => JSON.parse(read(file)) as Record<string, unknown>;
const folders = await nodeFolders();
const common = (language: string) => ({ common: json(`src/shared/locales/${language}.json`) });
const texts = (folder: string, language: string) => ({ ...common(language), ...json(`src/nodes/${folder}/locales/${language}.json`) });

/** Dotted paths of all texts. */
function keys(value: unknown, path = ""): string[] {
  if (typeof value === "string") return [path];
  return Object.entries(value as object).flatMap(([key, part]) => keys(part, path ? `${path}.${key}` : key));
}
const valueAt = (value: unknown, path: string) =>
  path.split(".").reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], value);
const placeholders = (text: unknown) => [...String(text).matchAll(/__\w+__/g)].map(([name]) => name).sort();
const type = (folder: string) => /data-template-name="([^"]+)"/.exec(read(`src/nodes/${folder}/editor.html`))?.[1];

describe("the package", () => {
  it("lists exactly the nodes that have a folder", () => {
    const manifest = json("package.json")["node-red"] as { version: string; nodes: Record<string, string> };
    expect(manifest.nodes).toEqual(Object.fromEntries(folders.map((folder) => [folder, `dist/nodes/${folder}/index.js`])));
    expect(manifest.version).toBe(">=4.1.0");
  });
  it("has an example for every node that can be placed, named like its folder, that uses only core nodes besides ours", () => {
    const core = ["tab", "comment", "inject", "debug", "persona-engine"];
    for (const folder of folders.filter((name) => name !== "engine")) {
      const nodes = JSON.parse(read(`examples/${folder}.json`)) as { type: string; z?: string }[];
      expect(nodes.map((node) => node.type)).toContain(type(folder));
      expect(nodes.map((node) => node.type)).toContain("comment");
      expect(nodes.map((node) => node.type).filter((name) => name !== type(folder) && !core.includes(name))).toEqual([]);
    }
  });
  it("shares one engine among its examples and uses every id once", () => {
    const files = readdirSync(`${home}examples`).map((file) => JSON.parse(read(`examples/${file}`)) as { id: string; type: string }[]);
    const engines = new Set(files.flatMap((nodes) => nodes.filter((node) => node.type === "persona-engine").map((node) => node.id)));
    expect(engines.size).toBe(1);
    const ids = files.flatMap((nodes) => nodes.filter((node) => node.type !== "persona-engine").map((node) => node.id));
    expect(new Set(ids).size).toBe(ids.length);
  });
  it("says the same credentials to the runtime and to the editor", () => {
    const editor = read("src/nodes/engine/editor.html");
    const declared = [...editor.matchAll(/(\w+): \{ type: "password" \}/g)].map(([, name]) => name);
    expect(declared.sort()).toEqual([...Object.keys(secretCredentials), "token"].sort());
  });
});

describe.each(folders)("texts of %s", (folder) => {
  const english = texts(folder, "en-US");
  it.each(languages)("are the same in %s, down to the placeholders", (language) => {
    const other = texts(folder, language);
    expect(keys(other).sort()).toEqual(keys(english).sort());
    for (const key of keys(english)) expect([key, placeholders(valueAt(other, key))]).toEqual([key, placeholders(valueAt(english, key))]);
    for (const key of keys(other)) expect([key, valueAt(other, key)]).not.toEqual([key, ""]);
  });
  it("exist for every key the editor and the runtime ask for", () => {
    const editor = read(`src/nodes/${folder}/editor.html`);
    const runtime = read(`src/nodes/${folder}/index.ts`);
    const asked = [
      ...[...editor.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key),
      ...[...editor.matchAll(/\b_\("([\w.-]+[\w])"/g)].map(([, key]) => key),
      ...[...editor.matchAll(/_\(\[([^\]]+)\]/g)].flatMap(([, list]) => (list ?? "").split(",").map((key) => key.trim().slice(1, -1))),
      ...[...runtime.matchAll(/status\.say\("([\w-]+)"/g)].map(([, key]) => `common.status.${key}`),
      ...[...runtime.matchAll(/BadMessage\("(\w+)"/g)].map(([, key]) => `common.error.${key}`),
    ];
    expect(asked.length).toBeGreaterThan(3);
    expect(asked.filter((key) => !keys(english).includes(key ?? ""))).toEqual([]);
  });
  it("has help in every language, with the same sections and properties", () => {
    const shape = (file: string) => [...read(`src/nodes/${folder}/${file}`).matchAll(/^(###|: [^(]+\(|\d\.)/gm)].map(([, mark]) => mark);
    expect(shape("help.de.md")).toEqual(shape("help.md"));
    expect(read(`src/nodes/${folder}/help.md`)).not.toMatch(/<\/?script/);
  });
});

describe("texts all nodes share", () => {
  it("exist for everything the shared code asks for", () => {
    const shared = readdirSync(`${home}src/shared`).filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"));
    const code = shared.map((file) => read(`src/shared/${file}`)).join("\n") + read("src/shared/editor.js");
    const asked = [
      ...[...code.matchAll(/BadMessage\("(\w+)"/g)].map(([, key]) => `common.error.${key}`),
      ...[...code.matchAll(/"(common\.\w+\.\w+)"/g)].map(([, key]) => key),
      ...["confirmed", "unchanged", "previewed", "rolled-back", "failed"].map((result) => `common.status.${result}`),
    ];
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((key) => !keys(common("en-US")).includes(key ?? ""))).toEqual([]);
  });
  it("fit under a node", () => {
    for (const language of languages) {
      const { status } = common(language).common as { status: Record<string, string> };
      expect(Object.entries(status).filter(([, text]) => text.length >= 20)).toEqual([]);
    }
  });
});
