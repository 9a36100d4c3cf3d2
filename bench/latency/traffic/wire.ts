/** Milliseconds of the clock all programs of one machine share. */
export const now = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Where the far end listens. Games and calls use ports no catalogue knows, so that only their packets tell what they are. */
export const ports = { game: 40_123, call: 45_678, probe: { up: 40_007, down: 40_008 }, gadget: 8_883, web: 443 } as const;
/** How far away the far end is: a game is answered this much later, ms. */
export const roundTrip = 20;

/** What a program saw, to be joined with what the other end saw. All times in ms of `now`. */
export interface Recording {
  /** When each numbered packet of a stream was sent. */
  sent: Record<string, number[]>;
  /** Number and arrival of each packet of a stream, in the order they came. */
  got: Record<string, [number: number, at: number][]>;
  /** How much of its pictures a call sent: time and share, in the order of time. */
  kept: Record<string, [at: number, share: number][]>;
  /** Bytes a transfer has carried in all. */
  carried: Record<string, [at: number, bytes: number][]>;
  /** Parts of a film: asked, there, and in which quality, Mbit/s. */
  parts: { asked: number; there: number; mbit: number }[];
}
export const emptyRecording = (): Recording => ({ sent: {}, got: {}, kept: {}, carried: {}, parts: [] });

const header = 13;
/** A numbered packet of `size` bytes. */
export function numbered(kind: number, number: number, size: number, sent: number): Buffer {
  const packet = Buffer.alloc(Math.max(size, header));
  packet[0] = kind;
  packet.writeUInt32BE(number, 1);
  packet.writeDoubleBE(sent, 5);
  return packet;
}
export const read = (packet: Buffer): { kind: number; number: number; sent: number } => ({
  kind: packet[0]!,
  number: packet.readUInt32BE(1),
  sent: packet.readDoubleBE(5),
});

/** Calls `send` so many times a second, catching up when the machine was late. Returns what stops it. */
export function pace(perSecond: number, send: (number: number) => void): () => void {
  const began = now();
  let count = 0;
  let timer: NodeJS.Timeout;
  const next = () => {
    for (; count <= ((now() - began) * perSecond) / 1000; count++) send(count);
    timer = setTimeout(next, Math.max(0, began + (count * 1000) / perSecond - now()));
  };
  next();
  return () => clearTimeout(timer);
}
