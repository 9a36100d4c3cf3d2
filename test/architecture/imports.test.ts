import { describe, expect, it } from "vitest";
import { checkImports, importsOf, rules } from "../../scripts/architecture.ts";
import { type Workspace, workspaces } from "../../scripts/repository.ts";

/** The packages as they are, and the host that is still to come. */
const packages: Workspace[] = [
  ...workspaces().filter(({ folder }) => folder !== "plugins/homebridge"),
  {
    folder: "plugins/homebridge",
    manifest: { name: "homebridge-network-personas", version: "0.0.0", exports: { ".": { "np-source": "./src/index.ts" } } },
  },
];

const findings = (file: string, specifier: string) =>
  checkImports(file, `import { x } from "${specifier}";\n`, packages).map(({ message }) => message);

/** File, what it imports, and the words of the rule it breaks. */
const forbidden: readonly [file: string, specifier: string, rule: string][] = [
  ["personas/src/persona.ts", "@network-personas/engine/model", "the persona database depends on nothing"],
  ["personas/src/persona.test.ts", "@network-personas/engine/model", "the persona database depends on nothing"],
  ["personas/src/persona.ts", "node:fs", "only the reader of the persona database"],
  ["personas/src/profile.ts", "./load.ts", "only the reader of the persona database"],
  ["engine/src/model/home.ts", "node:crypto", "the model imports zod and the personas only"],
  ["engine/src/model/home.ts", "yaml", "the model imports zod and the personas only"],
  ["engine/src/model/home.ts", "../driver/port.ts", "the model imports zod and the personas only"],
  ["engine/src/model/home.ts", "@network-personas/personas/load", "the model imports zod and the personas only"],
  ["engine/src/features/vector.ts", "node:fs", "a stage of the pipeline"],
  ["engine/src/predict/core/deep.ts", "../../store/index.ts", "a stage of the pipeline"],
  ["engine/src/blend/index.ts", "../predict/index.ts", "a stage of the pipeline"],
  ["engine/src/compose/index.ts", "zod", "a stage of the pipeline"],
  ["engine/src/signals/index.ts", "../runtime/port.ts", "a stage of the pipeline"],
  ["engine/src/adapt/index.ts", "@network-personas/personas/load", "a stage of the pipeline"],
  ["engine/src/driver/port.ts", "../runtime/port.ts", "the driver port knows the model"],
  ["engine/src/source/port.ts", "../store/index.ts", "a source of signals knows"],
  ["engine/src/ui/main.ts", "../client/index.ts", "pages run in a browser"],
  ["engine/src/ui/pages/now.ts", "node:fs", "pages run in a browser"],
  ["engine/src/runtime/engine.ts", "@network-personas/routers/virtual", "the engine knows neither drivers nor hosts"],
  ["engine/src/cli/main.test.ts", "@network-personas/routers/openwrt", "the engine knows neither drivers nor hosts"],
  ["engine/src/cli/main.ts", "../../../plugins/routers/src/virtual/index.ts", "the engine knows neither drivers nor hosts"],
  ["engine/src/api/index.ts", "homebridge-network-personas", "the engine knows neither drivers nor hosts"],
  ["engine/src/runtime/engine.ts", "../testing/index.ts", "product code does not import what is for tests"],
  ["engine/src/runtime/engine.ts", "@network-personas/engine/testing", "product code does not import what is for tests"],
  ["plugins/routers/src/openwrt/index.ts", "@network-personas/engine/testing", "product code does not import what is for tests"],
  ["node-red-nodes/src/nodes/apply/index.ts", "../../../../test/support/require.ts", "product code does not import what is for tests"],
  ["plugins/routers/src/openwrt/index.ts", "@network-personas/engine", "a driver imports the driver port and the model"],
  ["plugins/routers/src/openwrt/index.ts", "@network-personas/engine/client", "a driver imports the driver port and the model"],
  ["plugins/routers/src/openwrt/index.ts", "../virtual/index.ts", "a driver imports the driver port and the model"],
  ["plugins/routers/src/virtual/index.ts", "@network-personas/engine", "the virtual router imports"],
  ["plugins/routers/src/virtual/index.ts", "../openwrt/index.ts", "the virtual router imports"],
  ["node-red-nodes/src/nodes/apply/index.ts", "@network-personas/engine/driver", "a host speaks to the engine through its client"],
  ["node-red-nodes/src/nodes/apply/index.ts", "@network-personas/routers/openwrt", "a host speaks to the engine through its client"],
  ["node-red-nodes/src/nodes/apply/index.ts", "homebridge-network-personas", "a host speaks to the engine through its client"],
  ["plugins/homebridge/src/index.ts", "@network-personas/engine/compose", "a host speaks to the engine through its client"],
  ["node-red-nodes/src/nodes/apply/index.ts", "../../../../engine/src/client/index.ts", "name the package instead of a path"],
  ["engine/src/runtime/engine.ts", "@network-personas/personas/src/load.ts", "its package does not export that"],
];

