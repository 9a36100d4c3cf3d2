import { randomBytes } from "node:crypto";
import type { RouterTime } from "../shared/time.ts";
import type { Right } from "./services.ts";

export interface Device {
  mac: string;
  ipv4: string;
  hostname: string;
  active: boolean;
  wifi: boolean;
  model: string;
  blocked: boolean;
  priority: boolean;
  /** An access profile that lets it through whatever the block says. */
  profileWins: boolean;
  asking: boolean;
}

/** A fault as UPnP numbers them. */
export class Fault extends Error {
  readonly code: number;
  constructor(code: number, description: string) {
    super(description);
    this.code = code;
  }
}

export interface BoxOptions {
  model?: string;
  version?: string;
  /** Milliseconds until a block is in force. */
  blockDelay?: number;
  priority?: boolean;
}

/** What a FRITZ!Box keeps: its devices, over restarts, and sessions, which it forgets. */
export class FritzBox {
  readonly devices: Device[] = [];
  readonly model: string;
  readonly version: string;
  blockDelay: number;
  writes = 0;
  changeCounter = 17;
  sent = 5_000_000_000n;
  received = 90_000_000_000n;
  readonly #time: RouterTime;
  readonly #hasPriority: boolean;
  readonly #sessions = new Set<string>();
  /** Since when a device's block is as it is. */
  readonly #since = new Map<string, number>();

  constructor(options: BoxOptions, time: RouterTime) {
    this.model = options.model ?? "FRITZ!Box 7590";
    this.version = options.version ?? "154.07.57";
    this.blockDelay = options.blockDelay ?? 0;
    this.#hasPriority = options.priority ?? true;
    this.#time = time;
  }

  reboot(): void {
    this.#sessions.clear();
  }

  /** Carries out an action with arguments that are complete. */
  run(action: string, args: ReadonlyMap<string, string>, account: { username: string; rights: readonly Right[] }): Record<string, string> {
    switch (action) {
      case "GetInfo":
        return {
          NewManufacturerName: "AVM",
          NewManufacturerOUI: "00040E",
          NewModelName: this.model,
          NewDescription: `${this.model} ${this.version}`,
          NewProductClass: "AVMFB7590",
          NewSerialNumber: "0004E0000001",
          NewSoftwareVersion: this.version,
          NewUpTime: "4711",
        };
      case "GetSecurityPort":
        return { NewSecurityPort: "49443" };
      case "X_AVM-DE_GetCurrentUser": {
        const path = (name: Right) => `<path>${name}</path><access>${account.rights.includes(name) ? "readwrite" : "none"}</access>`;
        return {
          "NewX_AVM-DE_CurrentUsername": account.username,
          "NewX_AVM-DE_CurrentUserRights": `<rights>${path("Phone")}${path("App")}${path("BoxAdmin")}</rights>`,
        };
      }
      case "GetHostNumberOfEntries":
        return { NewHostNumberOfEntries: String(this.devices.length) };
      case "X_AVM-DE_GetChangeCounter":
        return { "NewX_AVM-DE_ChangeCounter": String(this.changeCounter) };
      case "X_AVM-DE_GetHostListPath": {
        const sid = randomBytes(8).toString("hex");
        this.#sessions.add(sid);
        return { "NewX_AVM-DE_HostListPath": `/devicehostlist.lua?sid=${sid}` };
      }
      case "X_AVM-DE_SetPrioritizationByIP": {
        const device = this.#device(args.get("NewIPAddress")!);
        device.priority = flag(args.get("NewX_AVM-DE_Priority")!);
        this.writes++;
        return {};
      }
      case "DisallowWANAccessByIP": {
        const device = this.#device(args.get("NewIPv4Address")!);
        device.blocked = flag(args.get("NewDisallow")!);
        this.#since.set(device.mac, this.#time.now());
        this.writes++;
        return {};
      }
      case "GetWANAccessByIP": {
        const device = this.#device(args.get("NewIPv4Address")!);
        return { NewDisallow: device.blocked ? "1" : "0", NewWANAccess: this.#access(device) };
      }
      case "GetAddonInfos":
        return {
          NewByteSendRate: "12345",
          NewByteReceiveRate: "678901",
          // 32 bit, so they wrap.
          NewTotalBytesSent: String(this.sent % 2n ** 32n),
          NewTotalBytesReceived: String(this.received % 2n ** 32n),
          NewX_AVM_DE_TotalBytesSent64: String(this.sent),
          NewX_AVM_DE_TotalBytesReceived64: String(this.received),
        };
      default:
        throw new Fault(401, "Invalid Action");
    }
  }

  /** The host list, when the session is one of ours. */
  hostList(sid: string): string | undefined {
    if (!this.#sessions.has(sid)) return undefined;
    const bit = (value: boolean) => (value ? "1" : "0");
    const items = this.devices.map(
      (device, i) => `<Item>
<Index>${i + 1}</Index>
<IPAddress>${device.ipv4}</IPAddress>
<MACAddress>${device.mac.toUpperCase()}</MACAddress>
<Active>${bit(device.active)}</Active>
<HostName>${device.hostname.replaceAll("&", "&amp;")}</HostName>
<InterfaceType>${device.wifi ? "802.11" : "Ethernet"}</InterfaceType>
<X_AVM-DE_Port>0</X_AVM-DE_Port>
<X_AVM-DE_InfoURL />
<X_AVM-DE_Model>${device.model}</X_AVM-DE_Model>
<X_AVM-DE_Guest>0</X_AVM-DE_Guest>
<X_AVM-DE_RequestClient>${bit(device.asking)}</X_AVM-DE_RequestClient>
<X_AVM-DE_VPN>0</X_AVM-DE_VPN>
<X_AVM-DE_WANAccess>${this.#access(device)}</X_AVM-DE_WANAccess>
<X_AVM-DE_Disallow>${bit(device.blocked)}</X_AVM-DE_Disallow>
${this.#hasPriority ? `<X_AVM-DE_Priority>${bit(device.priority)}</X_AVM-DE_Priority>\n` : ""}</Item>`,
    );
    return `<?xml version="1.0" encoding="UTF-8"?>\n<List>\n<!-- devicehosts :${this.devices.length} -->\n${items.join("\n")}\n</List>\n`;
  }

  #device(ipv4: string): Device {
    // The box resolves an address to whoever has it now, or had it last.
    const holders = this.devices.filter((device) => device.ipv4 === ipv4);
    const device = holders.find((one) => one.active) ?? holders[0];
    if (!device) throw new Fault(714, "No Such Entry In Array");
    return device;
  }

  #access(device: Device): string {
    if (device.profileWins) return "granted";
    const settled = this.#time.now() - (this.#since.get(device.mac) ?? Number.NEGATIVE_INFINITY) >= this.blockDelay;
    return device.blocked === settled ? "denied" : "granted";
  }
}

function flag(text: string): boolean {
  if (text === "1") return true;
  if (text === "0") return false;
  throw new Fault(600, "Argument Value Invalid");
}
