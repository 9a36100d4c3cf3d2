import { DriverError, type Finding, PermissionMissing } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { failed, failedBy, ok, warning, warningBy } from "../shared/findings.ts";
import { addressOf, type Host } from "./hosts.ts";
import type { Settings } from "./settings.ts";
import { services, settingsRight, type Tr064 } from "./tr064.ts";
import { all, parseXml } from "./xml.ts";

interface Patient {
  tr064: Tr064;
  settings: Settings;
  hosts(): Promise<Host[]>;
  foreign(hosts: readonly Host[]): Promise<Sentence[]>;
}

const grant = (right: string) => sentence("fritzGrant", { right });

/** Checks the way to the box, the login, every single right, and what would defeat a plan. Writes nothing. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const { tr064, settings } = patient;
  const findings: Finding[] = [
    tr064.encrypted ? ok("transport", sentence("encrypted")) : warning("transport", sentence("plainOrders"), sentence("useHttps")),
  ];
  try {
    await tr064.has(services.device, "GetInfo");
    findings.push(ok("TR-064", sentence("fritzSpeak")));
    await tr064.call(services.device, "GetInfo");
    findings.push(ok("login", sentence("userLogsIn", { name: settings.username })));
  } catch (error) {
    if (error instanceof PermissionMissing) return [...findings, failedBy(`right: ${error.right}`, error, grant(error.right))];
    return [
      ...findings,
      failedBy(error instanceof DriverError && error.code === "auth-failed" ? "login" : "TR-064", error, remedyOf(error)),
    ];
  }
  findings.push(await accountRights(patient));
  let hosts: Host[] = [];
  try {
    hosts = await patient.hosts();
    findings.push(ok("right: list of devices", sentence("devicesKnown", { count: hosts.length })));
  } catch (error) {
    findings.push(failedBy("right: list of devices", error, grant(settingsRight)));
  }
  findings.push(await filterRight(patient, hosts));
  findings.push(
    (await tr064.has(services.hosts, "X_AVM-DE_SetPrioritizationByIP"))
      ? ok("priority", sentence("fritzCanPrefer"))
      : warning("priority", sentence("fritzCannotPrefer"), sentence("fritzUpdate757")),
    (await tr064.has(services.line, "GetAddonInfos"))
      ? ok("counters", sentence("lineCounted"))
      : warning("counters", sentence("fritzNoUpnp"), sentence("fritzUpnp")),
  );
  for (const finding of await patient.foreign(hosts)) findings.push(warning("foreign", finding, sentence("fritzLook")));
  return findings;
}

/** What the box itself says about our account. */
async function accountRights({ tr064, settings }: Patient): Promise<Finding> {
  const [check, action] = [`right: ${settingsRight}`, "X_AVM-DE_GetCurrentUser"];
  try {
    if (!(await tr064.has(services.user, action))) return warning(check, sentence("fritzNoTell"), grant(settingsRight));
    const text = (await tr064.call(services.user, action)).get("NewX_AVM-DE_CurrentUserRights") ?? "";
    const list = parseXml(text, { router: "", request: action });
    const [paths, accesses] = [[...all(list, "path")], [...all(list, "access")].map((one) => one.text.trim())];
    const at = paths.findIndex((path) => path.text.trim() === "BoxAdmin");
    if (accesses[at] === "readwrite") return ok(check, sentence("userHasIt", { name: settings.username }));
    return failed(check, sentence("userHasItNot", { name: settings.username }), grant(settingsRight));
  } catch (error) {
    return warningBy(check, error, grant(settingsRight));
  }
}

async function filterRight({ tr064 }: Patient, hosts: readonly Host[]): Promise<Finding> {
  const check = "right: internet access of devices";
  if (!(await tr064.has(services.filter, "DisallowWANAccessByIP")))
    return warning(check, sentence("fritzNoBlock"), sentence("fritzUpdate"));
  const address = hosts.map((host) => addressOf(host, hosts)).find((one) => one !== undefined);
  if (address === undefined) return warning(check, sentence("nobodyToAsk"), sentence("connectDevice"));
  try {
    const access = await tr064.call(services.filter, "GetWANAccessByIP", { NewIPv4Address: address });
    return ok(check, sentence("canBeAsked", { state: access.get("NewWANAccess") || "?" }));
  } catch (error) {
    return failedBy(check, error, grant(settingsRight));
  }
}

function remedyOf(error: unknown): Sentence {
  const code = error instanceof DriverError ? error.code : "";
  if (code === "auth-failed") return sentence("fritzLogin");
  if (code === "unreachable") return sentence("fritzReach");
  if (code === "locked-out") return sentence("fritzLocked");
  if (code === "unsupported") return sentence("fritzAllow");
  return sentence("seeMessage");
}
