import { isBuiltin } from "node:module";
import { type Finding, importsOf, packageOf } from "./architecture.ts";
import type { Manifest, Workspace } from "./repository.ts";

const longestFile = 500;
/** Files that are long because they are data. */
const mayBeLong = [/^docs\//, /\/fixtures\//, /^package-lock\.json$/, /\.(ya?ml|jsonl?|ics|md|html|svg)$/];

/** Rules of plain text, with what to do instead. Written in parts so that this file does not break them itself. */
const unwanted: readonly { found(line: string, file: string): boolean; message: string }[] = [
  {
    found: matching(`(?<![\\w.])/${"work"}/|/tmp/${"np"}\\b|(?<![\\w.])/${"root"}/`),
    message: "names a path of one machine; use os.tmpdir() or a relative path",
  },
  {
    found: (line, file) => !file.startsWith("bench/") && leavesRepository(line, file),
    message: "only benches may look outside the repository",
  },
  { found: matching(`https?://${"registry"}\\.`), message: "names a package registry; that is the machine's own choice" },
  { found: matching(`"${"resolved"}": "https?:`), message: "the lock file names a host; write it with omit-lockfile-registry-resolved" },
];

/** Findings about a file's text, whatever its language. */
export function checkText(file: string, text: string): Finding[] {
  const lines = text.split("\n");
  const findings = lines.flatMap((line, index) =>
    unwanted.filter(({ found }) => found(line, file)).map(({ message }) => ({ file, line: index + 1, message })),
  );
  if (lines.length > longestFile + 1 && !mayBeLong.some((pattern) => pattern.test(file))) {
    findings.push({ file, line: longestFile, message: `has ${lines.length - 1} lines; split what is longer than ${longestFile}` });
  }
  return findings;
}

function matching(pattern: string): (line: string) => boolean {
  const expression = new RegExp(pattern);
  return (line) => expression.test(line);
}

/** Whether a line names the folder beside the repository by a relative path. */
function leavesRepository(line: string, file: string): boolean {
  const depth = file.split("/").length - 1;
  return [...line.matchAll(/(?:\.\.\/)+(?=shared\b)/g)].some(([climb]) => climb.length / 3 > depth);
}

/** Types of the program that loads the package, which brings itself. */
const broughtByHost: Readonly<Record<string, readonly string[]>> = {
  "@network-personas/node-red": ["node-red"],
  "homebridge-network-personas": ["homebridge", "hap-nodejs"],
};

/** Packages that are asked for by a name only known at run time. */
const resolvedAtRunTime: Readonly<Record<string, readonly string[]>> = {
  "@network-personas/node-red": ["@network-personas/routers"],
  "homebridge-network-personas": ["@network-personas/routers"],
};

/** What the published files of a package import must be among its dependencies, and the other way round. */
export function checkDependencies({ folder, manifest }: Workspace, files: ReadonlyMap<string, string>): Finding[] {
  const declared = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies });
  const published = [...files].filter(([file]) => isPublished(folder, file));
  const imported = new Map(published.flatMap(([file, text]) => externals(text).map(({ name, line }) => [name, { file, line }])));
  const undeclared = [...imported]
    .filter(([name]) => name !== manifest.name && !declared.includes(name) && !broughtByHost[manifest.name]?.includes(name))
    .map(([name, at]) => ({ ...at, message: `imports ${name}, which is not in ${folder}/package.json` }));
  const unused = Object.keys(manifest.dependencies ?? {})
    .filter((name) => published.length > 0 && !imported.has(name) && !resolvedAtRunTime[manifest.name]?.includes(name))
    .map((name) => ({ file: `${folder}/package.json`, line: 1, message: `depends on ${name}, which nothing in it imports` }));
  return [...undeclared, ...unused];
}

/** What tests and scripts import must come with the repository. */
export function checkDevelopmentDependencies(
  root: Manifest,
  packages: readonly Workspace[],
  files: ReadonlyMap<string, string>,
): Finding[] {
  const available = new Set([
    ...Object.keys({ ...root.dependencies, ...root.devDependencies }),
    ...packages.flatMap(({ manifest }) => [manifest.name, ...Object.keys(manifest.dependencies ?? {})]),
  ]);
  return [...files]
    .filter(([file]) => !packages.some(({ folder }) => isPublished(folder, file)))
    .flatMap(([file, text]) =>
      externals(text)
        .filter(({ name }) => !available.has(name))
        .map(({ name, line }) => ({ file, line, message: `imports ${name}, which no package.json names` })),
    );
}

/** What the check reads of a package-lock.json. */
export interface LockFile {
  packages: Record<string, { optionalDependencies?: Record<string, string> }>;
}

/** `npm ci` refuses a lock file that lacks a package for another platform, which a registry may not have had when it was written. */
export function checkLockFile(lock: LockFile): Finding[] {
  const locked = new Set(Object.keys(lock.packages).map((path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length)));
  return Object.entries(lock.packages).flatMap(([path, { optionalDependencies }]) =>
    Object.keys(optionalDependencies ?? {})
      .filter((name) => !locked.has(name))
      .map((name) => ({
        file: "package-lock.json",
        line: 1,
        message: `lacks ${name}, an optional dependency of ${path || "the root"}: npm ci fails`,
      })),
  );
}

function isPublished(folder: string, file: string): boolean {
  return (file.startsWith(`${folder}/src/`) || file.startsWith(`${folder}/bin/`)) && !/\.test\.ts$|\/fixtures\//.test(file);
}

function externals(text: string): { name: string; line: number }[] {
  return importsOf(text)
    .filter(({ specifier }) => /^[@a-z]/.test(specifier) && !isBuiltin(specifier))
    .map(({ specifier, line }) => ({ name: packageOf(specifier), line }));
}
