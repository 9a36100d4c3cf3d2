import { expect, it } from "vitest";
import { gatewaysOf } from "./gateways.ts";

const header = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT";
const line = (destination: string, gateway: string, flags: string, metric: number) =>
  `eth0\t${destination}\t${gateway}\t${flags}\t0\t0\t${metric}\t00000000\t0\t0\t0`;

it("reads the default gateways of this machine, the preferred one first and each once", () => {
  const table = [
    header,
    line("00000000", "0101A8C0", "0003", 600),
    line("00000000", "01B2A8C0", "0003", 100),
    line("00000000", "0101A8C0", "0003", 700),
    line("0001A8C0", "00000000", "0001", 0),
    line("00000000", "00000000", "0001", 0),
    "",
  ].join("\n");
  expect(gatewaysOf(table)).toEqual(["192.168.178.1", "192.168.1.1"]);
});

it("finds none where the system does not tell", () => {
  expect([gatewaysOf(""), gatewaysOf("nonsense\nmore of it"), gatewaysOf(header)]).toEqual([[], [], []]);
});
