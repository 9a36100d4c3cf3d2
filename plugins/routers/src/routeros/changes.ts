import type { Change } from "@network-personas/engine/driver";
import { inEnglish, type Sentence, type SentenceKey, sentence, verbatim } from "@network-personas/engine/model";
import { told } from "../shared/told.ts";
import { isLeased } from "./leases.ts";
import { closedLists } from "./rules.ts";
import { type Group, groupsOf, same, sorted, type Thing } from "./things.ts";
import { count } from "./values.ts";

/** What the parts of a group's name mean, for people. */
const parts: Readonly<Record<string, SentenceKey>> = {
  mark: "partMark",
  down: "partDown",
  up: "partUp",
  dscp: "partDscp",
  route: "partRoute",
  internet: "partInternet",
  closed: "partClosed",
  isolated: "partIsolated",
  names: "partNames",
  marks: "partMarks",
  entry: "partEntry",
  lease: "partLease",
  local: "partLocal",
  routes: "partRoutes",
};

/** kbit/s */
const rate = (bits: string | undefined) => Math.round(count(bits) / 1_000);

/** What a group is about: a device, or everybody. */
function subject({ menu, group }: Group): string | Sentence {
  const [device, part] = group.split("/");
  if (menu === "queue/type") return sentence("rosQueues");
  if (device !== "@line") return device!;
  return part?.startsWith("tunnel-") ? sentence("theTunnel", { tunnel: part.slice("tunnel-".length) }) : sentence("theLine");
}

/** What it does, in words. */
function phrase({ menu, group, things }: Group): Sentence {
  const part = group.split("/")[1] ?? group;
  const props = things[0]?.props ?? {};
  if (menu === "queue/tree") {
    return sentence("queueTree", {
      least: count(props["limit-at"]) > 0 ? sentence("queueLeast", { rate: rate(props["limit-at"]) }) : "",
      most: rate(props["max-limit"]),
      way: part.includes("down") ? "down" : "up",
      who: part.endsWith("-rest") ? sentence("queueRest") : "",
      priority: props.priority ?? "?",
    });
  }
  if (menu === "queue/type") return sentence("queueKind", { target: props["fq-codel-target"] ?? "?" });
  if (menu.endsWith("address-list") && part === group) return sentence("addressesKnown", { list: group });
  if (part.startsWith("tunnel-")) return sentence("sendThrough");
  const plain = parts[part] ? sentence(parts[part]) : verbatim(part);
  const what = runsOut(things) ? sentence("whileRenewed", { what: plain }) : plain;
  return menu.startsWith("ipv6/") ? sentence("forIpv6", { what }) : what;
}

/** Rules that only lead to others, or let pass what those refuse, say nothing of how long. */
function runsOut(things: readonly Thing[]): boolean {
  const deeds = things.filter(({ props }) => props.action !== "jump" && props.action !== "return");
  return deeds.length > 0 && deeds.every((one) => isLeased(one) || one.props["address-list"] === closedLists.leased);
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
      ...told(is === undefined ? sentence("noLonger", { about: subject(group), what: phrase(group) }) : inWords(was, is)),
    });
  }
  if (leftovers > 0)
    changes.push({
      action: "remove",
      target: "leftovers",
      before: `${leftovers} left over`,
      after: null,
      ...told(sentence("leftovers", { count: leftovers })),
    });
  return changes;
}

function inWords(was: Group | undefined, is: Group): Sentence {
  const [then, now] = [was && phrase(was), phrase(is)];
  const about = subject(is);
  if (then === undefined) return sentence("isNow", { about, what: now });
  if (inEnglish(then) === inEnglish(now)) return sentence("isOtherwise", { about, what: now });
  return sentence("fromTo", { about, now, before: then });
}
