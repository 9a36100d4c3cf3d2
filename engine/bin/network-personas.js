#!/usr/bin/env node
// Plain old syntax and no static imports: any Node that knows modules gets far enough to say which Node is needed.

const source = new URL("../src/cli/main.ts", import.meta.url);
const build = new URL("../dist/cli/main.js", import.meta.url);
const condition = "--conditions=np-source";

const published = {
  node: [22, 13],
  remedy: "Get it from https://nodejs.org/en/download, or run: npx -p node@24 -p @network-personas/engine network-personas",
};
/** In a checkout the TypeScript sources run as they are. */
const checkout = {
  node: [24, 0],
  remedy: '"npm ci" has put one into this checkout: run "npm exec network-personas -- <command>" there.',
};

function isTooOld(needed) {
  const version = process.versions.node.split(".").map(Number);
  return version[0] < needed[0] || (version[0] === needed[0] && version[1] < needed[1]);
}

/** Starts over with the condition that resolves our packages to their sources, so that worker threads and child processes inherit it. */
function restartWithSources() {
  const args = [condition].concat(process.execArgv, process.argv.slice(1));
  if (process.execve) process.execve(process.execPath, [process.execPath].concat(args));
  return import("child_process").then((childProcess) => {
    process.exitCode = childProcess.spawnSync(process.execPath, args, { stdio: "inherit" }).status;
  });
}

/** Node.js 22 calls its SQLite experimental, on the terminal of everybody who starts us; we test with it. */
function keepQuietAboutSqlite() {
  const warn = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning).startsWith("SQLite is an experimental feature")) warn.call(process, warning, ...rest);
  };
}

function start(inCheckout) {
  const { node, remedy } = inCheckout ? checkout : published;
  if (isTooOld(node))
    throw new Error(`network-personas needs Node.js ${node.join(".")} or newer, and this is ${process.versions.node}. ${remedy}`);
  if (inCheckout && process.execArgv.indexOf(condition) < 0) return restartWithSources();
  keepQuietAboutSqlite();
  return import("module")
    .then((module) => {
      // What was compiled once is found again by the next start, which then takes half the time.
      if (module.enableCompileCache) module.enableCompileCache();
      return import((inCheckout ? source : build).href);
    })
    .then((cli) => cli.main(process.argv.slice(2)))
    .then((code) => {
      process.exitCode = code;
    });
}

import("fs")
  .then((fs) => start(fs.existsSync(source)))
  .catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
