import { now, numbered, pace, type Recording, read } from "./wire.ts";

const sound = { kind: 0, perSecond: 50, bytes: 200 };
const picture = { kind: 1, perSecond: 30, bytes: 1_000 };
/** How many packets a picture in full quality has, in each direction: 2.2 Mbit/s up and 2.4 down. */
const packetsOf = { up: 9, down: 10 } as const;
const report = { kind: 2, everyMs: 200 };

/** Shrinks fast when packets wait or are lost, and grows slowly: what a call does to its pictures. */
const shrink = 0.85;
const grow = 1.04;
const least = 0.06;
/** Mean delay over the shortest, ms, and share of packets lost. */
const bad = { delay: 60, loss: 0.1 };
const good = { delay: 35, loss: 0.03 };

/**
 * One end of an adaptive call: sound that stays as it is, and pictures that shrink as the other end reports delay and loss.
 * The model is the one of the product's own measurements: additive increase, multiplicative decrease every 200 ms.
 */
export class CallEnd {
  readonly #send: (packet: Buffer) => void;
  readonly #recording: Recording;
  readonly #way: "up" | "down";
  readonly #stops: (() => void)[] = [];
  #number = 0;
  #scale = 0.5;
  #heardAt = now();
  #interval = { packets: 0, delay: 0, before: -1, newest: -1 };
  #shortest = Number.POSITIVE_INFINITY;

  /** `way` is the direction this end sends in. */
  constructor(way: "up" | "down", recording: Recording, send: (packet: Buffer) => void) {
    this.#way = way;
    this.#recording = recording;
    this.#send = send;
    recording.sent[`call ${way}`] = [];
    recording.got[`call ${way === "up" ? "down" : "up"}`] = [];
    recording.kept[`call ${way}`] = [];
  }

  start(): void {
    this.#heardAt = now();
    const timer = setInterval(() => this.#report(), report.everyMs);
    this.#stops.push(
      pace(sound.perSecond, () => this.#media(sound.kind, sound.bytes)),
      pace(picture.perSecond, () => this.#picture()),
      () => clearInterval(timer),
    );
  }
  stop(): void {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #media(kind: number, bytes: number): void {
    const at = now();
    this.#recording.sent[`call ${this.#way}`]!.push(at);
    this.#send(numbered(kind, this.#number++, bytes, at));
  }
  #picture(): void {
    const full = packetsOf[this.#way];
    const packets = Math.max(1, Math.round(full * this.#scale));
    this.#recording.kept[`call ${this.#way}`]!.push([now(), packets / full]);
    for (let i = 0; i < packets; i++) this.#media(picture.kind, picture.bytes);
  }

  take(packet: Buffer): void {
    const at = now();
    if (packet[0] === report.kind) {
      this.#adapt(packet.readDoubleBE(1), packet.readDoubleBE(9));
      return;
    }
    const { number, sent } = read(packet);
    this.#recording.got[`call ${this.#way === "up" ? "down" : "up"}`]!.push([number, at]);
    this.#interval.packets++;
    this.#interval.delay += at - sent;
    this.#interval.newest = Math.max(this.#interval.newest, number);
    this.#shortest = Math.min(this.#shortest, at - sent);
  }

  /** Tells the other end how its packets arrive; silence tells too. */
  #report(): void {
    const { packets, delay, before, newest } = this.#interval;
    const told = Buffer.alloc(100);
    told[0] = report.kind;
    told.writeDoubleBE(packets > 0 ? delay / packets - this.#shortest : 500, 1);
    told.writeDoubleBE(packets > 0 ? Math.max(0, 1 - packets / (newest - before)) : 1, 9);
    this.#interval = { packets: 0, delay: 0, before: newest, newest };
    this.#send(told);
    if (now() - this.#heardAt > 3 * report.everyMs) this.#scale = Math.max(least, this.#scale * shrink);
  }
  #adapt(delay: number, loss: number): void {
    this.#heardAt = now();
    if (delay > bad.delay || loss > bad.loss) this.#scale *= shrink;
    else if (delay < good.delay && loss < good.loss) this.#scale *= grow;
    this.#scale = Math.min(1, Math.max(least, this.#scale));
  }
}
