import { inEnglish, type Sentence, sentence } from "@network-personas/engine/model";
import { type Held, isOurs, type Notes, needed, type SwitchName, stillOurs, switchVariables } from "./held.ts";
import { joined, type ParentalRow, parentalRows, pieceSize, pieces, type Row, rowsOf, tag } from "./lists.ts";
import { dnsList, isMerlin, type Nvram, supports } from "./nvram.ts";
import type { QosChoice } from "./settings.ts";
import { type Tunnels, tunnelsOf } from "./tunnels.ts";

/** How many entries the web interface lets a list have. */
const most = { parental: 64, priorities: 128, limits: 32 } as const;
const dnsCharacters = pieces * pieceSize;

/** What a router can do for us, beside what its owner has set. Words say why not. */
export interface View {
  /** Why nothing at all can be done. */
  unable: Sentence | undefined;
  parental: Sentence | undefined;
  dns: Sentence | undefined;
  /** The QoS that is there for us; `line`: we decide about the rates of the line. */
  qos: { kind: "traditional" | "limiter" | undefined; line: boolean; why: Sentence };
  ipv6: boolean;
  tunnels: Tunnels;
  /** Switches that are on without us. */
  on: Readonly<Record<SwitchName, boolean>>;
  /** Devices the owner has decided about, by MAC address. */
  theirs: {
    blocked: ReadonlySet<string>;
    scheduled: ReadonlySet<string>;
    priority: ReadonlySet<string>;
    limited: ReadonlySet<string>;
    filtered: ReadonlySet<string>;
  };
  /** Entries that still fit; characters for `filters`. */
  room: { blocks: number; priorities: number; limits: number; filters: number };
}

const kinds: Record<string, string> = { "1": "Adaptive QoS", "3": "GeForce NOW QoS", "9": "CAKE" };
const offered = { keep: undefined, traditional: "traditional", limiter: "limiter" } as const;

/** Looks at a router with its owner's eyes. Pure. */
export function viewOf(nvram: Nvram, notes: Notes, choice: QosChoice): View {
  const ours = stillOurs(nvram, notes);
  const on = (name: SwitchName) => nvram[switchVariables[name][0]] === "1" && !(switchVariables[name][0] in ours);
  const ipv6 = !["", "disabled"].includes(nvram.ipv6_service ?? "");
  const rules = parentalRows(nvram);
  const theirRules = (rules ?? []).filter((row) => !row.name.startsWith(tag));
  const others = (list: string | undefined, mine: (row: Row) => boolean) => rowsOf(list ?? "").filter((row) => !mine(row));
  const priorities = others(nvram.qos_rulelist, isOurs.priority);
  const limits = others(nvram.qos_bw_rulelist, isOurs.limit(notes.limits));
  const filters = others(joined(nvram, dnsList), isOurs.filter);
  const macs = (rows: readonly Row[]) => new Set(rows.map((row) => (row.fields[1] ?? "").toLowerCase()));
  const where = (rows: readonly ParentalRow[], enable: (value: string) => boolean) =>
    new Set(rows.filter((row) => enable(row.enable)).map((row) => row.mac.toLowerCase()));
  return {
    unable: (nvram.sw_mode ?? "1") === "1" || nvram.sw_mode === "" ? undefined : sentence("noRouterNow"),
    parental:
      rules === undefined
        ? sentence("parentalLists")
        : !on("parental") && needed.parental(nvram, notes)
          ? sentence("parentalDormant")
          : undefined,
    dns: !(isMerlin(nvram) && supports(nvram, "dnsfilter"))
      ? sentence("noDnsDirector")
      : !on("dns") && needed.dns(nvram, notes)
        ? sentence("dnsDormant")
        : undefined,
    qos: qosOf(nvram, on("qos"), needed.qos({ ...nvram, qos_type: "2" }, notes), choice),
    ipv6,
    tunnels: tunnelsOf(nvram, ipv6),
    on: { parental: on("parental"), dns: on("dns"), qos: on("qos") },
    theirs: {
      blocked: on("parental") ? where(theirRules, (enable) => enable === "2") : new Set(),
      scheduled: where(theirRules, (enable) => enable !== "2" || !on("parental")),
      priority: macs(priorities),
      limited: macs(limits),
      filtered: macs(filters),
    },
    room: {
      blocks: most.parental - theirRules.length,
      priorities: most.priorities - priorities.length,
      limits: most.limits - limits.length,
      filters: dnsCharacters - filters.reduce((sum, row) => sum + row.text.length + 1, 0),
    },
  };
}

function qosOf(nvram: Nvram, theirs: boolean, dormantLimits: boolean, choice: QosChoice): View["qos"] {
  const none = (why: Sentence): View["qos"] => ({ kind: undefined, line: false, why });
  if (theirs) {
    if (nvram.qos_type === "0") return { kind: "traditional", line: false, why: sentence("qosTheirsTraditional") };
    if (nvram.qos_type === "2") return { kind: "limiter", line: false, why: sentence("qosTheirsLimiter") };
    return none(sentence("qosTheirsOther", { kind: kinds[nvram.qos_type ?? ""] ?? sentence("anotherOne") }));
  }
  const kind = offered[choice];
  if (kind === undefined) return none(sentence("qosOff"));
  if (kind === "limiter" && dormantLimits) return none(sentence("limiterDormant"));
  return kind === "traditional"
    ? { kind, line: true, why: sentence("qosSaysTraditional") }
    : { kind, line: false, why: sentence("qosSaysLimiter") };
}

/** Why a router cannot hold something; undefined when it can. */
export function conflict(wanted: Held, view: View): string | undefined {
  const { blocks, priorities, limits, filters, tunnels, shaper } = wanted;
  if ([blocks, priorities, limits, filters, tunnels].every((list) => list.length === 0) && !shaper) return undefined;
  if (view.unable) return inEnglish(view.unable);
  if (blocks.length > 0 && view.parental) return inEnglish(view.parental);
  if (filters.length > 0 && view.dns) return inEnglish(view.dns);
  if (tunnels.length > 0 && view.tunnels.why) return inEnglish(view.tunnels.why);
  if (tunnels.some(({ via }) => ![...view.tunnels.usable.values()].includes(via))) return "a VPN client is not as it was";
  const kind = priorities.length > 0 || shaper ? "traditional" : limits.length > 0 ? "limiter" : undefined;
  if (kind !== undefined && view.qos.kind !== kind) return inEnglish(view.qos.why);
  const taken =
    blocks.some(({ mac }) => view.theirs.blocked.has(mac) || view.theirs.scheduled.has(mac)) ||
    priorities.some(({ mac }) => view.theirs.priority.has(mac)) ||
    limits.some(({ mac }) => view.theirs.limited.has(mac)) ||
    filters.some(({ mac }) => view.theirs.filtered.has(mac)) ||
    tunnels.some(({ address }) => view.tunnels.theirs.has(address));
  return taken ? "somebody has set one of the devices by hand meanwhile" : undefined;
}
