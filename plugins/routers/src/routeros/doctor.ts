import { DriverError, type Finding, PermissionMissing } from "@network-personas/engine/driver";
import { failed, messageOf, ok, warning } from "../shared/findings.ts";
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
      ? ok("transport", "the connection is encrypted")
      : warning(
          "transport",
          "the password crosses the network unencrypted with every request",
          "Give www-ssl a certificate (see install/README.md) and use https:// in `url`; the certificate is remembered on first use.",
        ),
  ];
  try {
    await rest.settingsOf("system/resource");
    findings.push(ok("login", `the user "${settings.username}" can log in`));
  } catch (error) {
    if (error instanceof PermissionMissing) return [...findings, failed("right: read", messageOf(error), grant("read"))];
    return [...findings, failed("login", messageOf(error), remedyOf(error))];
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
    findings.push(failed("router", messageOf(error), remedyOf(error)));
  }
  return findings;
}

const grant = (right: string): string =>
  `At the router: /user group set [find name=personas] policy=read,write,api,rest-api (lacks ${right}).`;

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
        ...missing.map((right) => failed(`right: ${right}`, `the group "${group.name}" lacks the policy "${right}"`, grant(right))),
        ...(missing.length === 0 ? [ok("rights", `the group "${group.name}" has ${needed.join(", ")}`)] : []),
        ...(more.length > 0
          ? [
              warning(
                "too many rights",
                `the group "${group.name}" also has ${more.join(", ")}, which nothing here needs`,
                "Use a group of its own with few policies: see install/README.md.",
              ),
            ]
          : []),
      ];
    }
  } catch (error) {
    if (!(error instanceof PermissionMissing)) return [warning("rights", messageOf(error), remedyOf(error))];
  }
  const findings: Finding[] = [];
  for (const menu of ["ip/firewall/filter", "system/scheduler"]) {
    try {
      await rest.set(menu, nowhere, { disabled: "true" });
    } catch (error) {
      if (error instanceof PermissionMissing) findings.push(failed("right: write", `${menu}: ${messageOf(error)}`, grant("write")));
      else if (!(error instanceof DriverError && error.code === "rejected"))
        findings.push(warning("right: write", `${menu}: ${messageOf(error)}`, remedyOf(error)));
    }
  }
  return findings.length > 0 ? findings : [ok("rights", "what it writes is not refused for lack of a right")];
}

function routerFindings(look: Look): Finding[] {
  const findings: Finding[] = [
    isTooOld(look.version)
      ? failed("version", tooOld(look.version), "Update under System > Packages.")
      : ok("version", `RouterOS ${look.version} on ${look.board}`),
  ];
  findings.push(
    look.line === undefined
      ? failed("line", "the interface of the line was not found: there is no default route", "Set `wan`, e.g. to ether1 or pppoe-out1.")
      : ok("line", `the line is ${look.line}`),
  );
  for (const rule of look.fastTrack) {
    const [menu, id] = rule.split(" ");
    findings.push(
      warning(
        "FastTrack",
        `the rule ${rule} sends connections past queues and rules`,
        `At the router: /${menu!.replaceAll("/", " ")} set ${id} connection-mark=no-mark (ours are marked, others stay fast).`,
      ),
    );
  }
  if (look.fastTrack.length === 0) findings.push(ok("FastTrack", "no rule sends our connections past the queues"));
  if (look.offloadedPorts.length > 0)
    findings.push(
      warning(
        "hardware offload",
        `frames between ${look.offloadedPorts.join(", ")} pass the switch chip only, so devices there cannot be isolated from each other`,
        "At the router: /interface bridge port set [find interface=PORT] hw=no for the port of a device that is to be isolated.",
      ),
    );
  return findings;
}

function wayBack({ mode, scheduler, flagged }: DeviceMode): Finding {
  if (flagged)
    return warning(
      "way back",
      "the router flagged its configuration as suspicious and switched things off",
      "Look through its configuration, then at the router: /system device-mode update flagged=no, and press its button.",
    );
  if (scheduler) return ok("way back", "the router itself takes back what is not confirmed");
  return warning(
    "way back",
    `device-mode "${mode}" forbids the scheduler: only Network Personas can take a change back, not the router`,
    "At the router: /system device-mode update scheduler=yes, then press its button or cut its power within five minutes.",
  );
}

const queueFindings = (queues: readonly string[]): Finding[] =>
  queues.length === 0
    ? [ok("foreign queues", "nobody else shapes")]
    : [
        warning(
          "foreign queues",
          `queues that are not ours shape, too: ${queues.join(", ")}`,
          "Switch them off under Queues, or let them limit other traffic only.",
        ),
      ];

/** A switch chip that routes by itself: what it routes no rule and no queue sees. */
async function chipFindings(rest: Rest): Promise<Finding[]> {
  const chips = (await rest.listIfAny("interface/ethernet/switch", ["name", "l3-hw-offloading"])) ?? [];
  return chips
    .filter((chip) => isTrue(chip["l3-hw-offloading"]))
    .map(({ name }) =>
      warning(
        "hardware offload",
        `the switch chip "${name}" routes by itself, past all rules and queues`,
        `At the router: /interface ethernet switch set ${name} l3-hw-offloading=no.`,
      ),
    );
}

function tunnelFindings({ tunnels }: Look): Finding[] {
  const names = [...usable(tunnels)];
  const off = tunnels.map(({ name }) => name).filter((name) => !names.some(([, used]) => used === name));
  return [
    ok(
      "tunnels",
      names.length > 0 ? `tunnels that can be used: ${names.map(([name]) => name).join(", ")}` : "there is no WireGuard interface to use",
    ),
    ...(off.length > 0
      ? [
          warning(
            "tunnels",
            `WireGuard interfaces that are off and may not be brought up: ${off.join(", ")}`,
            'To lend one: /interface wireguard set NAME comment="np:tunnel".',
          ),
        ]
      : []),
  ];
}

function remedyOf(error: unknown): string {
  const code = error instanceof DriverError ? error.code : "";
  if (code === "auth-failed")
    return "Correct `username` and `password`; the user's `address` must include this machine, its group the policy rest-api.";
  if (code === "unreachable") return "Check `url`, and that www-ssl (or www) is enabled under IP > Services for this machine.";
  if (code === "unsupported") return "Update under System > Packages: RouterOS 7.9 or newer is needed.";
  return "See the message; the address in `url` may be another device's.";
}
