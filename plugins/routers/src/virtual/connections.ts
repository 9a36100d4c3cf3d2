import type { Flow } from "@network-personas/engine/model";
import type { ClientSetting } from "./settings.ts";
import type { Sections } from "./state.ts";
import { rateOf } from "./traffic.ts";

/** What the one connection that matters of an activity looks like: packets a second and bytes a packet. */
interface Shape {
  protocol: "tcp" | "udp";
  remotePort: number;
  up: { packets: number; size: number };
  down: { packets: number; size: number };
  /** Seconds of data and of pause in turn; steady when absent. */
  pauses?: number;
}

const shapes: Readonly<Record<string, Shape>> = {
  gamer: { protocol: "udp", remotePort: 27_015, up: { packets: 64, size: 90 }, down: { packets: 64, size: 250 } },
  "remote-worker": { protocol: "udp", remotePort: 3_478, up: { packets: 120, size: 900 }, down: { packets: 150, size: 950 } },
  "streaming-enthusiast": {
    protocol: "tcp",
    remotePort: 443,
    up: { packets: 100, size: 60 },
    down: { packets: 1_000, size: 1_400 },
    pauses: 5,
  },
  "video-editor": { protocol: "tcp", remotePort: 443, up: { packets: 520, size: 1_400 }, down: { packets: 250, size: 60 } },
};
/** What everything else looks like: a connection that is kept alive. */
const idle: Shape = { protocol: "tcp", remotePort: 443, up: { packets: 0.2, size: 90 }, down: { packets: 0.2, size: 120 } };

/** Connections of the simulated clients, with counters that grow as each client's activity would make them. */
export class Connections {
  readonly #flows = new Map<string, Flow & { activity: string; since: number; at: number }>();

  look(clients: readonly ClientSetting[], sections: Sections, now: number): Flow[] {
    const open = clients.filter((client) => rateOf(client, sections).down > 0);
    for (const mac of [...this.#flows.keys()]) if (!open.some((client) => client.mac === mac)) this.#flows.delete(mac);
    for (const client of open) {
      const activity = client.activity ?? "";
      const known = this.#flows.get(client.mac);
      const shape = shapes[activity] ?? idle;
      if (!known || known.activity !== activity) {
        this.#flows.set(client.mac, { ...opened(client.mac, shape, now), activity, since: now, at: now });
        continue;
      }
      const seconds = Math.max(0, now - known.at) / 1000;
      const running = shape.pauses ? Math.floor((now - known.since) / 1000 / shape.pauses) % 2 === 1 : true;
      const grow = (way: { packets: number; size: number }) => (running ? Math.round(way.packets * seconds) : 0);
      const [up, down] = [grow(shape.up), grow(shape.down)];
      this.#flows.set(client.mac, {
        ...known,
        upPackets: known.upPackets + up,
        downPackets: known.downPackets + down,
        upBytes: known.upBytes + up * shape.up.size,
        downBytes: known.downBytes + down * shape.down.size,
        ageMs: now - known.since,
        at: now,
      });
    }
    return [...this.#flows.values()].map(({ activity: _, since: __, at: ___, ...flow }) => flow);
  }
}

function opened(mac: string, { protocol, remotePort }: Shape, now: number): Flow {
  return {
    id: `${mac} ${now}`,
    mac,
    protocol,
    remotePort,
    upPackets: 0,
    downPackets: 0,
    upBytes: 0,
    downBytes: 0,
    ageMs: 0,
  };
}
