import { loadSupport, type SupportFile } from "@network-personas/engine/driver";
import type { PlanField } from "@network-personas/engine/model";
import { type DriverFixture, testRouterDriver } from "@network-personas/engine/testing";
import { describe, expect, it } from "vitest";
import { ownersMacs, type RigOptions, rig } from "../emulators/asuswrt/fixture.ts";

const password = "correct horse battery";
const owners: readonly string[] = Object.values(ownersMacs);
/** Variables that are switched for us, or rates of the line. */
const switched = ["MULTIFILTER_ALL", "dnsfilter_enable_x", "qos_enable", "qos_type", "qos_ibw", "qos_obw"];

/** Entries of lists, ours and the owner's told apart by their devices. */
function split(nvram: Readonly<Record<string, string>>): { owned: unknown; foreign: unknown } {
  const { rc_service: _, ...rest }: Record<string, string> = nvram;
  const take = (variable: string) => {
    const text = rest[variable] ?? "";
    delete rest[variable];
    return text;
  };
  const columns = ["ENABLE", "MAC", "DEVICENAME", "MACFILTER_DAYTIME_V2"].map((name) => take(`MULTIFILTER_${name}`).split(">"));
  const rules = columns[1]!.map((mac, i) => ({ mac: mac.toLowerCase(), row: columns.map((column) => column[i]) }));
  const lists = [
    take("vpndirector_rulelist"),
    take("qos_rulelist"),
    take("qos_bw_rulelist"),
    ["", 1, 2, 3, 4, 5].map((i) => take(`dnsfilter_rulelist${i}`)).join(""),
  ].map((list) => list.split("<").filter(Boolean));
  const ours = (row: string) =>
    row.includes("192.168.50.21") || (/([0-9A-F]{2}:){5}[0-9A-F]{2}/i.test(row) && !owners.some((mac) => row.toLowerCase().includes(mac)));
  return {
    owned: [
      rules.filter(({ mac }) => mac !== "" && !owners.includes(mac)),
      lists.map((list) => list.filter(ours)),
      switched.map((variable) => take(variable)),
    ],
    foreign: [rules.filter(({ mac }) => owners.includes(mac)), lists.map((list) => list.filter((row) => !ours(row))), rest],
  };
}

const fixtureOf = (options: RigOptions): Omit<DriverFixture, "support"> => ({
  rollback: "engine",
  faults: ["unreachable", "hang", "garbage", "refuse-login", "fail-mid-apply"],
  reboots: true,
  tunnel: "wgc1",
  secrets: [password, "not to be shown", Buffer.from(`admin:${password}`).toString("base64")],
  async create(given) {
    const { emulator, driver, another, stop } = await rig({
      ...options,
      settings: { requestTimeout: "PT1S", ...options.settings },
      context: given,
    });
    const { router, sessions } = emulator;
    return {
      driver,
      restartDriver: () => another(),
      snapshot: async () => structuredClone(split(router.nvram)),
      advance: (ms) => emulator.time.advance(ms),
      writes: () => router.writes,
      async inject(fault) {
        emulator.fault(null);
        emulator.spoil(undefined);
        sessions.account.password = password;
        await emulator.listen();
        if (fault === "unreachable") await emulator.unplug();
        if (fault === "hang") emulator.fault({ kind: "hang" });
        if (fault === "garbage") emulator.fault({ kind: "garbage" });
        if (fault === "refuse-login") sessions.account.password = "another one";
        let changes = 0;
        if (fault === "fail-mid-apply") emulator.spoil(() => (++changes === 1 ? 1 : undefined));
      },
      async reboot() {
        router.reboot();
        sessions.forget();
      },
      stop,
    };
  },
});

const file = await loadSupport(new URL("../../plugins/routers/src/asuswrt/support.yaml", import.meta.url));
/** ASUSWRT has one QoS at a time: what the file promises, less what another one would be needed for. */
const without = (...fields: PlanField[]): SupportFile => ({
  ...file,
  fields: { ...file.fields, ...Object.fromEntries(fields.map((field) => [field, { ...file.fields[field], support: "impossible" }])) },
});
const variants = {
  "Traditional QoS": { support: without("device.ceiling"), options: { settings: { qos: "traditional" } } },
  "the Bandwidth Limiter": {
    support: without("line.shaper", "device.class"),
    options: { settings: { qos: "limiter" }, oneLine: true },
  },
} satisfies Record<string, { support: SupportFile; options: RigOptions }>;

it("what the file promises holds with one kind of QoS or the other", () => {
  for (const [field, { support }] of Object.entries(file.fields))
    expect(Object.values(variants).map((variant) => variant.support.fields[field as PlanField].support)).toContain(support);
});

for (const [name, { support, options }] of Object.entries(variants)) {
  const fixture = fixtureOf(options);
  // Waiting for a router that hangs is slow, and has nothing to do with its QoS.
  const faults = name === "Traditional QoS" ? fixture.faults : fixture.faults.filter((fault) => fault !== "hang");
  testRouterDriver(`asuswrt with ${name}`, { ...fixture, faults, support }, { describe, it });
}
