import { BadInput } from "@network-personas/engine/model";
import { describe, expect, it } from "vitest";
import { readSettings } from "./settings.ts";
import { remoteCommand } from "./ssh.ts";

const entry = { id: "main", driver: "linux", lan: "br-lan", wan: "eth1" };

describe("the entry of a Linux router in home.yaml", () => {
  it("means this machine, unless it says where to log in", () => {
    expect(readSettings("main", entry).url).toBeUndefined();
    for (const url of ["ssh://192.168.1.1", "ssh://router.lan:2222", "ssh://[fd00::1]:22"])
      expect(readSettings("main", { ...entry, url })).toMatchObject({ url, username: "root" });
  });

  it.each([
    ["url", { url: "http://192.168.1.1" }],
    ["url", { url: "ssh://-oProxyCommand=reboot" }],
    ["url", { url: "ssh://root:geheim@192.168.1.1" }],
    ["url", { url: "ssh://192.168.1.1/etc" }],
    ["username", { username: "-oProxyCommand=reboot" }],
    ["lan", { lan: "br lan" }],
    ["wan", { wan: "eth1; reboot" }],
    ["tunnels.work.device", { tunnels: { work: { device: "eth1", dns: ["10.8.0.1"] } } }],
    ["tunnels.work.dns", { tunnels: { work: { device: "wg0", dns: [] } } }],
    ["tunnels.work.dns.0", { tunnels: { work: { device: "wg0", dns: ["resolver.example"] } } }],
  ])("names %s when it is %j", (field, more) => {
    let error: unknown;
    try {
      readSettings("main", { ...entry, ...more });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(BadInput);
    expect((error as Error).message).toContain(`routers.main.${field}`);
    expect((error as Error).message).not.toContain("geheim");
  });
});

it("what goes to the login shell is quoted word by word", () => {
  expect(remoteCommand(["printf", "it's $HOME"])).toMatch(/ exec 'printf' 'it'\\''s \$HOME'$/);
});
