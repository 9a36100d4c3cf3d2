import type { FlowTotals } from "../../engine/src/observe/flow-features.ts";
import type { TrafficGroup } from "../../engine/src/observe/traffic-signs.ts";

/** A flow of which is known what it was. */
export interface LabelledFlow extends FlowTotals {
  cls: string;
  group: TrafficGroup;
  /** Its rates at the last looks, kbit/s, oldest first; empty where only totals are known. */
  history: readonly number[];
}

const groups: Readonly<Record<string, TrafficGroup>> = {
  gaming: "realtime",
  conference: "realtime",
  cloudgame: "realtime",
  streaming: "streaming",
  bulk: "bulk",
  iot: "background",
  web: "background",
};

/** What may be told besides: rates with semicolons between them. */
const optional = "history";
const columns = ["cls", "proto", "dport", "dur", "pu", "pd", "bu", "bd"] as const;

/**
 * Reads labelled flows: a header, then one flow a line; u is from client to server, durations in seconds. A column `history` has the
 * rates of the last looks.
 */
export function readFlows(text: string, file: string): LabelledFlow[] {
  const [header = "", ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== "");
  const names = header.split(",").map((name) => name.trim());
  const missing = columns.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`${file}: the header lacks ${missing.join(", ")}`);
  return lines.map((line, i) => {
    const cells = line.split(",");
    const cell = (name: (typeof columns)[number]) => cells[names.indexOf(name)]?.trim() ?? "";
    const number = (name: (typeof columns)[number]) => {
      const value = Number(cell(name));
      if (cell(name) === "" || !Number.isFinite(value) || value < 0)
        throw new Error(`${file}, line ${i + 2}: ${name} is "${cell(name)}", not a number`);
      return value;
    };
    const history = (cells[names.indexOf(optional)]?.trim() ?? "").split(";").filter((rate) => rate !== "");
    if (history.some((rate) => !(Number(rate) >= 0)))
      throw new Error(`${file}, line ${i + 2}: history is "${history.join(";")}", not rates with semicolons between them`);
    const group = groups[cell("cls")];
    if (!group) throw new Error(`${file}, line ${i + 2}: cls is "${cell("cls")}"; known: ${Object.keys(groups).join(", ")}`);
    return {
      cls: cell("cls"),
      group,
      protocol: /^(udp|17)$/i.test(cell("proto")) ? "udp" : "tcp",
      remotePort: number("dport"),
      seconds: number("dur"),
      upPackets: number("pu"),
      downPackets: number("pd"),
      upBytes: number("bu"),
      downBytes: number("bd"),
      history: history.map(Number),
    };
  });
}

/** Writes labelled flows as `readFlows` reads them. */
export function flowsText(flows: readonly LabelledFlow[], source: string): string {
  const lines = flows.map(({ cls, protocol, remotePort, seconds, upPackets, downPackets, upBytes, downBytes, history }) =>
    [
      ...[source, cls, cls, protocol.toUpperCase(), remotePort, seconds.toFixed(1), upPackets, downPackets, upBytes, downBytes],
      history.map(Math.round).join(";"),
    ].join(","),
  );
  return `${[`source,app,${columns.join()},${optional}`, ...lines].join("\n")}\n`;
}
export const groupOf = (cls: string): TrafficGroup => groups[cls]!;
