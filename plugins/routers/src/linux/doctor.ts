import type { Finding } from "@network-personas/engine/driver";
import { failed, messageOf, ok, warning } from "../shared/findings.ts";
import type { Reader } from "./reader.ts";
import type { Settings } from "./settings.ts";

/** Checks programs, rights, interfaces, and what would defeat a plan. Leaves no trace. */
export async function examine(reader: Reader, { url, username, lan, wan, tunnels, dhcpFingerprints }: Settings): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (url !== undefined) {
    try {
      await reader.ask(["true"]);
      findings.push(ok("login", `${username} is let in`));
    } catch (error) {
      return [failed("login", messageOf(error), `Try \`ssh ${username}@${new URL(url).hostname}\` with the same key from this machine.`)];
    }
  }
  const can = async (program: string, argv: readonly string[], remedy: string, needed = true) => {
    try {
      const { code, stderr } = await reader.run(argv);
      if (code === 0) findings.push(ok(program, `${program} can be run`));
      else findings.push((needed ? failed : warning)(program, `${program} refused: ${stderr.trim().split("\n")[0]}`, remedy));
    } catch (error) {
      findings.push((needed ? failed : warning)(program, messageOf(error), remedy));
    }
  };
  await can("nft", ["nft", "list", "tables"], "Install nftables, and run Network Personas as root (or with CAP_NET_ADMIN).");
  await can("tc", ["tc", "qdisc", "show"], "Install iproute2, and run Network Personas as root (or with CAP_NET_ADMIN).");
  await can("conntrack", ["conntrack", "-L", "-p", "udp"], "Install conntrack: without it games and calls are not recognised.", false);
  for (const [field, device] of [
    ["lan", lan],
    ["wan", wan],
  ] as const) {
    const { code } = await reader.run(["test", "-e", `/sys/class/net/${device}`]);
    findings.push(
      code === 0
        ? ok(field, `${device} is there`)
        : failed(field, `there is no interface ${device}`, `Set \`${field}\` to one that \`ip link\` lists.`),
    );
  }
  if (findings.some(({ status }) => status === "failed")) return findings;
  const forwarding = (await reader.ask(["cat", "/proc/sys/net/ipv4/ip_forward"])).trim() === "1";
  findings.push(
    forwarding
      ? ok("routing", "this machine forwards packets")
      : failed(
          "routing",
          "this machine forwards no packets, so it is not the router",
          "Run Network Personas with this driver on the router, or turn on net.ipv4.ip_forward.",
        ),
  );
  const { shaperObstacle: obstacle, offloads, carries, tellsNames } = await reader.look({ afresh: true });
  findings.push(
    tellsNames
      ? ok("names", "applications can be told by name")
      : warning(
          "names",
          "applications are told by their ports only",
          "Install dnsmasq 2.87 or later (Debian: apt-get install dnsmasq-base); the router's own resolver stays as it is.",
        ),
  );
  for (const [id, { device }] of Object.entries(tunnels)) {
    const strict = (await reader.run(["cat", "/proc/sys/net/ipv4/conf/all/rp_filter", `/proc/sys/net/ipv4/conf/${device}/rp_filter`]))
      .stdout;
    const { ipv4, ipv6 } = carries.get(id)!;
    findings.push(
      !ipv4 && !ipv6
        ? warning("tunnel", `${id}: ${device} is not up, so devices sent through it have no way out`, `Bring ${device} up.`)
        : strict.split("\n").includes("1")
          ? warning(
              "tunnel",
              `${id}: the kernel drops answers that come through ${device}, as it would not have asked there itself`,
              `Run: sysctl -w net.ipv4.conf.all.rp_filter=2 net.ipv4.conf.${device}.rp_filter=2 (and write it to /etc/sysctl.d).`,
            )
          : ok("tunnel", `${id} carries ${[ipv4 ? "IPv4" : "", ipv6 ? "IPv6" : ""].filter(Boolean).join(" and ")}`),
    );
  }
  findings.push(
    obstacle
      ? warning("shaper", obstacle, "Without it the line is not shaped and nobody is guaranteed anything.")
      : ok("shaper", "the line can be shaped"),
  );
  if (offloads)
    findings.push(
      warning("offload", "flow offload is on: what is offloaded passes all rules and queues", "Remove the flowtable from your ruleset."),
    );
  const counting = (await reader.run(["cat", "/proc/sys/net/netfilter/nf_conntrack_acct"])).stdout.trim() === "1";
  if (dhcpFingerprints !== undefined) {
    const { code } = await reader.run(["test", "-r", dhcpFingerprints]);
    findings.push(
      code === 0
        ? ok("fingerprints", "what clients ask dnsmasq for is kept")
        : warning(
            "fingerprints",
            `there is no ${dhcpFingerprints} that could be read`,
            "It is made when the first client asks for an address. Until then look whether dnsmasq's configuration has dhcp-script=/usr/local/sbin/np-dhcp-fingerprint.",
          ),
    );
  }
  if (!counting)
    findings.push(
      warning(
        "counting",
        "connections are not counted",
        "Run: sysctl -w net.netfilter.nf_conntrack_acct=1 (and write it to /etc/sysctl.d).",
      ),
    );
  return findings;
}
