import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { overruns } from "./namespace.ts";

/** Two thousand numbered packets a second to a peer, until told to stop; then says how many. */
const sender = `
const [, ownPort, peer, port] = process.argv;
const udp = require("node:dgram").createSocket(peer.includes(":") ? "udp6" : "udp4").bind(Number(ownPort), () => process.send("ready"));
let sent = 0;
const began = performance.now();
const timer = setInterval(() => {
  for (; sent < 2 * (performance.now() - began); sent++) {
    const packet = Buffer.alloc(100);
    packet.writeUInt32BE(sent);
    udp.send(packet, Number(port), peer);
  }
}, 1);
process.on("message", () => {
  clearInterval(timer);
  // What is still on its way into the socket goes first.
  setImmediate(() => process.send(sent));
});
`;

/** Notes the numbers in the order they come, and says something to the peer now and then, as a call does. */
const receiver = `
const [, ownPort, peer, port] = process.argv;
const order = [];
const udp = require("node:dgram").createSocket(peer.includes(":") ? "udp6" : "udp4");
udp.on("message", (packet) => order.push(packet.readUInt32BE()));
udp.bind(Number(ownPort), () => process.send("ready"));
setInterval(() => udp.send("heard", Number(port), peer), 20);
process.on("message", (what) => process.send(what === "count" ? order.length : order));
`;

/** Bytes of such a packet as a queue counts them. */
export const packetBytes = { ipv4: 14 + 20 + 8 + 100, ipv6: 14 + 40 + 8 + 100 } as const;
const ports = { from: 7001, to: 7002 };
/** Longer nothing is on its way on a busy machine, ms. */
const patience = 3_000;

export interface Place {
  namespace: string;
  address: string;
}
/** What became of a flow: how many packets were sent, and the numbers of those that came, in their order. */
export interface Came {
  sent: number;
  order: readonly number[];
  /** Came to the receiver, which was too busy to read them. */
  overrun: number;
}

/** A flow of numbered packets in one direction. */
export class NumberedFlow {
  readonly #sender: ChildProcess;
  readonly #receiver: ChildProcess;
  readonly #at: string;
  readonly #overrunsBefore: number;

  private constructor(from: ChildProcess, to: ChildProcess, at: string) {
    this.#sender = from;
    this.#receiver = to;
    this.#at = at;
    this.#overrunsBefore = overruns(at);
  }
  static async start(from: Place, to: Place): Promise<NumberedFlow> {
    const child = async ({ namespace }: Place, script: string, ownPort: number, peer: string, port: number) => {
      const program = [process.execPath, "-e", script, "--", String(ownPort), peer, String(port)];
      const started = spawn("ip", ["netns", "exec", namespace, ...program], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      await once(started, "message");
      return started;
    };
    const receiving = await child(to, receiver, ports.to, from.address, ports.from);
    return new NumberedFlow(await child(from, sender, ports.from, to.address, ports.to), receiving, to.namespace);
  }
  /** Ends it when everything has come that can: what was sent and not dropped, or nothing more for a while. */
  async end(dropped: () => number): Promise<Came> {
    const sent = await ask<number>(this.#sender, "stop");
    const overrun = () => overruns(this.#at) - this.#overrunsBefore;
    let count = -1;
    for (let grown = performance.now(); performance.now() - grown < patience; await pause(20)) {
      const now = await ask<number>(this.#receiver, "count");
      if (now > count) grown = performance.now();
      count = now;
      if (count + dropped() + overrun() >= sent) break;
    }
    const order = await ask<number[]>(this.#receiver, "order");
    this.stop();
    return { sent, order, overrun: overrun() };
  }
  stop(): void {
    this.#sender.kill("SIGKILL");
    this.#receiver.kill("SIGKILL");
  }
}

async function ask<T>(child: ChildProcess, what: string): Promise<T> {
  child.send(what);
  const [answer] = await once(child, "message");
  return answer as T;
}

/** Packets that came late, and how often it began: a burst is what one newer packet overtook, and those after it. */
export function reordering(order: readonly number[]): { late: number; bursts: number } {
  let [late, bursts, newest, overtaker] = [0, 0, -1, -1];
  const newer: number[] = [];
  for (const number of order) {
    if (number > newest) {
      newest = number;
      newer.push(number);
      continue;
    }
    late++;
    if (number < overtaker) continue;
    bursts++;
    overtaker = newer.find((one) => one > number)!;
  }
  return { late, bursts };
}
