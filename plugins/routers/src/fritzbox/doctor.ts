import { DriverError, type Finding, PermissionMissing } from "@network-personas/engine/driver";
import { failed, messageOf, ok, warning } from "../shared/findings.ts";
import { addressOf, type Host } from "./hosts.ts";
import type { Settings } from "./settings.ts";
import { services, settingsRight, type Tr064 } from "./tr064.ts";
import { all, parseXml } from "./xml.ts";

interface Patient {
  tr064: Tr064;
  settings: Settings;
  hosts(): Promise<Host[]>;
  foreign(hosts: readonly Host[]): Promise<string[]>;
}

const users = "System > FRITZ!Box Users";
const grant = (right: string) => `Tick "${right}" for the user under ${users} > Users.`;

/** Checks the way to the box, the login, every single right, and what would defeat a plan. Writes nothing. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const { tr064, settings } = patient;
  const findings: Finding[] = [
    tr064.encrypted
      ? ok("transport", "the connection is encrypted")
      : warning(
          "transport",
          "orders and answers cross the network unencrypted",
          "Use https:// in `url`; the certificate is remembered on first use.",
        ),
  ];
  try {
    await tr064.has(services.device, "GetInfo");
    findings.push(ok("TR-064", "applications may speak to the box"));
    await tr064.call(services.device, "GetInfo");
    findings.push(ok("login", `the user "${settings.username}" can log in`));
  } catch (error) {
    if (error instanceof PermissionMissing) return [...findings, failed(`right: ${error.right}`, messageOf(error), grant(error.right))];
    return [
      ...findings,
      failed(error instanceof DriverError && error.code === "auth-failed" ? "login" : "TR-064", messageOf(error), remedyOf(error)),
    ];
  }
  findings.push(await accountRights(patient));
  let hosts: Host[] = [];
  try {
    hosts = await patient.hosts();
    findings.push(ok("right: list of devices", `${hosts.length} devices are known`));
  } catch (error) {
    findings.push(failed("right: list of devices", messageOf(error), grant(settingsRight)));
  }
  findings.push(await filterRight(patient, hosts));
  findings.push(
    (await tr064.has(services.hosts, "X_AVM-DE_SetPrioritizationByIP"))
      ? ok("priority", "applications may give a device priority")
      : warning(
          "priority",
          "this FRITZ!OS lets applications set no priority",
          "Update it under System > Update: FRITZ!OS 7.57 and newer do.",
        ),
    (await tr064.has(services.line, "GetAddonInfos"))
      ? ok("counters", "the line can be counted")
      : warning(
          "counters",
          "the box does not show its status over UPnP",
          "Tick the transmission of status information over UPnP under Home Network > Network > Network Settings.",
        ),
  );
  for (const finding of await patient.foreign(hosts))
    findings.push(warning("foreign", finding, "Look under Internet > Filters > Access Profiles and Prioritization."));
  return findings;
}

/** What the box itself says about our account. */
async function accountRights({ tr064, settings }: Patient): Promise<Finding> {
  const [check, action] = [`right: ${settingsRight}`, "X_AVM-DE_GetCurrentUser"];
  try {
    if (!(await tr064.has(services.user, action)))
      return warning(check, "this FRITZ!OS does not tell an account its rights", grant(settingsRight));
    const text = (await tr064.call(services.user, action)).get("NewX_AVM-DE_CurrentUserRights") ?? "";
    const list = parseXml(text, { router: "", request: action });
    const [paths, accesses] = [[...all(list, "path")], [...all(list, "access")].map((one) => one.text.trim())];
    const at = paths.findIndex((path) => path.text.trim() === "BoxAdmin");
    if (accesses[at] === "readwrite") return ok(check, `the user "${settings.username}" has it`);
    return failed(check, `the user "${settings.username}" has it not, so nothing can be blocked`, grant(settingsRight));
  } catch (error) {
    return warning(check, `it is not known: ${messageOf(error)}`, grant(settingsRight));
  }
}

async function filterRight({ tr064 }: Patient, hosts: readonly Host[]): Promise<Finding> {
  const check = "right: internet access of devices";
  if (!(await tr064.has(services.filter, "DisallowWANAccessByIP")))
    return warning(check, "this FRITZ!OS lets applications not block devices", "Update it under System > Update.");
  const address = hosts.map((host) => addressOf(host, hosts)).find((one) => one !== undefined);
  if (address === undefined) return warning(check, "there is no device to ask about", "Connect a device and run doctor again.");
  try {
    const access = await tr064.call(services.filter, "GetWANAccessByIP", { NewIPv4Address: address });
    return ok(check, `it can be asked (a device is ${access.get("NewWANAccess") || "not decided"})`);
  } catch (error) {
    return failed(check, messageOf(error), grant(settingsRight));
  }
}

function remedyOf(error: unknown): string {
  const code = error instanceof DriverError ? error.code : "";
  if (code === "auth-failed") return `Correct \`username\` and \`password\`, or set the password anew under ${users} > Users.`;
  if (code === "unreachable") return "Check `url` and that the box is on; TR-064 answers at port 49000, or 49443 with https.";
  if (code === "locked-out") return "Wait some minutes; see System > Event Log for who else logs in.";
  if (code === "unsupported") return "Allow access for applications under Home Network > Network > Network Settings.";
  return "See the message; the address in `url` may be another device's.";
}
