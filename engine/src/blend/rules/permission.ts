import { confident, dispelled, suspicion } from "../thresholds.ts";
import { type Rule, type Share, wanted } from "./rule.ts";

/**
 * What confident personas permit. A merely suspected persona that closes the firewall also says what must stay open
 * behind it: its own list comes and goes with its restriction, or suspicion alone would cut a device off.
 */
export const permission: Rule<readonly string[]> = (input) => {
  const inForce = new Set(input.previous);
  const isClosing = (share: Share) => share.p >= suspicion || (share.p >= dispelled && wanted(input, share).every((id) => inForce.has(id)));
  const closing = input.suspects.filter((share) => share.persona.profile.security.firewall === "strict" && isClosing(share));
  const permitting = input.acting.filter((share) => share.p >= confident && !closing.some(({ persona }) => persona === share.persona));
  const from = [...permitting, ...closing].filter((share) => wanted(input, share).length > 0);
  if (from.length === 0) return { value: input.base, from };
  return { value: [...new Set(from.flatMap((share) => wanted(input, share)))], from };
};
