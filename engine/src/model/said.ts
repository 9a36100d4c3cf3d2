import { z } from "zod";
import type { Sentence } from "./sentence.ts";

const schema = z
  .strictObject({ key: z.string().max(40), with: z.record(z.string(), z.unknown()) })
  .meta({ description: "The same as a key with what is filled in, to be said in any language; absent in words of others." });
/** A sentence as it travels. What is filled in is not checked: nobody acts on it. */
export const Said = schema as unknown as z.ZodType<Sentence, Sentence>;
