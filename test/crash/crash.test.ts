import { afterAll, expect, it } from "vitest";
import { disturbed, endVictims, undisturbed } from "./campaign.ts";
import { routers } from "./routers.ts";

// A taste of `npm run test:crash`, so that it keeps working.
afterAll(endVictims);

it("a process killed on its way to a router leaves what the next start can end", { timeout: 60_000 }, async () => {
  const open = routers.fritzbox!;
  const plain = await undisturbed(open);
  expect(plain.kept.old).not.toEqual(plain.kept.new);
  const middle = Math.floor(plain.messages / 2);
  const ending = await disturbed(open, { fate: "kill", at: { message: middle }, next: "reboot" }, plain);
  expect(ending).toEqual({ found: expect.any(String), recovered: expect.any(String), wrong: [] });
});

it("tells of what it did not find as it should be", { timeout: 60_000 }, async () => {
  const open = routers.fritzbox!;
  const plain = await undisturbed(open);
  const other = { ...plain, kept: { ...plain.kept, old: "something else", new: "something else" } };
  const { wrong } = await disturbed(open, { fate: "cut", at: { message: 3 }, next: "nothing" }, other);
  expect(wrong).toContainEqual(expect.stringMatching(/the (old|new) plan is noted, between is there/));
});
