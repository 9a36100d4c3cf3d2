import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { expect, it } from "vitest";
import { handshakeTime } from "./line-probe.ts";

it("is the time of a handshake, and none where nobody answers", async () => {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  expect(await handshakeTime(`127.0.0.1:${port}`)).toBeGreaterThan(0);
  await new Promise((done) => server.close(done));
  expect(await handshakeTime(`127.0.0.1:${port}`)).toBeNull();
  expect(await handshakeTime(`[::1]:${port}`)).toBeNull();
});
