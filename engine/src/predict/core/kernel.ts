/** Weights between the slots of a smoothed axis, addressed by `slot difference + slots`. */
export interface Kernel {
  slots: number;
  weights: Float64Array;
  /** Slots further away than this weigh nothing. */
  reach: number;
}
const negligible = 1e-3;

function kernel(slots: number, weight: (difference: number) => number): Kernel {
  const weights = new Float64Array(2 * slots);
  let reach = 0;
  for (let difference = -slots; difference < slots; difference++) {
    const value = weight(difference);
    weights[difference + slots] = value < negligible ? 0 : value;
    if (value >= negligible) reach = Math.max(reach, Math.min(Math.abs(difference), slots - Math.abs(difference)));
  }
  return { slots, weights, reach };
}

/** Slots of a day: a quarter of an hour each. */
export const daySlots = 96;
export const daySlot = (minute: number): number => Math.floor(minute / 15);

/** Von Mises weights around the clock; `bandwidth` in minutes. */
export function clockKernel(bandwidth: number): Kernel {
  const concentration = 1 / ((2 * Math.PI * bandwidth) / 1440) ** 2;
  return kernel(daySlots, (difference) => Math.exp(concentration * (Math.cos((difference * 2 * Math.PI) / daySlots) - 1)));
}

/** Slots of a duration: half octaves from five minutes. */
export const durationSlots = 14;
export const durationSlot = (minutes: number): number =>
  Math.min(durationSlots - 1, Math.floor(2 * Math.log2(1 + Math.max(0, minutes) / 5)));

export const durationKernel: Kernel = kernel(durationSlots, (difference) =>
  Math.abs(difference) > 2 ? 0 : Math.exp((-0.5 * difference ** 2) / 0.8),
);
