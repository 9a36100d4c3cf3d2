import { DriverError, type Finding } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { failed, failedBy, ok, warning } from "../shared/findings.ts";
import type { Agent } from "./agent/agent.ts";
import { foreignFindings, understand } from "./facts.ts";
import type { LiveView } from "./live.ts";
import type { Reader } from "./reader.ts";
import { agentObject, agentRights, checkRuleset, type GrantedRights, nameOfRight, type Right, rights } from "./rights.ts";
import type { OwnSection } from "./sections.ts";
import type { Settings } from "./settings.ts";
import { queueingOf } from "./shaper.ts";

const install = sentence("installAcl");

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
    findings.push(ok("login", sentence("accountLogsIn", { name: settings.username })));
  } catch (error) {
    return [...findings, failedBy("login", error, loginRemedy(error))];
  }
  findings.push(...checkRights(may, rights));
  // Without reading there is nothing more to see.
  if (rights.some((right) => right.required && !may.has(right.scope, right.object, right.function))) return findings;
  try {
    findings.push(...(await checkRouter(patient)), ...(await checkAgent(patient, may)));
  } catch (error) {
    findings.push(failedBy("router", error, sentence("seeMessageAgain")));
  }
  return findings;
}

function checkTransport({ url }: Settings): Finding {
  if (url.startsWith("https:")) return ok("transport", sentence("encrypted"));
  return warning("transport", sentence("plainPassword"), sentence("useHttpsOrStay"));
}

function checkRights(may: GrantedRights, wanted: readonly Right[]): Finding[] {
  const missing = wanted.filter((right) => !may.has(right.scope, right.object, right.function));
  const line = (right: Right): Finding => {
    const message = sentence(right.required ? "neededFor" : "wantedFor", { purpose: sentence(right.purpose) });
    return right.required
      ? failed(`right: ${nameOfRight(right)}`, message, install)
      : warning(`right: ${nameOfRight(right)}`, message, install);
  };
  return missing.length === 0 ? [ok("rights", sentence("allRights", { count: wanted.length }))] : missing.map(line);
}

async function checkRouter({ reader, live, settings, own }: Patient): Promise<Finding[]> {
  const findings: Finding[] = [];
  const facts = understand(await reader.facts(), settings);
  for (const field of ["lanZone", "wanZone"] as const) {
    const known = facts.zones.map((zone) => zone.name);
    if (known.includes(settings[field])) findings.push(ok(field, sentence("hasZone", { zone: settings[field] })));
    else findings.push(failed(field, sentence("hasNoZone", { zone: settings[field] }), sentence("setToOne", { field, choices: known })));
  }
  if (facts.wanDevice) findings.push(ok("line", sentence("lineIs", { line: facts.wanDevice })));
  else findings.push(failed("line", sentence("lineNotFound"), sentence("setWanDevice")));
  if (facts.shaping) {
    const queueing = queueingOf(facts);
    if (queueing === "cake") findings.push(ok("shaper", sentence("sqmCake")));
    else findings.push(warning("shaper", sentence("sqmWithout", { queue: queueing }), sentence("installCake")));
  } else findings.push(warning("shaper", sentence("sqmMissing"), sentence("installSqm")));
  for (const finding of foreignFindings(facts)) findings.push(warning("foreign", finding, sentence("switchOneOff")));
  findings.push(...(await checkFirewall(reader)));
  const sections = await own();
  const missing = await live.missing(sections);
  const all = [...missing.firewall, ...missing.shaper];
  if (all.length === 0) findings.push(ok("in force", sentence("allInForce", { count: sections.length })));
  else findings.push(warning("in force", sentence("notInForce", { what: all.slice(0, 3) }), sentence("runFw4")));
  return findings;
}

/** The agent is for who wants it: that there is none is no fault. */
async function checkAgent({ reader, agent }: Patient, may: GrantedRights): Promise<Finding[]> {
  if ((await reader.ubus.objects(agentObject)).length === 0) return [ok("agent", sentence("noAgent"))];
  const missing = agentRights.some((right) => !may.has(right.scope, right.object, right.function));
  if (missing) return checkRights(may, agentRights);
  const state = await agent.state();
  agent.heldOf(state);
  if (state.features.mwan3) return [warning("agent", sentence("mwan3Marks"), sentence("removeAgent"))];
  return [
    state.features.bridge ? ok("agent", sentence("agentWhole")) : warning("agent", sentence("agentNoBridge"), sentence("installBridge")),
  ];
}

async function checkFirewall(reader: Reader): Promise<Finding[]> {
  if (!(await reader.may(checkRuleset))) return [];
  const result = await reader.run(checkRuleset);
  if (!result) return [failed("firewall4", sentence("noFw4"), sentence("needsFw4"))];
  if (result.code === 0) return [ok("firewall4", sentence("fw4Accepts"))];
  const problem = result.stderr.split("\n").find((line) => line.includes("Error")) ?? "";
  return [failed("firewall4", sentence("rulesetBroken", { problem: problem.trim() }), sentence("fw4Check"))];
}

function loginRemedy(error: unknown): Sentence {
  const code = error instanceof DriverError ? error.code : "";
  if (code === "auth-failed") return sentence("openwrtLogin");
  if (code === "unreachable") return sentence("openwrtReach");
  if (code === "unsupported") return sentence("openwrtUbus");
  return sentence("seeMessage");
}
