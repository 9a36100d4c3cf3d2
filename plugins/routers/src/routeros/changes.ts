import type { Change } from "@network-personas/engine/driver";
import { formatRate } from "@network-personas/personas";
import { type Group, groupsOf, same, sorted, type Thing } from "./things.ts";
import { count } from "./values.ts";

/** Parts of a group's name, for people. */
const parts: Readonly<Record<string, string>> = {
  mark: "its connections are recognised",
  down: "its downloads go through its queue",
  up: "its uploads go through its queue",
  dscp: "what it sends is marked",
  route: "it goes through a tunnel",
  internet: "its way into the internet is restricted",
  closed: "nobody from outside reaches it",
  isolated: "it reaches no other devices",
  names: "its questions for names go to a filtering resolver",
  marks: "connections of devices are told apart",
  entry: "restrictions of devices come before other rules",
  local: "what stays in the home is known",
  routes: "tunnels of devices are looked at",
};

const rate = (bits: string | undefined) => formatRate(Math.round(count(bits) / 1_000));

/** What a group does. */
function words({ menu, group, things }: Group): string {
  const part = group.split("/")[1] ?? group;
  const props = things[0]?.props ?? {};
  const family = menu.startsWith("ipv6/") ? " (IPv6)" : "";
  if (menu === "queue/tree")
    return `at least ${rate(props["limit-at"])}, at most ${rate(props["max-limit"])}, priority ${props.priority ?? "?"}, ${props.queue ?? "?"}`;
  if (menu === "queue/type") return `queues with a target of ${props["fq-codel-target"] ?? "?"}`;
  const inner = things.map((one) => what(one)).join("; ");
  return `${parts[part] ?? group}${family}: ${inner}`;
}

/** One rule in short: what it matches and does. */
const what = ({ props, first }: Thing): string =>
  `${Object.entries(props)
    .filter(([name]) => name !== "passthrough")
    .map(([name, value]) => `${name}=${value}`)
    .join(" ")}${first ? " (first)" : ""}`;

const titleOf = ({ menu, group }: Group): string => `${menu.replaceAll("/", " ")} ${group}`;

/** The difference for people. `leftovers`: things of ours that no change waits for. */
export function changesBetween(before: readonly Thing[], after: readonly Thing[], leftovers: number): Change[] {
  const [held, wanted] = [groupsOf(sorted(before)), groupsOf(sorted(after))];
  const changes: Change[] = [];
  for (const key of [...new Set([...wanted.keys(), ...held.keys()])]) {
    const [was, is] = [held.get(key), wanted.get(key)];
    if (same(was, is)) continue;
    const target = titleOf((is ?? was)!);
    const [from, to] = [was ? words(was) : null, is ? words(is) : null];
    changes.push({
      action: was === undefined ? "add" : is === undefined ? "remove" : "set",
      target,
      before: from === to ? `${from}, in another order` : from,
      after: to,
      summary: to === null ? `Remove ${target} (${from})` : `${target}: ${to}${from === null ? "" : ` (was: ${from})`}`,
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
