import type { SentenceKey } from "@network-personas/engine/model";
import type { UbusCall } from "./ubus.ts";

/** One right of the account, as session.access asks for it, and what it is for. */
export interface Right {
  scope: "ubus" | "uci" | "file";
  object: string;
  function: string;
  /** Without it the driver does nothing; else only `purpose` is missing. */
  required: boolean;
  purpose: SentenceKey;
}

const ubus = (object: string, functions: readonly string[], purpose: SentenceKey, required = true): Right[] =>
  functions.map((name) => ({ scope: "ubus", object, function: name, required, purpose }));
const run = (object: string, purpose: SentenceKey): Right => ({ scope: "file", object, function: "exec", required: false, purpose });

/** The commands the driver runs, exactly as they are granted. */
/** Terse: without the elements of sets, which on some routers are more than rpcd can hold. */
export const ruleset = ["/usr/sbin/nft", "--terse", "--json", "list", "ruleset"] as const;
export const checkRuleset = ["/sbin/fw4", "check"] as const;
export const listQdiscs = ["/sbin/tc", "qdisc", "show"] as const;
export const listClasses = (device: string) => ["/sbin/tc", "class", "show", "dev", device] as const;
export const restartShaper = ["/etc/init.d/sqm", "restart"] as const;
export const cutConnections = (address: string) =>
  address.includes(":")
    ? (["/usr/sbin/conntrack", "-D", "-f", "ipv6", "-s", address] as const)
    : (["/usr/sbin/conntrack", "-D", "-s", address] as const);
export const neighbours = (family: 4 | 6) => ["/sbin/ip", `-${family}`, "neigh", "show"] as const;
const protocols = [
  ["-p", "udp"],
  ["-p", "tcp", "--state", "ESTABLISHED"],
] as const;
/** In parts, for rpcd gives nothing of an output beyond 256 KiB; /proc/net/nf_conntrack it would cut off at 4 KiB without a word. */
export const listConnections: readonly (readonly string[])[] = (["ipv4", "ipv6"] as const).flatMap((family) =>
  protocols.map((protocol) => ["/usr/sbin/conntrack", "-L", "-f", family, ...protocol]),
);
export const accounting = ["/usr/sbin/nlbw", "-c", "json", "-g", "mac"] as const;
export const usableQdiscs = "/var/run/sqm/available_qdiscs";

/** Every right the driver uses; the ACL file grants these and no others. Patterns are asked for by an example. */
export const rights: readonly Right[] = [
  ...ubus("session", ["access"], "forLogin"),
  ...ubus("uci", ["get", "changes"], "forReading"),
  ...ubus("uci", ["set", "add", "delete", "revert", "apply", "confirm", "rollback"], "forChanging"),
  { scope: "uci", object: "firewall", function: "read", required: true, purpose: "forFirewall" },
  { scope: "uci", object: "firewall", function: "write", required: true, purpose: "forRules" },
  { scope: "uci", object: "sqm", function: "read", required: false, purpose: "forShaper" },
  { scope: "uci", object: "sqm", function: "write", required: false, purpose: "forShaper" },
  ...ubus("system", ["board"], "forBoard"),
  ...ubus("network.interface", ["dump"], "forLine"),
  ...ubus("network.device", ["status"], "forCounting", false),
  ...ubus("luci-rpc", ["getHostHints", "getDHCPLeases"], "forNames", false),
  ...ubus("hostapd.*", ["get_clients"], "forWifi", false),
  ...ubus("file", ["exec"], "forInForce", false),
  ...ubus("file", ["list"], "forQueue", false),
  { scope: "file", object: usableQdiscs, function: "list", required: false, purpose: "forQueue" },
  run(ruleset.join(" "), "forRulesSeen"),
  run(checkRuleset.join(" "), "forRulesWhy"),
  run(listQdiscs.join(" "), "forShaperRuns"),
  run(listClasses("*").join(" "), "forShaperRates"),
  run(restartShaper.join(" "), "forShaperStart"),
  run(cutConnections("*").join(" "), "forCutting"),
  run("/usr/sbin/conntrack -D -f ipv6 -s *", "forCutting6"),
  run(neighbours(4).join(" "), "forConnected"),
  run(neighbours(6).join(" "), "forConnected"),
  ...listConnections.map((command) => run(command.join(" "), "forRecognising")),
  run(accounting.join(" "), "forDevices"),
];

/** The ubus object of install/np-agent. */
export const agentObject = "np-agent";
/** What the optional agent is asked; the ACL file grants it, whether there is an agent or not. */
export const agentRights: readonly Right[] = ubus(agentObject, ["status", "apply", "confirm", "rollback", "renew"], "forAgent", false);

export const nameOfRight = (right: Right): string => `${right.scope} ${right.object} ${right.function}`;

/** The question whether the account has a right. */
export const askFor = ({ scope, object, function: name }: Right): UbusCall => ({
  object: "session",
  method: "access",
  args: { scope, object: object.replace("hostapd.*", "hostapd.example").replace(/ \*$/, " example"), function: name },
});

/** What the account may do; what could not be asked counts as granted, and shows when it is used. */
export class GrantedRights {
  readonly #missing: ReadonlySet<string>;
  constructor(missing: readonly Right[]) {
    this.#missing = new Set(missing.map(nameOfRight));
  }
  has(scope: Right["scope"], object: string, name: string): boolean {
    return !this.#missing.has(`${scope} ${object} ${name}`);
  }
  /** A granted command, patterns with their star. */
  canRun(command: readonly string[]): boolean {
    return this.has("ubus", "file", "exec") && this.has("file", command.join(" "), "exec");
  }
}
