import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeIf } from "../support/require.ts";
import { type LinuxRig, linuxRig, ownersRouter } from "./linux-rig.ts";
import { Namespaces, run } from "./namespace.ts";

const script = fileURLToPath(new URL("../../plugins/routers/src/linux/install/np-dhcp-fingerprint", import.meta.url));

describeIf(["namespaces", "nftables", "traffic-control", "dnsmasq", "busybox"], "clients that ask a real dnsmasq for an address", () => {
  const namespaces = new Namespaces();
  let folder: string;
  let file: string;
  let phone: string;
  let rig: LinuxRig;
  let dnsmasq: ChildProcess;
  let said: AsyncIterator<string>;

  /** Until dnsmasq, or its script, has said this. */
  async function until(what: string): Promise<void> {
    const lines: string[] = [];
    while (!lines.at(-1)?.includes(what)) {
      const { value, done } = await said.next();
      if (done) throw new Error(`dnsmasq ended:\n${lines.join("\n")}`);
      lines.push(value);
    }
  }
  /** The phone comes under an address, and its script was told. */
  async function comes(mac: string, name: string, options: readonly number[], vendorClass: string): Promise<void> {
    run(phone, `ip link set eth0 down; ip link set eth0 address ${mac} up`);
    const asks = options.map((option) => `-O ${option}`).join(" ");
    run(
      phone,
      `busybox udhcpc -i eth0 -n -q -f -t 20 -T 1 -o ${asks} ${name && `-x hostname:${name}`} -V "$(printf '${vendorClass}')" -s /bin/true`,
    );
    await until(`ended ${mac}`);
  }
  const clients = async () =>
    (await rig.driver.clients()).map(({ mac, hostname, dhcpFingerprint }) => [mac, hostname, dhcpFingerprint].filter(Boolean).join(" | "));

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "np-dhcp-"));
    file = join(folder, "fingerprints");
    const router = namespaces.add("router");
    phone = namespaces.add("phone");
    run(router, `${ownersRouter}\nip address add 192.168.1.1/24 dev br-lan`);
    run(router, `ip link add phone0 type veth peer name eth0 netns ${phone}\nip link set phone0 master br-lan up`);
    rig = await linuxRig({}, namespaces, router, { leases: join(folder, "leases"), dhcpFingerprints: file });
    // As an owner calls it who has a script already.
    await writeFile(join(folder, "script"), `#!/bin/sh\nNP_DHCP_FINGERPRINTS=${file} ${script} "$@"\necho "ended $2"\n`, { mode: 0o755 });
    const options = ["keep-in-foreground", "conf-file=/dev/null", "port=0", "interface=br-lan", "user=root", "no-ping", "log-facility=-"];
    const dhcp = [
      "dhcp-range=192.168.1.50,192.168.1.99,1h",
      `dhcp-leasefile=${folder}/leases`,
      `dhcp-script=${folder}/script`,
      "script-on-renewal",
    ];
    dnsmasq = spawn("ip", ["netns", "exec", router, "dnsmasq", ...[...options, ...dhcp].map((option) => `--${option}`)], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    said = createInterface({ input: dnsmasq.stderr! })[Symbol.asyncIterator]();
    await until("IP range");
  }, 30_000);
  afterAll(async () => {
    dnsmasq.kill();
    await once(dnsmasq, "exit");
    await rig.stop();
    await rm(folder, { recursive: true });
  });

  it("are known by what they asked for, whatever they send, and under a new address again", async () => {
    await comes("da:a1:19:00:00:01", "phone", [3, 1, 6], "android\\033[31m-dhcp\\n02:00:00:00:00:01 1,2 `id`$(id)");
    const asked = "1,3,6 android[31m-dhcp02:00:00:00:00:01 1,2 `id`$(id)";
    expect(await clients()).toEqual([`da:a1:19:00:00:01 | phone | ${asked}`]);
    await comes("da:a1:19:00:00:02", "", [1, 6, 3], "android\\033[31m-dhcp\\n02:00:00:00:00:01 1,2 `id`$(id)");
    expect(await clients()).toEqual([`da:a1:19:00:00:01 | phone | ${asked}`, `da:a1:19:00:00:02 | ${asked}`]);
    await comes("da:a1:19:00:00:01", "phone", [1, 26], "other");
    expect(await clients()).toEqual(["da:a1:19:00:00:01 | phone | 1,26 other", `da:a1:19:00:00:02 | ${asked}`]);
  });

  it("are written down only when they ask for something else", async () => {
    const before = (await stat(file)).ino;
    await comes("da:a1:19:00:00:01", "phone", [1, 26], "other");
    expect((await stat(file)).ino).toBe(before);
    await comes("da:a1:19:00:00:01", "phone", [1, 28], "other");
    expect((await stat(file)).ino).not.toBe(before);
  });

  it("lets doctor say whether they are kept", async () => {
    const found = async (driver: LinuxRig["driver"]) => (await driver.doctor()).find(({ check }) => check === "fingerprints");
    expect(await found(rig.driver)).toMatchObject({ status: "ok" });
    await rm(file);
    expect(await found(rig.driver)).toMatchObject({ status: "warning", remedy: expect.stringContaining("dhcp-script=") });
  });
});
