import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** Stands for a certificate that the authorities of this machine vouch for: it is renewed often, so its fingerprint says nothing. */
const vouchedFor = "authority";

const Remembered = z.strictObject({ version: z.literal(1), certificate: z.string().min(1) });

/**
 * The certificate of one router as it was when it was first used, kept in its data folder. Synchronous, because it must be on disk
 * before the first secret goes out.
 */
export class CertificateMemory {
  readonly #file: string;
  #known: string | undefined;

  constructor(dataDir: string) {
    this.#file = join(dataDir, "certificate.json");
    try {
      this.#known = Remembered.parse(JSON.parse(readFileSync(this.#file, "utf8"))).certificate;
    } catch (error) {
      // A damaged memory must not become "trust anybody": no certificate has this fingerprint.
      this.#known = (error as NodeJS.ErrnoException).code === "ENOENT" ? undefined : "unreadable";
    }
  }

  /** Whether it is the router of before. The first one is taken at its word. */
  trusts(fingerprint: string, authorized: boolean): boolean {
    if (fingerprint === "") return false;
    if (this.#known === undefined) this.#remember(authorized ? vouchedFor : fingerprint);
    return this.#known === vouchedFor ? authorized : sameFingerprint(this.#known ?? "", fingerprint);
  }

  #remember(certificate: string): void {
    mkdirSync(join(this.#file, ".."), { recursive: true });
    writeFileSync(`${this.#file}.new`, `${JSON.stringify({ version: 1, certificate })}\n`);
    renameSync(`${this.#file}.new`, this.#file);
    this.#known = certificate;
  }
}

export const sameFingerprint = (a: string, b: string): boolean =>
  a.replaceAll(":", "").toLowerCase() === b.replaceAll(":", "").toLowerCase();
