import type { Instant } from "./ids.ts";

/** A client as a router sees it. */
export interface Client {
  mac: string;
  ipv4?: string;
  ipv6?: readonly string[];
  hostname?: string;
  /** A `DhcpFingerprint`: tells kinds of devices, hardly ever two of one kind. */
  dhcpFingerprint?: string;
  /** Connected now; a lease alone is not presence. */
  connected: boolean;
  lastSeen?: Instant;
  via?: "wifi" | "wired";
}

/** Bytes since some start, per device, from the device's point of view. Not monotonic over router restarts. */
export interface Counters {
  at: Instant;
  devices: ReadonlyMap<string, { downBytes: number; upBytes: number }>;
  wan?: { downBytes: number; upBytes: number };
}

/** One tracked connection, normalised to the LAN side. */
export interface Flow {
  /** Tells it from the router's other connections while it lasts; says nothing else. */
  id: string;
  mac: string;
  protocol: "tcp" | "udp";
  remotePort: number;
  downBytes: number;
  upBytes: number;
  downPackets: number;
  upPackets: number;
  ageMs: number;
}

/** What one look at a router showed. What it cannot tell is absent, never zero. */
export interface Observation {
  at: Instant;
  router: string;
  clients?: readonly Client[];
  counters?: Counters;
}
