import { readFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import type { Log } from "../driver/port.ts";
import { PersonasError, type SecretRef } from "../model/index.ts";

/** How a host looks up a secret it keeps itself (Node-RED credentials). */
export type CredentialLookup = (name: string) => string | undefined;

/**
 * Resolves named secrets and remembers their values, so that no log line can carry one.
 * One instance per home.
 */
export class Secrets {
  readonly #values = new Set<string>();
  readonly #folder: string;
  readonly #credentials: CredentialLookup;

  /** `folder`: what relative secret files are relative to. */
  constructor(folder: string, credentials: CredentialLookup = () => undefined) {
    this.#folder = folder;
    this.#credentials = credentials;
  }

  /** @throws PersonasError "secret-missing" naming the place, never the value */
  async resolve(reference: SecretRef, field: string): Promise<string> {
    const value = await this.#read(reference, field);
    this.register(value);
    return value;
  }

  /** Values shorter than this would redact ordinary words. */
  static readonly shortest = 4;
  register(value: string): void {
    if (value.length >= Secrets.shortest) {
      this.#values.add(value);
      this.#values.add(encodeURIComponent(value));
    }
  }

  redact(text: string): string {
    let clean = text;
    for (const value of this.#values) clean = clean.replaceAll(value, "***");
    return clean;
  }

  /** A log that cannot say a secret. */
  guard(log: Log): Log {
    return {
      debug: (message) => log.debug(this.redact(message)),
      info: (message) => log.info(this.redact(message)),
      warn: (message) => log.warn(this.redact(message)),
      error: (message) => log.error(this.redact(message)),
    };
  }

  async #read(reference: SecretRef, field: string): Promise<string> {
    const missing = (what: string) => new PersonasError("secret-missing", `${field}: ${what}`, { responsible: "owner", field });
    if ("env" in reference) {
      const value = process.env[reference.env];
      if (!value) throw missing(`the environment variable ${reference.env} is not set; set it before starting`);
      return value;
    }
    if ("credential" in reference) {
      const value = this.#credentials(reference.credential);
      if (!value) throw missing(`the host keeps no credential "${reference.credential}"; enter it in the host's own settings`);
      return value;
    }
    const file = isAbsolute(reference.file) ? reference.file : join(this.#folder, reference.file);
    const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
      throw missing(`the secret file ${reference.file} cannot be read (${error.code})`);
    });
    const value = text.trim();
    if (!value) throw missing(`the secret file ${reference.file} is empty`);
    return value;
  }
}
