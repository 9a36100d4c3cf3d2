import type { Config, Section, UciValue } from "./uci.ts";

/** One rule as fw4 loads it into the kernel. */
export interface LiveRule {
  chain: string;
  comment: string;
  section: string;
  sourceMacs: readonly string[];
  /** Source and destination zone; "*" is any. */
  source: string | undefined;
  destination: string | undefined;
  destinationAddresses: readonly string[];
  protocols: readonly string[];
  destinationPorts: readonly string[];
  target: string;
  dscp: string | undefined;
}

/** What `fw4 check` prints, and what `fw4 reload` would load. */
export interface Rendered {
  rules: readonly LiveRule[];
  warnings: readonly string[];
  zones: readonly { name: string; devices: readonly string[] }[];
}

const list = (value: UciValue | undefined): string[] =>
  value === undefined
    ? []
    : [value]
        .flat()
        .flatMap((v) => v.split(/\s+/))
        .filter((v) => v !== "");
const text = (section: Section, option: string): string | undefined => {
  const value = section.options.get(option);
  return Array.isArray(value) ? value[0] : value;
};

const mac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;
const port = /^!?\d{1,5}([-:]\d{1,5})?$/;
const targets = ["ACCEPT", "REJECT", "DROP", "NOTRACK", "HELPER", "MARK", "DSCP"];
const dscpNames = /^(CS[0-7]|AF[1-4][1-3]|EF|BE|LE|0x[0-3]?[0-9a-f]|[1-5]?\d|6[0-3])$/;

function isAddress(value: string): boolean {
  const [address = "", mask] = value.replace(/^!/, "").split("/");
  if (mask !== undefined && !/^[0-9.a-f:]+$/i.test(mask)) return false;
  if (address.includes(":")) return /^[0-9a-f:.]+$/i.test(address);
  const parts = address.split(".");
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}

/** The option of a rule that fw4 does not accept, or undefined. */
function invalidOption(section: Section, zones: ReadonlySet<string>): [string, string] | undefined {
  const check = (option: string, valid: (value: string) => boolean): [string, string] | undefined => {
    const bad = list(section.options.get(option)).find((value) => !valid(value));
    return bad === undefined ? undefined : [option, bad];
  };
  const zone = (value: string) => value === "*" || zones.has(value);
  return (
    check("src", zone) ??
    check("dest", zone) ??
    check("src_mac", (v) => mac.test(v)) ??
    check("src_ip", isAddress) ??
    check("dest_ip", isAddress) ??
    check("dest_port", (v) => port.test(v)) ??
    check("target", (v) => targets.includes(v.toUpperCase())) ??
    check("set_dscp", (v) => dscpNames.test(v))
  );
}

/** Chain a rule lands in, as firewall4 decides it. */
function chainOf(source: string | undefined, destination: string | undefined, target: string): string {
  if (target === "DSCP" || target === "MARK") {
    const any = (zone: string | undefined) => zone === "*";
    const one = (zone: string | undefined) => zone !== undefined && zone !== "*";
    if ((any(source) && any(destination)) || (one(source) && one(destination))) return "mangle_forward";
    if (any(source) && one(destination)) return "mangle_postrouting";
    if (one(source) && any(destination)) return "mangle_prerouting";
    return source !== undefined ? "mangle_input" : "mangle_output";
  }
  if (source === undefined) return destination === undefined || destination === "*" ? "output" : `output_${destination}`;
  const chain = destination === undefined ? "input" : "forward";
  return source === "*" ? chain : `${chain}_${source}`;
}

/** Renders /etc/config/firewall as fw4 does; sections it refuses are skipped with a warning nobody sees. */
export function render(config: Config, deviceOf: (network: string) => string | undefined): Rendered {
  const warnings: string[] = [];
  const rules: LiveRule[] = [];
  const zones = config.sections
    .filter((s) => s.type === "zone")
    .map((s) => ({
      name: text(s, "name") ?? "",
      devices: list(s.options.get("network"))
        .map(deviceOf)
        .filter((d) => d !== undefined),
    }));
  const names = new Set(zones.map((zone) => zone.name));
  for (const section of config.sections.filter((s) => s.type === "rule" || s.type === "redirect")) {
    const label = text(section, "name");
    const who = `Section ${section.anonymous ? `@${section.type}[]` : section.name} (${label ?? section.name})`;
    if (text(section, "enabled") === "0") {
      warnings.push(`[!] ${who} is disabled, ignoring section`);
      continue;
    }
    const invalid = invalidOption(section, names);
    if (invalid) {
      warnings.push(
        `[!] ${who} option '${invalid[0]}' specifies invalid value '${invalid[1]}'`,
        `[!] ${who} skipped due to invalid options`,
      );
      continue;
    }
    if (section.type === "redirect") continue;
    const target = (text(section, "target") ?? "DROP").toUpperCase();
    if (target === "DSCP" && text(section, "set_dscp") === undefined) {
      warnings.push(`[!] ${who} must specify option 'set_dscp' for target 'dscp'`);
      continue;
    }
    const source = text(section, "src");
    const destination = text(section, "dest");
    const protocols = list(section.options.get("proto"));
    rules.push({
      chain: chainOf(source, destination, target),
      comment: `!fw4: ${label ?? section.name}`,
      section: section.name,
      sourceMacs: list(section.options.get("src_mac")).map((m) => m.toLowerCase()),
      source,
      destination,
      destinationAddresses: list(section.options.get("dest_ip")),
      protocols: protocols.length ? protocols : ["tcp", "udp"],
      destinationPorts: list(section.options.get("dest_port")),
      target,
      dscp: text(section, "set_dscp"),
    });
  }
  return { rules, warnings, zones };
}

