import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { describe, it } from "vitest";

/** Something a test needs of the machine that `npm ci` does not bring. */
export interface Requirement {
  name: string;
  available: boolean;
  /** Why it is not there; "" when it is. */
  reason: string;
  /** What to do to have it. */
  howTo: string;
}

declare module "vitest" {
  interface TaskMeta {
    /** Requirements whose absence skips this test. */
    missing?: Requirement[];
  }
}

/** Looks for one thing; answers "" when it is there, else why not. */
type Probe = () => string;

const probes = {
  chromium: { probe: () => (chromiumPath() ? "" : "no Chromium found"), howTo: "apt-get install chromium, or set NP_CHROMIUM to its path" },
  namespaces: { probe: () => inNamespace("ip link show lo", ["ip"]), howTo: "apt-get install iproute2 and run the tests as root" },
  "traffic-control": {
    probe: () => inNamespace("tc qdisc add dev lo root htb", ["ip", "tc"]),
    howTo: "apt-get install iproute2 and run the tests as root, on a kernel with htb",
  },
  nftables: {
    probe: () => inNamespace("nft add table inet np-probe", ["nft"]),
    howTo: "apt-get install nftables and run the tests as root",
  },
  conntrack: {
    probe: () => inNamespace("conntrack -L", ["conntrack"]),
    howTo: "apt-get install conntrack and run the tests as root",
  },
  dnsmasq: {
    probe: () => (findExecutable("dnsmasq") ? inNamespace("dnsmasq --version | grep -q ' nftset'", ["dnsmasq"]) : "no dnsmasq found"),
    howTo: "apt-get install dnsmasq-base, 2.87 or later",
  },
  busybox: { probe: () => (findExecutable("busybox") ? "" : "no BusyBox found"), howTo: "apt-get install busybox" },
  sshd: {
    probe: () => (findExecutable("sshd") && findExecutable("ssh") ? "" : "no OpenSSH found"),
    howTo: "apt-get install openssh-server openssh-client",
  },
  radicale: { probe: () => (findExecutable("radicale") ? "" : "no Radicale found"), howTo: "apt-get install radicale" },
} satisfies Record<string, { probe: Probe; howTo: string }>;

export type RequirementName = keyof typeof probes;
export const requirementNames: readonly RequirementName[] = Object.keys(probes) as RequirementName[];

const known = new Map<RequirementName, Requirement>();

/** Whether the machine has it. Looked up once per process. */
export function requirement(name: RequirementName): Requirement {
  const found = known.get(name) ?? { name, ...outcome(probes[name].probe()), howTo: probes[name].howTo };
  known.set(name, found);
  return found;
}

/**
 * `describe` for tests that need more than `npm ci` brings. What is missing skips them with one line that says how to enable them;
 * with NP_REQUIRE=all it fails them instead.
 */
export function describeIf(
  needs: RequirementName | Requirement | readonly (RequirementName | Requirement)[],
  title: string,
  body: () => void,
): void {
  const missing = [needs]
    .flat()
    .map((need) => (typeof need === "string" ? requirement(need) : (need as Requirement)))
    .filter((need) => !need.available);
  if (missing.length === 0) describe(title, body);
  else if (skipsFail()) {
    it(title, () => {
      throw new Error(missing.map(describeMissing).join("; "));
    });
  } else describe(title, { skip: true, meta: { missing } }, body);
}

/** True when a skipped test counts as a failure (NP_REQUIRE=all). */
export function skipsFail(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment.NP_REQUIRE === "all";
}

/** "chromium: no Chromium found. To enable: apt-get install chromium". */
export function describeMissing(need: Requirement): string {
  return `${need.name}: ${need.reason}. To enable: ${need.howTo}`;
}

/** The Chromium to drive: NP_CHROMIUM, else the first on the PATH. */
export function chromiumPath(): string | undefined {
  if (process.env.NP_CHROMIUM) return isExecutable(process.env.NP_CHROMIUM) ? process.env.NP_CHROMIUM : undefined;
  return ["chromium", "chromium-browser", "google-chrome"].map(findExecutable).find((path) => path !== undefined);
}

function outcome(reason: string): Pick<Requirement, "available" | "reason"> {
  return { available: reason === "", reason };
}

/** Administrators' folders are searched too: they are often missing from a user's PATH. */
function findExecutable(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Runs a command line in a network namespace of its own, which is gone afterwards. */
function inNamespace(command: string, tools: readonly string[]): string {
  const absent = ["unshare", ...tools].filter((tool) => !findExecutable(tool));
  if (absent.length > 0) return `not installed: ${absent.join(", ")}`;
  const path = `${process.env.PATH ?? ""}${delimiter}/usr/sbin${delimiter}/sbin`;
  const run = spawnSync("unshare", ["--net", "sh", "-c", command], {
    encoding: "utf8",
    timeout: 10_000,
    env: { ...process.env, PATH: path },
  });
  if (run.status === 0) return "";
  return run.error?.message ?? (run.stderr.trim().split("\n")[0] || `"${command}" failed`);
}
