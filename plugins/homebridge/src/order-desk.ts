import type { SubjectState } from "@network-personas/engine/model";
import { expected, type Order } from "./switches.ts";

/** Whom and what an order is about: a newer one for the same thing replaces it. */
const topicOf = (order: Order): string => `${order.kind === "place" ? "place" : "persona"} ${order.subject}`;

interface Waiting<Receipt> {
  order: Order;
  done: PromiseWithResolvers<Receipt | undefined>;
}

/**
 * Hands orders to the engine: one at a time for each person, and of those that wait only the newest. What is ordered counts as so
 * until the engine has answered, so that switches neither flicker nor decide by what is already out of date.
 */
export class OrderDesk<Receipt> {
  readonly #send: (order: Order) => Promise<Receipt>;
  readonly #running = new Map<string, Order>();
  readonly #waiting = new Map<string, Waiting<Receipt>>();

  /** `send` resolves when the engine has acknowledged. */
  constructor(send: (order: Order) => Promise<Receipt>) {
    this.#send = send;
  }

  /** Resolves with the receipt of the order, or undefined when a newer one replaced it before its turn. Rejects with what the engine says. */
  give(order: Order): Promise<Receipt | undefined> {
    const topic = topicOf(order);
    this.#waiting.get(topic)?.done.resolve(undefined);
    const done = Promise.withResolvers<Receipt | undefined>();
    this.#waiting.set(topic, { order, done });
    if (!this.#running.has(topic)) void this.#work(topic);
    return done.promise;
  }

  /** People as they will be when all that was ordered is done. */
  foresee(people: readonly SubjectState[]): SubjectState[] {
    const orders = [...this.#running.values(), ...[...this.#waiting.values()].map(({ order }) => order)];
    return people.map((person) =>
      orders.filter(({ subject }) => subject === person.subject).reduce((state, order) => expected(state, order), person),
    );
  }

  async #work(topic: string): Promise<void> {
    for (let next = this.#waiting.get(topic); next; next = this.#waiting.get(topic)) {
      this.#waiting.delete(topic);
      this.#running.set(topic, next.order);
      const [sent] = await Promise.allSettled([this.#send(next.order)]);
      this.#running.delete(topic);
      if (sent.status === "rejected") next.done.reject(sent.reason);
      else next.done.resolve(sent.value);
    }
  }
}
