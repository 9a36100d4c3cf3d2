/**
 * What explains a decision is made when somebody reads it for the first time: most decisions are never read, and the
 * router should not wait for sentences. `make` must depend on nothing that changes.
 */
export function whenRead<T>(make: () => T): () => T {
  let pending: (() => T) | undefined = make;
  let made: T;
  return () => {
    if (pending) made = pending();
    pending = undefined;
    return made;
  };
}
