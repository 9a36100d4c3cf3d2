import { DriverError, type Finding } from "@network-personas/engine/driver";
import { inEnglish, sentence } from "@network-personas/engine/model";
import { failed, messageOf, ok, warning } from "../shared/findings.ts";
import type { AsusApi } from "./api.ts";
import type { Found } from "./changer.ts";
import type { Settings } from "./settings.ts";

interface Patient {
  api: AsusApi;
  settings: Settings;
  look(): Promise<Found>;
}

/** Checks the way to the router, the login, what the firmware has, and what would defeat a plan. Writes nothing. */
export async function examine({ api, settings, look }: Patient): Promise<Finding[]> {
  const findings: Finding[] = [
    api.encrypted
      ? ok("transport", "the connection is encrypted")
      : warning(
          "transport",
          "the password crosses the network unencrypted",
          "Switch HTTPS on under Administration > System > Authentication Method, and use https://…:8443 in `url`; the certificate is remembered on first use.",
        ),
  ];
  let about: Readonly<Record<string, string>>;
  try {
    about = await api.variables(["productid", "odmpid", "firmver", "buildno", "extendno"]);
    findings.push(ok("login", `the account "${settings.username}" can log in`));
  } catch (error) {
    const code = error instanceof DriverError ? error.code : "";
    return [...findings, failed(code === "locked-out" ? "session" : "login", messageOf(error), remedyOf(code))];
  }
  findings.push(firmwareFinding(about));
  try {
    const found = await look();
    findings.push(...featureFindings(found, settings));
    for (const finding of foreignFindings(found))
      findings.push(warning("foreign", finding, "Look under Parental Controls and Traffic Manager > QoS of the router's web interface."));
  } catch (error) {
    findings.push(failed("settings", messageOf(error), "See the message; the firmware may be newer than this driver knows."));
  }
  return findings;
}

function firmwareFinding({
  productid = "",
  odmpid = "",
  firmver = "",
  buildno = "",
  extendno = "",
}: Readonly<Record<string, string>>): Finding {
  const model = odmpid || productid || "a router that does not tell its model";
  // 3006 begins to count anew: 3.0.0.6.102.
  if (firmver === "3.0.0.6" || Number.parseInt(buildno, 10) >= 384)
    return ok("firmware", `${model} with ${buildno}${extendno ? `_${extendno}` : ""}`);
  return warning(
    "firmware",
    `${model} has firmware "${buildno || "unknown"}", which nobody has tried this driver with`,
    "Update it under Administration > Firmware Upgrade to 384 or later, where there is one.",
  );
}

function featureFindings({ view, nvram }: Found, settings: Settings): Finding[] {
  if (view.unable) return [failed("mode", view.unable, "Set `url` to the router that leads to the internet.")];
  const findings = [ok("mode", "it is a router")];
  findings.push(
    view.parental
      ? warning("parental control", sentence("cannotBlock", { why: view.parental }), "Do so, and run doctor again.")
      : ok("parental control", "devices can be blocked"),
    view.dns
      ? warning("DNS Director", sentence("cannotFilter", { why: view.dns }), "Nothing to do if you need no filter of names.")
      : ok("DNS Director", "names can be filtered for single devices"),
  );
  if (view.tunnels.why === undefined) {
    const { usable, leaking } = view.tunnels;
    const names = usable.size > 0 ? `VPN clients that can be used: ${[...usable.keys()].join(", ")}` : "no VPN client can be used";
    findings.push(ok("tunnels", [names, ...[...leaking].map(([name, leak]) => `not ${name}: ${inEnglish(leak)}`)].join("; ")));
  }
  const { kind, line, why } = view.qos;
  findings.push(
    kind === "traditional"
      ? ok("QoS", line ? "devices can be preferred, and the line shaped" : "devices can be preferred; the rates of the line are yours")
      : kind === "limiter"
        ? ok("QoS", "devices can be limited")
        : warning(
            "QoS",
            why,
            "Switch Traditional QoS or the Bandwidth Limiter on under Traffic Manager > QoS if you want it; either costs hardware acceleration, which lines above some hundred Mbit/s need.",
          ),
  );
  if (kind === "limiter" && view.ipv6)
    findings.push(
      warning("IPv6", "the Bandwidth Limiter does not see IPv6", "Switch IPv6 off under IPv6, or live with limits of IPv4 only."),
    );
  if (kind === "traditional" && !line && (["", "0"].includes(nvram.qos_ibw ?? "") || ["", "0"].includes(nvram.qos_obw ?? "")))
    findings.push(
      warning(
        "QoS rates",
        "Traditional QoS has no rates of the line, and does nothing without them",
        "Enter them under Traffic Manager > QoS.",
      ),
    );
  if (settings.qos !== "keep" && view.on.qos)
    findings.push(
      warning(
        "setting qos",
        `\`qos\` says ${settings.qos}, but you have QoS on yourself, which stays as it is`,
        "Remove `qos`, or switch QoS off.",
      ),
    );
  return findings;
}

/** What would defeat a plan, or compete with it. */
export function foreignFindings({ nvram, view }: Found): string[] {
  const findings: string[] = [];
  if (nvram.MULTIFILTER_BLOCK_ALL === "1") findings.push("parental control blocks all devices");
  if (view.on.qos && view.qos.kind === undefined) findings.push(inEnglish(view.qos.why));
  if (view.qos.kind === "limiter" && view.theirs.limited.size > 0 && view.on.qos)
    findings.push(`limits of yours are in force beside ours: ${[...view.theirs.limited].join(", ")}`);
  return findings;
}

function remedyOf(code: string): string {
  if (code === "auth-failed") return "Correct `username` and `password`; log in once by hand to see what the router says.";
  if (code === "unreachable") return "Check `url` and that the router is on; its web interface answers at port 80, or 8443 with https.";
  if (code === "locked-out")
    return "Log out of the router's web interface and of its app, find other programs that log in with this account, and wait some minutes.";
  return "See the message; the address in `url` may be another device's.";
}
