import { connect, createServer, type Socket } from "node:net";
import { now, ports, type Recording } from "./wire.ts";

const chunk = Buffer.alloc(65_536, 7);
/** Transfers look at their counts this often, ms. */
const tick = 100;

/** Answers what a connection asks for in its first line: `down` without end, `up` counted, or `parts` of so many bytes each. */
export function serveTransfers(address: string): void {
  const serve = (socket: Socket) => {
    socket.on("error", () => socket.destroy());
    socket.setNoDelay(true);
    let asked = "";
    socket.once("data", (text) => {
      const [first, ...rest] = text.toString("latin1").split("\n");
      if (first === "down") fill(socket);
      else if (first === "up") count(socket);
      else {
        let queue = Promise.resolve();
        const take = (more: string) => {
          asked += more;
          for (let end = asked.indexOf("\n"); end >= 0; end = asked.indexOf("\n")) {
            const bytes = Number(asked.slice(0, end));
            asked = asked.slice(end + 1);
            queue = queue.then(() => writeAll(socket, bytes));
          }
        };
        take(rest.join("\n"));
        socket.on("data", (more) => take(more.toString("latin1")));
      }
    });
  };
  createServer(serve).listen(ports.web, address);
}

function fill(socket: Socket): void {
  const write = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", write);
  write();
}
async function writeAll(socket: Socket, bytes: number): Promise<void> {
  for (let left = bytes; left > 0 && !socket.destroyed; left -= chunk.length)
    if (!socket.write(chunk.subarray(0, Math.min(left, chunk.length))))
      await new Promise<void>((done) => {
        const goOn = () => {
          socket.off("drain", goOn).off("close", goOn);
          done();
        };
        socket.on("drain", goOn).on("close", goOn);
      });
}
/** Tells the sender now and then how much has come. */
function count(socket: Socket): void {
  let total = 0;
  socket.on("data", (data) => {
    total += data.length;
  });
  const timer = setInterval(() => {
    const told = Buffer.alloc(8);
    told.writeDoubleBE(total);
    socket.write(told);
  }, tick);
  socket.on("close", () => clearInterval(timer));
}

/** Connections that carry as much as they can in one direction. */
export function transfer(name: string, host: string, direction: "up" | "down", connections: number, recording: Recording): void {
  const totals = new Array<number>(connections).fill(0);
  const carried: [number, number][] = [];
  recording.carried[name] = carried;
  for (let i = 0; i < connections; i++) {
    const socket = connect({ host, port: ports.web });
    socket.on("error", () => socket.destroy());
    socket.on("connect", () => {
      socket.write(`${direction}\n`);
      if (direction === "up") fill(socket);
    });
    socket.on("data", (data) => {
      if (direction === "down") totals[i]! += data.length;
      else if (data.length >= 8) totals[i] = data.readDoubleBE(data.length - 8);
    });
  }
  setInterval(() => carried.push([now(), totals.reduce((sum, total) => sum + total, 0)]), tick);
}

/** Qualities a film comes in, Mbit/s, and how a player chooses: parts of four seconds, a buffer of sixteen. */
const ladder = [2.5, 5, 8, 16, 25];
const partSeconds = 4;
const bufferSeconds = 16;
const firstQuality = 1;
const memory = 0.6;

/** Plays a film in the best quality the line lets through, part by part. */
export async function film(host: string, recording: Recording): Promise<void> {
  const socket = connect({ host, port: ports.web });
  let missing = 0;
  let complete = () => {};
  socket.on("error", () => socket.destroy());
  socket.on("data", (data) => {
    missing -= data.length;
    if (missing <= 0) complete();
  });
  await new Promise<void>((done) => {
    socket.once("connect", done);
  });
  socket.write("parts\n");
  let estimate: number | undefined;
  let buffered = 0;
  let playingSince: number | undefined;
  const left = () => (playingSince === undefined ? buffered : Math.max(0, buffered - (now() - playingSince) / 1000));
  for (;;) {
    const wait = left() - (bufferSeconds - partSeconds);
    if (wait > 0) await new Promise((done) => setTimeout(done, wait * 1000));
    // The less is buffered, the more careful a player is.
    const safe = (estimate ?? 0) * (left() > bufferSeconds / 2 ? 0.85 : 0.7);
    const mbit = estimate === undefined ? ladder[firstQuality]! : (ladder.findLast((rate) => rate <= safe) ?? ladder[0]!);
    const asked = now();
    missing = (mbit * 1e6 * partSeconds) / 8;
    const there = new Promise<void>((done) => {
      complete = done;
    });
    socket.write(`${missing}\n`);
    await there;
    const at = now();
    recording.parts.push({ asked, there: at, mbit });
    const rate = (mbit * partSeconds * 1000) / (at - asked);
    estimate = estimate === undefined ? rate : memory * estimate + (1 - memory) * rate;
    buffered = left() + partSeconds;
    playingSince = at;
  }
}
