import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Page } from "./pages.ts";

/** Folders in which everything is generated. */
const generatedFolders = ["docs/reference", "docs/schema"];

/** Files below `root` that are not as they would be generated now: missing, different, or left over. */
export function drifted(pages: readonly Page[], root: string): string[] {
  const stale = pages.filter(({ path, text }) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text);
  return [...stale.map(({ path }) => path), ...leftOver(pages, root)];
}

export function writePages(pages: readonly Page[], root: string): void {
  for (const path of leftOver(pages, root)) rmSync(join(root, path), { recursive: true });
  for (const { path, text } of pages) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

function leftOver(pages: readonly Page[], root: string): string[] {
  const wanted = new Set(pages.map(({ path }) => path));
  return generatedFolders
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((path) => !wanted.has(path));
}