/** nft's comment limit: a longer one makes it refuse the whole ruleset. */
export const longestComment = 128;

/** `nft -j list ruleset` of what is loaded. */
export function nftJson(rendered: Rendered): string {
  const base = { family: "inet", table: "fw4" };
  const chains = [...new Set(["input", "forward", "output", "mangle_forward", ...rendered.rules.map((rule) => rule.chain)])];
  let handle = 0;
  const match = (protocol: string, field: string, values: readonly string[]) => ({
    match: { op: "==", left: { payload: { protocol, field } }, right: values.length === 1 ? values[0] : { set: values } },
  });
  const rules = rendered.rules.flatMap((rule) => {
    const families = rule.target === "DSCP" ? ["ip", "ip6"] : [undefined];
    const protocols = rule.protocols.includes("all") ? [undefined] : rule.protocols;
    return families.flatMap((family) =>
      protocols.map((protocol) => ({
        rule: {
          ...base,
          chain: rule.chain,
          handle: ++handle,
          comment: rule.comment,
          expr: [
            ...(protocol && rule.destinationPorts.length ? [match(protocol, "dport", rule.destinationPorts)] : []),
            ...(rule.destinationAddresses.length ? [match("ip", "daddr", rule.destinationAddresses)] : []),
            ...(rule.sourceMacs.length ? [match("ether", "saddr", rule.sourceMacs)] : []),
            { counter: { packets: 0, bytes: 0 } },
            family
              ? { mangle: { key: { payload: { protocol: family, field: "dscp" } }, value: rule.dscp } }
              : rule.target === "ACCEPT"
                ? { accept: null }
                : {
                    jump: {
                      target:
                        rule.destination && rule.destination !== "*"
                          ? `${rule.target.toLowerCase()}_to_${rule.destination}`
                          : "handle_reject",
                    },
                  },
          ],
        },
      })),
    );
  });
  const meta = { metainfo: { version: "1.0.6", release_name: "Lester Gooch #5", json_schema_version: 1 } };
  return JSON.stringify({
    nftables: [
      meta,
      { table: { family: "inet", name: "fw4", handle: 1 } },
      ...chains.map((name) => ({ chain: { ...base, name, handle: ++handle } })),
      ...rules,
    ],
  });
}

/** A new connection from a device to the internet or another zone. */
export interface Attempt {
  mac: string;
  from?: string;
  to?: string;
  protocol?: "tcp" | "udp";
  port?: number;
}

/** Whether the loaded rules let a new connection through (forwarding from the LAN is open by default). */
export function passes(
  rendered: Rendered,
  { mac: source, from = "lan", to = "wan", protocol = "tcp", port: destination = 443 }: Attempt,
): boolean {
  for (const chain of ["forward", `forward_${from}`]) {
    for (const rule of rendered.rules.filter((r) => r.chain === chain)) {
      if (rule.sourceMacs.length && !rule.sourceMacs.includes(source.toLowerCase())) continue;
      if (rule.destinationAddresses.length) continue;
      if (rule.destination !== undefined && rule.destination !== "*" && rule.destination !== to) continue;
      if (!rule.protocols.includes("all") && !rule.protocols.includes(protocol)) continue;
      if (rule.destinationPorts.length && !rule.destinationPorts.some((range) => inRange(range, destination))) continue;
      return rule.target === "ACCEPT";
    }
  }
  return to === "wan" || to === from;
}

function inRange(range: string, value: number): boolean {
  const [low, high] = range.split(/[-:]/).map(Number);
  return value >= low! && value <= (high ?? low!);
}
