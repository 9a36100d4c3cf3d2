import { posix } from "node:path";
import type { Manifest, Workspace } from "./repository.ts";

/**
 * Who may import whom. Every place is the start of a path ("engine/src/model/"), of a built-in module ("node:") or of a package
 * ("npm:zod"); "own:" is the folder of the rule that the importing file is in.
 */
export interface Rule {
  /** Said to whoever breaks it. */
  why: string;
  files: readonly string[];
  except?: readonly string[];
  /** Binds test files too. */
  tests?: boolean;
  /** Nothing but these may be imported. */
  only?: readonly string[];
  never?: readonly string[];
}

export interface Finding {
  file: string;
  line: number;
  message: string;
}

const stages = ["signals", "features", "predict", "blend", "compose", "adapt"].map((stage) => `engine/src/${stage}/`);
const personas = "personas/src/index.ts";
/** Persona database with its reader of YAML files, for whoever may do input and output. */
const personaPackage = "personas/src/";
const personaReader = ["personas/src/load.ts", "personas/src/yaml-file.ts"];
const model = "engine/src/model/";
const driverPort = "engine/src/driver/";
const simulator = "engine/src/testing/";
const drivers = "plugins/routers/";
const hosts = ["node-red-nodes/", "plugins/homebridge/"];
const development = ["test/", "bench/", "scripts/"];
const outside = ["node:", "npm:"];

export const rules: readonly Rule[] = [
  {
    why: "the persona database depends on nothing else of ours",
    files: ["personas/"],
    tests: true,
    never: ["engine/", drivers, ...hosts, ...development],
  },
  {
    why: "only the reader of the persona database does input and output",
    files: ["personas/src/"],
    except: personaReader,
    never: ["node:", "npm:yaml", ...personaReader],
  },
  { why: "the model imports zod and the personas only", files: [model], only: ["own:", personas, "npm:zod"] },
  { why: "a stage of the pipeline imports the model and the personas only", files: stages, only: ["own:", model, personas] },
  {
    why: "the driver port knows the model, not the engine behind it",
    files: [driverPort],
    only: ["own:", model, personaPackage, ...outside],
  },
  {
    why: "a source of signals knows the ports, the calendar and the model, not the engine behind them",
    files: ["engine/src/source/"],
    only: ["own:", driverPort, "engine/src/calendar/", model, personaPackage, ...outside],
  },
  {
    why: "pages run in a browser: they know the types of the model and nothing else",
    files: ["engine/src/ui/"],
    only: ["own:", model],
  },
  {
    why: "the engine knows neither drivers nor hosts: it is given a driver by its name at run time",
    files: ["engine/"],
    tests: true,
    never: [drivers, ...hosts, ...development],
  },
  {
    why: "product code does not import what is for tests",
    files: ["personas/", "engine/", drivers, ...hosts],
    except: [simulator, `${drivers}src/virtual/`],
    never: [simulator, ...development],
  },
  {
    why: "a driver imports the driver port and the model, not another engine part, driver or host",
    files: [`${drivers}src/`],
    except: [`${drivers}src/virtual/`],
    only: [`${drivers}src/shared/`, "own:", driverPort, model, personaPackage, ...outside],
  },
  {
    why: "the virtual router imports the driver port, the model and the simulator only",
    files: [`${drivers}src/virtual/`],
    only: [`${drivers}src/shared/`, "own:", driverPort, simulator, model, personaPackage, ...outside],
  },
  {
    why: "a host speaks to the engine through its client, serves its pages, or embeds it as a whole",
    files: hosts,
    only: ["own:", "engine/src/client/", "engine/src/index.ts", "engine/src/api/pages.ts", model, personaPackage, ...outside],
  },
];

