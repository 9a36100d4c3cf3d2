import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadHome, mergeJson, parseHome, saveHome } from "./home-file.ts";

const text = `version: 1
home: { timeZone: Europe/Berlin } # where we live
wan: { down: 50 Mbit/s, up: 10 Mbit/s }
people:
  # the boss
  - { id: alice, devices: [phone] }
devices:
  - { id: phone, kind: phone, macs: ["02-00-00-00-00-11"] } # hers
`;
let dir: string;
let file: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "np-home-"));
  file = join(dir, "home.yaml");
  await writeFile(file, text);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("a bad home.yaml", () => {
  it.each([
    ["home: { timeZone: Mars/Olympus }", "home.timeZone", /IANA time zone/],
    ["home: { timeZone: UTC }\nwan: { down: 50, up: fast }", "wan.up", /rate such as "50 Mbit\/s"/],
    ["home: { timeZone: UTC }\nwan: { down: 0, up: 1 }", "wan.down", /line of zero/],
    ["home: { timeZone: UTC }\nwan: { down: 1, up: 1 }\npeople: [{ id: a, devices: [x] }]", "people.0.devices.0", /no device "x"/],
    [
      "home: { timeZone: UTC }\nwan: { down: 1, up: 1 }\nrouters: [{ id: r, driver: openwrt, password: geheim }]",
      "routers.0.password",
      /secret is never written/,
    ],
    ["home: { timeZone: UTC }\nwan: { down: 1, up: 1 }\ndevices: [{ id: a }, { id: a }]", "devices.1.id", /used twice/],
    ["home: { timeZone: UTC }\nwan: { down: 1, up: 1 }\ndevices: [{ id: a, macs: [zz] }]", "devices.0.macs.0", /MAC address such as/],
  ])("%s names the field and what was expected", (body, field, message) => {
    expect(() => parseHome(`version: 1\n${body}\n`, "home.yaml")).toThrow(
      expect.objectContaining({
        problems: expect.arrayContaining([
          expect.objectContaining({ field, message: expect.stringMatching(message), line: expect.any(Number) }),
        ]),
      }),
    );
  });
});

it("is refused as any other mistake when it refers to parts of itself without end", () => {
  const rows = [
    "a: &a [x, x, x, x, x, x, x, x]",
    ...["b", "c", "d", "e"].map((name, i) => `${name}: &${name} [${Array(8).fill(`*${"abcd"[i]}`).join(", ")}]`),
  ];
  expect(() => parseHome(rows.join("\n"), "home.yaml")).toThrow(/^home\.yaml:1:1 refers to parts of itself too often/);
});

describe("saveHome", () => {
  it("keeps comments when values come as JSON, and the previous version as a backup", async () => {
    const { etag } = await loadHome(file);
    const wanted = {
      version: 1,
      home: { timeZone: "Europe/Paris" },
      wan: { down: "50 Mbit/s", up: "10 Mbit/s" },
      people: [{ id: "alice", devices: ["phone"] }, { id: "bob" }],
      devices: [{ id: "phone", kind: "phone", macs: ["02-00-00-00-00-11"] }],
    };
    const saved = await saveHome(file, JSON.stringify(wanted), join(dir, "backups"), etag);
    expect(saved.home.people.map((p) => p.id)).toEqual(["alice", "bob"]);
    const now = await readFile(file, "utf8");
    expect(now).toContain("# where we live");
    expect(now).toContain("# the boss");
    expect(now).toContain("# hers");
    expect(now).toContain("Europe/Paris");
    expect(await readFile(join(dir, "backups", (await readdir(join(dir, "backups")))[0]!), "utf8")).toBe(text);
  });
  it("refuses what is wrong and what was edited meanwhile, and changes nothing", async () => {
    const { etag } = await loadHome(file);
    await expect(saveHome(file, "version: 2", join(dir, "b"), etag)).rejects.toThrow(
      /newer version of Network Personas .*install that version again/,
    );
    await expect(saveHome(file, text.replace("alice", "carol"), join(dir, "b"), "stale")).rejects.toThrow(/changed meanwhile/);
    expect(await readFile(file, "utf8")).toBe(text);
  });
  it("leaves the file to whom it was left, and keeps the newest fifty versions", async () => {
    await chmod(file, 0o600);
    const backups = join(dir, "many");
    for (let edit = 0; edit < 53; edit++) await saveHome(file, text.replace("alice", `alice-${edit}`), backups);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const kept = await readdir(backups);
    expect(kept).toHaveLength(50);
    const [texts, modes] = [
      await Promise.all(kept.map((name) => readFile(join(backups, name), "utf8"))),
      await Promise.all(kept.map(async (name) => (await stat(join(backups, name))).mode & 0o777)),
    ];
    expect(texts.join()).toContain("alice-51");
    expect(texts).not.toContain(text);
    expect(new Set(modes)).toEqual(new Set([0o600]));
  });
  it("removes what the JSON no longer has", () => {
    expect(mergeJson("a: 1 # one\nb: [1, 2]\n", { b: [2] })).toBe("b: [ 2 ]\n");
  });
});

it("is read anew only when the text is another", async () => {
  const known = await loadHome(file);
  expect(await loadHome(file, undefined, known)).toBe(known);
  await writeFile(file, text.replace("alice", "alicia"));
  expect((await loadHome(file, undefined, known)).home.people[0]?.id).toBe("alicia");
});
