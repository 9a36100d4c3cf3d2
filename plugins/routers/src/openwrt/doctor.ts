import { DriverError, type Finding } from "@network-personas/engine/driver";
import { failed, messageOf, ok, warning } from "../shared/findings.ts";
import type { Agent } from "./agent/agent.ts";
import { mwan3Finding } from "./capabilities.ts";
import { foreignFindings, understand } from "./facts.ts";
import type { LiveView } from "./live.ts";
import type { Reader } from "./reader.ts";
import { agentObject, agentRights, checkRuleset, type GrantedRights, nameOfRight, type Right, rights } from "./rights.ts";
import type { OwnSection } from "./sections.ts";
import type { Settings } from "./settings.ts";
import { queueingOf } from "./shaper.ts";

const install =
  "Install the driver's ACL file install/network-personas.json as /usr/share/rpcd/acl.d/network-personas.json and run: service rpcd reload";

interface Patient {
  reader: Reader;
  agent: Agent;
  live: LiveView;
  settings: Settings;
  own: () => Promise<OwnSection[]>;
}

/** Checks the login, every single right, and what would defeat a plan. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const { reader, settings } = patient;
  const findings: Finding[] = [checkTransport(settings)];
  let may: GrantedRights;
  try {
    may = await reader.rights();
    findings.push(ok("login", `the account "${settings.username}" can log in`));
  } catch (error) {
    return [...findings, failed("login", messageOf(error), loginRemedy(error))];
  }
  findings.push(...checkRights(may, rights));
  // Without reading there is nothing more to see.
  if (rights.some((right) => right.required && !may.has(right.scope, right.object, right.function))) return findings;
  try {
    findings.push(...(await checkRouter(patient)), ...(await checkAgent(patient, may)));
  } catch (error) {
    findings.push(failed("router", messageOf(error), "See the message; then run doctor again."));
  }
  return findings;
}

function checkTransport({ url }: Settings): Finding {
  if (url.startsWith("https:")) return ok("transport", "the connection is encrypted");
  return warning(
    "transport",
    "the password crosses the network unencrypted",
    "Use https:// in `url`; the certificate is remembered on first use. On a network you trust this may stay.",
  );
}

function checkRights(may: GrantedRights, wanted: readonly Right[]): Finding[] {
  const missing = wanted.filter((right) => !may.has(right.scope, right.object, right.function));
  const line = (right: Right): Finding => {
    const message = `${right.required ? "needed" : "wanted"} for ${right.purpose}`;
    return right.required
      ? failed(`right: ${nameOfRight(right)}`, message, install)
      : warning(`right: ${nameOfRight(right)}`, message, install);
  };
  return missing.length === 0 ? [ok("rights", `all ${wanted.length} rights are granted`)] : missing.map(line);
}

async function checkRouter({ reader, live, settings, own }: Patient): Promise<Finding[]> {
  const findings: Finding[] = [];
  const facts = understand(await reader.facts(), settings);
  for (const field of ["lanZone", "wanZone"] as const) {
    const known = facts.zones.map((zone) => zone.name);
    if (known.includes(settings[field])) findings.push(ok(field, `the firewall has the zone "${settings[field]}"`));
    else findings.push(failed(field, `the firewall has no zone "${settings[field]}"`, `Set \`${field}\` to one of: ${known.join(", ")}`));
  }
  if (facts.wanDevice) findings.push(ok("line", `the line is ${facts.wanDevice}`));
  else findings.push(failed("line", "the device of the line was not found", "Set `wanDevice`, e.g. to eth1 or pppoe-wan."));
  if (facts.shaping) {
    const queueing = queueingOf(facts);
    if (queueing === "cake") findings.push(ok("shaper", "sqm-scripts with cake"));
    else
      findings.push(
        warning("shaper", `sqm-scripts without cake (${queueing})`, "Install kmod-sched-cake for fair shares between devices."),
      );
  } else
    findings.push(
      warning(
        "shaper",
        "sqm-scripts is not installed or may not be read",
        "Install it: apk add sqm-scripts, or opkg install sqm-scripts on 24.10 and earlier.",
      ),
    );
  for (const finding of foreignFindings(facts))
    findings.push(
      warning("foreign", finding, "Switch off one of two shapers, and flow offloading, under Network > SQM QoS and Network > Firewall."),
    );
  findings.push(...(await checkFirewall(reader)));
  const sections = await own();
  const missing = await live.missing(sections);
  const all = [...missing.firewall, ...missing.shaper];
  if (all.length === 0) findings.push(ok("in force", `all ${sections.length} sections of ours are in force`));
  else
    findings.push(
      warning("in force", all.slice(0, 3).join("; "), "Run `fw4 check` and `service sqm restart` at the router and read what they say."),
    );
  return findings;
}

/** The agent is for who wants it: that there is none is no fault. */
async function checkAgent({ reader, agent }: Patient, may: GrantedRights): Promise<Finding[]> {
  if ((await reader.ubus.objects(agentObject)).length === 0)
    return [ok("agent", "not installed; with it changes take less than a second, and single devices have limits: see install/README.md")];
  const missing = agentRights.some((right) => !may.has(right.scope, right.object, right.function));
  if (missing) return checkRights(may, agentRights);
  const state = await agent.state();
  agent.heldOf(state);
  if (state.features.mwan3) return [warning("agent", mwan3Finding, "Remove the agent as install/README.md says, or mwan3.")];
  return [
    state.features.bridge
      ? ok("agent", "installed, and everything it needs")
      : warning("agent", "devices of one network cannot be kept apart", "Install kmod-nft-bridge."),
  ];
}

async function checkFirewall(reader: Reader): Promise<Finding[]> {
  if (!(await reader.may(checkRuleset))) return [];
  const result = await reader.run(checkRuleset);
  if (!result)
    return [failed("firewall4", "the router has no fw4", "This driver needs OpenWrt 22.03 or later, where firewall4 is the default.")];
  if (result.code === 0) return [ok("firewall4", "fw4 accepts the present rules")];
  const problem = result.stderr.split("\n").find((line) => line.includes("Error")) ?? `exit code ${result.code}`;
  return [
    failed(
      "firewall4",
      `the ruleset cannot be loaded, so no rule of ours would be either: ${problem.trim()}`,
      "Run `fw4 check` at the router and correct what it names, e.g. a file in /etc/nftables.d.",
    ),
  ];
}

function loginRemedy(error: unknown): string {
  const code = error instanceof DriverError ? error.code : "";
  if (code === "auth-failed") return "Correct `username` and `password`, or set the password anew at the router: see install/README.md.";
  if (code === "unreachable") return "Check `url`, that the router is on, and that this machine may reach its web server.";
  if (code === "unsupported") return "Install uhttpd-mod-ubus and rpcd at the router: see install/README.md.";
  return "See the message; the address in `url` may be another device's.";
}