/** Findings of one file. `file` is relative to the root; the text need not be on disk. */
export function checkImports(file: string, text: string, packages: readonly Workspace[]): Finding[] {
  const isTest = file.endsWith(".test.ts");
  const binding = rules.filter(
    (rule) => startsWithAny(file, rule.files) && !startsWithAny(file, rule.except ?? []) && (rule.tests || !isTest),
  );
  return importsOf(text).flatMap(({ specifier, line }) => {
    const target = targetOf(specifier, file, packages);
    const found = (message: string): Finding => ({ file, line, message: `imports ${specifier}: ${message}` });
    if (target === undefined) return [found("its package does not export that")];
    const broken = binding.filter((rule) => breaks(rule, file, target)).map((rule) => found(rule.why));
    return leavesItsPackage(specifier, target, file, packages) ? [...broken, found("name the package instead of a path into it")] : broken;
  });
}

function breaks(rule: Rule, file: string, target: string): boolean {
  const own = ownFolder(rule, file);
  if (rule.never && startsWithAny(target, rule.never)) return true;
  return (
    rule.only !== undefined &&
    !startsWithAny(
      target,
      rule.only.map((place) => (place === "own:" ? own : place)),
    )
  );
}

/** The part of the house a file belongs to under a rule: a driver's folder, or the rule's own. */
function ownFolder(rule: Rule, file: string): string {
  const place = rule.files.find((start) => file.startsWith(start)) ?? file;
  if (place !== `${drivers}src/`) return place;
  const [family] = file.slice(place.length).split("/");
  return file.includes("/", place.length) ? `${place}${family}/` : place;
}

/** Tests and development code may reach into a package; packages must not reach into each other. */
function leavesItsPackage(specifier: string, target: string, file: string, packages: readonly Workspace[]): boolean {
  const home = packages.find(({ folder }) => file.startsWith(`${folder}/`));
  return home !== undefined && specifier.startsWith(".") && !target.startsWith(`${home.folder}/`);
}

function startsWithAny(path: string, places: readonly string[]): boolean {
  return places.some((place) => path.startsWith(place));
}

export interface Import {
  specifier: string;
  line: number;
}

/** `import … from`, `export … from` and `import "x"` at the start of a line; `import("x")` and `require("x")` anywhere. */
const importPattern = /(?:^\s*(?:import|export)\b[^"'`;]*?\bfrom\s*|^\s*import\s*|\b(?:import|require)\s*\(\s*)(["'])([^"'\n]+)\1/gm;

/** Static, dynamic and type imports with a literal specifier. Comment lines do not count. */
export function importsOf(text: string): Import[] {
  const code = text.replace(/^\s*(\/\/|\*|\/\*).*$/gm, "");
  return [...code.matchAll(importPattern)].map((match) => ({
    specifier: match[2] ?? "",
    line: code.slice(0, match.index + match[0].length).split("\n").length,
  }));
}

/** Name of the package a bare specifier belongs to. */
export function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** What an import means: a file of the repository ("engine/src/model/index.ts"), "node:fs" or "npm:zod"; undefined when not exported. */
export function targetOf(specifier: string, importer: string, packages: readonly Workspace[]): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(importer), specifier);
  if (specifier.startsWith("node:")) return specifier;
  const name = packageOf(specifier);
  const ours = packages.find(({ manifest }) => manifest.name === name);
  if (!ours) return `npm:${name}`;
  const file = exportedFile(ours.manifest, `.${specifier.slice(name.length)}`);
  return file === undefined ? undefined : posix.join(ours.folder, file);
}

/** Resolves a subpath ("./model") through a manifest's exports to its source. */
function exportedFile(manifest: Manifest, subpath: string): string | undefined {
  for (const [key, value] of Object.entries(manifest.exports ?? {})) {
    const file = typeof value === "string" ? value : value?.["np-source"];
    const [before = "", after] = key.split("*");
    if (file === undefined) continue;
    if (after === undefined ? key === subpath : subpath.startsWith(before) && subpath.endsWith(after)) {
      return file.replaceAll("*", subpath.slice(before.length, subpath.length - (after?.length ?? 0)));
    }
  }
  return undefined;
}
