/** Weights between the slots of a smoothed axis, addressed by `slot difference + slots`. */
export interface Kernel {
  slots: number;
  weights: Float64Array;
}

/** Slots of a day: a quarter of an hour each. */
export const daySlots = 96;
export const daySlot = (minute: number): number => Math.floor(minute / 15);
const negligible = 1e-3;

/** Von Mises weights around the clock; `bandwidth` in minutes. */
export function clockKernel(bandwidth: number): Kernel {
  const concentration = 1 / ((2 * Math.PI * bandwidth) / 1440) ** 2;
  const weights = new Float64Array(2 * daySlots);
  for (let difference = -daySlots; difference < daySlots; difference++) {
    const weight = Math.exp(concentration * (Math.cos((difference * 2 * Math.PI) / daySlots) - 1));
    weights[difference + daySlots] = weight < negligible ? 0 : weight;
  }
  return { slots: daySlots, weights };
}

/** Slots of a duration: half octaves from five minutes. */
export const durationSlots = 14;
export const durationSlot = (minutes: number): number =>
  Math.min(durationSlots - 1, Math.floor(2 * Math.log2(1 + Math.max(0, minutes) / 5)));

export const durationKernel: Kernel = (() => {
  const weights = new Float64Array(2 * durationSlots);
  for (let difference = -2; difference <= 2; difference++) weights[difference + durationSlots] = Math.exp((-0.5 * difference ** 2) / 0.8);
  return { slots: durationSlots, weights };
})();