const allowed: readonly [file: string, specifier: string][] = [
  ["personas/src/load.ts", "node:fs/promises"],
  ["engine/src/model/home.ts", "zod"],
  ["engine/src/model/home.ts", "@network-personas/personas"],
  ["engine/src/predict/core/deep.ts", "../../model/index.ts"],
  ["engine/src/predict/core/deep.ts", "../scorer.ts"],
  ["engine/src/predict/scorer.test.ts", "fast-check"],
  ["engine/src/predict/scorer.test.ts", "../testing/index.ts"],
  ["engine/src/runtime/engine.ts", "../predict/index.ts"],
  ["engine/src/driver/transport.ts", "node:http"],
  ["plugins/routers/src/openwrt/index.ts", "@network-personas/engine/driver"],
  ["plugins/routers/src/openwrt/index.ts", "./uci/lower.ts"],
  ["plugins/routers/src/openwrt/uci/lower.ts", "../index.ts"],
  ["plugins/routers/src/virtual/index.ts", "@network-personas/engine/testing"],
  ["plugins/routers/src/openwrt/index.test.ts", "@network-personas/engine/testing"],
  ["node-red-nodes/src/nodes/apply/index.ts", "@network-personas/engine/client"],
  ["node-red-nodes/src/nodes/apply/index.ts", "../../shared/status.ts"],
  ["node-red-nodes/src/shared/open-engine.ts", "@network-personas/engine"],
  ["test/e2e/main-job.test.ts", "@network-personas/routers/virtual"],
  ["test/e2e/main-job.test.ts", "../../engine/src/store/index.ts"],
];

describe("an import against the direction is found", () => {
  it.each(forbidden)("%s importing %s", (file, specifier, rule) => {
    expect(findings(file, specifier)).toContainEqual(expect.stringContaining(rule));
  });

  it("for every rule there is", () => {
    const proven = forbidden.map(([, , rule]) => rule);
    expect(rules.map(({ why }) => why).filter((why) => !proven.some((words) => why.startsWith(words)))).toEqual([]);
  });
});

it.each(allowed)("%s may import %s", (file, specifier) => {
  expect(findings(file, specifier)).toEqual([]);
});

describe("every way to import is seen", () => {
  it.each([
    'import "node:fs";',
    'import fs from "node:fs";',
    'import type { Stats } from "node:fs";',
    'import {\n  readFileSync,\n} from "node:fs";',
    'export * from "node:fs";',
    'export { readFileSync } from "node:fs";',
    'const fs = await import("node:fs");',
    'let stats: import("node:fs").Stats;',
    'const fs = createRequire(import.meta.url), x = require("node:fs");',
    "import fs from 'node:fs';",
  ])("%s", (code) => {
    expect(importsOf(code).map(({ specifier }) => specifier)).toEqual(["node:fs"]);
  });

  it("but no text that only looks like one", () => {
    expect(importsOf('const sentence = `from "home"`;\nsend({ from: "home" });\nconst x = { import: "a" };')).toEqual([]);
  });

  it("with its line, and not in comments", () => {
    expect(importsOf('// import "a";\n/** import "b" */\n * import "c"\nimport "d";')).toEqual([{ specifier: "d", line: 4 }]);
  });
});
