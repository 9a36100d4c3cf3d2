import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Workspace } from "../repository.ts";

/** Everything one can import from a package as it was installed: "@network-personas/engine/model", and every match of "./*". */
export function exportedModules({ manifest }: Workspace, installed: string): string[] {
  const all = manifest.exports ?? {};
  return Object.entries(all).flatMap(([subpath, target]) => {
    if (typeof target === "string" || target === null) return [];
    const file = target.default ?? "";
    const [folder = "", rest] = file.split("*");
    if (rest === undefined) return [manifest.name + subpath.slice(1)];
    const names = readdirSync(join(installed, folder), { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return names
      .map(({ name }) => subpath.replace("*", name))
      .filter((path) => all[path] !== null)
      .map((path) => manifest.name + path.slice(1));
  });
}

/** A script that imports each module and fails with the name of the first that does not load or exports nothing. */
export function importScript(modules: readonly string[]): string {
  return `for (const name of ${JSON.stringify(modules)}) {
    const module = await import(name).catch((error) => { throw new Error("cannot import " + name, { cause: error }); });
    if (Object.keys(module).length === 0) console.log("empty " + name);
  }`;
}

/** A TypeScript file that uses each module's types as published. */
export function typesScript(modules: readonly string[]): string {
  return modules
    .map((name, index) => `import type * as module${index} from "${name}";\nexport type Exports${index} = typeof module${index};\n`)
    .join("");
}
