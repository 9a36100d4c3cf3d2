import { chmod, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { isAbsolute, join, relative } from "node:path";
import { BadInput, type SecretRef, sentence } from "../../model/index.ts";
import type { Secrets } from "../secrets.ts";

/** Secrets told through the API: files of their own in the data folder, readable by our user only; home.yaml gets their names. */
export class SecretFiles {
  readonly #folder: string;
  readonly #home: string;
  readonly #secrets: Secrets;

  /** `home`: folder of home.yaml, which relative references start from. */
  constructor(dataDir: string, home: string, secrets: Secrets) {
    this.#folder = join(dataDir, "secrets");
    this.#home = home;
    this.#secrets = secrets;
  }

  /** @throws BadInput that does not repeat the value */
  async put(name: string, value: string): Promise<SecretRef> {
    if (value.trim() !== value) throw new BadInput("value", sentence("input-spaces"));
    this.#secrets.register(value);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const file = join(this.#folder, name);
    const temporary = `${file}.new`;
    await rm(temporary, { force: true });
    await writeFile(temporary, `${value}\n`, { mode: 0o600, flush: true });
    await chmod(temporary, 0o600);
    await rename(temporary, file);
    const path = relative(this.#home, file);
    return { file: path.startsWith("..") || isAbsolute(path) ? file : path };
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.#folder, name), { force: true });
  }
}
