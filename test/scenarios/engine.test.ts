import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageResolver } from "@network-personas/engine";
import { Unreachable } from "@network-personas/engine/driver";
import type { SubjectState } from "@network-personas/engine/model";
import { afterEach, describe, expect, it, vi } from "vitest";
import { homeYaml, local, startHome, type TestHome } from "./home.ts";

vi.setConfig({ testTimeout: 60_000 });

let home: TestHome;
afterEach(() => home.stop());

const subject = (id: string): SubjectState => home.engine.state().subjects.find((s) => s.subject === id)!;
const present = (id: string, here = true) => home.engine.submit([{ kind: "presence", subject: id, present: here, source: "test" }]);

describe("a calendar event", () => {
  it("changes the plan and the router before it starts, and not earlier than the persona's lead time", async () => {
    home = await startHome({ time: "20:30" });
    await present("ann-phone");
    await home.until("20:53");
    expect(subject("ann").next).toMatchObject({ persona: "remote-worker", at: local("21:00") });
    expect(subject("ann").active).not.toBe("remote-worker");
    expect(home.device("ann-laptop").guarantee.up).toBeLessThan(1000);
    await home.until("20:58");
    expect(subject("ann").active).toBe("remote-worker");
    // The laptop is not even on yet; the plan holds for it all the same.
    expect(home.device("ann-laptop").guarantee.up).toBeGreaterThanOrEqual(1200);
    const applied = home.events.filter((e) => e.type === "applied" && e.at >= local("20:54") && e.at < local("21:00"));
    expect(applied).toContainEqual(expect.objectContaining({ data: expect.objectContaining({ result: "confirmed" }) }));
    // What the router really holds is what was planned.
    const view = await home.engine.plan({});
    expect(view.routers[0]).toMatchObject({ changes: [] });
  });
});

describe("a phone under a made-up address", () => {
  const [listed, madeUp] = ["02:00:00:00:01:12", "da:a1:19:00:00:01"];
  const yaml = (agreed: string) =>
    homeYaml()
      .replace(`kind: phone, macs: ["${listed}"]`, `kind: phone, macs: ["${listed}"]${agreed}`)
      .replace(`mac: "${listed}", hostname: ann-phone`, `mac: "${madeUp}", hostname: ann-phone`);

  it("is nobody's until its owner agrees to its name, and then planned for and seen as the phone", async () => {
    home = await startHome({ time: "03:00", yaml: yaml("") });
    home.engine.run();
    const belongsTo = async () => (await home.engine.clients())[0]!.clients.find(({ mac }) => mac === madeUp)!.device;
    await home.until("03:02");
    expect(home.device("ann-phone").macs).toEqual([listed]);
    expect(await belongsTo()).toBeNull();
    await home.engine.putHome(yaml(", knownByHostname: Ann-Phone"));
    await home.until("03:04");
    expect(home.device("ann-phone").macs).toEqual([listed, madeUp]);
    expect(await belongsTo()).toBe("ann-phone");
    expect(home.events).toContainEqual(expect.objectContaining({ type: "presence", data: { device: "ann-phone", present: true } }));
    await home.engine.putHome(yaml(""));
    await home.until("03:06");
    expect(home.device("ann-phone").macs).toEqual([listed]);
  });

  it("is proposed to be the phone when it asks a DHCP server as that did, and is it when its owner agrees", async () => {
    const asks = "1,3,6,15 android-dhcp-14";
    const seen = (mac: string, agreed = "") =>
      yaml(agreed).replace(`mac: "${madeUp}", hostname: ann-phone`, `mac: "${mac}", dhcpFingerprint: "${asks}"`);
    home = await startHome({ time: "03:00", yaml: seen(listed) });
    home.engine.run();
    const look = async () => (await home.engine.clients())[0]!.clients.find(({ mac }) => mac === madeUp)!;
    await home.until("03:02");
    await home.engine.putHome(seen(madeUp));
    await home.until("03:04");
    expect(await look()).toMatchObject({ device: null, dhcpFingerprint: asks, maybe: ["ann-phone"] });
    expect(home.device("ann-phone").macs).toEqual([listed]);
    await home.restart();
    home.engine.run();
    expect(await look()).toMatchObject({ device: null, maybe: ["ann-phone"] });
    await home.engine.putHome(seen(madeUp, `, knownByDhcpFingerprint: "${asks}"`));
    await home.until("03:08");
    expect(home.device("ann-phone").macs).toEqual([listed, madeUp]);
    expect(await look()).toMatchObject({ device: "ann-phone", maybe: [] });
  });
});

