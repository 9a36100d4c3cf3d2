import { expect, it } from "vitest";
import { builtInFolder, compileBuiltIn, loadFolder } from "./load.ts";

it("the built-in personas are the same in JSON, which the build makes, as in their YAML", async () => {
  const compiled = JSON.parse(await compileBuiltIn());
  const { personas, applications } = await loadFolder(builtInFolder);
  expect(new Map(compiled.personas)).toEqual(personas);
  expect(new Map(compiled.applications)).toEqual(applications);
  expect(personas.size).toBeGreaterThan(5);
  expect(applications.size).toBeGreaterThan(5);
});
