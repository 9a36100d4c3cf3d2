import type { Finding } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { failed, failedBy, ok, warning, warningBy } from "../shared/findings.ts";
import type { Reader } from "./reader.ts";
import type { Settings } from "./settings.ts";

/** Checks programs, rights, interfaces, and what would defeat a plan. Leaves no trace. */
export async function examine(reader: Reader, { url, username, lan, wan, tunnels, dhcpFingerprints }: Settings): Promise<Finding[]> {
  const findings: Finding[] = [];
  if (url !== undefined) {
    try {
      await reader.ask(["true"]);
      findings.push(ok("login", sentence("isLetIn", { name: username ?? "" })));
    } catch (error) {
      return [failedBy("login", error, sentence("trySsh", { name: username ?? "", host: new URL(url).hostname }))];
    }
  }
  const can = async (program: string, argv: readonly string[], remedy: Sentence, needed = true) => {
    try {
      const { code, stderr } = await reader.run(argv);
      if (code === 0) findings.push(ok(program, sentence("canRun", { program })));
      else
        findings.push(
          (needed ? failed : warning)(program, sentence("refusedRun", { program, problem: stderr.trim().split("\n")[0]! }), remedy),
        );
    } catch (error) {
      findings.push((needed ? failedBy : warningBy)(program, error, remedy));
    }
  };
  await can("nft", ["nft", "list", "tables"], sentence("installNft"));
  await can("tc", ["tc", "qdisc", "show"], sentence("installTc"));
  await can("conntrack", ["conntrack", "-L", "-p", "udp"], sentence("installConntrack"), false);
  for (const [field, device] of [
    ["lan", lan],
    ["wan", wan],
  ] as const) {
    const { code } = await reader.run(["test", "-e", `/sys/class/net/${device}`]);
    findings.push(
      code === 0
        ? ok(field, sentence("interfaceThere", { interface: device }))
        : failed(field, sentence("interfaceMissing", { interface: device }), sentence("setToLink", { field })),
    );
  }
  if (findings.some(({ status }) => status === "failed")) return findings;
  const forwarding = (await reader.ask(["cat", "/proc/sys/net/ipv4/ip_forward"])).trim() === "1";
  findings.push(forwarding ? ok("routing", sentence("forwards")) : failed("routing", sentence("forwardsNot"), sentence("runOnRouter")));
  const { shaperObstacle: obstacle, offloads, carries, tellsNames } = await reader.look({ afresh: true });
  findings.push(tellsNames ? ok("names", sentence("toldByName")) : warning("names", sentence("toldByPorts"), sentence("installDnsmasq")));
  for (const [id, { device }] of Object.entries(tunnels)) {
    const strict = (await reader.run(["cat", "/proc/sys/net/ipv4/conf/all/rp_filter", `/proc/sys/net/ipv4/conf/${device}/rp_filter`]))
      .stdout;
    const { ipv4, ipv6 } = carries.get(id)!;
    findings.push(
      !ipv4 && !ipv6
        ? warning("tunnel", sentence("tunnelDownNoWay", { tunnel: id, interface: device }), sentence("bringUp", { interface: device }))
        : strict.split("\n").includes("1")
          ? warning("tunnel", sentence("dropsAnswers", { tunnel: id, interface: device }), sentence("loosenFilter", { interface: device }))
          : ok("tunnel", sentence("tunnelCarries", { tunnel: id, what: [ipv4 ? "IPv4" : "", ipv6 ? "IPv6" : ""].filter(Boolean) })),
    );
  }
  findings.push(obstacle ? warning("shaper", obstacle, sentence("withoutShaper")) : ok("shaper", sentence("lineShapable")));
  if (offloads) findings.push(warning("offload", sentence("offloadOn"), sentence("removeFlowtable")));
  const counting = (await reader.run(["cat", "/proc/sys/net/netfilter/nf_conntrack_acct"])).stdout.trim() === "1";
  if (dhcpFingerprints !== undefined) {
    const { code } = await reader.run(["test", "-r", dhcpFingerprints]);
    findings.push(
      code === 0
        ? ok("fingerprints", sentence("dhcpKept"))
        : warning("fingerprints", sentence("noSuchFile", { file: dhcpFingerprints }), sentence("fingerprintHelp")),
    );
  }
  if (!counting) findings.push(warning("counting", sentence("notCounted"), sentence("countThem")));
  return findings;
}
