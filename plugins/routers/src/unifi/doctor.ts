import { DriverError, type Finding } from "@network-personas/engine/driver";
import { z } from "zod";
import { failed, messageOf, ok, warning } from "../shared/findings.ts";
import { siteAdmin, type UnifiApi } from "./api.ts";
import type { Family } from "./policies.ts";
import type { Settings } from "./settings.ts";

interface Patient {
  api: UnifiApi;
  settings: Settings;
  tunnels(): Promise<string[]>;
  policies(): Promise<{ family: Family | undefined; foreign: string[] }>;
}

const Site = z.object({ name: z.string(), role: z.string().optional() });
const Wan = z.object({ purpose: z.literal("wan"), name: z.string(), wan_smartq_enabled: z.boolean().optional() });

/** Checks the way to the console, the login, every single right, and what would defeat a plan. Writes nothing. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const { api, settings } = patient;
  const findings: Finding[] = [
    settings.url.startsWith("https:")
      ? ok("transport", "the connection is encrypted")
      : warning(
          "transport",
          "the password crosses the network unencrypted",
          "Use https:// in `url`; the certificate is remembered on first use.",
        ),
  ];
  try {
    const sites = (await api.sites()).flatMap((entry) => Site.safeParse(entry).data ?? []);
    findings.push(ok("login", `the account "${settings.username}" can log in`), siteFinding(sites, settings.site));
    if (!sites.some((site) => site.name === settings.site)) return [...findings, ...(await keyFindings(patient))];
  } catch (error) {
    return [...findings, failed("login", messageOf(error), remedyOf(error))];
  }
  try {
    findings.push(...(await networkFindings(patient)));
  } catch (error) {
    findings.push(failed("right: reading the site", messageOf(error), grant));
  }
  return [...findings, ...(await keyFindings(patient))];
}

const grant = `Give the account the role "${siteAdmin}" under Settings > Admins & Users.`;

function siteFinding(sites: readonly z.infer<typeof Site>[], wanted: string): Finding {
  const site = sites.find((one) => one.name === wanted);
  if (!site)
    return failed(
      "site",
      `the account sees no site "${wanted}"`,
      `Set \`site\` to one of: ${sites.map((one) => one.name).join(", ") || "(it sees none)"}.`,
    );
  if (site.role === "admin") return ok(`right: ${siteAdmin}`, `the account may change the site "${wanted}"`);
  return failed(`right: ${siteAdmin}`, `the account may only look at the site "${wanted}", so nothing can be changed`, grant);
}

async function networkFindings({ api, tunnels, policies }: Patient): Promise<Finding[]> {
  const { family, foreign } = await policies();
  const update = "Update UniFi Network under Settings > Control Plane > Updates.";
  const findings = [
    family === "objects"
      ? ok("policies", "there are policy objects for single devices")
      : family === "rules"
        ? warning(
            "policies",
            "there are only traffic rules: devices can be blocked and limited, not preferred or sent through a tunnel",
            update,
          )
        : failed("policies", "there are no policies for single devices", update),
  ];
  const wans = (await api.v1("rest/networkconf")).flatMap((entry) => Wan.safeParse(entry).data ?? []);
  for (const wan of wans.filter((one) => one.wan_smartq_enabled !== true))
    findings.push(
      warning(
        "shaper",
        `Smart Queues are off for ${wan.name}, so a full line makes everybody wait`,
        "Switch them on under Settings > Internet for lines below about 300 Mbit/s, with rates slightly below what the line carries.",
      ),
    );
  const names = await tunnels();
  findings.push(ok("tunnels", names.length > 0 ? `VPN clients that can be used: ${names.join(", ")}` : "no VPN client is switched on"));
  for (const finding of foreign)
    findings.push(warning("foreign", finding, "Look under Settings > Policy Engine; where two decide, either may win."));
  return findings;
}

async function keyFindings({ api, settings }: Patient): Promise<Finding[]> {
  if (settings.apiKey === undefined) return [];
  try {
    await api.official("sites");
    return [ok("key of the official API", "it is accepted")];
  } catch (error) {
    return [
      failed(
        "key of the official API",
        messageOf(error),
        "Make one under Settings > Control Plane > Integrations and put it into `apiKey`.",
      ),
    ];
  }
}

function remedyOf(error: unknown): string {
  const code = error instanceof DriverError ? error.code : "";
  if (code === "auth-failed")
    return "Correct `username` and `password`; the account must be a local one without a second factor (Settings > Admins & Users).";
  if (code === "unreachable")
    return "Check `url` and that the console is on; UniFi OS answers at port 443, the application by itself at 8443.";
  if (code === "locked-out") return "Wait some minutes, and find the other program that logs in with this account all the time.";
  return "See the message; the address in `url` may be another device's.";
}
