import { createHash } from "node:crypto";
import { link, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { BadFileError, parseYaml } from "@network-personas/personas/load";
import { type Document, isMap, isSeq, parseDocument } from "yaml";
import { Home, PersonasError } from "../model/index.ts";

/** A home as its file says it. */
export interface HomeFile {
  home: Home;
  text: string;
  /** Identity of this version of the text. */
  etag: string;
  /** There is no file yet: the text is what one begins with. */
  isNew?: true;
}

/**
 * `starter`: text to begin with where there is no file. `known`: given back when the text is still that.
 * @throws BadFileError naming line, field and what was expected; PersonasError "no-home" when there is no such file
 */
export async function loadHome(file: string, starter?: string, known?: HomeFile): Promise<HomeFile> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (starter !== undefined && error.code === "ENOENT") return undefined;
    throw noHome(file, error.code);
  });
  if (known && !known.isNew && text === known.text) return known;
  return text === undefined ? { ...parseHome(starter!, basename(file)), isNew: true } : parseHome(text, basename(file));
}

/** What to do where there is no file of a home. */
export function noHome(file: string, code = "ENOENT"): PersonasError {
  const missing = `there is no ${file} yet; set your home up in a browser, with the link that "network-personas serve" shows, or name another file with --home FILE`;
  return new PersonasError("no-home", code === "ENOENT" ? missing : `cannot read ${file} (${code})`, { responsible: "caller" });
}

export function parseHome(text: string, name: string): HomeFile {
  return { home: parseYaml(text, Home, name), text, etag: createHash("sha256").update(text).digest("hex").slice(0, 16) };
}

/**
 * Replaces the file, keeping comments and the previous version (in `backups`). `text` is YAML, or JSON of the whole home,
 * which is merged into the present text so that its comments stay. `starter`: what was edited where there is no file yet.
 * @throws BadFileError, or PersonasError "conflict" when the file is no longer the version that was edited
 */
export async function saveHome(file: string, text: string, backups: string, etag?: string, starter?: string): Promise<HomeFile> {
  const present = await loadHome(file, starter).catch((error) => {
    // A file that was broken by hand may be replaced by a good one.
    if (error instanceof BadFileError) return undefined;
    throw error;
  });
  if (etag !== undefined && present && present.etag !== etag) {
    throw new PersonasError("conflict", "the home was changed meanwhile; read it again and repeat the edit", { responsible: "caller" });
  }
  const isJson = text.trimStart().startsWith("{");
  const next = parseHome(isJson && present ? mergeJson(present.text, JSON.parse(text)) : text, basename(file));
  // Whoever lets nobody else read the file has something in it.
  const mode = ((await stat(file).catch(() => undefined))?.mode ?? 0o666) & 0o777;
  const before = present && !present.isNew ? present : undefined;
  if (before) await keepVersion(backups, basename(file), before, mode);
  const temporary = join(dirname(file), `.${basename(file)}.${process.pid}.new`);
  await rm(temporary, { force: true });
  await writeFile(temporary, next.text, { flush: true, mode });
  if (present?.isNew) await placeNew(temporary, file);
  else await rename(temporary, file);
  return next;
}

/** What the file was before each of the newest edits. */
async function keepVersion(folder: string, name: string, { text, etag }: HomeFile, mode: number): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const kept = join(folder, `${name}.${etag}`);
  await rm(kept, { force: true });
  await writeFile(kept, text, { mode });
  const names = (await readdir(folder)).filter((one) => one.startsWith(`${name}.`));
  const aged = await Promise.all(names.map(async (one) => ({ one, at: (await stat(join(folder, one))).mtimeMs })));
  const old = aged.sort((a, b) => b.at - a.at).slice(mostVersions);
  await Promise.all(old.map(({ one }) => rm(join(folder, one), { force: true })));
}
const mostVersions = 50;

/** A file that came into being meanwhile is somebody's work. */
async function placeNew(temporary: string, file: string): Promise<void> {
  try {
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new PersonasError("conflict", `${file} was written meanwhile; read the home again and repeat the edit`, {
      responsible: "caller",
    });
  } finally {
    await rm(temporary, { force: true });
  }
}

/** The YAML text with the values of `value`; comments of what stays are kept. */
export function mergeJson(text: string, value: unknown): string {
  const document = parseDocument(text);
  document.contents = merge(document, document.contents, value) as typeof document.contents;
  return document.toString({ lineWidth: 140 });
}

function merge(document: Document, node: unknown, value: unknown): unknown {
  if (isMap(node) && value && typeof value === "object" && !Array.isArray(value)) {
    const wanted = value as Record<string, unknown>;
    for (const { key } of [...node.items]) if (!(String(key) in wanted)) node.delete(key);
    for (const [key, item] of Object.entries(wanted)) node.set(key, merge(document, node.get(key, true), item));
    return node;
  }
  if (isSeq(node) && Array.isArray(value)) {
    node.items = value.map((item, i) => merge(document, node.items[i], item)) as typeof node.items;
    return node;
  }
  const same = node && typeof node === "object" && "toJSON" in node && JSON.stringify(node) === JSON.stringify(value);
  return same ? node : document.createNode(value);
}
