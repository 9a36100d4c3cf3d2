import type { ChildProcess } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from "playwright-core";
import { chromiumPath } from "../../support/require.ts";
import { run, start } from "../cli/run.ts";

export const root = resolve(import.meta.dirname, "../../..");
/** NP_SCREENSHOTS=folder keeps pictures to look at. */
const pictures = process.env.NP_SCREENSHOTS;
export const sizes = { phone: { width: 360, height: 740 }, desktop: { width: 1280, height: 800 } };
export const longName = "Maximiliane-Friederike von Oberunterhinterniederwaldhausen";
export const hebrewName = "נועה כהן-לוי";

/** The home with two more people, one of a long name, one whose name is written from right to left, and a hundred devices. */
function crowded(yaml: string): string {
  const ids = Array.from({ length: 100 }, (_, i) => `device-with-a-long-name-number-${i + 1}`);
  const mac = (i: number) => `02:00:00:00:01:${i.toString(16).padStart(2, "0")}`;
  const people = `  - { id: max, name: "${longName}", devices: [${ids.join(", ")}] }\n  - { id: noa, name: "${hebrewName}", devices: [] }\n`;
  const devices = ids.map((id, i) => `  - { id: ${id}, kind: phone, macs: ["${mac(i)}"] }\n`).join("");
  return yaml.replace("\ndevices:\n", `${people}\ndevices:\n${devices}`);
}

interface Opening extends BrowserContextOptions {
  signedIn?: boolean;
  /** The page's clock can be turned. */
  clock?: boolean;
  /** A line of 4 Mbit/s, and a tenth of a second for every answer. */
  slow?: boolean;
}

/** A browser of its own, with everything it asked for and complained of. */
interface Opened {
  page: Page;
  asked: string[];
  errors: string[];
}

/** The crowded home, served as a user serves it, and a browser to look at it. */
export class ServedPages implements AsyncDisposable {
  readonly folder: string;
  readonly token: string;
  #engine: ChildProcess | undefined;
  #browser: Browser | undefined;
  #url = "";

  private constructor(folder: string, token: string) {
    this.folder = folder;
    this.token = token;
  }

  static async start(): Promise<ServedPages> {
    const folder = await mkdtemp(join(tmpdir(), "pages-"));
    await cp(join(root, "examples/sample-home"), folder, { recursive: true });
    const home = join(folder, "home.yaml");
    // A fixed port, so that the pages can find the engine again after it was away.
    const port = 20_000 + (process.pid % 20_000);
    await writeFile(home, crowded(await readFile(home, "utf8")).replace(/api: .*/, `api: { host: 127.0.0.1, port: ${port} }`));
    const token = (await run(["token", "create", "browser", "--scope", "admin", "--home", home])).out.trim();
    const served = new ServedPages(folder, token);
    const launching = chromium.launch({ executablePath: chromiumPath()!, args: ["--no-sandbox", "--disable-gpu"] });
    [served.#browser] = await Promise.all([launching, served.serve()]);
    return served;
  }

  get url(): string {
    return this.#url;
  }

  /** Starts the engine and waits for the address it tells. */
  async serve(): Promise<void> {
    const engine = start(["serve", "--home", join(this.folder, "home.yaml")]);
    this.#engine = engine;
    this.#url = await new Promise<string>((found, failed) => {
      let said = "";
      const read = (chunk: Buffer) => {
        said += chunk;
        const address = /engine: (http:\S+)/.exec(said)?.[1];
        if (address) found(address);
      };
      engine.stdout!.on("data", read);
      engine.stderr!.on("data", read);
      engine.once("close", () => failed(new Error(`serve ended: ${said}`)));
    });
  }

  async stop(): Promise<void> {
    const engine = this.#engine;
    if (!engine || engine.exitCode !== null) return;
    const ended = new Promise((done) => engine.once("close", done));
    engine.kill("SIGTERM");
    await ended;
  }

  /** The engine lives and holds its connections, but says nothing while `during` is under way. */
  async silenced(during: () => Promise<void>): Promise<void> {
    this.#engine!.kill("SIGSTOP");
    await during().finally(() => this.#engine!.kill("SIGCONT"));
  }

  async open({ signedIn = true, clock, slow, ...options }: Opening = {}, hash = ""): Promise<Opened> {
    const context = await this.#browser!.newContext({ locale: "en-GB", viewport: sizes.phone, reducedMotion: "reduce", ...options });
    if (signedIn) await context.addInitScript((known) => localStorage.setItem("network-personas.token", known), this.token);
    context.setDefaultTimeout(10_000);
    if (clock) await context.clock.install();
    const page = await context.newPage();
    if (slow) {
      const network = await context.newCDPSession(page);
      const rates = { downloadThroughput: 500_000, uploadThroughput: 50_000 };
      await network.send("Network.emulateNetworkConditions", { offline: false, latency: 100, ...rates });
    }
    const asked: string[] = [];
    const errors: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(`${this.url}/${hash}`);
    return { page, asked, errors };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser?.close();
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function picture(page: Page, name: string): Promise<void> {
  if (!pictures) return;
  await mkdir(pictures, { recursive: true });
  await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

export const card = (page: Page, name: string): Locator =>
  page.locator("section.card", { has: page.getByRole("heading", { name, exact: true }) });
