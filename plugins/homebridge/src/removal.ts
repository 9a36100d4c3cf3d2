import { access, readFile } from "node:fs/promises";
import { join } from "node:path";
import { platformName, pluginName } from "./config.ts";

/** What Homebridge still has of the plugin. */
export interface Remains {
  /** Its files. */
  installed: boolean;
  /** Its block in config.json. */
  configured: boolean;
}

/**
 * Whether the plugin is being removed. An update takes its files away for a while, and somebody may be editing config.json: while
 * Homebridge runs, only both together tell. When it ends, one is enough, for nobody looks later.
 */
export const isRemoved = ({ installed, configured }: Remains, ending: boolean): boolean =>
  ending ? !installed || !configured : !installed && !configured;

/** Looks what is left of the plugin. What cannot be read counts as there: somebody may just be writing it. */
export async function remainsOf(configPath: string, packageFolder = join(import.meta.dirname, "..")): Promise<Remains> {
  const [installed, configured] = await Promise.all([isThere(join(packageFolder, "package.json")), hasBlock(configPath)]);
  return { installed, configured };
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== "ENOENT",
  );

const ourNames: readonly unknown[] = [platformName, `${pluginName}.${platformName}`];
async function hasBlock(configPath: string): Promise<boolean> {
  try {
    const { platforms } = JSON.parse(await readFile(configPath, "utf8")) as { platforms?: readonly { platform?: unknown }[] };
    return (platforms ?? []).some(({ platform }) => ourNames.includes(platform));
  } catch {
    return true;
  }
}
