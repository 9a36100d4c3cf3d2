import type { Locator, Page } from "playwright-core";

/** Somebody who knows only what is on the screen: finds things by what they are called, and counts every thing done. */
export class Newcomer {
  readonly #page: Page;
  steps = 0;

  constructor(page: Page) {
    this.#page = page;
  }

  async fill(label: string, text: string): Promise<void> {
    this.steps++;
    await this.#page.getByLabel(label, { exact: true }).fill(text);
  }
  async press(name: string): Promise<void> {
    this.steps++;
    await this.#page.getByRole("button", { name, exact: true }).click();
  }
  async choose(list: Locator, option: string): Promise<void> {
    this.steps++;
    await list.selectOption({ label: option });
  }
  async tick(label: string): Promise<void> {
    this.steps++;
    await this.#page.getByLabel(label, { exact: true }).check();
  }
  /** Something done wrongly on purpose, or only tried: it is not among the steps that are needed. */
  async aside(work: () => Promise<void>): Promise<void> {
    const { steps } = this;
    await work();
    this.steps = steps;
  }
  async reads(text: string | RegExp): Promise<void> {
    await this.#page.getByText(text).first().waitFor();
  }
}
