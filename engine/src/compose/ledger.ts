import { type Both, both, none } from "./both.ts";

const add = (a: Both, b: Both): Both => both((direction) => a[direction] + b[direction]);

/**
 * What each subject has been promised so far, in more urgent classes. A person does one thing at a time: where it is
 * tested whether an activity fits, what is reserved for the person's other likely activities is free, and what the same
 * activity needs elsewhere is taken in full.
 */
export class Ledger {
  readonly #reserved = new Map<string, Both>();
  readonly #needed = new Map<string, Both>();

  /** By how much an activity's room is larger than what is left. */
  bonus(subject: string, cause: string): Both {
    const reserved = this.#reserved.get(subject) ?? none;
    const needed = this.#needed.get(`${subject} ${cause}`) ?? none;
    return both((direction) => reserved[direction] - needed[direction]);
  }

  /** Enters what an activity was promised and would need in full, both beyond what is covered anyway. */
  enter(subject: string, cause: string, reserved: Both, needed: Both): void {
    this.#reserved.set(subject, add(this.#reserved.get(subject) ?? none, reserved));
    const key = `${subject} ${cause}`;
    this.#needed.set(key, add(this.#needed.get(key) ?? none, needed));
  }
}
