import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { AgentProcess } from "../emulators/openwrt/agent.ts";
import { describeIf } from "../support/require.ts";
import { run } from "./namespace.ts";

// The script as a router runs it: under BusyBox, with real nft and tc. This is what a stranger with a stolen login meets.

const [laptop, tv] = ["02:00:00:00:00:11", "02:00:00:00:00:31"];
/** Of br-lan. */
const ownMac = "0a:00:00:00:00:02";
const rates = (ceil: number) => ({ rate: 64, ceil, queue: 30_000 });
const laptopClass = { number: 16, macs: [laptop], class: "realtime", quantum: 3_028, down: rates(95_000), up: rates(19_000) };
/** Has something of everything. */
const full = {
  version: 1,
  inside: ["br-lan", "br-guest"],
  wan: "eth1",
  line: { down: 95_000, up: 19_000, queue: "bfifo" },
  classes: [laptopClass],
  sets: {
    blocked: [tv],
    closed: [laptop],
    apart: [tv],
    dns_malware: [laptop],
    dscp_46: [laptop],
    app_blocked: [`${laptop} tcp 25565`, `${laptop} udp 8801-8810`],
    marks_cut: [16],
  },
  leased: { strict: [laptop], apart: [laptop], app_blocked: [`${laptop} tcp 27015-27050`] },
  lease: 900,
  closed_at: ["192.168.1.11", "fd00::11"],
  resolvers: { malware4: "9.9.9.9", malware6: "2620:fe::fe", family4: "1.1.1.3", family6: "2606:4700:4700::1113" },
};
const other = {
  ...full,
  classes: [
    { ...laptopClass, class: "bulk", down: rates(8_000) },
    { ...laptopClass, number: 17, macs: [tv] },
  ],
  sets: {},
};
const request = (plan: unknown) => ({ plan, confirm_within: 30, ubus_rpc_session: "0123456789abcdef0123456789abcdef" });

/** Hundreds of calls, on a machine that may be busy; ms. */
const patience = 180_000;

let agent: AgentProcess;
let now = Date.parse("2026-01-05T10:00:00Z");
interface Answer {
  id: string;
  pending: string | null;
  error?: { code: string; field: string; message: string };
}
async function ask(method: string, args: unknown = {}): Promise<Answer> {
  const { stdout } = await agent.raw(["call", method], JSON.stringify(args));
  return JSON.parse(stdout);
}
const apply = (plan: unknown) => ask("apply", request(plan));
async function bring(plan: unknown): Promise<void> {
  const { id, error } = await apply(plan);
  expect(error).toBeUndefined();
  expect(await ask("confirm", { id })).toEqual({ id });
}
const later = (seconds: number) => {
  now += seconds * 1_000;
  return agent.tick(now);
};
/** What the kernel has, without what counts by itself. */
const kernel = () =>
  run(
    agent.namespace,
    'nft -s list ruleset; { for d in br-lan br-guest eth1; do tc -d class show dev $d | sed "s/^/$d /"; done; tc qdisc show; } | sort',
  ).replaceAll(/ (expires [0-9a-z]+|refcnt \d+|direct_packets_stat \d+)/g, "");

