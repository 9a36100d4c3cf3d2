import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sampleMacs } from "@network-personas/engine/testing";
import { expect, it, vi } from "vitest";
import { type Answer, describeAgent, full, laptopClass, patience, rates, request } from "./agent-rig.ts";

// What a stranger with a stolen login meets.

const [laptop, tv] = [sampleMacs.laptop, sampleMacs.tv];
/** Of br-lan. */
const ownMac = "0a:00:00:00:00:02";

vi.setConfig({ testTimeout: patience });

describeAgent("the agent on the router refuses, with a reason, and without any effect,", ({ rig, untouched }) => {
  /** Answers to requests, asked one after the other in one go. */
  function answersTo(inputs: readonly (string | Buffer)[]): string[] {
    const folder = join(rig().agent.folder, "asked");
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    inputs.forEach((input, i) => {
      writeFileSync(join(folder, `${i}.in`), input);
    });
    rig().agent.script(`cd ${folder} && for f in *.in; do "$@" call apply < "$f" > "\${f%in}out" 2>&1; done`);
    return inputs.map((_, i) => readFileSync(join(folder, `${i}.out`), "utf8"));
  }
  async function expectRefused(inputs: readonly (string | Buffer)[]): Promise<void> {
    await rig().bring(full);
    const before = rig().kernel();
    const held = readFileSync(join(rig().agent.state, "held"), "utf8");
    const answers = answersTo(inputs);
    const wrong = answers.flatMap((text, i) => {
      const fine = /^{"error":{"code":"(bad-request|no-interface)","field":"[a-z0-9_.?]{0,80}","message":"[ -~]+"}}\n$/.test(text);
      return fine ? [] : [{ input: String(inputs[i]).slice(0, 3_000), text: text.slice(0, 300) }];
    });
    expect(wrong).toEqual([]);
    expect(rig().kernel()).toBe(before);
    expect(readFileSync(join(rig().agent.state, "held"), "utf8")).toBe(held);
    expect((await rig().ask("status")).pending).toBeNull();
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
    const canary = join(rig().agent.folder, "canary");
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
    await rig().ask("rollback");
    expect(rig().kernel()).toBe(untouched());
  });
  it("but takes every way to write an address", async () => {
    const ipv6 = ["::", "::1", "1::", "fd00::11", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "2001:db8::1:0:0:1"];
    for (const address of ipv6) expect((await rig().apply({ ...full, closed_at: [address] })).error, address).toBeUndefined();
  });
});
