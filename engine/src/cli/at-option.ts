import { Instant } from "../model/index.ts";
import { type OptionSpec, UsageError } from "./command.ts";

export const atOption: OptionSpec = {
  type: "string",
  placeholder: "ISO",
  describe: "as if it were this instant, e.g. 2026-11-24T09:50:00+01:00 (default: now)",
};

/** @throws UsageError */
export function instantOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const parsed = Instant.safeParse(value);
  if (!parsed.success)
    throw new UsageError(`--at "${value}" is no instant; write it like 2026-11-24T09:50:00+01:00 or 2026-11-24T08:50:00Z`);
  return parsed.data;
}