describeIf(["namespaces", "nftables", "traffic-control", "busybox"], "the agent on the router", () => {
  let untouched: string;
  beforeAll(async () => {
    agent = await AgentProcess.start(now);
    untouched = kernel();
  });
  afterEach(async () => {
    await ask("release");
    expect(kernel()).toBe(untouched);
  });
  afterAll(() => agent.stop());

  it("says to rpcd what it can be asked", async () => {
    const { stdout } = await agent.raw(["list"], "");
    expect(Object.keys(JSON.parse(stdout))).toEqual(["status", "apply", "confirm", "rollback", "renew", "release"]);
    expect((await ask("reboot; reboot")).error?.code).toBe("no-method");
  });
  it("takes a plan with something of everything in one call", async () => {
    await bring(full);
    const held = kernel();
    expect(held).toContain(`${laptop} : 0x4e500010`);
    expect(held.match(/class htb 4e50:10 .* prio 0 quantum 3028 rate 64Kbit/g)).toHaveLength(3);
    expect(held).toMatch(/set closed4 {[^}]*192\.168\.1\.11/);
    expect(held).toMatch(/set closed6 {[^}]*fd00::11/);
    expect(held).toMatch(/table bridge network_personas {\s*set isolated {[^}]*02:00:00:00:00:31/);
    expect(held).toContain("dnat ip to 9.9.9.9");
    expect(held).toMatch(/set strict {[^}]*02:00:00:00:00:11 timeout 15m/);
  });
  it("changes classes in place: their queues are the same ones", async () => {
    await bring(full);
    run(agent.namespace, "tc qdisc replace dev eth1 parent 4e50:10 handle 10: bfifo limit 31111");
    await bring({ ...full, classes: [{ ...laptopClass, up: { ...rates(5_000), queue: 31_111 } }] });
    expect(kernel()).toMatch(/class htb 4e50:10 .* rate 64Kbit ceil 5Mbit/);
    await bring({ ...full, classes: [] });
    expect(kernel()).not.toMatch(/class htb 4e50:10 /);
  });
  it("leaves a line alone that somebody else shapes, and says so", async () => {
    await bring(full);
    const before = kernel();
    run(agent.namespace, "tc qdisc replace dev br-guest root handle 9: pfifo");
    const { error } = await apply(other);
    expect(error).toMatchObject({ code: "foreign-queue", message: expect.stringContaining("br-guest pfifo") });
    run(agent.namespace, "tc qdisc del dev br-guest root");
    await bring(full);
    expect(kernel()).toBe(before);
  });
  it("names fq_codel where the kernel has it", async () => {
    const { error } = await apply({ ...full, line: { ...full.line, queue: "fq_codel" } });
    // This kernel may have none: then tc says so, and nothing is left.
    if (error) expect(error).toMatchObject({ code: "refused-by-tc", message: expect.stringMatching(/qdisc kind is unknown/) });
    else expect(kernel()).toContain("fq_codel");
  });

  describe("refuses, with a reason, and without any effect,", { timeout: patience }, () => {
    /** Answers to requests, asked one after the other in one go. */
    function answersTo(inputs: readonly (string | Buffer)[]): string[] {
      const folder = join(agent.folder, "asked");
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(folder);
      inputs.forEach((input, i) => {
        writeFileSync(join(folder, `${i}.in`), input);
      });
      agent.script(`cd ${folder} && for f in *.in; do "$@" call apply < "$f" > "\${f%in}out" 2>&1; done`);
      return inputs.map((_, i) => readFileSync(join(folder, `${i}.out`), "utf8"));
    }
    async function expectRefused(inputs: readonly (string | Buffer)[]): Promise<void> {
      await bring(full);
      const before = kernel();
      const held = readFileSync(join(agent.state, "held"), "utf8");
      const answers = answersTo(inputs);
      const wrong = answers.flatMap((text, i) => {
        const fine = /^{"error":{"code":"(bad-request|no-interface)","field":"[a-z0-9_.?]{0,80}","message":"[ -~]+"}}\n$/.test(text);
        return fine ? [] : [{ input: String(inputs[i]).slice(0, 3_000), text: text.slice(0, 300) }];
      });
      expect(wrong).toEqual([]);
      expect(kernel()).toBe(before);
      expect(readFileSync(join(agent.state, "held"), "utf8")).toBe(held);
      expect((await ask("status")).pending).toBeNull();
    }
    type Path = readonly (string | number)[];
    function leaves(value: unknown, path: Path = []): { path: Path; value: unknown }[] {
      if (typeof value !== "object" || value === null) return [{ path, value }];
      return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]));
    }
    function replaced([first, ...rest]: Path, value: unknown, owner: unknown = request(full)): unknown {
      const copy = (Array.isArray(owner) ? [...owner] : { ...(owner as object) }) as Record<string | number, unknown>;
      copy[first!] = rest.length === 0 ? value : replaced(rest, value, copy[first!]);
      return copy;
    }
    const places = leaves(request(full)).filter(({ path }) => path[0] === "plan");
    const numbers = places.filter(({ value }) => typeof value === "number");
    /** One of each kind of word. */
    const words = places.filter(
      ({ path, value }, i) =>
        typeof value === "string" &&
        !places
          .slice(0, i)
          .some(
            (one) => one.path.slice(0, -1).join() === path.slice(0, -1).join() && typeof one.value === "string" && path[1] !== "resolvers",
          ),
    );

    it("whatever looks like a program in place of a word", async () => {
      const canary = join(agent.folder, "canary");
      const hostile = [
        "",
        `$(touch ${canary})`,
        `\`touch ${canary}\``,
        `'; touch ${canary}; '`,
        "-f",
        "a\nb",
        "é",
        `${laptop} }; flush ruleset; add element inet network_personas blocked { ${tv}`,
        'br-lan" } ; flush ruleset ; "',
        "\\",
        "x".repeat(5_000),
        `${laptop}\t`,
      ];
      await expectRefused(words.flatMap(({ path }) => hostile.map((text) => JSON.stringify(replaced(path, text)))));
      expect(() => readFileSync(canary)).toThrow();
    });
    it("what is no number in place of one, and a number in place of a word", async () => {
      const notNumbers = [-1, 1.5, 1e21, "7", null];
      const notWords = [7, null, {}];
      await expectRefused([
        ...numbers.flatMap(({ path }) => notNumbers.map((value) => JSON.stringify(replaced(path, value)))),
        ...words.flatMap(({ path }) => notWords.map((value) => JSON.stringify(replaced(path, value)))),
      ]);
    });
    it("addresses, interfaces, ports and numbers that cannot be", async () => {
      const at = (path: Path, ...values: unknown[]) => values.map((value) => JSON.stringify(replaced(path, value)));
      await expectRefused([
        ...at(
          ["plan", "sets", "blocked", 0],
          "01:00:5e:00:00:01",
          "ff:ff:ff:ff:ff:ff",
          "00:00:00:00:00:00",
          "02:00:00:00:00:1",
          "02-00-00-00-00-11",
        ),
        ...at(["plan", "sets", "blocked", 0], "02:00:00:00:00:AA", ownMac),
        ...at(["plan", "sets", "app_blocked", 0], `${ownMac} tcp 80`, `${laptop} icmp 80`, `${laptop} tcp 0`, `${laptop} tcp 70000`),
        ...at(["plan", "sets", "app_blocked", 0], `${laptop} tcp 90-80`, `${laptop} tcp 080`, `${laptop} tcp 80,443`, `${laptop}  tcp 80`),
        ...at(
          ["plan", "closed_at", 0],
          "999.1.1.1",
          "1.2.3",
          "01.2.3.4",
          "1:2",
          ":::",
          "fe80::1%eth0",
          "::ffff:1.2.3.4",
          "1::2::3",
          "12345::",
          ":1::",
        ),
        ...at(["plan", "resolvers", "malware4"], "::1", "9.9.9.9/0"),
        ...at(["plan", "resolvers", "malware6"], "9.9.9.9", "::g"),
        ...at(["plan", "inside", 0], "lo", "br-nowhere", "eth1", "br-guest", ".", "..", "br-lan/../lo", "sixteenletters16"),
        ...at(["plan", "wan"], "br-lan", "nowhere0"),
        ...at(
          ["plan", "inside"],
          [],
          Array.from({ length: 9 }, (_, i) => `br${i}`),
        ),
        ...at(["plan", "classes", 0, "number"], 0, 15, 65_534, 65_535),
        ...at(["plan", "classes", 0, "macs"], [], [laptop, laptop]),
        ...at(["plan", "classes", 1], laptopClass, { ...laptopClass, macs: [tv] }, { ...laptopClass, number: 17 }),
        ...at(["plan", "classes", 0, "down"], rates(95_001), { rate: 9_000, ceil: 8_000, queue: 1 }, { rate: 7, ceil: 8, queue: 1 }),
        ...at(["plan", "line", "down"], 0, 63),
        ...at(["plan", "version"], 0, 2),
        ...at(["plan", "leased"], { blocked: [tv] }, { marks_cut: [16] }, { closed: [tv] }, { strict: [ownMac] }, { app_allowed: [] }),
        ...at(["plan", "lease"], 0, 3_601, undefined),
        JSON.stringify(request({ ...full, leased: undefined })),
        ...at(["confirm_within"], 0, 601),
        ...at(["nothing"], true, false, "true"),
      ]);
    });
    it("fields nobody knows, fields that are missing or said twice, and what is no request", async () => {
      const text = JSON.stringify(request(full));
      const without = [
        "plan",
        "confirm_within",
        "version",
        "inside",
        "classes",
        "sets",
        "queue",
        "down",
        "ceil",
        "quantum",
        "class",
        "number",
      ];
      await expectRefused([
        ...["plan", "line", "sets", "resolvers"].map((name) => text.replace(`"${name}":{`, `"${name}":{"more":1,`)),
        ...["plan", "line", "sets"].map((name) => text.replace(`"${name}":{`, `"${name}":{"__proto__":1,`)),
        text.replace('"number":16', '"number":16,"number":17'),
        text.replace('"confirm_within":30', '"confirm_within":30,"confirm_within":31'),
        text.replace('"class":"realtime"', '"class":"realtime" "bulk"'),
        ...without.map((name) => text.replace(`"${name}":`, `"${name}x":`)),
        text.replace('"wan":"eth1",', ""),
        ...Array.from({ length: 12 }, (_, i) => text.slice(0, Math.floor((i * text.length) / 12))),
        ...["", "{}", "[]", "null", "1", '"x"', "{", "}", "{}{}", `${text}x`, `${text}${text}`, `[${text}]`],
        `${"[".repeat(20_000)}`,
        `{"plan":${'{"a":'.repeat(50)}1${"}".repeat(50)}}`,
        text.replace("{", `{${" ".repeat(70_000)}`),
        Buffer.concat([Buffer.from(text.slice(0, 40)), Buffer.from([0xff, 0xfe]), Buffer.from(text.slice(40))]),
      ]);
    });
    it("what chance makes of a request, and stays as it was whatever it is", async () => {
      // Mulberry32; the same every time.
      let seed = 7;
      const random = (below: number) => {
        seed = (seed + 0x6d2b79f5) | 0;
        let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
        return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below);
      };
      const alphabet = `{}[]":,;$()|&<>'\\ \n\t01a-`;
      const text = JSON.stringify(request(full));
      const broken = Array.from({ length: 60 }, () => {
        let mutated = text;
        for (let i = 0; i <= random(4); i++) {
          const at = random(mutated.length);
          mutated = mutated.slice(0, at) + alphabet[random(alphabet.length)] + mutated.slice(at + random(3));
        }
        return mutated;
      });
      const answers = answersTo(broken).map((answer) => JSON.parse(answer) as Answer);
      for (const { error, id } of answers) {
        if (error) expect(["bad-request", "no-interface", "refused-by-nft"]).toContain(error.code);
        else expect(id).toMatch(/^[0-9a-f-]{36}$/);
      }
      expect(answers.filter(({ error }) => error).length).toBeGreaterThan(50);
      await ask("rollback");
      expect(kernel()).toBe(untouched);
    });
    it("but takes every way to write an address", async () => {
      const ipv6 = ["::", "::1", "1::", "fd00::11", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "2001:db8::1:0:0:1"];
      for (const address of ipv6) expect((await apply({ ...full, closed_at: [address] })).error, address).toBeUndefined();
    });
  });

  describe("leads back", () => {
    it("when nobody confirms", async () => {
      await bring(full);
      const before = kernel();
      await apply(other);
      expect(kernel()).not.toBe(before);
      await later(29);
      expect(kernel()).not.toBe(before);
      await later(2);
      expect(kernel()).toBe(before);
    });
    it("to nothing, where nothing was", async () => {
      await apply(full);
      await later(31);
      expect(kernel()).toBe(untouched);
    });
    it("from nothing, too", async () => {
      await bring(full);
      const before = kernel();
      await ask("apply", { nothing: true, confirm_within: 30 });
      expect(kernel()).toBe(untouched);
      await later(31);
      expect(kernel()).toBe(before);
    });
    it("to what was confirmed last, however many changes were not", async () => {
      await bring(full);
      const before = kernel();
      await apply(other);
      await later(20);
      await apply({ ...other, sets: { strict: [laptop] } });
      await later(20);
      expect(kernel()).not.toBe(before);
      await later(11);
      expect(kernel()).toBe(before);
    });
    it("not any more once it is confirmed; a late or a wrong confirmation is refused", async () => {
      await bring(full);
      const before = kernel();
      const first = await apply(other);
      const second = await apply(other);
      expect((await ask("confirm", { id: first.id })).error?.code).toBe("wrong-id");
      expect(await ask("confirm", { id: second.id })).toEqual({ id: second.id });
      expect(await ask("confirm", { id: second.id })).toEqual({ id: second.id });
      await later(60);
      const third = await apply(full);
      await later(31);
      expect((await ask("confirm", { id: third.id })).error?.code).toBe("not-pending");
      expect(kernel()).not.toBe(before);
    });
    it("at once where the timer is gone: with rpcd's next start, or with the next call", async () => {
      await bring(full);
      const before = kernel();
      const killTimer = () => process.kill(Number(readFileSync(join(agent.state, "timer.pid"), "utf8")), "SIGKILL");
      await apply(other);
      killTimer();
      await agent.raw(["list"], "");
      expect(kernel()).toBe(before);
      await apply(other);
      killTimer();
      expect((await ask("status")).pending).toBeNull();
      expect(kernel()).toBe(before);
    });
    it("when a step fails, and tries again when the way back fails, too", async () => {
      await bring(full);
      const before = kernel();
      await agent.breakTc(true);
      expect((await apply(other)).error).toMatchObject({ code: "refused-by-tc", message: expect.stringMatching(/No buffer space/) });
      expect(kernel()).toBe(before);
      await agent.breakTc(true, 2);
      expect((await apply(other)).error?.code).toBe("refused-by-tc");
      expect((await ask("status")).pending).toBeNull();
      expect(kernel()).toBe(before);
    });
  });

  describe("killed at any moment", { timeout: patience }, () => {
    const order = () => join(agent.folder, "kill-at");
    /** Lets a call be killed at the start of the n-th program it runs, until one is not reached. Returns how many were. */
    async function everywhere(call: () => Promise<unknown>, check: (n: number) => Promise<void>, step = 1): Promise<number> {
      for (let n = 1; ; n += step) {
        writeFileSync(order(), `0 ${n} ${Math.floor(n / step) % 2}\n`);
        await call();
        const reached = Number(readFileSync(order(), "utf8").split(" ")[0]) >= n;
        rmSync(order());
        await check(n);
        if (!reached) return n - step;
      }
    }
    beforeAll(() => {
      // Every second of the programs runs on, as one does whose parent rpcd kills.
      agent.wrap(`if read -r n at runs < ${order()}; then
  n=$((n + 1)); echo "$n $at $runs" > ${order()}
  if [ $n = $at ]; then kill -9 $NP_MAIN; [ $runs = 1 ] || exit 1; fi
fi 2>/dev/null`);
    });

    it("applying: the old or the new plan holds at the next call, and without one the old does in time", async () => {
      await bring(full);
      const before = kernel();
      await bring(other);
      const after = kernel();
      await bring(full);
      const kills = await everywhere(
        () => agent.raw(["call", "apply"], JSON.stringify(request(other))),
        async (n) => {
          if (n % 8 < 4) {
            const { pending } = await ask("status");
            expect(kernel(), `killed at program ${n}`).toBe(pending === null ? before : after);
          }
          await later(31);
          expect(kernel(), `killed at program ${n}`).toBe(before);
        },
        2,
      );
      expect(kills).toBeGreaterThan(15);
    });
    it("confirming: the new plan holds, or the old one again", async () => {
      await bring(full);
      const before = kernel();
      await bring(other);
      const after = kernel();
      await bring(full);
      let { id } = await apply(other);
      await everywhere(
        () => agent.raw(["call", "confirm"], JSON.stringify({ id })),
        async (n) => {
          await later(31);
          expect([before, after], `killed at program ${n}`).toContain(kernel());
          await bring(full);
          ({ id } = await apply(other));
        },
      );
    });
    it("going back or releasing: the next call ends it", async () => {
      await bring(full);
      const before = kernel();
      await apply(other);
      await everywhere(
        () => agent.raw(["call", "rollback"], "{}"),
        async (n) => {
          await ask("rollback");
          expect(kernel(), `killed at program ${n}`).toBe(before);
          await apply(other);
        },
        3,
      );
      await ask("rollback");
      await everywhere(
        () => agent.raw(["call", "release"], "{}"),
        async (n) => {
          await ask("release");
          expect(kernel(), `killed at program ${n}`).toBe(untouched);
          await bring(full);
        },
        3,
      );
    });
  });
});
