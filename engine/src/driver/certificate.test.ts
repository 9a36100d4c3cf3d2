import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { CertificateMemory } from "./certificate.ts";

const [mine, other] = ["AA:BB:CC", "AA:BB:CD"];
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "np-certificate-"));
});
afterEach(() => rm(folder, { recursive: true }));

it("trusts the first certificate it sees and no other, over restarts too", () => {
  const first = new CertificateMemory(join(folder, "not", "there", "yet"));
  expect(first.trusts(mine, false)).toBe(true);
  expect(first.trusts(other, false)).toBe(false);
  expect(first.trusts(other, true)).toBe(false);
  const later = new CertificateMemory(join(folder, "not", "there", "yet"));
  expect(later.trusts(other, false)).toBe(false);
  expect(later.trusts("aabbcc", false)).toBe(true);
});

it("lets a certificate that authorities vouch for be renewed, but not be replaced by a self-signed one", () => {
  expect(new CertificateMemory(folder).trusts(mine, true)).toBe(true);
  const later = new CertificateMemory(folder);
  expect(later.trusts(other, true)).toBe(true);
  expect(later.trusts(mine, false)).toBe(false);
});

it("trusts nobody when what it remembers cannot be read", async () => {
  await writeFile(join(folder, "certificate.json"), "{");
  expect(new CertificateMemory(folder).trusts(mine, true)).toBe(false);
  expect(await readFile(join(folder, "certificate.json"), "utf8")).toBe("{");
});

it("does not take a missing certificate for the first one", () => {
  const memory = new CertificateMemory(folder);
  expect(memory.trusts("", false)).toBe(false);
  expect(memory.trusts(mine, false)).toBe(true);
});
