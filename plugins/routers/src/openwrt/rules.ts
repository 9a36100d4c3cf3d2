import { type DevicePlan, type Sentence, sentence } from "@network-personas/engine/model";
import { type Application, classTable, type TrafficClass } from "@network-personas/personas";
import type { Facts } from "./facts.ts";
import { namePart, type OwnSection, tag, titled, type Value, type WantedSection } from "./sections.ts";
import type { Settings } from "./settings.ts";

/** What the rules of one device are made of. */
export interface RuleContext {
  device: DevicePlan;
  /** Lower case, sorted. */
  macs: readonly string[];
  facts: Facts;
  settings: Settings;
}

/** A rule before it has its name: `kind` and the parts that tell it from others of the device. */
interface Draft {
  kind: string;
  parts?: readonly string[];
  title: string;
  options: Record<string, Value>;
  said: Sentence;
}

function section({ device }: RuleContext, draft: Draft): WantedSection {
  const base: Omit<OwnSection, "options"> = {
    config: "firewall",
    name: tag + [draft.kind, namePart(device.device), ...(draft.parts ?? []).map(namePart)].join("__"),
    type: "rule",
  };
  const options = { enabled: "1", ...draft.options };
  return { ...base, options: titled(draft.title, base, options), said: draft.said };
}

const outward = ({ facts, settings }: RuleContext): readonly string[] => {
  const zones = facts.zones.filter((zone) => zone.outward).map((zone) => zone.name);
  return zones.includes(settings.wanZone) ? zones : [settings.wanZone, ...zones];
};

/** Source "*": the rule stands before those of any zone and holds in whichever network the device is. */
const from = ({ macs }: RuleContext, to: string): Record<string, Value> => ({ src: "*", dest: to, src_mac: [...macs] });

/** Title of a block that ended running connections. */
export const cutTitle = "cut off";

/** Refuses every new connection to the outside. */
export function blockRules(context: RuleContext): WantedSection[] {
  const { device } = context;
  return outward(context).map((zone) =>
    section(context, {
      kind: "block",
      parts: [zone],
      // Told from a block that let running connections be, so that ending them is a change.
      title: `${device.cutEstablished ? cutTitle : "block"} ${device.device}`,
      options: { ...from(context, zone), proto: "all", target: "REJECT" },
      said: sentence("refuseAll", { device: device.device, zone }),
    }),
  );
}

/** Accepts or refuses an application by its ports; one rule per transport and zone. */
export function applicationRules(context: RuleContext, application: Application, target: "ACCEPT" | "REJECT"): WantedSection[] {
  const { device } = context;
  const words =
    target === "ACCEPT"
      ? { kind: "allow", title: "allow", key: "letOutApplication" as const }
      : { kind: "app", title: "refuse", key: "refuseApplication" as const };
  return outward(context).flatMap((zone) =>
    application.ports.map(({ protocol, ports }, i) =>
      section(context, {
        kind: words.kind,
        parts: [application.id, `${protocol}${i || ""}`, zone],
        title: `${words.title} ${device.device} ${application.id}`,
        options: { ...from(context, zone), proto: protocol, dest_port: [...ports], target },
        said: sentence(words.key, { application: application.name, ports: `${protocol} ${ports.join(", ")}`, device: device.device, zone }),
      }),
    ),
  );
}

/** Refuses what no rule before it let out. */
export function strictRules(context: RuleContext): WantedSection[] {
  const { device } = context;
  return outward(context).map((zone) =>
    section(context, {
      kind: "strict",
      parts: [zone],
      title: `strict ${device.device}`,
      options: { ...from(context, zone), proto: "all", target: "REJECT" },
      said: sentence("refuseRest", { device: device.device, zone }),
    }),
  );
}

/** Refuses what is routed from the device to other networks of the home. */
export function isolationRules(context: RuleContext): WantedSection[] {
  const { device, facts } = context;
  const away = new Set(outward(context));
  return facts.zones
    .filter((zone) => !away.has(zone.name))
    .map((zone) =>
      section(context, {
        kind: "isolate",
        parts: [zone.name],
        title: `isolate ${device.device} ${zone.name}`,
        options: { ...from(context, zone.name), proto: "all", target: "REJECT" },
        said: sentence("keepFrom", { device: device.device, zone: zone.name }),
      }),
    );
}

/** Refuses connections from outside to the addresses the device has now. */
export function inboundRules(context: RuleContext, addresses: readonly string[]): WantedSection[] {
  const { device, settings } = context;
  if (addresses.length === 0) return [];
  return [
    section(context, {
      kind: "inbound",
      title: `inbound ${device.device}`,
      options: { src: settings.wanZone, dest: "*", dest_ip: [...addresses], proto: "all", target: "REJECT" },
      said: sentence("refuseInbound", { zone: settings.wanZone, device: device.device }),
    }),
  ];
}

/** Marks what the device sends. */
export function markRules(context: RuleContext): WantedSection[] {
  const { device, macs } = context;
  if (device.dscp === 0) return [];
  return [
    section(context, {
      kind: "mark",
      title: `mark ${device.device}`,
      options: { src: "*", dest: "*", src_mac: [...macs], proto: "all", target: "DSCP", set_dscp: codePoint(device.class, device.dscp) },
      said: sentence("markAs", { device: device.device, class: device.class, dscp: device.dscp }),
    }),
  ];
}

/** A code point by its usual name, which fw4 knows. */
function codePoint(name: TrafficClass, dscp: number): string {
  const { dscp: usual, phb } = classTable[name];
  return usual === dscp && /^(EF|LE|AF[1-4][1-3])$/.test(phb) ? phb : String(dscp);
}
