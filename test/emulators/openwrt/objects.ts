import type { AgentProcess } from "./agent.ts";
import { commands, runCommand } from "./commands.ts";
import type { OpenWrtRouter } from "./router.ts";
import { allows, type Session } from "./sessions.ts";
import { status } from "./status.ts";

export interface Call {
  session: Session;
  args: Record<string, unknown>;
}
/** Status, and the payload when there is one. */
export type Answer = [number, Record<string, unknown>?];
export type Method = (call: Call) => Answer | Promise<Answer>;

/** Methods a real router has and this one does not; they are answered like unknown ones. */
export const unsupported: readonly string[] = [
  "GET /ubus/list",
  "POST /ubus/call/<object>",
  "GET /ubus/subscribe/<object>",
  "session.create",
  "session.list",
  "session.grant",
  "session.revoke",
  "session.set",
  "session.get",
  "session.unset",
  "uci.state",
  "uci.reload_config",
  "file.write",
  "file.stat",
  "file.md5",
  "file.remove",
  "system.reboot",
  "system.info",
  "network.device.set_state",
  "network.interface.renew",
  "rc.list with running checks",
  "service.event",
  "log.read",
  "luci.*",
  "iwinfo.*",
  "luci-rpc.getWirelessDevices",
  "luci-rpc.getNetworkDevices",
];

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Every ubus object of the router with its methods. */
export function objectsOf(router: OpenWrtRouter): Record<string, Record<string, Method>> {
  return {
    session: {
      access: ({ session, args }) => {
        const { scope, object, function: right } = args;
        if (typeof object !== "string" || typeof right !== "string") return [status.invalidArgument];
        return [status.ok, { access: allows(session.acls, typeof scope === "string" ? scope : "ubus", object, right) }];
      },
      destroy: ({ session }) => {
        router.sessions.destroy(session.token);
        return [status.ok];
      },
    },
    uci: router.uci.methods,
    file: {
      exec: (call) => execute(router, call),
      list: ({ session, args }) => {
        const path = normal(text(args.path));
        if (!allows(session.acls, "file", path, "list")) return [status.permissionDenied];
        const names = router.folders()[path];
        return names ? [status.ok, { entries: names.map((name) => ({ name, type: "file", size: 0, mode: 33188 })) }] : [status.notFound];
      },
      read: ({ session, args }) => {
        const path = normal(text(args.path));
        if (!allows(session.acls, "file", path, "read")) return [status.permissionDenied];
        if (router.folders()[path]) return [status.noData];
        const data = router.files.get(path);
        return data === undefined ? [status.notFound] : [status.ok, { data }];
      },
    },
    rc: {
      list: ({ args }) => {
        const name = text(args.name);
        // A service without a process is never "running".
        const known: Record<string, Record<string, unknown>> = {
          firewall: { start: 19, enabled: true, running: false },
          sqm: { start: 50, enabled: true, running: false },
          rpcd: { start: 12, enabled: true, running: true },
        };
        return [status.ok, name ? (known[name] ? { [name]: known[name] } : {}) : known];
      },
      init: async ({ args }) => {
        const name = text(args.name);
        const action = text(args.action);
        if (!["firewall", "sqm", "rpcd", "network"].includes(name)) return [status.notFound];
        if (!["start", "stop", "restart", "reload"].includes(action)) return [status.invalidArgument];
        if (name === "sqm") await router.sqm.restart();
        if (name === "firewall") router.loadFirewall();
        return [status.ok];
      },
    },
    service: {
      list: ({ args }) => {
        const known: Record<string, unknown> = { firewall: {}, sqm: {} };
        const name = text(args.name);
        if (!name) return [status.ok, known];
        return name in known ? [status.ok, { [name]: known[name] }] : [status.ok];
      },
    },
    system: { board: () => [status.ok, router.board] },
    "network.interface": { dump: () => [status.ok, { interface: router.interfaces.map((i) => router.describe(i)) }] },
    "network.device": {
      status: ({ args }) => {
        const device = router.devices.get(text(args.name));
        return device ? [status.ok, { ...device, up: true, present: true }] : [status.notFound];
      },
    },
    ...(router.agent ? { "np-agent": agentMethods(router.agent) } : {}),
    "luci-rpc": {
      getHostHints: () => [status.ok, router.hostHints()],
      getDHCPLeases: () => [
        status.ok,
        { dhcp_leases: router.leases.map((lease) => ({ ...lease, macaddr: lease.macaddr.toUpperCase() })), dhcp6_leases: [] },
      ],
    },
    ...Object.fromEntries(router.interfaces.map((i) => [`network.interface.${i.name}`, interfaceMethods(router, i.name)])),
    ...Object.fromEntries(
      [...router.accessPoints].map(([name, stations]) => [
        `hostapd.${name}`,
        { get_clients: () => [status.ok, stationList(stations)] as Answer },
      ]),
    ),
  };
}

/** rpcd makes an object of an exec plugin, and a process of a call. */
const agentMethods = (agent: AgentProcess): Record<string, Method> =>
  Object.fromEntries(
    ["status", "apply", "confirm", "rollback", "renew", "release"].map((method): [string, Method] => [
      method,
      ({ session, args }) => agent.call(method, args, session.token),
    ]),
  );

function interfaceMethods(router: OpenWrtRouter, name: string): Record<string, Method> {
  const of = () => router.interfaces.find((i) => i.name === name)!;
  const bring = (up: boolean): Answer => {
    router.countWrite();
    of().up = up;
    return [status.ok];
  };
  return { status: () => [status.ok, router.describe(of())], up: () => bring(true), down: () => bring(false) };
}

const stationList = (stations: ReadonlyMap<string, { rx: number; tx: number }>) => ({
  freq: 5180,
  clients: Object.fromEntries(
    [...stations].map(([mac, bytes]) => [
      mac,
      { auth: true, assoc: true, authorized: true, signal: -55, bytes: { rx: bytes.rx, tx: bytes.tx } },
    ]),
  ),
});

async function execute(router: OpenWrtRouter, { session, args }: Call): Promise<Answer> {
  const { command, params } = args;
  if (typeof command !== "string") return [status.invalidArgument];
  if (args.env !== undefined) return [status.permissionDenied];
  const path = command.startsWith("/")
    ? normal(command)
    : (Object.keys(commands).find((known) => known.endsWith(`/${command}`)) ?? command);
  const words = Array.isArray(params) ? params.filter((p) => typeof p === "string") : [];
  const granted = allows(session.acls, "file", path, "exec") || allows(session.acls, "file", [path, ...words].join(" "), "exec");
  if (!granted) return [status.permissionDenied];
  const result = await runCommand(router, path, words);
  if (!result) return [status.notFound];
  // rpcd gives nothing of an output it could not hold.
  if ((result.stdout?.length ?? 0) > 256 * 1024) return [status.notSupported];
  return [status.ok, { ...result }];
}

/** Lexical only, as rpcd: links are not followed. */
function normal(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}
