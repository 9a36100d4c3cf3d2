import { readFile } from "node:fs/promises";
import { BadFileError, loadPersonas, parsePersona, unknownApplications } from "@network-personas/personas/load";
import { type Command, UsageError } from "./command.ts";

export const personasValidate: Command = {
  name: "personas validate",
  summary: "checks persona files",
  positionals: "FILE…",
  async run({ positionals, json, terminal }) {
    if (positionals.length === 0) throw new UsageError("name at least one persona file");
    const { applications } = await loadPersonas();
    const results = [];
    for (const file of positionals) {
      try {
        const persona = parsePersona(await readFile(file, "utf8"), file);
        const [problem] = unknownApplications(persona, applications);
        if (problem) throw problem;
        results.push({ file, ok: true as const, id: persona.id });
      } catch (error) {
        const problems =
          error instanceof BadFileError
            ? error.problems
            : [{ line: 1, column: 1, field: "", message: error instanceof Error ? error.message : String(error) }];
        results.push({ file, ok: false as const, problems });
      }
    }
    if (json) terminal.print(JSON.stringify(results, null, 2));
    for (const r of json ? [] : results) {
      if (r.ok) terminal.print(`✓ ${r.file}: ${r.id}`);
      else for (const p of r.problems) terminal.complain(`✗ ${r.file}:${p.line}:${p.column} ${p.field ? `${p.field}: ` : ""}${p.message}`);
    }
    return results.every((r) => r.ok) ? 0 : 2;
  },
};
