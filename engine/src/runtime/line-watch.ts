import { type LineMemory, learnLine, statedLine } from "../adapt/index.ts";
import type { Clock } from "../driver/port.ts";
import type { Counters, Home, LineState } from "../model/index.ts";
import { type Throughput, throughputBetween } from "../observe/index.ts";

/** Round trip to the other side of the line, ms; null when no answer came in time. */
export type LineProbe = (target: string) => Promise<number | null>;

/** An idle line is asked this often; a busy one at every look. */
const askIdleEvery = 60_000;
const busyShare = 0.3;

/** What is learned about the home's line from a router's counters and a host beyond it. */
export class LineWatch {
  readonly #probe: LineProbe;
  readonly #clock: Clock;
  #stated: Home["wan"];
  #memory: LineMemory;
  #before: Counters | undefined;
  #carried: Throughput | undefined;
  #roundTrip: number | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;

  constructor(stated: Home["wan"], probe: LineProbe, clock: Clock) {
    this.#stated = stated;
    this.#memory = statedLine(rateOf(stated));
    this.#probe = probe;
    this.#clock = clock;
  }

  /** What plans are made with, kbit/s. */
  get inForce(): Throughput {
    return this.#memory.inForce;
  }
  /** Undefined until a router has shown what the line carries. */
  get state(): LineState | undefined {
    const { inForce, base } = this.#memory;
    const whole = (rate: Throughput) => ({ down: Math.round(rate.down), up: Math.round(rate.up) });
    if (!this.#carried) return undefined;
    const asked = this.#stated.probe !== undefined;
    return {
      stated: whole(this.#stated),
      inForce: whole(inForce),
      carried: whole(this.#carried),
      ...(asked && this.#roundTrip !== null ? { roundTripMs: this.#roundTrip } : {}),
      ...(asked && base !== null ? { idleRoundTripMs: base } : {}),
    };
  }

  /** The owner may say something else about the line: then it is learned anew. */
  restate(stated: Home["wan"]): void {
    const { down, up } = this.#stated;
    this.#stated = stated;
    if (stated.down !== down || stated.up !== up) this.#memory = statedLine(rateOf(stated));
  }

  /** Takes in the line's counters. True when plans must be made with another rate from now on. */
  async look(counters: Counters): Promise<boolean> {
    const carried = throughputBetween(this.#before, counters);
    this.#before = counters;
    if (!carried) return false;
    this.#carried = carried;
    const { probe } = this.#stated;
    if (probe === undefined) return false;
    const { inForce } = this.#memory;
    const busy = carried.down >= busyShare * inForce.down || carried.up >= busyShare * inForce.up;
    const now = this.#clock.now();
    if (!busy && now - this.#askedAt < askIdleEvery) return false;
    this.#askedAt = now;
    this.#roundTrip = await this.#probe(probe);
    this.#memory = learnLine(this.#memory, { at: counters.at, carried, roundTrip: this.#roundTrip }, rateOf(this.#stated));
    return this.#memory.inForce.down !== inForce.down || this.#memory.inForce.up !== inForce.up;
  }
}

const rateOf = ({ down, up }: Throughput): Throughput => ({ down, up });
