import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tokens } from "../api/index.ts";

/** The token with which commands and hosts on this machine reach a running engine; readable by its user only, new at every start. */
const file = (dataDir: string) => join(dataDir, "local-token");
const name = "this-machine";

export async function writeLocalToken(dataDir: string, tokens: Tokens): Promise<string> {
  for (const old of (await tokens.list()).filter((t) => t.name === name)) await tokens.revoke(old.id);
  const { token } = await tokens.create({ name, scopes: ["admin"] });
  await rm(file(dataDir), { force: true });
  await writeFile(file(dataDir), token, { mode: 0o600 });
  return token;
}

export const readLocalToken = async (dataDir: string): Promise<string | null> => readFile(file(dataDir), "utf8").catch(() => null);
