import { describe, expect, it } from "vitest";
import { TestClock } from "../testing/index.ts";
import { bearerToken, belongsToAHome, hostName } from "./admission.ts";
import { FailedAttempts } from "./attempts.ts";

describe("the name in a Host header", () => {
  it.each([
    ["localhost", "localhost"],
    ["LocalHost:8787", "localhost"],
    ["127.0.0.1:80", "127.0.0.1"],
    ["[::1]:8787", "::1"],
    ["[FE80::1]", "fe80::1"],
    ["home.local.", "home.local"],
    ["my_pi.local", "my_pi.local"],
  ])("of %j is %j", (header, name) => expect(hostName(header)).toBe(name));
  it.each(["", "a b", "a@b", "a/b", "a:port", "::1", "[::1", "a,b", "ä.example", "a:1:2", "a\\b"])("of %j is none", (header) =>
    expect(hostName(header)).toBeUndefined(),
  );
});

it("tells addresses and names of a home's own network from those that public DNS can answer for", () => {
  const home = [
    "192.168.1.20",
    "10.0.0.2",
    "172.31.0.9",
    "100.64.0.1",
    "fd00::1",
    "fe80::1",
    "nas",
    "nas.local",
    "pi.fritz.box",
    "x.home.arpa",
  ];
  expect(home.filter((name) => !belongsToAHome(name))).toEqual([]);
  const elsewhere = [
    "203.0.113.9",
    "172.32.0.1",
    "2001:db8::1",
    "evil.example",
    "local.evil.example",
    "nas.local.evil.example",
    "evil.box",
  ];
  expect(elsewhere.filter(belongsToAHome)).toEqual([]);
});

describe("an Authorization header", () => {
  it("gives its bearer token", () => {
    expect(bearerToken("Bearer abc")).toBe("abc");
    expect(bearerToken("bearer  abc ")).toBe("abc");
    expect(bearerToken(undefined)).toBeUndefined();
  });
  it.each(["Basic abc", "Bearer", "Bearer a b", "abc", ""])("%j is refused without being repeated", (header) => {
    expect(() => bearerToken(header)).toThrow("expected the header Authorization: Bearer <token>");
  });
});

describe("failed attempts", () => {
  it("count per key in a sliding minute", async () => {
    const clock = new TestClock(0);
    const attempts = new FailedAttempts(clock);
    for (let i = 0; i < 10; i++) {
      expect(attempts.waitFor("a")).toBe(0);
      attempts.failed("a");
      await clock.advance(1000);
    }
    expect(attempts.waitFor("a")).toBe(50);
    expect(attempts.waitFor("b")).toBe(0);
    await clock.advance(50_000);
    expect(attempts.waitFor("a")).toBe(0);
    attempts.failed("a");
    expect(attempts.waitFor("a")).toBe(1);
  });
  it("are forgotten when too many keys come, oldest first", () => {
    const attempts = new FailedAttempts(new TestClock(0));
    for (let i = 0; i < 10; i++) attempts.failed("first");
    for (let i = 0; i < 1999; i++) attempts.failed(`key-${i}`);
    expect(attempts.waitFor("first")).toBeGreaterThan(0);
    attempts.failed("one more");
    expect(attempts.waitFor("first")).toBe(0);
  });
});
