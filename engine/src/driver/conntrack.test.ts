import { describe, expect, it } from "vitest";
import { ConnectionLog, parseConntrack } from "./conntrack.ts";

const laptop = "02:00:00:00:00:11";
const server = "02:00:00:00:00:51";
const macOf = (address: string) => ({ "192.168.1.11": laptop, "fd00::11": laptop, "192.168.1.51": server })[address];

const nat =
  "tcp      6 431999 ESTABLISHED src=192.168.1.11 dst=203.0.113.9 sport=57792 dport=443 packets=300 bytes=24000 src=203.0.113.9 dst=198.51.100.2 sport=443 dport=57792 packets=900 bytes=1200000 [ASSURED] mark=0 use=1";
const game =
  "ipv6     10 udp      17 29 src=fd00::11 dst=2001:db8::9 sport=36894 dport=27015 packets=640 bytes=70400 src=2001:db8::9 dst=fd00::11 sport=27015 dport=36894 packets=630 bytes=160000 [ASSURED] mark=0 use=1";
const forwarded =
  "tcp      6 100 ESTABLISHED src=203.0.113.77 dst=198.51.100.2 sport=40001 dport=443 packets=10 bytes=1000 src=192.168.1.51 dst=203.0.113.77 sport=443 dport=40001 packets=20 bytes=9000 [ASSURED] mark=0 use=1";
const atHome =
  "tcp      6 100 ESTABLISHED src=192.168.1.11 dst=192.168.1.51 sport=40002 dport=445 packets=10 bytes=1000 src=192.168.1.51 dst=192.168.1.11 sport=445 dport=40002 packets=20 bytes=9000 [ASSURED] mark=0 use=1";
const ping =
  "icmp     1 29 src=192.168.1.11 dst=203.0.113.9 type=8 code=0 id=7 packets=2 bytes=168 src=203.0.113.9 dst=198.51.100.2 type=0 code=0 id=7 packets=2 bytes=168 mark=0 use=1";
const flowsOf = (...lines: string[]) => new ConnectionLog().flows(parseConntrack(lines.join("\n"))!, macOf, 1_000_000);

describe("conntrack", () => {
  it("is normalised to the device, through NAT, over IPv6 and for forwarded ports", () => {
    expect(flowsOf(nat, game, forwarded)).toMatchObject([
      { mac: laptop, protocol: "tcp", remotePort: 443, upBytes: 24_000, downBytes: 1_200_000, upPackets: 300, downPackets: 900 },
      { mac: laptop, protocol: "udp", remotePort: 27_015, upBytes: 70_400, downBytes: 160_000 },
      { mac: server, protocol: "tcp", remotePort: 40_001, upBytes: 9_000, downBytes: 1_000 },
    ]);
  });
  it("leaves out what stays at home, what is neither TCP nor UDP, and lines that were cut off", () => {
    expect(flowsOf(atHome, ping, nat.slice(0, 60), "conntrack v1.4.7: 4 flow entries have been shown.")).toEqual([]);
  });
  it("is unknown where connections are not counted", () => {
    expect(parseConntrack(nat.replaceAll(/packets=\d+ bytes=\d+ /g, ""))).toBeUndefined();
  });
  it("knows how long a connection is there from look to look", () => {
    const log = new ConnectionLog();
    const look = (now: number, ...lines: string[]) => log.flows(parseConntrack(lines.join("\n"))!, macOf, now).map(({ ageMs }) => ageMs);
    expect(look(100_000, nat)).toEqual([60_000]);
    expect(look(105_000, nat, game)).toEqual([65_000, 1_000]);
    expect(look(110_000, game)).toEqual([6_000]);
    expect(look(115_000, nat, game)).toEqual([1_000, 11_000]);
  });
});
