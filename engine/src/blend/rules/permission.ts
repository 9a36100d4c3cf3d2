import { confident, suspicion } from "../thresholds.ts";
import { type Rule, wanted } from "./rule.ts";

/**
 * What confident personas permit. A merely suspected persona that closes the firewall also says what must stay open
 * behind it: its own list comes with its restriction, or suspicion alone would cut a device off.
 */
export const permission: Rule<readonly string[]> = (input) => {
  const closing = input.shares.filter((share) => share.p >= suspicion && share.persona.profile.security.firewall === "strict");
  const permitting = input.acting.filter((share) => share.p >= confident && !closing.includes(share));
  const from = [...permitting, ...closing].filter((share) => wanted(input, share).length > 0);
  if (from.length === 0) return { value: input.base, from };
  return { value: [...new Set(from.flatMap((share) => wanted(input, share)))], from };
};
