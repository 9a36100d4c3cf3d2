import { describe, expect, it } from "vitest";
import { BadMessage } from "./bad-message.ts";
import { directory } from "./fixtures/directory.ts";
import { parseOrder, parseWish } from "./parse-wish.ts";

describe("what persona apply is asked for", () => {
  const read = (payload: unknown) => parseWish(payload, directory);
  it("tells a profile from a distribution", () => {
    expect(read({ qos: { weight: 2 } })).toEqual({ profile: { qos: { weight: 2 } } });
    expect(read({ profile: { dns: {} }, subject: "alice" })).toEqual({ profile: { dns: {} } });
    expect(read({ gamer: 1 })).toEqual({ distribution: { gamer: 1, everyday: 0 } });
    expect(read("gamer")).toEqual({ distribution: { gamer: 1 } });
  });
  it.each([null, false, "auto", "withdraw", "Automatic", "off"])("takes %j as its end", (payload) => {
    expect(read(payload)).toBe("withdraw");
  });
  it("refuses what is neither", () => {
    expect(() => read(42)).toThrow(BadMessage);
    expect(() => read({})).toThrow(BadMessage);
  });
});

describe("what persona override is told", () => {
  const read = (payload: unknown, configured = "") => parseOrder(payload, configured, directory);
  it("takes the persona from the payload by id or name", () => {
    expect(read("gamer")).toEqual({ persona: "gamer" });
    expect(read("Remote worker")).toEqual({ persona: "remote-worker" });
    expect(read({ persona: "gamer", subject: "bob", ttl: "60" })).toEqual({ persona: "gamer", subject: "bob", ttl: 60 });
  });
  it("works as a switch when the node names the persona", () => {
    expect(read(true, "gamer")).toEqual({ persona: "gamer" });
    expect(read(1795370000000, "gamer")).toEqual({ persona: "gamer" });
    expect(read(false, "gamer")).toEqual({ persona: null });
    expect(read("OFF", "gamer")).toEqual({ persona: null });
  });
  it.each(["auto", "automatic", null, false, "off", { persona: null }])("takes %j as back to automatic", (payload) => {
    expect(read(payload)).toEqual({ persona: null });
  });
  it("hands back when the node says so, whatever comes", () => {
    expect(read(1795370000000, "automatic")).toEqual({ persona: null });
  });
  it.each([true, "on", "", 1795370000000, {}, undefined])("refuses %j when no persona is named anywhere", (payload) => {
    expect(() => read(payload)).toThrow(new BadMessage("noPersona"));
  });
});
