import { describe, expect, it } from "vitest";
import { endOf } from "./connections.ts";
import { canonical, count, isNothing, milliseconds } from "./values.ts";
import { isTooOld } from "./version.ts";

describe("values of RouterOS", () => {
  it("are durations in several ways of writing", () => {
    for (const [text, expected] of [
      ["1d", 86_400_000],
      ["1w2d3h4m5s", 788_645_000],
      ["00:05:00", 300_000],
      ["1d00:05:00", 86_700_000],
      ["5ms", 5],
      ["soon", undefined],
      ["", undefined],
    ] as const)
      expect(milliseconds(text), text).toBe(expected);
  });

  it("are compared in one way of writing", () => {
    expect(canonical("address-list-timeout", "1d00:00:00")).toBe(canonical("address-list-timeout", "1d"));
    expect(canonical("src-mac-address", "02:00:00:00:00:1a/FF:FF:FF:FF:FF:FF")).toBe("02:00:00:00:00:1A");
    expect(canonical("passthrough", "yes")).toBe("true");
    expect(canonical("queue", "np-x")).toBe("np-x");
  });

  it("say nothing where they are what is shown of what was not given", () => {
    for (const [name, value] of [
      ["address-list", ""],
      ["address-list-timeout", canonical("address-list-timeout", "0s")],
      ["address-list-timeout", canonical("address-list-timeout", "none-dynamic")],
    ] as const)
      expect(isNothing(name, value), `${name}=${value}`).toBe(true);
    // There or not, whatever its value.
    expect([isNothing("fib", ""), isNothing("limit-at", "0")]).toEqual([false, false]);
  });

  it("are counts, or nothing", () => {
    expect([count("123"), count(undefined), count("1e9"), count("-1"), count("9".repeat(30))]).toEqual([123, 0, 0, 0, 0]);
  });

  it("are ends of connections, with the port joined, in brackets, or beside", () => {
    const end = (row: Record<string, string>) => endOf(row, "src");
    expect(end({ "src-address": "192.168.88.10:51000" })).toEqual({ address: "192.168.88.10", port: 51_000 });
    expect(end({ "src-address": "[2001:db8::1]:443" })).toEqual({ address: "2001:db8::1", port: 443 });
    expect(end({ "src-address": "2001:db8::1", "src-port": "443" })).toEqual({ address: "2001:db8::1", port: 443 });
    expect(end({ "src-address": "2001:db8::1" })).toEqual({ address: "2001:db8::1", port: 0 });
    expect(end({})).toEqual({ address: "", port: 0 });
  });

  it("are versions", () => {
    for (const [text, old] of [
      ["6.49.10 (long-term)", true],
      ["7.8 (stable)", true],
      ["7.9", false],
      ["7.16.2 (stable)", false],
      ["7.24rc4 (testing)", false],
      ["8.0", false],
      ["unknown", false],
    ] as const)
      expect(isTooOld(text), text).toBe(old);
  });
});
