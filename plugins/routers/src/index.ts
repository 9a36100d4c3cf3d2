import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** The drivers of this package: the folders that say what they support. */
export const families: readonly string[] = readdirSync(import.meta.dirname)
  .filter((name) => existsSync(join(import.meta.dirname, name, "support.yaml")))
  .sort();
