import { profileFields } from "@network-personas/personas";

/** A value with its share of the whole; shares sum to 1. */
export type Part = readonly [share: number, value: number];

/** Weighted means, by the blend rule that asks for them. */
export const means = {
  geometric: (parts: readonly Part[]): number => Math.exp(parts.reduce((sum, [share, value]) => sum + share * Math.log(value), 0)),
  average: (parts: readonly Part[]): number => parts.reduce((sum, [share, value]) => sum + share * value, 0),
};

/**
 * The mean a profile field declares, with the name of its rule.
 * @throws Error when the field declares a rule that is no mean
 */
export function meanOf(path: string): { rule: keyof typeof means; mean: (parts: readonly Part[]) => number } {
  const rule = profileFields.find((field) => field.path === path)?.rule;
  if (rule !== "geometric" && rule !== "average") throw new Error(`profile field ${path} declares ${rule}, which is no mean`);
  return { rule, mean: means[rule] };
}
