import { BlockList, isIP } from "node:net";
import type { Device } from "./device.ts";
import { isName, type Row } from "./values.ts";

/** A packet the router forwards, as its firewall sees it. */
export interface Packet {
  family: "ip" | "ipv6";
  mac: string;
  from: string;
  to: string;
  in: string;
  out: string;
  state: "new" | "established";
  protocol: "tcp" | "udp";
  port: number;
  /** The name in its greeting of TLS. */
  name?: string;
  /** Its destination was translated. */
  translated?: boolean;
}

/** What does not say which packets a rule is about. */
const noMatchers =
  /^(\.id|comment|bytes|packets|disabled|dynamic|invalid|log|log-prefix|chain|action|jump-target|reject-with|address-list(-timeout)?|to-address(es)?|ipsec-policy)$/;
const among = (list: string, value: string): boolean => list.split(",").includes(value);
const has = (ports: string, port: number): boolean =>
  ports.split(",").some((part) => {
    const [from, to = from] = part.split("-").map(Number);
    return from! <= port && port <= to!;
  });

function isListed(device: Device, { family }: Packet, list: string, address: string): boolean {
  const entries = device.rows(`${family}/firewall/address-list`).filter((row) => row.list === list && row.disabled !== "true");
  const known = new BlockList();
  const kind = family === "ip" ? "ipv4" : "ipv6";
  for (const { address: entry } of entries) {
    if (isName(entry!)) continue;
    const [plain, length] = entry!.split("/");
    known.addSubnet(plain!, Number(length ?? 32), kind);
  }
  return known.check(address, kind);
}

function matches(device: Device, packet: Packet, name: string, value: string): boolean {
  if (value.startsWith("!")) return !matches(device, packet, name, value.slice(1));
  const inList = (list: string, link: string) =>
    device.rows("interface/list/member").some((row) => row.list === list && row.interface === link);
  switch (name) {
    case "connection-state":
      return among(value, packet.state);
    case "connection-nat-state":
      return value === "dstnat" && packet.translated === true;
    case "in-interface":
      return value === packet.in;
    case "out-interface":
      return value === packet.out;
    case "in-interface-list":
      return inList(value, packet.in);
    case "out-interface-list":
      return inList(value, packet.out);
    case "src-mac-address":
      return value === packet.mac.toUpperCase();
    case "src-address":
      return value === packet.from;
    case "src-address-list":
      return isListed(device, packet, value, packet.from);
    case "dst-address-list":
      return isListed(device, packet, value, packet.to);
    case "protocol":
      return value === packet.protocol;
    case "dst-port":
      return has(value, packet.port);
    case "tls-host":
      return packet.name !== undefined && (value.startsWith("*.") ? packet.name.endsWith(value.slice(1)) : packet.name === value);
    default:
      throw new Error(`no packet is known by ${name}`);
  }
}

/** The first rule of a chain that ends it; undefined when none does. */
function deciding(device: Device, menu: string, chain: string, packet: Packet): Row | undefined {
  for (const rule of device.rows(menu)) {
    if (rule.chain !== chain || rule.disabled === "true") continue;
    if (!Object.entries(rule).every(([name, value]) => noMatchers.test(name) || matches(device, packet, name, value))) continue;
    switch (rule.action) {
      case "jump": {
        const decided = deciding(device, menu, rule["jump-target"]!, packet);
        if (decided && decided.action !== "return") return decided;
        break;
      }
      case "add-src-to-address-list":
        device.learn(packet.family, rule["address-list"]!, packet.from, rule["address-list-timeout"]!);
        break;
      case "passthrough":
        break;
      default:
        return rule;
    }
  }
  return undefined;
}

/** What the router does with a packet it would forward. */
export function verdict(device: Device, packet: Packet): string {
  if (isIP(packet.from) !== (packet.family === "ip" ? 4 : 6)) throw new Error(`${packet.from} is no address of ${packet.family}`);
  return deciding(device, `${packet.family}/firewall/filter`, "forward", packet)?.action ?? "accept";
}

/** Where a packet is sent instead, or undefined when it goes where it was to. */
export function sentTo(device: Device, packet: Packet): string | undefined {
  const rule = deciding(device, `${packet.family}/firewall/nat`, "dstnat", packet);
  return rule?.["to-addresses"] ?? rule?.["to-address"];
}
