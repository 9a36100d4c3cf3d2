import type { z } from "zod";
import { type Sentence, sentence } from "./sentence.ts";

/** What is wrong with an input, as a sentence for every language; undefined where its English message is all there is. */
export function sentenceOf(issue: z.core.$ZodIssue | undefined): Sentence | undefined {
  if (issue?.code === "custom") return issue.params?.said as Sentence | undefined;
  if (issue?.code === "invalid_format" && issue.format === "url") return sentence("input-url");
  if (issue?.code === "too_small" && issue.origin === "string") return sentence("input-empty");
  if (issue?.code === "too_big" && issue.origin === "string") return sentence("input-too-long", { most: Number(issue.maximum) });
  if (issue?.code === "too_big" && issue.origin === "array") return sentence("input-too-many", { most: Number(issue.maximum) });
  return undefined;
}
