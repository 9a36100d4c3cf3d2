import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DriverModule } from "../driver/port.ts";
import { BadInput } from "../model/index.ts";

/** Finds the driver a home names. The engine itself knows none. */
export interface DriverResolver {
  (driver: string, field: string): Promise<DriverModule>;
  /** The drivers that come along, to choose from. */
  list?(): Promise<readonly string[]>;
}

const namePattern = /^[a-z][a-z0-9-]*$/;

/**
 * `driver: X` is `@network-personas/routers/X`, else the package `network-personas-router-X`; each is looked for beside
 * the engine, then from the data directory, then from the host.
 */
export function packageResolver(dataDir: string, host: string = process.cwd()): DriverResolver {
  const resolve = async (driver: string, field: string) => {
    if (!namePattern.test(driver))
      throw new BadInput(field, `"${driver}" is not the name of a driver; expected lower-case letters, digits and "-", such as "openwrt"`);
    for (const specifier of [`@network-personas/routers/${driver}`, `network-personas-router-${driver}`]) {
      const module = await load(specifier, [dataDir, host]);
      if (!module) continue;
      if (typeof module.driver?.create !== "function")
        throw new BadInput(field, `${specifier} is no router driver: it exports no \`driver\``);
      return module.driver;
    }
    throw new BadInput(
      field,
      `there is no driver "${driver}": neither @network-personas/routers nor network-personas-router-${driver} has it; check the spelling or install the package`,
    );
  };
  const list = async () => (await load("@network-personas/routers", [dataDir, host]))?.families ?? [];
  return Object.assign(resolve, { list });
}

interface Loaded {
  driver?: DriverModule;
  families?: readonly string[];
}

async function load(specifier: string, folders: readonly string[]): Promise<Loaded | undefined> {
  try {
    return await import(specifier);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
  for (const folder of folders) {
    try {
      return await import(pathToFileURL(createRequire(join(folder, "_.js")).resolve(specifier)).href);
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  return undefined;
}

const absent = new Set(["ERR_MODULE_NOT_FOUND", "MODULE_NOT_FOUND", "ERR_PACKAGE_PATH_NOT_EXPORTED"]);
const isAbsent = (error: unknown) => absent.has((error as NodeJS.ErrnoException).code ?? "");
