import type { DevicePlan } from "@network-personas/engine/model";
import { connectionMark, packetMark, restMark, ways } from "./queues.ts";
import { type Family, families } from "./rules.ts";
import { type Thing, thing } from "./things.ts";
import { rosMac } from "./values.ts";

/** Chains of ours in mangle; the owner's own marks come first and are respected. */
const chains = { connections: "np-connections", down: "np-down", up: "np-up", dscp: "np-dscp", routes: "np-routes" } as const;

/** What leads into our chains, for everybody. Connections are marked by the MAC address that speaks, so IPv6 is marked, too. */
export function markEntries(wan: string): Thing[] {
  return families.flatMap((family) => {
    const rule = (props: Record<string, string>) => thing(`${family}/firewall/mangle`, "@line/marks", props);
    const jump = (chain: string, target: string, props: Record<string, string>) =>
      rule({ chain, action: "jump", "jump-target": target, ...props });
    return [
      jump("prerouting", chains.connections, { "connection-mark": "no-mark" }),
      jump("forward", chains.down, { "in-interface": wan, "packet-mark": "no-mark" }),
      jump("forward", chains.up, { "out-interface": wan, "packet-mark": "no-mark" }),
      ...ways.map((way) =>
        rule({
          chain: "forward",
          action: "mark-packet",
          [way === "down" ? "in-interface" : "out-interface"]: wan,
          "packet-mark": "no-mark",
          "new-packet-mark": restMark(way),
          passthrough: "true",
        }),
      ),
      jump("postrouting", chains.dscp, { "out-interface": wan }),
    ];
  });
}

/** Whose connection it is, which queue its packets go through, and how they are marked for the provider. */
export function marksOf(device: DevicePlan, macs: readonly string[]): Thing[] {
  const mark = connectionMark(device.device);
  return families.flatMap((family) => {
    const rule = (part: string, props: Record<string, string>) => thing(`${family}/firewall/mangle`, `${device.device}/${part}`, props);
    return [
      ...macs.map((mac) =>
        rule("mark", {
          chain: chains.connections,
          action: "mark-connection",
          "src-mac-address": rosMac(mac),
          "new-connection-mark": mark,
          passthrough: "true",
        }),
      ),
      ...ways.map((way) =>
        rule(way, {
          chain: chains[way],
          action: "mark-packet",
          "connection-mark": mark,
          "new-packet-mark": packetMark(way, device.device),
          passthrough: "false",
        }),
      ),
      ...(device.dscp > 0
        ? [
            rule("dscp", {
              chain: chains.dscp,
              action: "change-dscp",
              "connection-mark": mark,
              "new-dscp": String(device.dscp),
              passthrough: "false",
            }),
          ]
        : []),
    ];
  });
}

const privateNetworks: Record<Family, readonly string[]> = {
  ip: ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4"],
  ipv6: ["fc00::/7", "fe80::/10", "ff00::/8"],
};
const localList = "np-local";

/** What every tunnel needs: its way in, and what never goes through one. */
export const routeEntries = (): Thing[] =>
  families.flatMap((family) => [
    ...privateNetworks[family].map((address) => thing(`${family}/firewall/address-list`, "@line/local", { list: localList, address })),
    thing(`${family}/firewall/mangle`, "@line/routes", { chain: "prerouting", action: "jump", "jump-target": chains.routes }),
  ]);

const tableOf = (tunnel: string): string => `np-${tunnel}`;

/** A table of routes that leads into a tunnel, and the address of the tunnel for what goes through it. */
export function tunnelRoutes(tunnel: string, ipv6: boolean): Thing[] {
  const group = `@line/tunnel-${tunnel}`;
  const table = tableOf(tunnel);
  const carried = families.filter((family) => family === "ip" || ipv6);
  return [
    thing("routing/table", group, { name: table, fib: "" }),
    ...carried.flatMap((family) => [
      thing(`${family}/route`, group, {
        "dst-address": family === "ip" ? "0.0.0.0/0" : "::/0",
        gateway: tunnel,
        "routing-table": table,
      }),
      thing(`${family}/firewall/nat`, group, { chain: "srcnat", action: "masquerade", "out-interface": tunnel }),
    ]),
  ];
}

/** Sends what a device says to the internet, and its questions for names, into a tunnel. */
export function tunnelMarks(device: DevicePlan, macs: readonly string[], tunnel: string, ipv6: boolean): Thing[] {
  return families
    .filter((family) => family === "ip" || ipv6)
    .flatMap((family) =>
      macs.flatMap((mac) => {
        const rule = (props: Record<string, string>) =>
          thing(`${family}/firewall/mangle`, `${device.device}/route`, {
            chain: chains.routes,
            action: "mark-routing",
            "src-mac-address": rosMac(mac),
            ...props,
            "new-routing-mark": tableOf(tunnel),
            passthrough: "true",
          });
        return [
          rule({ protocol: "udp", "dst-port": "53" }),
          rule({ protocol: "tcp", "dst-port": "53" }),
          rule({ "dst-address-list": `!${localList}` }),
        ];
      }),
    );
}
