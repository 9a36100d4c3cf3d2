import { type Clock, ConnectionLog, parseConntrack, type TrackedConnection } from "@network-personas/engine/driver";
import type { Flow } from "@network-personas/engine/model";
import { readAddresses } from "./clients.ts";
import type { Reader } from "./reader.ts";
import { listConnections } from "./rights.ts";

/** Who has which address is read again after this long. */
const addressesFor = 30_000;

/** Everything the router forwards; undefined when it has no `conntrack`, may not say, does not count, or cannot tell so much at once. */
export async function readConnections(reader: Reader): Promise<TrackedConnection[] | undefined> {
  for (const command of listConnections) if (!(await reader.may(command))) return undefined;
  const results = await reader.runAll(listConnections);
  const parts = results.map((result) => (result?.code === 0 ? parseConntrack(result.stdout) : undefined));
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
}

/** Connections of devices, from look to look. */
export class Connections {
  readonly #reader: Reader;
  readonly #clock: Clock;
  readonly #log = new ConnectionLog();
  #addresses: { byAddress: ReadonlyMap<string, string>; readAt: number } | undefined;

  constructor(reader: Reader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  async look(): Promise<Flow[] | undefined> {
    const connections = await readConnections(this.#reader);
    if (!connections) return undefined;
    const now = this.#clock.now();
    if (!this.#addresses || now - this.#addresses.readAt >= addressesFor)
      this.#addresses = { byAddress: await readAddresses(this.#reader), readAt: now };
    const { byAddress } = this.#addresses;
    return this.#log.flows(connections, (address) => byAddress.get(address), now);
  }
}
