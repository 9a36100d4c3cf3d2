/** An amount per direction of the line; rates are in kbit/s. */
export interface Both {
  down: number;
  up: number;
}
export const none: Both = { down: 0, up: 0 };
export const directions = ["down", "up"] as const;
export type Direction = (typeof directions)[number];

export const both = (make: (direction: Direction) => number): Both => ({ down: make("down"), up: make("up") });
export const everyWay = (holds: (direction: Direction) => boolean): boolean => holds("down") && holds("up");
/** Tolerance of comparisons between rates, kbit/s. */
export const epsilon = 1e-6;

export const byId = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
