import type { Locator } from "playwright-core";

/**
 * How long a person takes, in seconds: reading 238 words a minute (Brysbaert 2019, non-fiction), everything else after the keystroke-level
 * model (Card, Moran and Newell 1980): an average typist's key, pointing at something, getting ready for it in the mind.
 */
const pace = { word: 60 / 238, key: 0.28, point: 1.1, think: 1.35 };

/** In the page: the lines one can read there, without what lists hold until they are opened. */
const lines = (place: Node) => {
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  const found: string[] = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    if (node.parentElement?.checkVisibility({ visibilityProperty: true }) && !node.parentElement.closest("select, script, style"))
      found.push(node.textContent!.trim());
  return found.filter(Boolean);
};

/** Somebody who knows only what is on the screen: reads all of it, finds things by what they are called, and counts every thing done. */
export class Newcomer {
  /** Where the newcomer looks. */
  #at: Locator;
  /** What has been read already. */
  readonly #read = new Set<string>();
  steps = 0;
  words = 0;
  /** What a person would have taken so far, without the time the engine takes. */
  seconds = 0;

  /** `at`: the body of a page or frame, or a part of it. */
  constructor(at: Locator) {
    this.#at = at;
  }
  /** Looks at another page, or at another part of it, from now on. */
  turnTo(at: Locator): void {
    this.#at = at;
  }

  async fill(label: string, text: string): Promise<void> {
    await this.#step(text.length);
    await this.#at.getByLabel(label, { exact: true }).fill(text);
  }
  /** Puts in what was copied elsewhere; that takes time, and is no step of ours. */
  async paste(label: string, text: string): Promise<void> {
    this.seconds += pace.think + pace.point + pace.key * 2;
    await this.#step(2);
    await this.#at.getByLabel(label, { exact: true }).fill(text);
  }
  async press(name: string): Promise<void> {
    await this.#step();
    await this.#at.getByRole("button", { name, exact: true }).click();
  }
  /** Presses what is no button, or not called by a text. */
  async click(what: Locator): Promise<void> {
    await this.#step();
    await what.click();
  }
  /** Presses something of a program they had before, which need not be read. */
  async clickKnown(what: Locator): Promise<void> {
    this.#acts();
    await what.click();
  }
  async choose(list: Locator, option: string): Promise<void> {
    // It is opened, read, and an entry pointed at.
    await this.#step();
    this.#reads(await list.locator("option").allInnerTexts());
    this.seconds += pace.point + pace.key;
    await list.selectOption({ label: option });
  }
  /** Something done wrongly on purpose, or only tried: it is not among what is needed. */
  async aside(work: () => Promise<void>): Promise<void> {
    const { steps, words, seconds } = this;
    const read = [...this.#read];
    await work();
    Object.assign(this, { steps, words, seconds });
    this.#read.clear();
    for (const line of read) this.#read.add(line);
  }
  async reads(text: string | RegExp): Promise<void> {
    await this.#at.getByText(text).first().waitFor();
  }

  /** Reads what is new on the screen, then points at something, presses it and types so many keys. */
  async #step(keys = 0): Promise<void> {
    this.#reads(await this.#at.evaluate(lines));
    this.#acts(keys);
  }
  #acts(keys = 0): void {
    this.steps++;
    this.seconds += pace.think + pace.point + pace.key * (1 + keys);
  }
  #reads(all: readonly string[]): void {
    const fresh = all.filter((line) => !this.#read.has(line));
    for (const line of fresh) this.#read.add(line);
    const words = fresh.join(" ").split(/\s+/).filter(Boolean).length;
    this.words += words;
    this.seconds += words * pace.word;
  }
}
