import type { SaidOmission } from "@network-personas/engine/driver";
import { type LinePlan, type Sentence, sentence, verbatim } from "@network-personas/engine/model";
import { omission } from "../shared/omission.ts";
import type { Facts } from "./facts.ts";
import type { OwnSection, WantedSection } from "./sections.ts";

export const shaperName = "np_wan";

/** How traffic waits at the line: cake also shares fairly between devices, fq_codel between flows only. */
export type Queueing = "cake" | "fq_codel" | "fifo";

/** The best queueing the router can do; fq_codel, which every OpenWrt kernel has, when it cannot be asked. */
export function queueingOf(facts: Pick<Facts, "qdiscs">): Queueing {
  if (facts.qdiscs === undefined || (facts.qdiscs.includes("fq_codel") && !facts.qdiscs.includes("cake"))) return "fq_codel";
  return facts.qdiscs.includes("cake") ? "cake" : "fifo";
}

/**
 * Options of sqm-scripts per queueing. Upstream traffic is sorted by the marks our rules set, which are washed off behind the line.
 * Downstream the marks are not there yet when traffic is queued, so hosts share alike.
 */
const scripts: Record<Queueing, Record<string, string>> = {
  cake: {
    qdisc: "cake",
    script: "layer_cake.qos",
    qdisc_advanced: "1",
    squash_dscp: "1",
    squash_ingress: "1",
    qdisc_really_really_advanced: "1",
    iqdisc_opts: "besteffort nat dual-dsthost",
    eqdisc_opts: "diffserv4 nat dual-srchost wash",
  },
  fq_codel: { qdisc: "fq_codel", script: "simplest.qos", qdisc_advanced: "0", qdisc_really_really_advanced: "0" },
  fifo: { qdisc: "pfifo", script: "simplest.qos", qdisc_advanced: "0", qdisc_really_really_advanced: "0" },
};

/** Why our shaper cannot be placed, or undefined when it can. */
export function shaperObstacle(facts: Facts): { instead: Sentence; why: Sentence } | undefined {
  if (!facts.shaping) return { instead: verbatim(""), why: sentence("noSqm") };
  if (!facts.wanDevice) return { instead: verbatim(""), why: sentence("noWanDevice") };
  if (facts.foreignQueue)
    return { instead: sentence("goesOnShaping", { queue: facts.foreignQueue, device: facts.wanDevice }), why: sentence("shapingTwice") };
  return undefined;
}

/** The shaper of the first line; sqm runs one queue per device, and a home with a second line says so. */
export function lowerLines(lines: readonly LinePlan[], facts: Facts): { sections: WantedSection[]; omissions: SaidOmission[] } {
  const [line, ...more] = lines;
  if (!line) return { sections: [], omissions: [] };
  const wanted = (l: LinePlan) => sentence("ratesOfLine", { line: l.wan, down: l.shaper.down, up: l.shaper.up });
  const omissions: SaidOmission[] = more.map((l) => omission("line.shaper", null, wanted(l), sentence("oneLinePerRouter")));
  const obstacle = shaperObstacle(facts);
  if (obstacle)
    return { sections: [], omissions: [omission("line.shaper", null, wanted(line), obstacle.why, obstacle.instead), ...omissions] };
  const queueing = queueingOf(facts);
  const section: WantedSection = {
    config: "sqm",
    name: shaperName,
    type: "queue",
    options: {
      enabled: "1",
      interface: facts.wanDevice!,
      download: String(Math.round(line.shaper.down)),
      upload: String(Math.round(line.shaper.up)),
      linklayer: "none",
      ...scripts[queueing],
    },
    said: sentence("shapeBoth", {
      line: facts.wanDevice!,
      down: line.shaper.down,
      up: line.shaper.up,
      queue: queueing === "fifo" ? sentence("oneQueue") : queueing,
    }),
  };
  return { sections: [section], omissions };
}

/** What must be seen in the kernel for a shaper section; null when ours is not wanted. */
export interface ShaperRates {
  device: string;
  down: number;
  up: number;
}
export function ratesOf(sections: readonly OwnSection[]): ShaperRates | null {
  const section = sections.find((s) => s.config === "sqm" && s.name === shaperName);
  if (section?.options.enabled !== "1") return null;
  return { device: String(section.options.interface), down: Number(section.options.download), up: Number(section.options.upload) };
}
