/** An element of a set or map in words nft reads, but for how long: "KEY timeout : VALUE" runs out unless it is renewed. */
export const elementText = ({ key, leased, value }: { key: string; leased?: boolean; value?: string }): string =>
  `${key}${leased ? " timeout" : ""}${value === undefined ? "" : ` : ${value}`}`;
const marker = / timeout(?= :|$)/;
export const isLeased = (element: string): boolean => marker.test(element);
export const keyOf = (element: string): string => element.replace(marker, "").split(" : ")[0]!;
/** As nft is told it, with the time it has. */
export const withTime = (element: string, seconds: number): string => element.replace(marker, ` timeout ${seconds}s`);

/** What a plan puts into sets. What is put for good stays for good, whoever would have it for a while too. */
export class Filling {
  readonly #sets: ReadonlyMap<string, Map<string, { value: string | undefined; leased: boolean }>>;

  constructor(names: readonly string[]) {
    this.#sets = new Map(names.map((name) => [name, new Map()]));
  }
  put(set: string, keys: readonly string[], { value, leased = false }: { value?: string; leased?: boolean } = {}): void {
    const elements = this.#sets.get(set)!;
    for (const key of keys) elements.set(key, { value, leased: leased && (elements.get(key)?.leased ?? true) });
  }
  isEmpty(set: string): boolean {
    return this.#sets.get(set)!.size === 0;
  }
  /** Every set with its elements in order. */
  elements(): Record<string, string[]> {
    return Object.fromEntries(
      [...this.#sets].map(([name, elements]) => [
        name,
        [...elements].map(([key, { value, leased }]) => elementText({ key, leased, ...(value === undefined ? {} : { value }) })).sort(),
      ]),
    );
  }
}
