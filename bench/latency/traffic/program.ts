import { createSocket, type RemoteInfo } from "node:dgram";
import { CallEnd } from "./call.ts";
import { film, serveTransfers, transfer } from "./transfer.ts";
import { emptyRecording, now, numbered, pace, ports, read, roundTrip } from "./wire.ts";

// One program of the bench: `program.ts ROLE HOST [NAME DIRECTION CONNECTIONS]`. Says "ready", and prints what it recorded when told to stop.

const [role, host = "", name = "", direction = "down", connections = "1"] = process.argv.slice(2);
const recording = emptyRecording();

const roles: Record<string, () => void> = {
  /** Transfers and films. */
  "serve-web": () => serveTransfers(host),
  /** Games, calls, gadgets, and the probe in both directions. */
  serve: () => {
    const bound = (port: number, take: (packet: Buffer, from: RemoteInfo) => void) => {
      const socket = createSocket("udp4", take);
      socket.bind(port, host);
      return socket;
    };
    const game = bound(ports.game, (packet, from) => {
      const { number, sent } = read(packet);
      setTimeout(() => game.send(numbered(0, number, 260, sent), from.port, from.address), roundTrip);
    });
    const gadget = bound(ports.gadget, (packet, from) => gadget.send(packet.subarray(0, 100), from.port, from.address));
    let call: CallEnd | undefined;
    const callSocket = bound(ports.call, (packet, from) => {
      if (!call) {
        call = new CallEnd("down", recording, (media) => callSocket.send(media, from.port, from.address));
        call.start();
      }
      call.take(packet);
    });
    recording.got["probe up"] = [];
    recording.sent["probe down"] = [];
    bound(ports.probe.up, (packet) => recording.got["probe up"]!.push([read(packet).number, now()]));
    // In each direction the probe is a connection of its own, too small for anybody to look at.
    const probe = bound(ports.probe.down, (_, from) =>
      pace(probeRate, (number) => {
        const at = now();
        recording.sent["probe down"]!.push(at);
        probe.send(numbered(0, number, 20, at), from.port, from.address);
      }),
    );
  },
  game: () => {
    recording.sent.game = [];
    recording.got.game = [];
    const socket = createSocket("udp4", (packet) => recording.got.game!.push([read(packet).number, now()]));
    pace(60, (number) => {
      const at = now();
      recording.sent.game!.push(at);
      socket.send(numbered(0, number, 110, at), ports.game, host);
    });
  },
  call: () => {
    const end = new CallEnd("up", recording, (packet) => socket.send(packet, ports.call, host));
    const socket = createSocket("udp4", (packet) => end.take(packet));
    end.start();
  },
  gadget: () => {
    const socket = createSocket("udp4");
    pace(2, (number) => socket.send(numbered(0, number, 200, now()), ports.gadget, host));
  },
  probe: () => {
    recording.sent["probe up"] = [];
    recording.got["probe down"] = [];
    const socket = createSocket("udp4", (packet) => recording.got["probe down"]!.push([read(packet).number, now()]));
    socket.send("here", ports.probe.down, host);
    const up = createSocket("udp4");
    pace(probeRate, (number) => {
      const at = now();
      recording.sent["probe up"]!.push(at);
      up.send(numbered(0, number, 20, at), ports.probe.up, host);
    });
  },
  film: () => void film(host, recording),
  transfer: () => transfer(name, host, direction as "up" | "down", Number(connections), recording),
};
/** Packets a second in each direction: below what any look at the home's traffic minds. */
const probeRate = 100;

const start = roles[role ?? ""];
if (!start) throw new Error(`there is no role "${role}"; known: ${Object.keys(roles).join(", ")}`);
start();
process.stdin.once("data", () => process.stdout.write(JSON.stringify(recording), () => process.exit()));
process.stdout.write("ready\n");
