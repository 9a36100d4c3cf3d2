import { isNode, LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { flattenIssues } from "./issues.ts";

/** One thing wrong with a file: where, in which field, and what was expected. */
export interface Problem {
  line: number;
  column: number;
  /** Dotted path of the field, "" for the whole file. */
  field: string;
  message: string;
}

/** A file that does not say what it should. Nothing of it was used. */
export class BadFileError extends Error {
  override name = "BadFileError";
  readonly file: string;
  readonly problems: readonly Problem[];
  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map((p) => `${file}:${p.line}:${p.column} ${p.field ? `${p.field}: ` : ""}${p.message}`).join("\n"));
    this.file = file;
    this.problems = problems;
  }
}

/**
 * Reads YAML (or JSON) text against a schema.
 * @throws BadFileError naming line, field and what was expected
 */
export function parseYaml<S extends z.ZodType>(text: string, schema: S, file: string): z.output<S> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  if (document.errors.length > 0) {
    throw new BadFileError(
      file,
      document.errors.map((e) => ({ ...at(e.pos[0]), field: "", message: e.message })),
    );
  }
  const result = schema.safeParse(contentsOf(document, file) ?? {});
  if (result.success) return result.data;
  throw new BadFileError(
    file,
    flattenIssues(result.error.issues).map(({ path, message }) => ({ ...at(offsetOf(document, path)), field: path.join("."), message })),
  );
}

/** What it says; a text that blows itself up by referring to its own parts says nothing. */
function contentsOf(document: ReturnType<typeof parseDocument>, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    if (!(error instanceof ReferenceError || error instanceof RangeError)) throw error;
    throw new BadFileError(file, [{ line: 1, column: 1, field: "", message: "refers to parts of itself too often" }]);
  }
}

/** Offset of the value at a path, or of the nearest ancestor that exists. */
function offsetOf(document: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}
