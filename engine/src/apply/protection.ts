import type { Protection } from "../driver/index.ts";
import type { Home } from "../model/index.ts";

/** What no plan for this home may cut off or exceed. */
export function protectionOf(home: Home): Protection {
  const infrastructure = home.devices.filter((device) => device.infrastructure);
  return {
    macs: new Set(infrastructure.flatMap((device) => device.macs)),
    devices: new Set(infrastructure.map((device) => device.id)),
    neverBlock: new Set(home.policy.neverBlock.flatMap((id) => home.people.find((person) => person.id === id)?.devices ?? [id])),
    lines: new Map([[home.wan.id, { down: home.wan.down, up: home.wan.up }]]),
  };
}
