/** Values of uci: everything is text. */
export type UciValue = string | string[];
/** One section as a seed or as it is kept. Without a name it is anonymous. */
export interface SeedSection {
  type: string;
  name?: string;
  options: Record<string, UciValue>;
}
export interface Section {
  type: string;
  name: string;
  anonymous: boolean;
  options: Map<string, UciValue>;
}
/** One line of a delta, as `uci changes` shows it. */
export type DeltaLine = [string, ...(string | number)[]];
export type Delta = Map<string, DeltaLine[]>;

export interface Config {
  sections: Section[];
  /** Sections ever counted since the file was read; the next anonymous one takes the next number. */
  counter: number;
}

/** Names of anonymous sections: a running number and a hash of the type, as libuci makes them. */
function anonymousName(position: number, type: string): string {
  let hash = 5381;
  for (const char of type) hash = ((hash << 5) + hash + char.charCodeAt(0)) | 0;
  return `cfg${position.toString(16).padStart(2, "0")}${((hash & 0x7fffffff) % 0x10000).toString(16).padStart(4, "0")}`;
}

export const configOf = (seeds: readonly SeedSection[]): Config => ({
  sections: seeds.map((seed, i) => ({
    type: seed.type,
    name: seed.name ?? anonymousName(i + 1, seed.type),
    anonymous: seed.name === undefined,
    options: new Map(Object.entries(seed.options)),
  })),
  counter: seeds.length,
});

const copy = (config: Config): Config => ({
  counter: config.counter,
  sections: config.sections.map((s) => ({ ...s, options: new Map([...s.options].map(([k, v]) => [k, Array.isArray(v) ? [...v] : v])) })),
});

/** Applies one line of a delta; lines about sections that are gone vanish. */
export function applyLine(config: Config, line: DeltaLine): void {
  const [verb, name, third, fourth] = line as [string, string, string, string];
  const at = config.sections.findIndex((s) => s.name === name);
  const section = config.sections[at];
  switch (verb) {
    case "add":
      config.counter++;
      config.sections.push({ type: third, name, anonymous: true, options: new Map() });
      return;
    case "set":
      if (line.length === 3) {
        if (section) section.type = third;
        else {
          config.counter++;
          config.sections.push({ type: third, name, anonymous: false, options: new Map() });
        }
      } else section?.options.set(third, fourth);
      return;
    case "list-add": {
      const before = section?.options.get(third);
      section?.options.set(third, [...(before === undefined ? [] : [before].flat()), fourth]);
      return;
    }
    case "remove":
      if (third === undefined) config.sections = config.sections.filter((s) => s !== section);
      else section?.options.delete(third);
      return;
    case "rename":
      if (section) Object.assign(section, { name: third, anonymous: false });
      return;
    case "order":
      if (!section) return;
      config.sections.splice(at, 1);
      config.sections.splice(Number(third), 0, section);
  }
}

/** The files under /etc/config, and what each login has changed without applying it. */
export class UciStore {
  readonly #files: Map<string, Config>;
  readonly #deltas = new Map<string, Delta>();
  readonly #views = new Map<string, Config>();

  constructor(seed: Readonly<Record<string, readonly SeedSection[]>>) {
    this.#files = new Map(Object.entries(seed).map(([name, sections]) => [name, configOf(sections)]));
  }

  names(): string[] {
    return [...this.#files.keys()].sort();
  }
  /** What is on disk. */
  file(config: string): Config | undefined {
    return this.#files.get(config);
  }
  /** What a login sees: the file with its own delta. */
  view(token: string, config: string): Config | undefined {
    const file = this.#files.get(config);
    if (!file) return undefined;
    const lines = this.#deltas.get(token)?.get(config);
    if (!lines?.length) return file;
    const key = `${token}/${config}`;
    let view = this.#views.get(key);
    if (!view) {
      view = copy(file);
      for (const line of lines) applyLine(view, line);
      this.#views.set(key, view);
    }
    return view;
  }
  delta(token: string): Delta {
    return this.#deltas.get(token) ?? new Map();
  }
  stage(token: string, config: string, line: DeltaLine): void {
    const delta = this.#deltas.get(token) ?? new Map<string, DeltaLine[]>();
    this.#deltas.set(token, delta);
    const view = this.view(token, config)!;
    const own = view === this.#files.get(config) ? copy(view) : view;
    applyLine(own, line);
    this.#views.set(`${token}/${config}`, own);
    delta.set(config, [...(delta.get(config) ?? []), line]);
  }
  revert(token: string, config: string): void {
    this.#deltas.get(token)?.delete(config);
    this.#views.delete(`${token}/${config}`);
  }
  dropDelta(token: string): void {
    for (const config of this.#deltas.get(token)?.keys() ?? []) this.#views.delete(`${token}/${config}`);
    this.#deltas.delete(token);
  }
  restoreDelta(token: string, delta: Delta): void {
    this.dropDelta(token);
    this.#deltas.set(token, new Map(delta));
  }
  /** Writes a login's changes of one config to the file. */
  commit(token: string, config: string): void {
    const view = this.view(token, config)!;
    this.replace(config, view);
    this.revert(token, config);
  }
  /** Puts a file in place; anonymous names are made anew, as on every reading. */
  replace(config: string, content: Config): void {
    const fresh = copy(content);
    fresh.sections.forEach((section, i) => {
      if (section.anonymous) section.name = anonymousName(i + 1, section.type);
    });
    fresh.counter = fresh.sections.length;
    this.#files.set(config, fresh);
    for (const key of this.#views.keys()) if (key.endsWith(`/${config}`)) this.#views.delete(key);
  }
  snapshot(configs: Iterable<string>): Map<string, Config> {
    return new Map([...configs].map((config) => [config, copy(this.#files.get(config)!)]));
  }
  /** Name the next anonymous section of a type gets. */
  nextAnonymous(token: string, config: string, type: string): string {
    return anonymousName(this.view(token, config)!.counter + 1, type);
  }
}
