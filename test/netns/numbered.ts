import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { overruns } from "./namespace.ts";

/**
 * Numbered packets to a peer, so many a ms, from when it was heard of until told to stop; then says how many. Whoever was not let run
 * for a while does not make up for it: such a burst no queue has room for.
 */
const sender = `
const [, own, ownPort, peer, port, perMs] = process.argv;
const udp = require("node:dgram").createSocket(peer.includes(":") ? "udp6" : "udp4");
udp.bind(Number(ownPort), own);
let [sent, due, last, timer] = [0, 0, 0];
udp.once("message", () => {
  last = performance.now();
  timer = setInterval(send, 1);
  process.send("ready");
});
function send() {
  const now = performance.now();
  due += Math.min(5, now - last) * Number(perMs);
  last = now;
  for (; due >= 1; due--) {
    const packet = Buffer.alloc(100);
    packet.writeUInt32BE(sent++);
    udp.send(packet, Number(port), peer);
  }
}
process.on("message", () => {
  clearInterval(timer);
  process.send(sent);
});
`;

/** Notes the numbers in the order they come, and says something to the peer now and then, as a call does. */
const receiver = `
const [, own, ownPort, peer, port] = process.argv;
const order = [];
const udp = require("node:dgram").createSocket(peer.includes(":") ? "udp6" : "udp4");
udp.on("message", (packet) => order.push(packet.readUInt32BE()));
udp.bind(Number(ownPort), own, () => process.send("ready"));
setInterval(() => udp.send("heard", Number(port), peer), 20);
process.on("message", (what) => process.send(what === "count" ? order.length : order));
`;

/** Bytes of such a packet as a queue counts them. */
export const packetBytes = { ipv4: 14 + 20 + 8 + 100, ipv6: 14 + 40 + 8 + 100 } as const;
/** Of the last flow: every one is a connection of its own. */
let lastPort = 7_000;
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
  /** `perMs`: packets a millisecond. */
  static async start(from: Place, to: Place, perMs: number): Promise<NumberedFlow> {
    const child = async ({ namespace, address }: Place, script: string, ownPort: number, peer: string, port: number) => {
      const program = [process.execPath, "-e", script, "--", ...[address, ownPort, peer, port, perMs].map(String)];
      const started = spawn("ip", ["netns", "exec", namespace, ...program], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
      await once(started, "message");
      return started;
    };
    const [there, here] = [++lastPort, ++lastPort];
    const receiving = await child(to, receiver, there, from.address, here);
    return new NumberedFlow(await child(from, sender, here, to.address, there), receiving, to.namespace);
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
