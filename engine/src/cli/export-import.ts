import { existsSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BadFileError } from "@network-personas/personas/load";
import { BadInput, type ImportResult, type ImportWarning } from "../model/index.ts";
import { checkedExport, contentOf, importWarnings, ownPersonaFiles } from "../runtime/backup.ts";
import { dataDirOf, openStore } from "../runtime/data-dir.ts";
import { HomeExport, homeExport } from "../runtime/home-export.ts";
import { type HomeFile, loadHome, parseHome, saveHome } from "../runtime/home-file.ts";
import { Lock } from "../runtime/lock.ts";
import { assertWhole, finishReplacing, replaceHome, writePrivate } from "../runtime/replace-home.ts";
import { Secrets } from "../runtime/secrets.ts";
import { type Command, type CommandContext, UsageError } from "./command.ts";

function fileOf(context: CommandContext): string {
  const [file] = context.positionals;
  if (!file || context.positionals.length > 1) throw new UsageError("name one file");
  return file;
}

export const exportHome: Command = {
  name: "export",
  summary: "writes the whole home with its history to one file",
  positionals: "FILE",
  async run(context) {
    const file = fileOf(context);
    const dataDir = dataDirOf(context.home, context.dataDir);
    assertWhole(dataDir);
    const { home, text } = await loadHome(context.home);
    const store = openStore(dataDir, home.home.id);
    try {
      const memory = await store.dump();
      const personas = await ownPersonaFiles(dirname(context.home), home);
      await write(file, homeExport(text, { memory, personas }, new Date()));
      const records = Object.values(memory).reduce((n, table) => n + table.length, 0);
      if (context.json) context.terminal.print(JSON.stringify({ file, records }));
      else {
        context.terminal.print(`${home.home.name}: ${records} records written to ${file}`);
        context.terminal.print(
          "It tells who was at home when, so keep it as you keep a diary. Tokens and passwords that are kept beside home.yaml are not in it.",
        );
      }
      return 0;
    } finally {
      await store.close();
    }
  },
};

/** A pipe or a device is written to as it is. */
async function write(file: string, value: HomeExport): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  try {
    if (found && !found.isFile() && !found.isDirectory()) await writeFile(file, JSON.stringify(value));
    else await writePrivate(file, value);
  } catch (error) {
    throw new UsageError(`cannot write ${file} (${(error as NodeJS.ErrnoException).code}); nothing was exported`);
  }
}

export const importHome: Command = {
  name: "import",
  summary: "brings back an exported home; what is there now is kept as a backup",
  positionals: "FILE",
  options: { preview: { type: "boolean", describe: "only tell what it holds and would replace; changes nothing" } },
  async run(context) {
    const file = fileOf(context);
    const content = readExport(
      await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
        throw new UsageError(`cannot read ${file} (${error.code})`);
      }),
      file,
    );
    const next = checked(content, file);
    const dataDir = dataDirOf(context.home, context.dataDir);
    const lock = Lock.take(dataDir);
    if (!(lock instanceof Lock)) return throughEngine(context, content, next);
    try {
      return await here(context, dataDir, content, next);
    } finally {
      lock.release();
    }
  },
};

/** The engine that runs replaces its home by itself, and goes on with the new one. */
async function throughEngine(context: CommandContext, content: HomeExport, next: HomeFile): Promise<number> {
  const { openForCommand } = await import("./open-for-command.ts");
  const running = await openForCommand(context);
  try {
    const { warnings } = (await running.client.request("POST", "/v1/import/preview", content)) as { warnings: ImportWarning[] };
    if (context.options.preview) return tell(context, content, next, warnings);
    const { kept } = (await running.client.request("POST", "/v1/import", content)) as ImportResult;
    return tell(context, content, next, warnings, join(dataDirOf(context.home, context.dataDir), kept));
  } finally {
    await running.close();
  }
}

async function here(context: CommandContext, dataDir: string, content: HomeExport, next: HomeFile): Promise<number> {
  const folder = dirname(context.home);
  const save = (text: string) => saveHome(context.home, text, join(dataDir, "backups"), undefined, text);
  if (!context.options.preview) await finishReplacing({ folder, dataDir, save }, (id) => openStore(dataDir, id));
  const present = await presentHome(context.home);
  const from = present?.home?.home.id ?? next.home.home.id;
  const warnings = await importWarnings(next.home, present?.home ?? null, new Secrets(folder));
  if (context.options.preview) return tell(context, content, next, warnings);
  const store = openStore(dataDir, from);
  try {
    const personas = present?.home ? await ownPersonaFiles(folder, present.home) : {};
    const before = homeExport(present?.text ?? content.home, { memory: await store.dump(), personas }, new Date());
    const { kept } = await replaceHome({ folder, dataDir, store, save }, { before, from, by: content, at: Date.now() });
    return tell(context, content, next, warnings, join(dataDir, kept));
  } finally {
    await store.close();
  }
}

/** What is there now, if anything; a file nobody understands is kept as it is. */
async function presentHome(path: string): Promise<{ home?: HomeFile["home"]; text: string } | undefined> {
  if (!existsSync(path)) return undefined;
  const text = await readFile(path, "utf8");
  try {
    return parseHome(text, path);
  } catch (error) {
    if (error instanceof BadFileError) return { text };
    throw error;
  }
}

const warned: Record<ImportWarning["kind"], (what: string) => string> = {
  "goes-live": (what) => `router ${what} is live in it: the engine writes to it as soon as it runs`,
  "keeps-ours": (what) => `router ${what} is not in it: what we made there stays; run "network-personas release" first to remove it`,
  "secret-missing": (what) => `a password is missing here: ${what}`,
};

/** Says what an export holds; `kept` names what was there before, when it was brought back. */
function tell(
  { terminal, json }: CommandContext,
  content: HomeExport,
  next: HomeFile,
  warnings: readonly ImportWarning[],
  kept?: string,
): number {
  const contains = contentOf(next, content);
  if (json) {
    terminal.print(JSON.stringify({ contains, warnings, kept: kept ?? null }, null, 2));
    return 0;
  }
  const { name, people, devices, calendars, routers, personas, records, since } = contains;
  const list = (names: readonly string[]) => names.join(", ") || "none";
  terminal.print(`${name}${kept === undefined ? "" : " is back"}: exported ${content.exportedAt}`);
  terminal.print(`  people: ${list(people)}; devices: ${devices}; calendars: ${list(calendars)}`);
  terminal.print(`  routers: ${list(routers.map((r) => `${r.router} (${r.driver}, ${r.mode})`))}; own persona files: ${personas.length}`);
  terminal.print(`  remembered: ${records} records${since ? `, since ${since}` : ""}`);
  for (const { kind, what } of warnings) terminal.print(`! ${warned[kind](what)}`);
  if (kept !== undefined) terminal.print(`what was there before is in ${kept}, which can be imported in turn`);
  return 0;
}

function checked(content: HomeExport, file: string): HomeFile {
  try {
    return checkedExport(content);
  } catch (error) {
    if (error instanceof BadInput) throw new UsageError(`${file}: ${error.message}; nothing was changed`);
    throw error;
  }
}

function readExport(text: string, file: string): HomeExport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const begins = text.trimStart().startsWith('{"format":"network-personas-export"');
    throw new UsageError(
      begins
        ? `${file} is an export that is cut off or damaged; nothing was changed`
        : `${file} is not JSON, so it is no export of a home; nothing was changed`,
    );
  }
  const parsed = HomeExport.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${file}: ${issue!.path.length > 0 ? `${issue!.path.join(".")}: ` : ""}${issue!.message}; nothing was changed`);
}
