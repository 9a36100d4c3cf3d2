import { DriverError, type Finding, PermissionMissing } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { failed, failedBy, ok, warning, warningBy } from "../shared/findings.ts";
import { type DeviceMode, deviceMode, foreignQueues, type Look } from "./look.ts";
import type { Rest } from "./rest.ts";
import type { Settings } from "./settings.ts";
import { usable } from "./tunnels.ts";
import { isTrue } from "./values.ts";
import { isTooOld, tooOld } from "./version.ts";

interface Patient {
  rest: Rest;
  settings: Settings;
  look(): Promise<Look>;
}

/** Policies of a user's group: those without which nothing works, and those that a user of ours should not have. */
const needed = ["read", "write", "rest-api", "api"];
const tooMuch = ["policy", "sensitive", "password", "ftp", "reboot", "sniff", "romon"];
/** No router has an object of this number. */
const nowhere = "*FFFFFFFE";

/** Checks the way to the router, the login, every right, and what would defeat a plan. Writes nothing. */
export async function examine({ rest, settings, look }: Patient): Promise<Finding[]> {
  const findings: Finding[] = [
    settings.url.startsWith("https:")
      ? ok("transport", sentence("encrypted"))
      : warning("transport", sentence("plainPasswordAlways"), sentence("useHttpsRouterOs")),
  ];
  try {
    await rest.settingsOf("system/resource");
    findings.push(ok("login", sentence("userLogsIn", { name: settings.username })));
  } catch (error) {
    if (error instanceof PermissionMissing) return [...findings, failedBy("right: read", error, grant("read"))];
    return [...findings, failedBy("login", error, remedyOf(error))];
  }
  findings.push(...(await rights(rest, settings)));
  try {
    const seen = await look();
    findings.push(
      ...routerFindings(seen),
      wayBack(await deviceMode(rest)),
      ...queueFindings(await foreignQueues(rest)),
      ...(await chipFindings(rest)),
      ...tunnelFindings(seen),
    );
  } catch (error) {
    findings.push(failedBy("router", error, remedyOf(error)));
  }
  return findings;
}

const grant = (right: string): Sentence => sentence("rosGrant", { right });

/** What the group of our user may do; where that may not be seen, whether a write to nothing is refused for lack of a right. */
async function rights(rest: Rest, { username }: Settings): Promise<Finding[]> {
  try {
    const [user] = await rest.list("user", ["name", "group", "address"], { name: username });
    const [group] = user?.group ? await rest.list("user/group", ["name", "policy"], { name: user.group }) : [];
    if (group?.policy !== undefined) {
      const policies = new Set(group.policy.split(","));
      const missing = needed.filter((right) => !policies.has(right));
      const more = tooMuch.filter((right) => policies.has(right));
      return [
        ...missing.map((right) => failed(`right: ${right}`, sentence("groupLacks", { group: group.name ?? "", right }), grant(right))),
        ...(missing.length === 0 ? [ok("rights", sentence("groupHas", { group: group.name ?? "", rights: needed }))] : []),
        ...(more.length > 0
          ? [warning("too many rights", sentence("groupHasMore", { group: group.name ?? "", rights: more }), sentence("fewPolicies"))]
          : []),
      ];
    }
  } catch (error) {
    if (!(error instanceof PermissionMissing)) return [warningBy("rights", error, remedyOf(error))];
  }
  const findings: Finding[] = [];
  for (const menu of ["ip/firewall/filter", "system/scheduler"]) {
    try {
      await rest.set(menu, nowhere, { disabled: "true" });
    } catch (error) {
      if (error instanceof PermissionMissing) findings.push(failedBy("right: write", error, grant("write")));
      else if (!(error instanceof DriverError && error.code === "rejected"))
        findings.push(warningBy("right: write", error, remedyOf(error)));
    }
  }
  return findings.length > 0 ? findings : [ok("rights", sentence("writesNotRefused"))];
}

function routerFindings(look: Look): Finding[] {
  const findings: Finding[] = [
    isTooOld(look.version)
      ? failed("version", tooOld(look.version), sentence("updatePackages"))
      : ok("version", sentence("rosOn", { version: look.version, board: look.board })),
  ];
  findings.push(
    look.line === undefined
      ? failed("line", sentence("noDefaultRoute"), sentence("setWan"))
      : ok("line", sentence("lineIs", { line: look.line })),
  );
  for (const rule of look.fastTrack) {
    const [menu, id] = rule.split(" ");
    findings.push(
      warning("FastTrack", sentence("rulePast", { rule }), sentence("markNoMark", { menu: menu!.replaceAll("/", " "), id: id! })),
    );
  }
  if (look.fastTrack.length === 0) findings.push(ok("FastTrack", sentence("noFastTrack")));
  if (look.offloadedPorts.length > 0)
    findings.push(warning("hardware offload", sentence("framesPast", { ports: look.offloadedPorts }), sentence("portOffload")));
  return findings;
}

function wayBack({ mode, scheduler, flagged }: DeviceMode): Finding {
  if (flagged) return warning("way back", sentence("flagged"), sentence("unflag"));
  if (scheduler) return ok("way back", sentence("takesBack"));
  return warning("way back", sentence("noScheduler", { mode }), sentence("allowScheduler"));
}

const queueFindings = (queues: readonly string[]): Finding[] =>
  queues.length === 0
    ? [ok("foreign queues", sentence("nobodyElseShapes"))]
    : [warning("foreign queues", sentence("queuesShape", { queues }), sentence("switchQueuesOff"))];

/** A switch chip that routes by itself: what it routes no rule and no queue sees. */
async function chipFindings(rest: Rest): Promise<Finding[]> {
  const chips = (await rest.listIfAny("interface/ethernet/switch", ["name", "l3-hw-offloading"])) ?? [];
  return chips
    .filter((chip) => isTrue(chip["l3-hw-offloading"]))
    .map(({ name }) =>
      warning("hardware offload", sentence("chipRoutes", { chip: name ?? "" }), sentence("chipOff", { chip: name ?? "" })),
    );
}

function tunnelFindings({ tunnels }: Look): Finding[] {
  const names = [...usable(tunnels)];
  const off = tunnels.map(({ name }) => name).filter((name) => !names.some(([, used]) => used === name));
  return [
    ok("tunnels", names.length > 0 ? sentence("tunnelsUsable", { tunnels: names.map(([name]) => name) }) : sentence("noWireguardToUse")),
    ...(off.length > 0 ? [warning("tunnels", sentence("wireguardsOff", { tunnels: off }), sentence("lendTunnel"))] : []),
  ];
}

function remedyOf(error: unknown): Sentence {
  const code = error instanceof DriverError ? error.code : "";
  if (code === "auth-failed") return sentence("rosLogin");
  if (code === "unreachable") return sentence("rosReach");
  if (code === "unsupported") return sentence("rosOld");
  return sentence("seeMessage");
}
