import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { checkedExport, ownPersonaFiles, writePersonaFiles } from "../runtime/backup.ts";
import { dataDirOf, openStore } from "../runtime/data-dir.ts";
import { HomeExport, homeExport } from "../runtime/home-export.ts";
import { loadHome, saveHome } from "../runtime/home-file.ts";
import { Lock } from "../runtime/lock.ts";
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
    const { home, text } = await loadHome(context.home);
    const store = openStore(dataDirOf(context.home, context.dataDir), home.home.id);
    try {
      const memory = await store.dump();
      const personas = await ownPersonaFiles(dirname(context.home), home);
      await writeFile(file, JSON.stringify(homeExport(text, { memory, personas }, new Date())), { mode: 0o600 });
      const rows = Object.values(memory).reduce((n, table) => n + table.length, 0);
      context.terminal.print(`${home.home.name}: ${rows} records written to ${file}`);
      return 0;
    } finally {
      await store.close();
    }
  },
};

export const importHome: Command = {
  name: "import",
  summary: "brings back an exported home; what is there now is kept as a backup",
  positionals: "FILE",
  async run(context) {
    const file = fileOf(context);
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`cannot read ${file} (${error.code})`);
    });
    const content = readExport(text, file);
    const { home } = checkedExport(content);
    const dataDir = dataDirOf(context.home, context.dataDir);
    const lock = Lock.take(dataDir);
    if (!(lock instanceof Lock)) {
      context.terminal.complain(`the home's engine is running (process ${lock.pid}); stop it first`);
      return 1;
    }
    try {
      const store = openStore(dataDir, home.home.id);
      try {
        const backup = `${dataDirOf(context.home, context.dataDir)}/before-import-${Date.now()}.json`;
        await writeFile(backup, JSON.stringify(await store.dump()), { mode: 0o600 });
        await store.restore(content.memory);
        await writePersonaFiles(dirname(context.home), content.personas);
        if (existsSync(context.home)) await saveHome(context.home, content.home, `${dataDir}/backups`);
        else await writeFile(context.home, content.home);
        context.terminal.print(`${home.home.name} is back; what was there is in ${backup} and ${dataDir}/backups`);
        return 0;
      } finally {
        await store.close();
      }
    } finally {
      lock.release();
    }
  },
};

function readExport(text: string, file: string): HomeExport {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON, so it is no export of a home`);
  }
  const parsed = HomeExport.safeParse(value);
  if (!parsed.success) throw new UsageError(`${file}: ${parsed.error.issues[0]!.path.join(".")} ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}
