import { describe, expect, it } from "vitest";
import { TestClock } from "../testing/index.ts";
import type { TokenRecord, TokenRecords } from "./contract.ts";
import { Tokens } from "./tokens.ts";

function setUp() {
  const kept = new Map<string, TokenRecord>();
  const records: TokenRecords = {
    list: async () => [...kept.values()],
    put: async (record) => void kept.set(record.id, record),
    remove: async (id) => kept.delete(id),
  };
  const clock = new TestClock("2026-11-23T08:00:00Z");
  return { kept, clock, tokens: new Tokens(records, clock) };
}

describe("tokens", () => {
  it("are long, different, and kept without their secret", async () => {
    const { kept, tokens } = setUp();
    const { token, record } = await tokens.create({ name: "a", scopes: ["signal", "read"] });
    const other = await tokens.create({ name: "b", scopes: ["read"] });
    expect(token).toMatch(/^np_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/);
    expect(other.token).not.toBe(token);
    expect(JSON.stringify([...kept.values()])).not.toContain(token.slice(16));
    expect(kept.get(record.id)!.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(record).toEqual({ id: token.slice(3, 15), name: "a", scopes: ["read", "signal"], createdAt: "2026-11-23T08:00:00.000Z" });
  });

  it("tell who asks, until they are revoked", async () => {
    const { tokens } = setUp();
    const { token, record } = await tokens.create({ name: "phone", scopes: ["signal"], subjects: ["alice"] });
    expect(await tokens.verify(token)).toEqual({
      kind: "token",
      name: "phone",
      scopes: ["signal"],
      subjects: ["alice"],
      tokenId: record.id,
    });
    const revoked: string[] = [];
    tokens.onRevoked((id) => revoked.push(id));
    expect(await tokens.revoke(record.id)).toBe(true);
    expect(await tokens.revoke(record.id)).toBe(false);
    expect(revoked).toEqual([record.id]);
    expect(await tokens.verify(token)).toBeUndefined();
    expect(await tokens.stillValid(record.id)).toBe(false);
  });

  it("expire to the millisecond", async () => {
    const { tokens, clock } = setUp();
    const { token } = await tokens.create({ name: "guest", scopes: ["read"], expiresAt: "2026-11-23T09:00:00.000Z" });
    await clock.advance(3_599_999);
    expect(await tokens.verify(token)).toBeDefined();
    await clock.advance(1);
    expect(await tokens.verify(token)).toBeUndefined();
    expect(await tokens.claimedId(token)).toBeUndefined();
  });

  it("differ in every character", async () => {
    const { tokens } = setUp();
    const { token } = await tokens.create({ name: "a", scopes: ["read"] });
    for (let i = 0; i < token.length; i++) {
      const changed = `${token.slice(0, i)}${token[i] === "0" ? "1" : "0"}${token.slice(i + 1)}`;
      expect(await tokens.verify(changed), String(i)).toBeUndefined();
    }
    expect(await tokens.verify(`${token}0`)).toBeUndefined();
  });

  it.each([
    [{ name: "Two Words", scopes: ["read"] }, "name"],
    [{ name: "x".repeat(41), scopes: ["read"] }, "name"],
    [{ name: "a", scopes: [] }, "scopes"],
    [{ name: "a", scopes: ["root"] }, "scopes"],
    [{ name: "a", scopes: ["read"], subjects: [] }, "subjects"],
  ])("are not made from %j", async (order, field) => {
    await expect(setUp().tokens.create(order as never)).rejects.toMatchObject({ code: "bad-input", field });
  });
});
