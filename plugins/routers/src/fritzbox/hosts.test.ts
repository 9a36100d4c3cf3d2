import { expect, it } from "vitest";
import { addressOf, clientsOf, readHosts } from "./hosts.ts";

const where = { router: "main", request: "device host list" };
/** Shaped as the list of a FRITZ!OS 7.29, where entries are not in the order of their index and many are empty. */
const item = (parts: Record<string, string>) =>
  `<Item>\n${Object.entries({ Index: "1", "X_AVM-DE_UpdateSuccessful": "unknown", "X_AVM-DE_InfoURL": "", ...parts })
    .map(([name, text]) => (text === "" ? `<${name} />` : `<${name}>${text}</${name}>`))
    .join("\n")}\n</Item>`;
const list = (...items: string[]) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<List>\n<!-- devicehosts :3 -->\n<!-- users :1 -->\n${items.join("\n")}\n</List>\n`;

const phone = {
  IPAddress: "192.168.178.54",
  MACAddress: "02:4D:89:7C:0A:32",
  Active: "1",
  HostName: "phone",
  InterfaceType: "802.11",
  "X_AVM-DE_WANAccess": "granted",
  "X_AVM-DE_Disallow": "0",
};

it("reads devices by MAC address, lower case, without what old firmware does not say", () => {
  const [host] = readHosts(list(item(phone)), where);
  expect(host).toEqual({
    mac: "02:4d:89:7c:0a:32",
    name: "phone",
    ipv4: "192.168.178.54",
    active: true,
    via: "wifi",
    model: "",
    access: "granted",
    blocked: false,
    priority: false,
    asking: false,
  });
});

it("leaves out users without a MAC address, and keeps the active one of two entries", () => {
  const hosts = readHosts(
    list(
      item({ ...phone, MACAddress: "", "X_AVM-DE_VPN": "1" }),
      item({ ...phone, Active: "0", HostName: "old" }),
      item(phone),
      item({ ...phone, Active: "0", HostName: "older" }),
    ),
    where,
  );
  expect(hosts.map((h) => h.name)).toEqual(["phone"]);
});

it("prefers the name its owner gave, and tells wired from unknown", () => {
  const hosts = readHosts(
    list(
      item({ ...phone, MACAddress: "02:00:00:00:00:01", "X_AVM-DE_FriendlyName": "Alice's phone", InterfaceType: "" }),
      item({ ...phone, MACAddress: "02:00:00:00:00:02", InterfaceType: "Ethernet", IPAddress: "" }),
    ),
    where,
  );
  expect(clientsOf(hosts)).toEqual([
    { mac: "02:00:00:00:00:01", ipv4: "192.168.178.54", hostname: "Alice's phone", connected: true },
    { mac: "02:00:00:00:00:02", hostname: "phone", connected: true, via: "wired" },
  ]);
});

it("knows an address only while it is the device's own", () => {
  const mac = (n: number) => `02:00:00:00:00:0${n}`;
  const [away, here, lost, twin] = readHosts(
    list(
      item({ ...phone, MACAddress: mac(1), Active: "0" }),
      item({ ...phone, MACAddress: mac(2) }),
      item({ ...phone, MACAddress: mac(3), IPAddress: "" }),
      item({ ...phone, MACAddress: mac(4), Active: "0", IPAddress: "192.168.178.60" }),
    ),
    where,
  );
  const hosts = [away!, here!, lost!, twin!];
  expect(hosts.map((host) => addressOf(host, hosts))).toEqual([undefined, "192.168.178.54", undefined, "192.168.178.60"]);
});
