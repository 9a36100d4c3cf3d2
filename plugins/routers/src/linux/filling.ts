import { elementText } from "../shared/nft.ts";

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
