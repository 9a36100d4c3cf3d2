import type { Change } from "@network-personas/engine/driver";
import { formatRate } from "@network-personas/personas";
import type { Held, SwitchName } from "./held.ts";
import { tag } from "./lists.ts";
import { resolverNames } from "./lower.ts";

interface Thing {
  target: string;
  /** What it is set to, in words. */
  value: string;
  /** Whom or what it is about. */
  about: string;
}

const urgency = ["first of all", "early", "before most", "last but one", "after everybody else"];
const switchWords: Record<SwitchName, { target: string; about: string }> = {
  parental: { target: "MULTIFILTER_ALL", about: "Parental control" },
  dns: { target: "dnsfilter_enable_x", about: "DNS Director" },
  qos: { target: "qos_enable", about: "QoS" },
};

function thingsOf(held: Held): Thing[] {
  const who = (name: string) => name.slice(tag.length);
  const qos = held.shaper ? "on: Traditional QoS, without hardware acceleration" : "on: Bandwidth Limiter, without hardware acceleration";
  return [
    ...held.switches.map((name): Thing => ({ ...switchWords[name], value: name === "qos" ? qos : "on" })),
    ...(held.shaper
      ? [
          {
            target: "qos_ibw, qos_obw",
            value: `${formatRate(held.shaper.down)} down, ${formatRate(held.shaper.up)} up`,
            about: "Rates of the line",
          },
        ]
      : []),
    ...held.blocks.map(({ mac, name }) => ({ target: `parental control of ${mac}`, value: `no internet (${name})`, about: who(name) })),
    ...held.priorities.map(({ mac, name, level }) => ({
      target: `QoS rule of ${mac}`,
      value: `served ${urgency[level]} (${name})`,
      about: who(name),
    })),
    ...held.limits.map(({ mac, down, up }) => ({
      target: `bandwidth limit of ${mac}`,
      value: `at most ${formatRate(down)} down, ${formatRate(up)} up`,
      about: mac,
    })),
    ...held.tunnels.map(({ address, name, via }) => ({
      target: `VPN Director rule of ${address}`,
      value: `through ${via} or not at all (${name})`,
      about: who(name),
    })),
    ...held.filters.map(({ mac, name, resolver }) => ({
      target: `DNS Director of ${mac}`,
      value: `names are asked of ${resolverNames[resolver] ?? `resolver ${resolver}`} (${name})`,
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
          before: value,
          after: null,
          summary: `${about}: not any more ${value}`,
        }),
      ),
    ...after.flatMap(({ target, value, about }): Change[] => {
      const was = find(before, target)?.value ?? null;
      if (was === value) return [];
      return [
        {
          action: was === null ? "add" : "set",
          target,
          before: was,
          after: value,
          summary: `${about}: ${value}${was === null ? "" : ` (was: ${was})`}`,
        },
      ];
    }),
  ];
}
