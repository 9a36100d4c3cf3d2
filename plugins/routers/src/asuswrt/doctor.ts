import { DriverError, type Finding } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { failed, failedBy, ok, warning } from "../shared/findings.ts";
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
    api.encrypted ? ok("transport", sentence("encrypted")) : warning("transport", sentence("plainPassword"), sentence("useHttpsAsus")),
  ];
  let about: Readonly<Record<string, string>>;
  try {
    about = await api.variables(["productid", "odmpid", "firmver", "buildno", "extendno"]);
    findings.push(ok("login", sentence("accountLogsIn", { name: settings.username })));
  } catch (error) {
    const code = error instanceof DriverError ? error.code : "";
    return [...findings, failedBy(code === "locked-out" ? "session" : "login", error, remedyOf(code))];
  }
  findings.push(firmwareFinding(about));
  try {
    const found = await look();
    findings.push(...featureFindings(found, settings));
    for (const finding of foreignFindings(found)) findings.push(warning("foreign", finding, sentence("asusLook")));
  } catch (error) {
    findings.push(failedBy("settings", error, sentence("newerFirmware")));
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
  const model = odmpid || productid || sentence("unnamedModel");
  // 3006 begins to count anew: 3.0.0.6.102.
  if (firmver === "3.0.0.6" || Number.parseInt(buildno, 10) >= 384)
    return ok("firmware", sentence("modelWith", { model, build: `${buildno}${extendno ? `_${extendno}` : ""}` }));
  return warning("firmware", sentence("firmwareUntried", { model, build: buildno || "?" }), sentence("asusUpdate"));
}

function featureFindings({ view, nvram }: Found, settings: Settings): Finding[] {
  if (view.unable) return [failed("mode", view.unable, sentence("asusSetUrl"))];
  const findings = [ok("mode", sentence("isRouter"))];
  findings.push(
    view.parental
      ? warning("parental control", sentence("cannotBlock", { why: view.parental }), sentence("doSoAgain"))
      : ok("parental control", sentence("canBlock")),
    view.dns
      ? warning("DNS Director", sentence("cannotFilter", { why: view.dns }), sentence("noFilterNeeded"))
      : ok("DNS Director", sentence("canFilter")),
  );
  if (view.tunnels.why === undefined) {
    const { usable, leaking } = view.tunnels;
    const names = usable.size > 0 ? sentence("vpnUsable", { tunnels: [...usable.keys()] }) : sentence("noVpnUsable");
    findings.push(
      ok(
        "tunnels",
        [...leaking].reduce(
          (first, [name, leak]) => sentence("several", { first, more: sentence("notTunnel", { tunnel: name, leak }) }),
          names,
        ),
      ),
    );
  }
  const { kind, line, why } = view.qos;
  findings.push(
    kind === "traditional"
      ? ok("QoS", line ? sentence("canPreferShape") : sentence("canPrefer"))
      : kind === "limiter"
        ? ok("QoS", sentence("canLimit"))
        : warning("QoS", why, sentence("asusSwitchQos")),
  );
  if (kind === "limiter" && view.ipv6) findings.push(warning("IPv6", sentence("limiterNoIpv6"), sentence("asusIpv6Off")));
  if (kind === "traditional" && !line && (["", "0"].includes(nvram.qos_ibw ?? "") || ["", "0"].includes(nvram.qos_obw ?? "")))
    findings.push(warning("QoS rates", sentence("qosNoRates"), sentence("enterRates")));
  if (settings.qos !== "keep" && view.on.qos)
    findings.push(warning("setting qos", sentence("qosStays", { wanted: settings.qos }), sentence("removeQos")));
  return findings;
}

/** What would defeat a plan, or compete with it. */
export function foreignFindings({ nvram, view }: Found): Sentence[] {
  const findings: Sentence[] = [];
  if (nvram.MULTIFILTER_BLOCK_ALL === "1") findings.push(sentence("blocksAll"));
  if (view.on.qos && view.qos.kind === undefined) findings.push(view.qos.why);
  if (view.qos.kind === "limiter" && view.theirs.limited.size > 0 && view.on.qos)
    findings.push(sentence("limitsBeside", { macs: [...view.theirs.limited] }));
  return findings;
}

function remedyOf(code: string): Sentence {
  if (code === "auth-failed") return sentence("asusLogin");
  if (code === "unreachable") return sentence("asusReach");
  if (code === "locked-out") return sentence("asusLocked");
  return sentence("seeMessage");
}
