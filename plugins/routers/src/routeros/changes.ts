import type { Change } from "@network-personas/engine/driver";
import { formatRate } from "@network-personas/personas";
import { type Group, groupsOf, same, sorted, type Thing } from "./things.ts";
import { count } from "./values.ts";

/** What the parts of a group's name mean, for people. */
const parts: Readonly<Record<string, string>> = {
  mark: "its connections are recognised",
  down: "its downloads go through its queue",
  up: "its uploads go through its queue",
  dscp: "what it sends is marked",
  route: "it goes through a tunnel",
  internet: "its way into the internet is restricted",
  closed: "nobody from outside reaches it",
  isolated: "it reaches no other devices",
  names: "questions for names go to another resolver",
  marks: "connections of devices are told apart",
  entry: "restrictions of devices come before other rules",
  local: "what stays in the home is known",
  routes: "tunnels of devices are looked at",
};

const rate = (bits: string | undefined) => formatRate(Math.round(count(bits) / 1_000));

/** What a group is about: a device, or everybody. */
function subject({ menu, group }: Group): string {
  const [device, part] = group.split("/");
  if (menu === "queue/type") return "queues";
  if (device !== "@line") return device!;
  return part?.startsWith("tunnel-") ? `the tunnel ${part.slice("tunnel-".length)}` : "the line";
}

/** What it does, in words. */
function phrase({ menu, group, things }: Group): string {
  const part = group.split("/")[1] ?? group;
  const props = things[0]?.props ?? {};
  if (menu === "queue/tree") {
    const who = part.endsWith("-rest") ? " for everybody else" : "";
    const way = part.includes("down") ? "down" : "up";
    const least = count(props["limit-at"]) > 0 ? `at least ${rate(props["limit-at"])} and ` : "";
    return `${least}at most ${rate(props["max-limit"])} ${way}${who}, priority ${props.priority ?? "?"} of 8`;
  }
  if (menu === "queue/type") return `a kind with a target of ${props["fq-codel-target"] ?? "?"}`;
  if (menu.endsWith("address-list") && part === group) return `addresses of ${group} are known`;
  if (part.startsWith("tunnel-")) return "devices can be sent through it";
  return `${parts[part] ?? part}${menu.startsWith("ipv6/") ? " (IPv6)" : ""}`;
}

/** Every rule as it stands on the router, in short. */
const detail = ({ things }: Group): string => things.map(rule).join("; ");
const rule = ({ props, first }: Thing): string =>
  `${Object.entries(props)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ")}${first ? " (first)" : ""}`;

const titleOf = ({ menu, group }: Group): string => `${menu.replaceAll("/", " ")} ${group}`;

/** The difference for people. `leftovers`: things of ours that no change waits for. */
export function changesBetween(before: readonly Thing[], after: readonly Thing[], leftovers: number): Change[] {
  const [held, wanted] = [groupsOf(sorted(before)), groupsOf(sorted(after))];
  const changes: Change[] = [];
  for (const key of new Set([...wanted.keys(), ...held.keys()])) {
    const [was, is] = [held.get(key), wanted.get(key)];
    if (same(was, is)) continue;
    const group = (is ?? was)!;
    const [from, to] = [was ? detail(was) : null, is ? detail(is) : null];
    changes.push({
      action: was === undefined ? "add" : is === undefined ? "remove" : "set",
      target: titleOf(group),
      before: from === to ? `${from}, in another order` : from,
      after: to,
      summary: is === undefined ? `${subject(group)}: no longer: ${phrase(group)}` : sentence(was, is),
    });
  }
  if (leftovers > 0)
    changes.push({
      action: "remove",
      target: "leftovers",
      before: `${leftovers} left over`,
      after: null,
      summary: `Remove ${leftovers} things of ours that no change waits for`,
    });
  return changes;
}

function sentence(was: Group | undefined, is: Group): string {
  const [then, now] = [was && phrase(was), phrase(is)];
  return `${subject(is)}: ${now}${then === undefined ? "" : then === now ? ", in another way" : ` (was: ${then})`}`;
}
