import type { Client, Home, Instant, SignalInput } from "../model/index.ts";
import { between, later } from "../model/index.ts";

/** A phone that sleeps looks as if it had left; this long it may be silent before it has. */
const leaveAfter = 5 * 60_000;
/** A state is repeated this often and believed this long, so that an unreachable router makes it unknown, not wrong. */
const repeatEvery = 10 * 60_000;
const believeFor = 30 * 60_000;

/** What was last seen of one device on one router. */
export interface DeviceMemory {
  present: boolean;
  lastSeen: Instant | null;
  saidAt: Instant | null;
}
export type PresenceMemory = Readonly<Record<string, DeviceMemory>>;

/** Presence as the clients of a router tell it: arrive fast, leave slowly. Only changes and rare repeats become signals. */
export function presenceFrom(
  clients: readonly Client[],
  memory: PresenceMemory,
  home: Home,
  router: string,
  at: Instant,
): { signals: SignalInput[]; memory: PresenceMemory } {
  const connected = new Set(clients.filter((c) => c.connected).map((c) => c.mac));
  const next: Record<string, DeviceMemory> = {};
  const signals: SignalInput[] = [];
  for (const device of home.devices) {
    if (device.macs.length === 0) continue;
    const before = memory[device.id] ?? { present: false, lastSeen: null, saidAt: null };
    const seen = device.macs.some((mac) => connected.has(mac));
    const present = seen || (before.present && before.lastSeen !== null && between(before.lastSeen, at) < leaveAfter);
    const due = before.saidAt === null || present !== before.present || between(before.saidAt, at) >= repeatEvery;
    if (due)
      signals.push({ kind: "presence", subject: device.id, present, source: `router:${router}`, at, expiresAt: later(at, believeFor) });
    next[device.id] = { present, lastSeen: seen ? at : before.lastSeen, saidAt: due ? at : before.saidAt };
  }
  return { signals, memory: next };
}

/** A name a client gives itself, without its domain and in lower case. */
export const bareHostname = (hostname: string | undefined): string | undefined => hostname?.toLowerCase().split(".")[0];

/** The second-lowest bit of the first byte marks an address that was made up, as phones do per network. */
export const isRandomised = (mac: string): boolean => (Number.parseInt(mac.slice(0, 2), 16) & 2) !== 0;
