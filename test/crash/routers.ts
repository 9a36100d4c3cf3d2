import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rig as asuswrt } from "../emulators/asuswrt/fixture.ts";
import { rig as fritzbox } from "../emulators/fritzbox/fixture.ts";
import { rig as openwrt } from "../emulators/openwrt/fixture.ts";
import type { OpenWrtRouter } from "../emulators/openwrt/index.ts";
import { type Rig as RouterOsRig, rig as routeros, saved } from "../emulators/routeros/fixture.ts";
import type { Row } from "../emulators/routeros/values.ts";
import { rig as unifi } from "../emulators/unifi/fixture.ts";
import { keptBy, keptByAgent, reboot } from "../netns/kept.ts";
import { ownersRouter, sampleTunnel } from "../netns/linux-rig.ts";
import { Namespaces, run } from "../netns/namespace.ts";
import { steppedSleep } from "../netns/stepped-sleep.ts";
import type { PlanName } from "./plans.ts";
import { fastTime, type Time } from "./time.ts";

/** A router that is brought into trouble. */
export interface Subject {
  settings: { driver: string; url?: string } & Record<string, unknown>;
  /** Program and arguments in front of every command, for a router that is a namespace. */
  prefix?: readonly string[];
  /** The time it lives in. */
  time: Time;
  /** What the router keeps, ours and everybody's, without what it numbers, counts and dates itself. */
  kept(): unknown;
  /** The plan some of whose restrictions run out on it. */
  leased?: PlanName;
  /** What of `kept` outlives a restart, on a router that forgets a part of ours. */
  saved?(kept: unknown): unknown;
  /** The same without what is there and switched off, on a router that keeps such things until a change is ended. */
  inForce?(): unknown;
  /** Longer than the router waits for a confirmation. */
  passTime(): Promise<void>;
  reboot(): Promise<void>;
  stop(): Promise<void>;
}

const minutes = 60_000;

/** Every configuration of an OpenWrt router, ours apart: their order says nothing. */
function configOf({ store }: OpenWrtRouter): unknown {
  return store.names().map((config) => {
    const sections = store.file(config)!.sections.map((s) => [s.name, s.type, [...s.options]] as const);
    const ours = sections.filter(([name]) => name.startsWith("np_")).sort((a, b) => a[0].localeCompare(b[0]));
    return [config, sections.filter(([name]) => !name.startsWith("np_")), ours];
  });
}

async function mikrotik(leased: PlanName): Promise<Subject> {
  const time = fastTime(10);
  const { emulator, kept, stop } = await routeros({ time });
  const { device, url, account } = emulator;
  return {
    settings: { driver: "routeros", url, username: account.username, password: account.password },
    time: time.time,
    kept,
    leased,
    saved: (state) => saved(state as ReturnType<RouterOsRig["kept"]>),
    inForce() {
      const { owned, foreign } = kept();
      const isOn = (row: Row) => row.disabled !== "true";
      const isAsked = owned.some(([, rows]) => rows.some((row) => isOn(row) && row["src-address-list"] === "np-lease"));
      // A list that no rule asks does nothing.
      const on = owned.map(([menu, rows]) => [menu, rows.filter((row) => isOn(row) && (isAsked || row.list !== "np-lease"))] as const);
      return { owned: on.filter(([, rows]) => rows.length > 0), foreign };
    },
    // Not so long that what runs out has run out: a quarter of an hour.
    passTime: () => time.advance(6 * minutes),
    reboot: async () => device.reboot(),
    stop,
  };
}