describe("the owner", () => {
  it("overrules any prediction at once, and hands back", async () => {
    home = await startHome({ time: "03:00" });
    await home.engine.override({ subject: "ben", persona: "gamer", source: "homekit", ttl: 600 });
    await home.until("03:01");
    expect(subject("ben")).toMatchObject({ active: "gamer", decidedBy: "override", until: local("03:10") });
    expect(home.device("ben-console")).toMatchObject({ class: "realtime" });
    await home.engine.clearOverride("ben");
    await home.until("03:02");
    expect(subject("ben").decidedBy).toBe("prediction");
  });
  it("may force what is never predicted, and delete what is forced", async () => {
    home = await startHome({ time: "03:00", yaml: homeYaml("policy: { personas: [gamer] }\n") });
    await home.engine.override({ subject: "ann", persona: "video-editor", source: "homekit", ttl: 600 });
    await home.engine.override({ subject: "ben", persona: "gamer", source: "homekit", ttl: 600 });
    await home.until("03:01");
    expect(subject("ann")).toMatchObject({ active: "video-editor", decidedBy: "override" });
    expect(subject("ben")).toMatchObject({ active: "gamer", decidedBy: "override" });
    await home.engine.clearOverride("ann");
    await home.engine.putPersona("dj", "id: dj\nname: DJ\nprofile: { qos: { latencyTarget: 15 } }\n");
    await home.engine.override({ subject: "ben", persona: "dj", source: "homekit", ttl: 600 });
    await home.until("03:02");
    expect(Object.keys(subject("ann").distribution)).not.toContain("video-editor");
    expect(subject("ben")).toMatchObject({ active: "dj", decidedBy: "override" });
    await home.engine.deletePersona("dj");
    await home.until("03:03");
    expect(subject("ben")).toMatchObject({ decidedBy: "prediction", until: null });
  });
  it("pauses for an hour of the clock on the wall, over a restart; what is undone on one router only is undone on the other next", async () => {
    const routers = "routers: [{ id: a, driver: virtual, mode: live }, { id: b, driver: virtual, mode: live }]\npersonas: [./personas]\n";
    const resolve = packageResolver("/nowhere");
    let isBroken = false;
    home = await startHome({
      time: "03:00",
      yaml: homeYaml().replace(/routers:[\s\S]*/, routers),
      resolver: async (name, field) => {
        const module = await resolve(name, field);
        return {
          create: async (context) => {
            const driver = await module.create(context);
            const read = driver.read.bind(driver);
            driver.read = async () => {
              if (isBroken && context.router === "b") throw new Unreachable("no answer", { router: "b" });
              return read();
            };
            return driver;
          },
        };
      },
    });
    const pending = async () => (await home.engine.plan({})).routers.map(({ changes }) => changes.length > 0);
    await home.until("03:01");
    await home.engine.override({ subject: "ben", persona: "gamer", source: "t", ttl: 86_400 });
    await home.until("03:02");
    expect(await pending()).toEqual([false, false]);
    expect((await home.engine.pause(3_600_000)).until).toBe(local("04:02"));
    await home.engine.clearOverride("ben");
    await home.until("03:30");
    await home.restart();
    await home.until("04:01");
    expect(await pending()).toEqual([true, true]);
    await home.until("04:03");
    expect(await pending()).toEqual([false, false]);
    isBroken = true;
    const results = async () => (await home.engine.rollback()).map(({ router, result }) => `${router} ${result}`);
    expect(await results()).toEqual(["a confirmed", "b failed"]);
    isBroken = false;
    await home.until("04:05");
    expect(await results()).toEqual(["b confirmed"]);
    expect(await pending()).toEqual([true, true]);
    expect(await results()).toEqual(["a confirmed", "b confirmed"]);
    expect(await pending()).toEqual([false, false]);
  });
  it("may leave all control to the flow: nothing persona-made is applied without a proposal", async () => {
    home = await startHome({ time: "20:50", yaml: homeYaml("policy: { control: flow }\n") });
    await present("ann-laptop");
    await home.until("21:01");
    expect(subject("ann")).toMatchObject({ decidedBy: "base", active: "everyday" });
    const { outcomes } = await home.engine.propose({
      subject: "ann",
      source: "flow",
      ttl: 300,
      distribution: { "remote-worker": 0.9, everyday: 0.1 },
      profile: undefined,
    });
    expect(outcomes).toContainEqual(expect.objectContaining({ router: "main", result: "confirmed" }));
    expect(subject("ann")).toMatchObject({ decidedBy: "proposal", active: "remote-worker" });
  });
  it("undoes the last change, and it stays undone for an hour or until asked", async () => {
    home = await startHome({ time: "20:30" });
    await present("ann-phone");
    await home.until("20:58");
    const planned = home.device("ann-laptop").class;
    const [outcome] = await home.engine.rollback();
    expect(outcome!.result).toBe("confirmed");
    const writes = () => home.events.filter((e) => e.type === "applied").length;
    const before = writes();
    await home.until("21:10");
    await home.restart();
    await home.until("21:20");
    expect(writes()).toBe(before);
    expect(home.engine.state().problems.join()).toMatch(/last change was undone; nothing is applied until 2026-11-17T20:58/);
    // Once more, and it is back, and stays so: that is no undoing any more.
    await home.engine.rollback();
    expect(home.device("ann-laptop").class).toBe(planned);
    expect(home.engine.state()).toMatchObject({ hold: { why: "paused" }, problems: [] });
    await home.engine.rollback();
    expect(home.engine.state()).toMatchObject({ hold: { why: "undone" } });
    expect((await home.engine.apply())[0]!.result).toBe("confirmed");
    expect(home.device("ann-laptop").class).toBe(planned);
    expect(home.engine.state().problems).toEqual([]);
  });
  it("gets the router back as it was with release, and nothing is written until asked again", async () => {
    home = await startHome({ time: "13:58" });
    await home.until("14:00");
    const [outcome] = await home.engine.release();
    expect(outcome!.result).toBe("confirmed");
    const writes = home.events.filter((e) => e.type === "applied").length;
    await home.until("14:10");
    expect(home.events.filter((e) => e.type === "applied")).toHaveLength(writes);
    expect(home.engine.state().problems.join()).toMatch(/of ours was removed/);
    await home.restart();
    await home.until("14:12");
    expect(home.engine.state().problems.join()).toMatch(/of ours was removed/);
    expect((await home.engine.apply())[0]!.result).toBe("confirmed");
  });
  it("gets the router back until the next start, when its host is removed", async () => {
    home = await startHome({ time: "13:58" });
    await home.until("14:00");
    const planned = home.device("ann-laptop").class;
    await home.engine.release({ untilStart: true });
    const writes = home.events.filter((e) => e.type === "applied").length;
    await home.until("14:10");
    expect(home.events.filter((e) => e.type === "applied")).toHaveLength(writes);
    await home.restart();
    await home.until("14:12");
    expect(home.engine.state().problems).toEqual([]);
    expect(home.events.filter((e) => e.type === "applied").length).toBeGreaterThan(writes);
    expect(home.device("ann-laptop").class).toBe(planned);
    await home.engine.release();
    await home.engine.release({ untilStart: true });
    await home.restart();
    expect(home.engine.state().problems.join(), "what was released for good").toMatch(/of ours was removed/);
  });
});

