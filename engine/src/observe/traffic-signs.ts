import type { TrafficKind } from "@network-personas/personas";
import type { FlowFeatures } from "./flow-features.ts";

/** Kinds that want the same of a network. Mistakes within a group do no harm. */
export const trafficGroups = {
  realtime: ["game", "cloud-game", "call"],
  streaming: ["streaming"],
  bulk: ["download", "upload"],
  background: ["background"],
} as const satisfies Record<string, readonly TrafficKind[]>;
export type TrafficGroup = keyof typeof trafficGroups;

type Quantity = Exclude<keyof FlowFeatures, "protocol" | "remotePort">;

/** A quantity expected between two values: `inside` log-odds there, falling to `outside` within an octave on either side. */
export interface RangeSign {
  of: Quantity;
  from: number;
  to: number;
  inside: number;
  outside: number;
}

export interface PortSign {
  from: number;
  to: number;
  logOdds: number;
  protocol?: "tcp" | "udp";
}

interface KindSigns {
  protocol: Readonly<Record<"tcp" | "udp", number>>;
  /** Log-odds of remote ports, perhaps of one protocol only; the first match counts. */
  ports: readonly PortSign[];
  ranges: readonly RangeSign[];
}

const port = (logOdds: number, ...ports: (number | readonly [number, number])[]): PortSign[] =>
  ports.map((p) => (typeof p === "number" ? { from: p, to: p, logOdds } : { from: p[0], to: p[1], logOdds }));
const range = (of: Quantity, from: number, to: number, inside: number, outside: number): RangeSign => ({ of, from, to, inside, outside });

/** QUIC carries the web, films and downloads, hardly ever games or calls. */
const quic = 443;
const web = [80, quic, 8080] as const;
/** WireGuard, IPsec, OpenVPN: anything may be inside. */
const tunnels = [500, 1194, 4500, 51820] as const;
/** What else comes over UDP is seldom a file. */
const overQuic: PortSign = { from: quic, to: quic, protocol: "udp", logOdds: 2 };

/**
 * The table behind recognition: what each kind of traffic looks like, as log-odds per sign. Ranges are the 10 to 90 % of
 * measured flows, rounded outwards; a sign that rules something out weighs more than one that allows it.
 */
export const signsOf: Readonly<Record<TrafficKind, KindSigns>> = {
  game: {
    protocol: { udp: 1, tcp: -4 },
    ports: [...port(-2, quic, 53, 123, ...tunnels), ...port(1, 3074, [3478, 3480], [7000, 9000], [27000, 27200], 30120, [5000, 5500])],
    ranges: [
      range("age", 4, Number.POSITIVE_INFINITY, 0.3, -1.5),
      range("packetsUp", 8, 140, 1, -2),
      range("packetsDown", 8, 140, 1, -2),
      range("sizeUp", 40, 230, 1, -2),
      range("sizeDown", 50, 480, 1, -2),
      range("symmetry", 0.2, 1, 0.5, -2),
      range("rate", 15, 500, 0.5, -2),
    ],
  },
  "cloud-game": {
    protocol: { udp: 1, tcp: -4 },
    ports: [...port(-5, quic, ...tunnels), ...port(1, [1024, 1100], 3074, 9002, [44700, 44900], [49003, 49006])],
    ranges: [
      range("age", 4, Number.POSITIVE_INFINITY, 0.3, -1.5),
      range("packetsDown", 300, 2500, 1, -2),
      range("sizeDown", 850, 1400, 0.5, -2),
      range("packetsUp", 50, 400, 1, -2),
      range("sizeUp", 90, 300, 1.5, -2),
      range("rate", 3_000, 60_000, 1, -3),
      range("downShare", 0.9, 0.998, 0.5, -2),
    ],
  },
  call: {
    protocol: { udp: 1, tcp: -1.5 },
    ports: [
      ...port(-1.5, quic, 53, 123),
      ...port(-3, ...tunnels),
      ...port(-0.5, 80, 8080),
      ...port(1.5, [3478, 3481], [8801, 8810], [19302, 19309]),
      ...port(0.5, [16384, 32767], [50000, 50059]),
    ],
    ranges: [
      range("age", 4, Number.POSITIVE_INFINITY, 0.3, -1.5),
      range("packetsUp", 15, 450, 1, -2.5),
      range("packetsDown", 15, 450, 1, -2.5),
      range("sizeUp", 100, 1250, 0.5, -1.5),
      range("sizeDown", 100, 1250, 0.5, -1.5),
      range("symmetry", 0.4, 1, 0.5, -2),
      range("downShare", 0.2, 0.85, 1, -2),
      range("rate", 40, 8_000, 0.5, -2),
    ],
  },
  streaming: {
    protocol: { udp: -1.5, tcp: 0.2 },
    ports: [overQuic, ...port(0.5, ...web), ...port(-1, 53, 123, 1883, 8883)],
    ranges: [
      range("volume", 500_000, Number.POSITIVE_INFINITY, 0, -1.5),
      range("age", 10, Number.POSITIVE_INFINITY, 0.3, -2),
      range("downShare", 0.93, 1, 1.5, -2.5),
      range("sizeDown", 900, 3_000, 0.5, -1.5),
      range("rate", 250, 50_000, 1, -1.5),
      range("sizeUp", 30, 180, 0.5, -0.5),
      range("burstiness", 1.6, 20, 1.5, -1.5),
    ],
  },
  download: {
    protocol: { udp: -1.5, tcp: 0.3 },
    ports: [overQuic, ...port(0.3, ...web), ...port(-1, 53, 123, 1883, 8883)],
    ranges: [
      range("volume", 500_000, Number.POSITIVE_INFINITY, 0, -1.5),
      range("age", 10, Number.POSITIVE_INFINITY, 0.3, -2),
      range("downShare", 0.93, 1, 1, -2.5),
      range("sizeDown", 1_100, 3_000, 0.7, -1.5),
      range("rate", 1_500, 2_000_000, 0.7, -1),
      range("burstiness", 1, 1.35, 1.5, -1.5),
    ],
  },
  upload: {
    protocol: { udp: -1.5, tcp: 0.5 },
    ports: [overQuic, ...port(0.3, ...web)],
    ranges: [
      range("age", 10, Number.POSITIVE_INFINITY, 0.3, -1.5),
      range("downShare", 0, 0.25, 2, -3),
      range("sizeUp", 700, 3_000, 1, -2),
      range("rate", 100, 2_000_000, 0.5, -1.5),
    ],
  },
  background: {
    protocol: { udp: 0, tcp: 0.5 },
    ports: [...port(2, 53, 123, 1883, 5353, 5683, 5684, 6668, 8883), ...port(0.3, ...web)],
    ranges: [
      range("volume", 0, 500_000, 0.3, -1),
      range("age", 0, 8, 2, -0.3),
      range("rate", 0, 150, 1.5, -2),
      range("packetsUp", 0, 8, 1, -0.5),
      range("packetsDown", 0, 12, 1, -0.5),
    ],
  },
};
