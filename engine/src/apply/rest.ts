import { PersonasError } from "../model/index.ts";

/** This many failed changes in a row are a pattern, not bad luck. */
const patience = 2;
/** How long nothing is changed then, ms. */
const pause = 60 * 60_000;

/** Something is wrong between us and the router: leave it alone for a while instead of trying every minute. */
export class Resting extends PersonasError {
  override name = "Resting";
  readonly until: string;
  constructor(router: string, until: number) {
    super(
      "resting",
      `${router}: the last ${patience} changes had to be undone, so nothing is changed until ${new Date(until).toISOString()}; apply by hand to try now`,
      { responsible: "owner" },
    );
    this.until = new Date(until).toISOString();
  }
}

/** Counts changes that had to be undone, and says when to leave a router alone. */
export class Rest {
  #inARow = 0;
  #until = 0;

  /** When changes are made again, or null when they are made now. */
  until(now: number): number | null {
    return now < this.#until ? this.#until : null;
  }
  undone(now: number): void {
    this.#inARow += 1;
    if (this.#inARow >= patience) this.#until = now + pause;
  }
  /** A change that stays, or an owner who wants to try: all is forgotten. */
  end(): void {
    this.#inARow = 0;
    this.#until = 0;
  }
}