describe("third parties", () => {
  const wish = (more: object) => ({ subject: "ann", source: "app", blockApplications: [], tighten: [] as never[], why: "", ...more });
  it("may tighten and cap, and a constraint that contradicts another is refused before it is kept", async () => {
    home = await startHome({ time: "13:30" });
    await home.engine.constrain(wish({ cap: { down: 5000 }, tighten: ["isolated"] }));
    expect(home.device("ann-laptop")).toMatchObject({ isolated: true, ceiling: { down: 5000 } });
    await expect(home.engine.constrain(wish({ floor: { down: 9000 } }))).rejects.toThrow(expect.objectContaining({ code: "bad-input" }));
    expect(home.engine.constraints()).toHaveLength(1);
    await home.until("13:31");
  });
  it("never open what is closed, however many of them say for hours that it need not be", async () => {
    home = await startHome({ time: "10:00" });
    // Nor is a device cut off by a restriction whose exceptions went before it.
    const allowedApplications = ["coap", "https", "mqtt", "ntp"];
    const closed = { firewall: "strict", inboundClosed: true, isolated: true, malwareFilter: true, allowedApplications };
    expect(home.device("camera")).toMatchObject(closed);
    const sure = () => subject("camera").distribution["iot-device"]!;
    const before = sure();
    for (let hour = 0; hour < 3; hour++) {
      const expiresAt = new Date(home.clock.now() + 2 * 3_600_000).toISOString();
      const says = {
        kind: "evidence",
        subject: "camera",
        logOdds: { everyday: 20, "iot-device": -20 },
        why: "no camera",
        expiresAt,
      } as const;
      await home.engine.submit(Array.from({ length: 12 }, (_, n) => ({ ...says, source: `app-${n}` })));
      for (let quarter = 0; quarter < 4; quarter++) {
        await home.clock.advance(15 * 60_000);
        await home.engine.step();
      }
      expect(home.device("camera")).toMatchObject(closed);
    }
    expect(sure()).toBeLessThan(before / 2);
  });
});