/** How to start each kind of router. As fast as leaves a driver, within the time it waits, enough of a busy machine's. */
export const routers: Readonly<Record<string, () => Promise<Subject>>> = {
  async openwrt() {
    const time = fastTime(4);
    const { emulator, stop } = await openwrt({ time });
    emulator.seedDevice({ mac: "02:00:00:00:00:11", ipv4: "192.168.1.11", hostname: "alice-laptop" });
    const { router, url, username, password } = emulator;
    return {
      settings: { driver: "openwrt", url, username, password },
      time: time.time,
      kept: () => configOf(router),
      passTime: () => time.advance(10 * minutes),
      reboot: async () => router.reboot(),
      stop,
    };
  },
  /** The same with the agent: a plan is in the kernel, of a real namespace, and none of it in a file. */
  async "openwrt-agent"() {
    const time = fastTime(1);
    const { emulator, agent, stop } = await openwrt({ time, withAgent: true });
    emulator.seedDevice({ mac: "02:00:00:00:00:11", ipv4: "192.168.1.11", hostname: "alice-laptop" });
    const { router, url, username, password } = emulator;
    return {
      settings: { driver: "openwrt", url, username, password },
      time: time.time,
      kept: () => [keptByAgent(agent!.namespace), configOf(router)],
      async passTime() {
        await time.advance(10 * minutes);
        await agent!.tick(time.now());
      },
      reboot: async () => router.reboot(),
      stop,
    };
  },
  /** What runs out comes with the change. */
  routeros: () => mikrotik("new"),
  /** What runs out goes with the change. */
  "routeros-leased": () => mikrotik("old"),
  async asuswrt() {
    const time = fastTime(20);
    const { emulator, stop } = await asuswrt({ time, awayTime: 8 });
    const { router, sessions, url } = emulator;
    const { username, password } = sessions.account;
    return {
      settings: { driver: "asuswrt", url, username, password, qos: "traditional" },
      time: time.time,
      kept: () => structuredClone({ ...router.nvram, rc_service: "" }),
      passTime: () => time.advance(10 * minutes),
      async reboot() {
        router.reboot();
        sessions.forget();
      },
      stop,
    };
  },
  async fritzbox() {
    const time = fastTime(10);
    const { emulator, stop } = await fritzbox({ time });
    const { box, url } = emulator;
    return {
      settings: { driver: "fritzbox", url, username: "personas", password: "correct horse battery" },
      time: time.time,
      kept: () => structuredClone(box.devices),
      passTime: () => time.advance(10 * minutes),
      reboot: async () => box.reboot(),
      stop,
    };
  },
  async unifi() {
    const time = fastTime(10);
    const { emulator, stop } = await unifi({ time });
    const { site, sessions, url } = emulator;
    const { username, password } = sessions.account;
    const plain = (one: object): string =>
      JSON.stringify(one)
        .replace(/"_?id":"[^"]*",?|"created_at":[^,}]*,?/g, "")
        .replace(/"[0-9a-f]{24}"/g, '"id"');
    const bare = (list: readonly object[] = []) => list.map(plain).sort();
    return {
      settings: { driver: "unifi", url, username, password },
      time: time.time,
      kept: () => structuredClone([bare(site.networks), bare(site.collections.objects), bare(site.collections.rules)]),
      passTime: () => time.advance(10 * minutes),
      reboot: async () => sessions.forgetAll(),
      stop,
    };
  },
  async linux() {
    const namespaces = new Namespaces();
    const router = namespaces.add("router");
    run(router, ownersRouter);
    const folder = await mkdtemp(join(tmpdir(), "np-crash-linux-"));
    const runDir = join(folder, "run");
    const time: Time = { since: 0, pace: 1, ahead: 0 };
    const sleeps = await steppedSleep(folder, Date.now());
    return {
      settings: { driver: "linux", lan: "br-lan", wan: "wan0", tunnels: sampleTunnel, runDir },
      prefix: ["ip", "netns", "exec", router, ...sleeps.environment],
      time,
      kept: () => keptBy(router),
      async passTime() {
        time.ahead += 10 * minutes;
        await sleeps.advance(router, `${runDir}/main`, Date.now() + time.ahead);
      },
      reboot: async () => reboot(router, runDir),
      async stop() {
        namespaces.remove();
        await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
      },
    };
  },
};

/** Ways that differ from another one in a part only are not disturbed at every message, but at so many. */
export const enough: Readonly<Record<string, number>> = { "routeros-leased": 100 };
