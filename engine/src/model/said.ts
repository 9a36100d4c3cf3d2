import { z } from "zod";
import type { Sentence } from "./sentence.ts";

const schema = z
  .strictObject({ key: z.string().max(40), with: z.record(z.string(), z.unknown()) })
  .meta({ description: "The same as a key with what is filled in, to be said in any language; absent in words of others." });
/** An error as it travels: a stable code, the whole of it in English, and what its code means. */
export const Trouble = z.strictObject({ code: z.string(), message: z.string(), said: schema.optional() }) as unknown as z.ZodType<
  Trouble,
  Trouble
>;
export interface Trouble {
  code: string;
  message: string;
  said?: Sentence | undefined;
}

/** A sentence as it travels. What is filled in is not checked: nobody acts on it. */
export const Said = schema as unknown as z.ZodType<Sentence, Sentence>;
