import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseFingerprints } from "./clients.ts";

const script = fileURLToPath(new URL("install/np-dhcp-fingerprint", import.meta.url));
const mac = "da:a1:19:00:00:01";

describe("the script that dnsmasq runs", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "np-fingerprint-"));
    file = join(folder, "kept");
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const tell = (args: readonly string[], environment: Record<string, string> = {}) => {
    const { status, stdout, stderr } = spawnSync("sh", [script, ...args], {
      encoding: "utf8",
      cwd: folder,
      env: { PATH: process.env.PATH, NP_DHCP_FINGERPRINTS: file, DNSMASQ_REQUESTED_OPTIONS: "1,3", ...environment },
    });
    expect([status, stdout, stderr]).toEqual([0, "", ""]);
  };
  const kept = () => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return null;
    }
  };

  it("can be run as it is", () => {
    expect(statSync(script).mode & 0o111).toBe(0o111);
  });

  it("keeps nothing of what is no request for an IPv4 address over Ethernet", () => {
    tell([]);
    tell(["init"]);
    tell(["del", mac, "192.168.1.50"]);
    tell(["add", "06-da:a1:19:00:00:01", "192.168.1.50"]);
    tell(["add", "../../etc/passwd", "192.168.1.50"]);
    tell(["add", "00:01:00:01:2c:aa:bb:cc:da:a1:19:00:00:01", "192.168.1.50"]);
    tell(["add", mac, "fd00::50"]);
    tell(["old", mac, "192.168.1.50"], { DNSMASQ_REQUESTED_OPTIONS: "" });
    tell(["add", mac, "192.168.1.50"], { DNSMASQ_REQUESTED_OPTIONS: "1,$(touch x)" });
    tell(["add", mac, "192.168.1.50"], { DNSMASQ_REQUESTED_OPTIONS: "1,".repeat(300) });
    expect(kept()).toBeNull();
  });

  it("takes a vendor class as text, of one line and of no great length", () => {
    tell(["add", mac, "192.168.1.50"], { DNSMASQ_VENDOR_CLASS: "  a\n02:00:00:00:00:01 1\u001b[0m\u00fc %s \\n $(touch x) -e  " });
    expect(kept()).toBe(`${mac} 1,3 a02:00:00:00:00:01 1[0m %s \\n $(touch x) -e\n`);
    tell(["add", mac, "192.168.1.50"], { DNSMASQ_VENDOR_CLASS: "x".repeat(10_000) });
    expect(kept()).toBe(`${mac} 1,3 ${"x".repeat(64)}\n`);
    tell(["old", mac, "192.168.1.50"], { DNSMASQ_VENDOR_CLASS: "\u0007" });
    expect(kept()).toBe(`${mac} 1,3\n`);
  });

  it("keeps the last of 500 addresses, each once, the newest last", () => {
    const line = (i: number) => `02:00:00:00:${String(Math.floor(i / 100)).padStart(2, "0")}:${String(i % 100).padStart(2, "0")} 1,3`;
    writeFileSync(file, Array.from({ length: 510 }, (_, i) => `${line(i)}\n`).join(""));
    tell(["add", "02:00:00:00:05:00", "192.168.1.50"], { DNSMASQ_REQUESTED_OPTIONS: "1,6" });
    const lines = kept()!.trimEnd().split("\n");
    expect([lines.length, lines[0], lines.at(-2), lines.at(-1)]).toEqual([500, line(10), line(509), "02:00:00:00:05:00 1,6"]);
  });
});

it("fingerprints are read line by line, and what is none is left out", () => {
  const lines = [
    "DA:A1:19:00:00:01 1,3,6 android-dhcp-14",
    "02:00:00:00:00:02 1",
    "02:00:00:00:00:03 ",
    "02:00:00:00:00:04\t1,3",
    "02:00:00:00:00:05 1,3  two spaces",
    "02:00:00:00:00:06 1,3 \u001b[31m",
    `02:00:00:00:00:07 1,3 ${"x".repeat(65)}`,
    "<html>",
    "",
    "02:00:00:00:00:02 1,2",
  ];
  expect([...parseFingerprints(lines.join("\n"))]).toEqual([
    ["da:a1:19:00:00:01", "1,3,6 android-dhcp-14"],
    ["02:00:00:00:00:02", "1,2"],
  ]);
});