describe("memory", () => {
  it("survives a restart: beliefs, orders and what is on the router", async () => {
    home = await startHome({ time: "20:00" });
    await present("ben-console");
    await home.engine.override({ subject: "ben", persona: "gamer", source: "test" });
    await home.engine.constrain({ subject: "ann", source: "app", cap: { down: 5000 }, blockApplications: [], tighten: [], why: "" });
    await home.until("20:02");
    const plan = home.plan();
    await home.restart();
    expect(subject("ben")).toMatchObject({ active: "gamer", decidedBy: "override" });
    expect(home.engine.constraints()).toHaveLength(1);
    await home.until("20:03");
    expect({ ...home.plan(), at: "" }).toEqual({ ...plan, at: "" });
    expect((await home.engine.plan({})).routers[0]!.changes).toEqual([]);
  });
  it("learns from what really happened, and what it learned survives a restart", async () => {
    home = await startHome({ time: "06:00" });
    const expires = (hours: number) => new Date(home.clock.now() + hours * 3_600_000).toISOString();
    const ratio = async (days: number) => (await gamerAt("16:10", days)) / (await gamerAt("14:10", days));
    const before = await ratio(0);
    for (let d = 0; d < 4; d++) {
      await home.engine.submit([{ kind: "activity", subject: "ben", persona: "everyday", source: "owner", expiresAt: expires(10) }]);
      await advanceHours(10);
      await home.engine.submit([{ kind: "activity", subject: "ben", persona: "gamer", source: "owner", expiresAt: expires(1) }]);
      await advanceHours(14);
    }
    const after = await ratio(4);
    expect(after).toBeGreaterThan(before * 2);
    const exact = await gamerAt("16:10", 4);
    await home.restart();
    expect(await gamerAt("16:10", 4)).toBe(exact);
  });
  it("does not drift when it is fed only its own output", async () => {
    home = await startHome({ time: "13:50" });
    await present("ann-laptop");
    const nobodySaid = await home.engine.predict({ at: new Date(Date.parse(local("10:30")) + 3 * 86_400_000).toISOString() });
    await advanceHours(60);
    expect(home.events.filter((e) => e.type === "applied").length).toBeGreaterThan(0);
    expect(home.events.filter((e) => e.type === "label")).toEqual([]);
    const after = await home.engine.predict({ at: new Date(Date.parse(local("10:30")) + 3 * 86_400_000).toISOString() });
    const ben = (list: typeof after) => list.find((p) => p.subject === "ben")!.distribution;
    expect(ben(after)).toEqual(ben(nobodySaid));
  });

  async function advanceHours(hours: number) {
    for (let i = 0; i < hours * 4; i++) {
      await home.clock.advance(15 * 60_000);
      await home.engine.step();
    }
  }
  async function gamerAt(time: string, days = 0) {
    const at = new Date(Date.parse(local(time)) + days * 86_400_000).toISOString();
    const [prediction] = await home.engine.predict({ subject: "ben", at });
    return prediction!.distribution.gamer!;
  }
});

