import type { Change, RouterDriver } from "@network-personas/engine/driver";
import type { NetworkPlan } from "@network-personas/engine/model";
import { sampleMacs } from "@network-personas/engine/testing";
import { driver } from "@network-personas/routers/routeros";
import { type DriverRig, type DriverRigOptions, driverRig } from "../shared/rig.ts";
import { type RouterOsEmulator, type RouterOsOptions, startRouterOs } from "./index.ts";
import { type Row, span } from "./values.ts";

/** Objects menu by menu. */
export type Kept = readonly (readonly [menu: string, rows: readonly Row[]])[];

export interface Rig extends DriverRig {
  emulator: RouterOsEmulator;
  /** What the router keeps of ours, and of everybody else, without what it numbers, counts, dates and makes itself. */
  kept(): { owned: Kept; foreign: Kept };
  /** All objects of a menu, and those of ours that are switched on. */
  rows(menu: string): Row[];
  ours(menu: string): Row[];
  /** Seconds until each thing of ours ends that runs out. */
  left(): number[];
  apply(plan: NetworkPlan | null, driver?: RouterDriver): Promise<void>;
  /** Applies and confirms. */
  bring(plan: NetworkPlan | null, driver?: RouterDriver): Promise<void>;
  changesTo(plan: NetworkPlan | null): Promise<readonly Change[]>;
}

export type RigOptions = RouterOsOptions & DriverRigOptions;

/** What of a router's state outlives a restart. */
export function saved({ owned, foreign }: ReturnType<Rig["kept"]>): ReturnType<Rig["kept"]> {
  const lasting = owned.map(([menu, rows]) => [menu, rows.filter((row) => row.dynamic !== "true")] as const);
  return { owned: lasting.filter(([, rows]) => rows.length > 0), foreign };
}

/** An emulated MikroTik router in stepped time with a driver in front of it, and three devices. */
export async function rig(options: RigOptions = {}): Promise<Rig> {
  const emulator = await startRouterOs(options);
  const { device } = emulator;
  const { username, password } = emulator.account;
  const lease = (mac: string, address: string, name: string) => {
    device.put("ip/dhcp-server/lease", {
      "mac-address": mac.toUpperCase(),
      address,
      "active-address": address,
      "active-mac-address": mac.toUpperCase(),
      "host-name": name,
      status: "bound",
      dynamic: "true",
    });
    device.put("ip/arp", {
      "mac-address": mac.toUpperCase(),
      address,
      interface: "bridge",
      status: "reachable",
      complete: "true",
      dynamic: "true",
    });
  };
  lease(sampleMacs.laptop, "192.168.88.21", "alice-laptop");
  lease(sampleMacs.console, "192.168.88.22", "bob-console");
  device.put("interface/bridge/host", {
    "mac-address": sampleMacs.console.toUpperCase(),
    "on-interface": "ether2",
    bridge: "bridge",
    dynamic: "true",
    local: "false",
  });
  device.put("interface/wifi/registration-table", { "mac-address": sampleMacs.laptop.toUpperCase(), interface: "wifi1", signal: "-51" });
  const drivers = await driverRig(driver, emulator, { driver: "routeros", url: emulator.url, username, password }, options);
  const made = drivers.driver;
  const apply = async (plan: NetworkPlan | null, by: RouterDriver = made) =>
    by.apply(await by.plan(plan, await by.read()), { confirmWithin: 30_000 });
  return {
    ...drivers,
    emulator,
    rows: (menu) => device.rows(menu),
    ours: (menu) => device.rows(menu).filter((row) => isOurs(menu, row) && row.disabled !== "true"),
    left: () =>
      lists.flatMap((menu) =>
        device.rows(menu).flatMap((row) => (isOurs(menu, row) && row.timeout ? [span(row.timeout, "timeout") / 1_000] : [])),
      ),
    apply,
    async bring(plan, by = made) {
      await apply(plan, by);
      await by.confirm();
    },
    changesTo: async (plan) => (await made.plan(plan, await made.read())).changes,
    kept() {
      const part = (ours: boolean) =>
        [...device.menus.keys()].flatMap((menu) => {
          const those = device.rows(menu).filter((row) => isOurs(menu, row) === ours && (ours || row.dynamic !== "true"));
          const plain = those.map(
            ({ ".id": _, bytes: __, packets: ___, "next-run": ____, "creation-time": _____, timeout: ______, ...row }) => ({
              ...row,
              // Numbers of changes mean nothing.
              ...(row.comment === undefined ? {} : { comment: ours ? row.comment.replace(/ g\d+$/, "") : row.comment }),
            }),
          );
          const sortable = ours ? plain.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : plain;
          return sortable.length > 0 ? [[menu, structuredClone(sortable)] as const] : [];
        });
      return { owned: part(true), foreign: part(false) };
    },
  };
}

const lists = ["ip/firewall/address-list", "ipv6/firewall/address-list"];
const isOurs = (menu: string, row: Row): boolean =>
  menu === "queue/type" ? row.name!.startsWith("np-") : menu !== "interface/wireguard" && (row.comment ?? "").startsWith("np:");
