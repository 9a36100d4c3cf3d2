import { drifted, writePages } from "./docs/drift.ts";
import { pages } from "./docs/pages.ts";
import { root } from "./repository.ts";

const generated = await pages();
const changed = drifted(generated, root);
if (!process.argv.includes("--check")) {
  writePages(generated, root);
  console.log(changed.length === 0 ? "Everything was up to date." : changed.map((path) => `wrote ${path}`).join("\n"));
} else if (changed.length > 0) {
  console.error(`${changed.map((path) => `${path} is not up to date`).join("\n")}\nRun: npm run gen`);
  process.exitCode = 1;
}
