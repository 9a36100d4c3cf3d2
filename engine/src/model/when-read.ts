/**
 * Adds to an object a property that is made when somebody reads it for the first time. It is for what explains a decision:
 * most decisions are never read, and the router should not wait for sentences. `make` must depend on nothing that changes.
 * Until then it keeps alive all that the function it is written in shares with its inner functions: where that is a decision
 * before this one, which keeps the one before it, write `make` in a function of its own.
 */
export function whenRead<O extends object, K extends string, V>(object: O, key: K, make: () => V): O & Record<K, V> {
  const shown = { enumerable: true, configurable: true };
  return Object.defineProperty(object, key, {
    ...shown,
    get() {
      const value = make();
      Object.defineProperty(object, key, { ...shown, writable: true, value });
      return value;
    },
  }) as O & Record<K, V>;
}
