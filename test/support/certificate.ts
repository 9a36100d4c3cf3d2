import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Requirement } from "./require.ts";

export interface SelfSigned {
  key: string;
  cert: string;
  fingerprint: string;
}

/** A self-signed certificate, as every router has one; undefined without openssl. */
export function selfSigned(name: string): SelfSigned | undefined {
  const folder = mkdtempSync(join(tmpdir(), "np-tls-"));
  const file = (part: string) => join(folder, part);
  const command = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=${name}`.split(" ");
  try {
    execFileSync("openssl", [...command, "-keyout", file("key"), "-out", file("cert")], { stdio: "ignore" });
    const cert = readFileSync(file("cert"), "utf8");
    return { key: readFileSync(file("key"), "utf8"), cert, fingerprint: new X509Certificate(cert).fingerprint256 };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What a test over https needs of the machine. */
export const opensslFor = (made: SelfSigned | undefined): Requirement => ({
  name: "openssl",
  available: made !== undefined,
  reason: "openssl is not installed",
  howTo: "apt-get install openssl",
});
