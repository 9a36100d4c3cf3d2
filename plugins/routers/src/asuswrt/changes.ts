import type { Change } from "@network-personas/engine/driver";
import { inEnglish, type Sentence, type SentenceKey, sentence } from "@network-personas/engine/model";
import { told } from "../shared/told.ts";
import type { Held, SwitchName } from "./held.ts";
import { tag } from "./lists.ts";
import { resolverNames } from "./lower.ts";

interface Thing {
  target: string;
  /** What it is set to, in words. */
  value: Sentence;
  /** Whom or what it is about. */
  about: string | Sentence;
}

const urgency: readonly SentenceKey[] = ["servedFirst", "servedEarly", "servedBefore", "servedLate", "servedLast"];
const switchWords: Record<SwitchName, { target: string; about: string | Sentence }> = {
  parental: { target: "MULTIFILTER_ALL", about: sentence("parentalControl") },
  dns: { target: "dnsfilter_enable_x", about: "DNS Director" },
  qos: { target: "qos_enable", about: "QoS" },
};

function thingsOf(held: Held): Thing[] {
  const who = (name: string) => name.slice(tag.length);
  const qos = sentence(held.shaper ? "onTraditional" : "onLimiter");
  return [
    ...held.switches.map((name): Thing => ({ ...switchWords[name], value: name === "qos" ? qos : sentence("on") })),
    ...(held.shaper
      ? [
          {
            target: "qos_ibw, qos_obw",
            value: sentence("ratesOf", { down: held.shaper.down, up: held.shaper.up }),
            about: sentence("ratesOfTheLine"),
          },
        ]
      : []),
    ...held.blocks.map(({ mac, name }) => ({
      target: `parental control of ${mac}`,
      value: sentence("noInternetFor", { name }),
      about: who(name),
    })),
    ...held.priorities.map(({ mac, name, level }) => ({
      target: `QoS rule of ${mac}`,
      value: sentence(urgency[level]!, { name }),
      about: who(name),
    })),
    ...held.limits.map(({ mac, down, up }) => ({
      target: `bandwidth limit of ${mac}`,
      value: sentence("atMostBoth", { down, up }),
      about: mac,
    })),
    ...held.tunnels.map(({ address, name, via }) => ({
      target: `VPN Director rule of ${address}`,
      value: sentence("throughOrNot", { via, name }),
      about: who(name),
    })),
    ...held.filters.map(({ mac, name, resolver }) => ({
      target: `DNS Director of ${mac}`,
      value: sentence("namesAskedOf", { resolver: resolverNames[resolver] ?? sentence("resolverNumber", { number: resolver }), name }),
      about: who(name),
    })),
  ];
}

/** What leads from what is held to what is wanted, for people. */
export function changesOf(wanted: Held, held: Held): Change[] {
  const after = thingsOf(wanted);
  const before = thingsOf(held);
  const find = (things: readonly Thing[], target: string) => things.find((thing) => thing.target === target);
  return [
    ...before
      .filter(({ target }) => !find(after, target))
      .map(
        ({ target, value, about }): Change => ({
          action: "remove",
          target,
          before: inEnglish(value),
          after: null,
          ...told(sentence("notAnyMore", { about, what: value })),
        }),
      ),
    ...after.flatMap(({ target, value, about }): Change[] => {
      const was = find(before, target)?.value;
      const [from, to] = [was ? inEnglish(was) : null, inEnglish(value)];
      if (from === to) return [];
      return [
        {
          action: was ? "set" : "add",
          target,
          before: from,
          after: to,
          ...told(was ? sentence("fromTo", { about, now: value, before: was }) : sentence("isNow", { about, what: value })),
        },
      ];
    }),
  ];
}
