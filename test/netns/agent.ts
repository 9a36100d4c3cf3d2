import { createSocket } from "node:dgram";
import { Resolver } from "node:dns/promises";
import { connect, createServer, type Socket } from "node:net";

// Runs in one namespace. Listens there as servers do, answers name servers' questions with the address asked at, for each address
// in its arguments, and does what it is sent.

/** What does not come within this time does not come, ms. */
const patience = 700;
const calls: Socket[] = [];

for (const port of [25565, 5001, 853]) createServer((socket) => void socket.on("error", () => {}).pipe(socket)).listen(port, "::");
for (const address of process.argv.slice(2)) {
  const family = familyOf(address);
  const names = createSocket(family);
  names.on("message", (_, from) => names.send(address, from.port, from.address)).bind(53, address);
  const echo = createSocket(family);
  echo.on("message", (packet, from) => echo.send(packet, from.port, from.address)).bind(7, address);
}

const abilities = {
  /** Whether a connection comes about and carries something there and back. */
  async reaches(host: string, port: number): Promise<boolean> {
    const socket = connect({ host, port }).on("error", () => {});
    socket.on("connect", () => socket.write("x"));
    try {
      return await answered(socket);
    } finally {
      socket.destroy();
    }
  },
  /** Who answers what is asked of a name server; "" when nobody does. */
  async asks(host: string): Promise<string> {
    const socket = createSocket(familyOf(host)).on("error", () => {});
    const { promise, resolve } = Promise.withResolvers<string>();
    const timer = setTimeout(resolve, patience, "");
    socket.on("message", (text) => resolve(text.toString()));
    socket.send("who?", 53, host);
    return promise.finally(() => {
      clearTimeout(timer);
      socket.close();
    });
  },
  /** The first address of a name; "" when there is none. */
  async resolves(server: string, name: string, type: "A" | "AAAA"): Promise<string> {
    const resolver = new Resolver({ timeout: patience, tries: 1 });
    resolver.setServers([server.includes(":") ? `[${server}]` : server]);
    return resolver.resolve(name, type).then(
      ([first]) => String(first),
      () => "",
    );
  },
  /** Opens a connection that stays, and says which one it is. */
  async calls(host: string, port: number): Promise<number> {
    const socket = connect({ host, port }).on("error", () => {});
    return calls.push(socket) - 1;
  },
  /** Whether what is said on such a connection still comes back. */
  async talks(call: number): Promise<boolean> {
    const socket = calls[call]!;
    if (socket.destroyed) return false;
    const answer = answered(socket);
    socket.write("x");
    return answer;
  },
  /** Says something of so many bytes to who echoes, five times in one flow; how often it came back. */
  async echoes(host: string, bytes: number): Promise<number> {
    const socket = createSocket(familyOf(host)).on("error", () => {});
    let came = 0;
    for (let said = 0; said < 5; said++) {
      const { promise, resolve } = Promise.withResolvers<number>();
      const timer = setTimeout(resolve, patience, 0);
      socket.once("message", () => resolve(1));
      socket.send(Buffer.alloc(bytes), 7, host);
      came += await promise;
      clearTimeout(timer);
    }
    socket.close();
    return came;
  },
  async hangsUp(): Promise<void> {
    for (const socket of calls.splice(0)) socket.destroy();
  },
};
export type Abilities = typeof abilities;
export interface Order {
  id: number;
  what: keyof Abilities;
  args: unknown[];
}

process.on("message", async ({ id, what, args }: Order) => {
  const value = await (abilities[what] as (...args: unknown[]) => Promise<unknown>)(...args);
  process.send!({ id, value });
});
process.on("disconnect", () => process.exit());
process.send!("ready");

function answered(socket: Socket): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, patience, false);
  socket.once("data", () => resolve(true)).once("close", () => resolve(false));
  return promise.finally(() => clearTimeout(timer));
}
function familyOf(address: string): "udp4" | "udp6" {
  return address.includes(":") ? "udp6" : "udp4";
}
