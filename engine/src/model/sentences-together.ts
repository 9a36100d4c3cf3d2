type Together<T extends readonly object[]> = T extends readonly [infer First, ...infer Rest extends object[]]
  ? First & Together<Rest>
  : unknown;

/**
 * One table of several. Not by spreading them: V8 copies the shape of an object at every key it gains, ten megabytes for some
 * hundred keys, unless it begins as a dictionary, as one without a prototype does.
 */
export const together = <T extends readonly object[]>(...parts: T): Together<T> => Object.assign(Object.create(null), ...parts);
