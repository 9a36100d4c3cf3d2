import { DriverError, type Finding } from "@network-personas/engine/driver";
import { type Sentence, sentence } from "@network-personas/engine/model";
import { z } from "zod";
import { failed, failedBy, ok, warning } from "../shared/findings.ts";
import { siteAdmin, type UnifiApi } from "./api.ts";
import type { Family } from "./policies.ts";
import type { Settings } from "./settings.ts";

interface Patient {
  api: UnifiApi;
  settings: Settings;
  tunnels(): Promise<string[]>;
  policies(): Promise<{ family: Family | undefined; foreign: Sentence[] }>;
}

const Site = z.object({ name: z.string(), role: z.string().optional() });
const Wan = z.object({ purpose: z.literal("wan"), name: z.string(), wan_smartq_enabled: z.boolean().optional() });

/** Checks the way to the console, the login, every single right, and what would defeat a plan. Writes nothing. */
export async function examine(patient: Patient): Promise<Finding[]> {
  const { api, settings } = patient;
  const findings: Finding[] = [
    settings.url.startsWith("https:")
      ? ok("transport", sentence("encrypted"))
      : warning("transport", sentence("plainPassword"), sentence("useHttps")),
  ];
  try {
    const sites = (await api.sites()).flatMap((entry) => Site.safeParse(entry).data ?? []);
    findings.push(ok("login", sentence("accountLogsIn", { name: settings.username })), siteFinding(sites, settings.site));
    if (!sites.some((site) => site.name === settings.site)) return [...findings, ...(await keyFindings(patient))];
  } catch (error) {
    return [...findings, failedBy("login", error, remedyOf(error))];
  }
  try {
    findings.push(...(await networkFindings(patient)));
  } catch (error) {
    findings.push(failedBy("right: reading the site", error, grant));
  }
  return [...findings, ...(await keyFindings(patient))];
}

const grant = sentence("unifiGrant", { role: siteAdmin });

function siteFinding(sites: readonly z.infer<typeof Site>[], wanted: string): Finding {
  const site = sites.find((one) => one.name === wanted);
  if (!site)
    return failed(
      "site",
      sentence("seesNoSite", { site: wanted }),
      sentence("setSite", { sites: sites.length > 0 ? sites.map((one) => one.name) : sentence("seesNone") }),
    );
  if (site.role === "admin") return ok(`right: ${siteAdmin}`, sentence("mayChangeSite", { site: wanted }));
  return failed(`right: ${siteAdmin}`, sentence("mayOnlyLook", { site: wanted }), grant);
}

async function networkFindings({ api, tunnels, policies }: Patient): Promise<Finding[]> {
  const { family, foreign } = await policies();
  const update = sentence("unifiUpdate");
  const findings = [
    family === "objects"
      ? ok("policies", sentence("unifiLists"))
      : family === "rules"
        ? warning("policies", sentence("unifiOnlyRules"), update)
        : failed("policies", sentence("unifiNone"), update),
  ];
  const wans = (await api.v1("rest/networkconf")).flatMap((entry) => Wan.safeParse(entry).data ?? []);
  for (const wan of wans.filter((one) => one.wan_smartq_enabled !== true))
    findings.push(warning("shaper", sentence("smartOff", { wan: wan.name }), sentence("unifiSmartOn")));
  const names = await tunnels();
  findings.push(ok("tunnels", names.length > 0 ? sentence("vpnUsable", { tunnels: names }) : sentence("noVpnOn")));
  for (const finding of foreign) findings.push(warning("foreign", finding, sentence("unifiEither")));
  return findings;
}

async function keyFindings({ api, settings }: Patient): Promise<Finding[]> {
  if (settings.apiKey === undefined) return [];
  try {
    await api.official("sites");
    return [ok("key of the official API", sentence("accepted"))];
  } catch (error) {
    return [failedBy("key of the official API", error, sentence("unifiKey"))];
  }
}

function remedyOf(error: unknown): Sentence {
  const code = error instanceof DriverError ? error.code : "";
  if (code === "auth-failed") return sentence("unifiLogin");
  if (code === "unreachable") return sentence("unifiReach");
  if (code === "locked-out") return sentence("unifiLocked");
  return sentence("seeMessage");
}
