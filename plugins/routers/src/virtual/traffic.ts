import type { Counters } from "@network-personas/engine/model";
import { typicalRates } from "@network-personas/engine/testing/household";
import type { DeviceKind } from "@network-personas/personas";
import type { ClientSetting } from "./settings.ts";
import type { Sections } from "./state.ts";

/** What a kind of device is used for when nobody says; others idle. */
const usual: Partial<Record<DeviceKind, string>> = {
  tv: "streaming-enthusiast",
  streamer: "streaming-enthusiast",
  console: "gamer",
  laptop: "everyday",
  desktop: "everyday",
  phone: "everyday",
  tablet: "everyday",
  camera: "iot-device",
};
/** Updates, time, notifications: what a device does that does nothing, kbit/s. */
const background = { down: 8, up: 4 };

/** Rates of one client now, kbit/s, as its use and its section of the plan have it. */
export function rateOf(client: ClientSetting, sections: Sections): { down: number; up: number } {
  if (!client.connected) return { down: 0, up: 0 };
  const limits =
    Object.values(sections).find((section) => (section.options.macs as string[] | undefined)?.includes(client.mac))?.options ?? {};
  if (limits.blocked) return { down: 0, up: 0 };
  const activity = client.activity ?? (client.kind && usual[client.kind]);
  const wanted = (activity && typicalRates[activity]) || background;
  return {
    down: Math.min(wanted.down, Number(limits.ceilingDown ?? wanted.down)),
    up: Math.min(wanted.up, Number(limits.ceilingUp ?? wanted.up)),
  };
}

/** Byte counters that grow at each client's rate; like a router's, they start at zero when the driver does. */
export class Traffic {
  readonly #bytes = new Map<string, { downBytes: number; upBytes: number }>();
  #countedAt: number | undefined;

  count(clients: readonly ClientSetting[], sections: Sections, now: number): Counters {
    const seconds = Math.max(0, now - (this.#countedAt ?? now)) / 1000;
    this.#countedAt = now;
    for (const client of clients) {
      const rate = rateOf(client, sections);
      const { downBytes, upBytes } = this.#bytes.get(client.mac) ?? { downBytes: 0, upBytes: 0 };
      this.#bytes.set(client.mac, {
        downBytes: downBytes + Math.round(rate.down * 125 * seconds),
        upBytes: upBytes + Math.round(rate.up * 125 * seconds),
      });
    }
    const all = [...this.#bytes.values()];
    const sum = (way: "downBytes" | "upBytes") => all.reduce((total, bytes) => total + bytes[way], 0);
    return {
      at: new Date(now).toISOString(),
      devices: new Map(this.#bytes),
      wan: { downBytes: sum("downBytes"), upBytes: sum("upBytes") },
    };
  }
}
