import { readFileSync } from "node:fs";
import { join } from "node:path";
import { sampleMacs } from "@network-personas/engine/testing";
import { describe, expect, it } from "vitest";
import { describeAgent, full, laptopClass, other, rates } from "./agent-rig.ts";
import { run } from "./namespace.ts";

// The script as a router runs it: under BusyBox, with real nft and tc.

const { laptop } = sampleMacs;

describeAgent("the agent on the router", ({ rig, untouched }) => {
  it("says to rpcd what it can be asked", async () => {
    const { stdout } = await rig().agent.raw(["list"], "");
    expect(Object.keys(JSON.parse(stdout))).toEqual(["status", "apply", "confirm", "rollback", "renew", "release"]);
    expect((await rig().ask("reboot; reboot")).error?.code).toBe("no-method");
  });
  it("takes a plan with something of everything in one call", async () => {
    await rig().bring(full);
    const held = rig().kernel();
    expect(held).toContain(`${laptop} : 0x4e500010`);
    expect(held.match(/class htb 4e50:10 .* prio 0 quantum 3028 rate 64Kbit/g)).toHaveLength(3);
    expect(held).toMatch(/set closed4 {[^}]*192\.168\.1\.11/);
    expect(held).toMatch(/set closed6 {[^}]*fd00::11/);
    expect(held).toMatch(/table bridge network_personas {\s*set isolated {[^}]*02:00:00:00:00:31/);
    expect(held).toContain("dnat ip to 9.9.9.9");
    expect(held).toMatch(/set strict {[^}]*02:00:00:00:00:11 timeout 15m/);
  });
  it("changes classes in place: their queues are the same ones", async () => {
    await rig().bring(full);
    run(rig().agent.namespace, "tc qdisc replace dev eth1 parent 4e50:10 handle 10: bfifo limit 31111");
    await rig().bring({ ...full, classes: [{ ...laptopClass, up: { ...rates(5_000), queue: 31_111 } }] });
    expect(rig().kernel()).toMatch(/class htb 4e50:10 .* rate 64Kbit ceil 5Mbit/);
    await rig().bring({ ...full, classes: [] });
    expect(rig().kernel()).not.toMatch(/class htb 4e50:10 /);
  });
  it("leaves a line alone that somebody else shapes, and says so", async () => {
    await rig().bring(full);
    const before = rig().kernel();
    run(rig().agent.namespace, "tc qdisc replace dev br-guest root handle 9: pfifo");
    const { error } = await rig().apply(other);
    expect(error).toMatchObject({ code: "foreign-queue", message: expect.stringContaining("br-guest pfifo") });
    run(rig().agent.namespace, "tc qdisc del dev br-guest root");
    await rig().bring(full);
    expect(rig().kernel()).toBe(before);
  });
  it("names fq_codel where the kernel has it", async () => {
    const { error } = await rig().apply({ ...full, line: { ...full.line, queue: "fq_codel" } });
    // This kernel may have none: then tc says so, and nothing is left.
    if (error) expect(error).toMatchObject({ code: "refused-by-tc", message: expect.stringMatching(/qdisc kind is unknown/) });
    else expect(rig().kernel()).toContain("fq_codel");
  });

  describe("leads back", () => {
    it("when nobody confirms", async () => {
      await rig().bring(full);
      const before = rig().kernel();
      await rig().apply(other);
      expect(rig().kernel()).not.toBe(before);
      await rig().later(29);
      expect(rig().kernel()).not.toBe(before);
      await rig().later(2);
      expect(rig().kernel()).toBe(before);
    });
    it("to nothing, where nothing was", async () => {
      await rig().apply(full);
      await rig().later(31);
      expect(rig().kernel()).toBe(untouched());
    });
    it("from nothing, too", async () => {
      await rig().bring(full);
      const before = rig().kernel();
      await rig().ask("apply", { nothing: true, confirm_within: 30 });
      expect(rig().kernel()).toBe(untouched());
      await rig().later(31);
      expect(rig().kernel()).toBe(before);
    });
    it("to what was confirmed last, however many changes were not", async () => {
      await rig().bring(full);
      const before = rig().kernel();
      await rig().apply(other);
      await rig().later(20);
      await rig().apply({ ...other, sets: { strict: [laptop] } });
      await rig().later(20);
      expect(rig().kernel()).not.toBe(before);
      await rig().later(11);
      expect(rig().kernel()).toBe(before);
    });
    it("not any more once it is confirmed; a late or a wrong confirmation is refused", async () => {
      await rig().bring(full);
      const before = rig().kernel();
      const first = await rig().apply(other);
      const second = await rig().apply(other);
      expect((await rig().ask("confirm", { id: first.id })).error?.code).toBe("wrong-id");
      expect(await rig().ask("confirm", { id: second.id })).toEqual({ id: second.id });
      expect(await rig().ask("confirm", { id: second.id })).toEqual({ id: second.id });
      await rig().later(60);
      const third = await rig().apply(full);
      await rig().later(31);
      expect((await rig().ask("confirm", { id: third.id })).error?.code).toBe("not-pending");
      expect(rig().kernel()).not.toBe(before);
    });
    it("at once where the timer is gone: with rpcd's next start, or with the next call", async () => {
      await rig().bring(full);
      const before = rig().kernel();
      const killTimer = () => process.kill(Number(readFileSync(join(rig().agent.state, "timer.pid"), "utf8")), "SIGKILL");
      await rig().apply(other);
      killTimer();
      await rig().agent.raw(["list"], "");
      expect(rig().kernel()).toBe(before);
      await rig().apply(other);
      killTimer();
      expect((await rig().ask("status")).pending).toBeNull();
      expect(rig().kernel()).toBe(before);
    });
    it("when a step fails, and tries again when the way back fails, too", async () => {
      await rig().bring(full);
      const before = rig().kernel();
      await rig().agent.breakTc(true);
      expect((await rig().apply(other)).error).toMatchObject({ code: "refused-by-tc", message: expect.stringMatching(/No buffer space/) });
      expect(rig().kernel()).toBe(before);
      await rig().agent.breakTc(true, 2);
      expect((await rig().apply(other)).error?.code).toBe("refused-by-tc");
      expect((await rig().ask("status")).pending).toBeNull();
      expect(rig().kernel()).toBe(before);
    });
  });
});
