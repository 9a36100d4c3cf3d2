/** How to make a property nobody has read yet, and the getter that all objects with such a property share. */
interface Unread {
  make: symbol;
  get(this: Record<symbol, (() => unknown) | undefined>): unknown;
}
const unread = new Map<string, Unread>();
const shown = { enumerable: true, configurable: true };

/** One for every key: a getter of its own would give each object a shape of its own, which V8 keeps, with all it refers to, until a full collection. */
function unreadOf(key: string): Unread {
  let one = unread.get(key);
  if (!one) {
    const make = Symbol(key);
    one = {
      make,
      get() {
        const value = this[make]!();
        Object.defineProperty(this, key, { ...shown, writable: true, value });
        this[make] = undefined;
        return value;
      },
    };
    unread.set(key, one);
  }
  return one;
}

/**
 * Adds to an object a property that is made when somebody reads it for the first time. It is for what explains a decision:
 * most decisions are never read, and the router should not wait for sentences. `make` must depend on nothing that changes.
 * Until then it keeps alive all that the function it is written in shares with its inner functions: where that is a decision
 * before this one, which keeps the one before it, write `make` in a function of its own.
 */
export function whenRead<O extends object, K extends string, V>(object: O, key: K, make: () => V): O & Record<K, V> {
  const { make: how, get } = unreadOf(key);
  Object.defineProperty(object, how, { value: make, writable: true });
  return Object.defineProperty(object, key, { ...shown, get }) as O & Record<K, V>;
}
