import { connect } from "node:net";

/** An answer that takes longer is none. */
const patience = 2_000;

/** Time a TCP handshake with "host:port" takes, ms: one round trip. Null when it does not come about. */
export function handshakeTime(target: string): Promise<number | null> {
  const at = target.lastIndexOf(":");
  const { promise, resolve } = Promise.withResolvers<number | null>();
  const begun = performance.now();
  const socket = connect({ host: target.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(target.slice(at + 1)) });
  socket.setTimeout(patience, () => resolve(null));
  socket.once("connect", () => resolve(performance.now() - begun));
  socket.once("error", () => resolve(null));
  return promise.finally(() => socket.destroy());
}