describe("what goes wrong", () => {
  it("leaves a home running without its router, and says what is wrong", async () => {
    const resolver = async () => ({
      create: async () => {
        throw new Unreachable("no answer from 192.0.2.1 within 5 s", { router: "main" });
      },
    });
    home = await startHome({ time: "20:55", resolver });
    await present("ann-laptop");
    await home.until("21:00");
    expect(subject("ann").active).toBe("remote-worker");
    expect(home.engine.state().problems).toContainEqual(expect.stringMatching(/router main: .*no answer/));
    expect((await home.engine.doctor()).find((f) => f.area === "router main")).toMatchObject({ status: "failed" });
  });
  it("tries the way back of a router that exists, and never in preview", async () => {
    home = await startHome({ time: "13:55", yaml: homeYaml().replace("mode: live", "mode: preview") });
    expect(await home.engine.testRollback("main")).toMatchObject([
      { area: "router main", check: "test change", status: "warning", remedy: expect.stringContaining("mode: live") },
    ]);
    await expect(home.engine.testRollback("attic")).rejects.toThrow('there is no router "attic"');
  });
  it("names a driver that does not exist", async () => {
    home = await startHome({ time: "13:55", yaml: homeYaml().replace("driver: virtual", "driver: vitual") });
    expect(home.engine.state().problems.join()).toMatch(/there is no driver "vitual".*check the spelling/);
  });
  it("keeps a calendar's last good copy when the file is damaged, and says so", async () => {
    home = await startHome({ time: "13:30" });
    await writeFile(join(home.folder, "work.ics"), "<html>log in</html>");
    await home.restart();
    expect(home.engine.state().problems.join()).toMatch(/calendar work/);
    expect(await home.engine.upcoming({ subject: "ann" })).toContainEqual(expect.objectContaining({ summary: "Client call" }));
  });
  it("refuses a bad edit of the home and keeps the good one, and takes a good one at once", async () => {
    home = await startHome({ time: "13:30" });
    const { text, etag } = home.engine.home();
    await expect(home.engine.putHome(text.replace("ann-laptop, ", "nobodys-laptop, "), etag)).rejects.toThrow(/nobodys-laptop/);
    expect(await readFile(join(home.folder, "home.yaml"), "utf8")).toBe(text);
    await home.engine.putHome(text.replace("down: 50 Mbit/s", "down: 100 Mbit/s"), etag);
    expect(home.plan().lines[0]!.shaper.down).toBeGreaterThan(80_000);
  });
  it("refuses signals that mean nothing, all or none of a batch", async () => {
    home = await startHome({ time: "13:30" });
    const good = { kind: "presence", subject: "ann-laptop", present: true, source: "t" } as const;
    await expect(home.engine.submit([good, { ...good, subject: "nobody" }])).rejects.toThrow(
      expect.objectContaining({ field: "1.subject" }),
    );
    expect(home.engine.state().subjects).toBeDefined();
  });
});

describe("clients of the router", () => {
  it("become presence through the router's own client list", async () => {
    home = await startHome({ time: "13:30" });
    home.engine.run();
    await home.clock.advance(1000);
    const [router] = await home.engine.clients();
    expect(router!.clients).toContainEqual(expect.objectContaining({ device: "ann-laptop", connected: true }));
    expect(home.events).toContainEqual(expect.objectContaining({ type: "presence", data: { device: "ann-laptop", present: true } }));
  });
});

it("resolves drivers only by name", async () => {
  home = await startHome({ time: "13:30" });
  await expect(packageResolver(home.folder)("../../etc", "routers.0.driver")).rejects.toThrow(/not the name of a driver/);
});
