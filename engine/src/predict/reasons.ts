import type { Persona } from "@network-personas/personas";
import { type Evidence, type FeatureVector, inEnglish, type Sentence, sentence, verbatim } from "../model/index.ts";
import { inputName } from "./core/evidence.ts";
import type { Inference } from "./core/habits.ts";
import { leadingEvent } from "./moment-of.ts";
import { deviceKinds, moment, momentParts } from "./phrases.ts";
import { calendarSign, deviceSign, ongoing, placeSign } from "./signs.ts";

interface Reasoning {
  features: FeatureVector;
  applicable: readonly Persona[];
  names: readonly string[];
  inference: Inference;
  distribution: Readonly<Record<string, number>>;
}

/** Names of the lines; inputs that look at the same things share one. The first prefix that fits decides. */
const lineOf: readonly (readonly [prefix: string, line: string])[] = [
  ["declared-time", "declared-time"],
  ["declared-device", "declared-device"],
  ["declared-place", "declared-place"],
  ["declared-calendar", "declared-calendar"],
  ["stated", "stated"],
  ["history", "history"],
  ["staying", "current"],
  ["similar", "similar"],
  ["own-devices", "devices"],
  ["own", "rhythm"],
  ["since", "rhythm"],
  ["nth-today", "rhythm"],
  ["yesterday", "yesterday"],
  ["last-week", "last-week"],
  ["current+previous", "sequence"],
  ["last", "sequence"],
  ["sequence", "sequence"],
  ["lately", "sequence"],
  ["current+time", "current+time"],
  ["current+daytype", "current+time"],
  ["recent+time", "current+time"],
  ["current", "current"],
  ["recent", "current"],
  ["time", "time"],
  ["daytype", "time"],
  ["weekday", "time"],
  ["place", "place"],
  ["load", "load"],
  ["calendar", "calendar"],
  ["devices", "devices"],
];
export const line = (input: string): string => lineOf.find(([prefix]) => input.startsWith(prefix))?.[1] ?? input;

/** Stands for a probability of zero: what cannot come next. */
const tiny = 1e-12;

/** Centred over the personas, so that the lines of a persona say what sets it apart from the others. */
function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.map((v) => v - mean);
}

/**
 * Why the distribution is what it is, strongest reason first. Per persona the lines add up to its log-probability less the
 * mean log-probability of all applicable personas; so the softmax of the sums is exactly the distribution that is shown.
 */
export function reasons({ features, applicable, names, inference, distribution }: Reasoning): Evidence[] {
  const classes = applicable.map(({ id }) => names.indexOf(id));
  const { table, split, weights, bias, mixture, overridden } = inference;
  const sums = new Map<string, number[]>();
  const add = (name: string, values: readonly number[]) => {
    const sum = sums.get(name) ?? classes.map(() => 0);
    centred(values).forEach((v, i) => {
      sum[i]! += v;
    });
    sums.set(name, sum);
  };
  for (const i of table.speaking) {
    const stays = weights[2 * i]! * split.staying[i]!;
    const comes = (k: number) => weights[2 * i + 1]! * split.instead[i * table.classes + k]!;
    add(
      line(inputName(i)),
      classes.map((k) => comes(k) + (k === split.current ? stays : 0)),
    );
  }
  add(
    "bias",
    classes.map((k) => bias[k]!),
  );
  if (overridden) {
    add(
      "appointment",
      classes.map((k) => Math.log(Math.max(overridden.p[k]!, tiny) / Math.max(mixture[k]!, tiny))),
    );
  }
  const rest = centred(applicable.map(({ id }) => Math.log(distribution[id]!)));
  for (const values of sums.values()) {
    values.forEach((v, i) => {
      rest[i]! -= v;
    });
  }
  sums.set("safety mix", rest);
  const name = (id: string) => applicable.find((p) => p.id === id)?.name ?? id;
  return [...sums]
    .flatMap(([source, values]) =>
      values.map((logOdds, i): Evidence => {
        const said = reasonOf(source, { persona: applicable[i]!, features });
        return { source, persona: applicable[i]!.id, logOdds, why: inEnglish(said, name), said };
      }),
    )
    .filter(({ logOdds }) => logOdds !== 0)
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
}

interface Asked {
  persona: Persona;
  features: FeatureVector;
}

export const lines: Readonly<Record<string, (asked: Asked) => Sentence>> = {
  "declared-time": ({ persona, features }) => sentence("declaredTime", { ...momentParts(features), persona: persona.id }),
  "declared-device": declaredDevice,
  "declared-place": ({ persona, features: f }) =>
    placeSign(persona, f).because
      ? sentence("placeIs", { place: f.place ?? "" })
      : sentence("placeIsNot", { place: f.place ?? "", persona: persona.id }),
  "declared-calendar": ({ persona, features: f }) => {
    const { because } = calendarSign(persona, f);
    return because ? sentence("calendarSays", { word: because }) : sentence("calendarElse");
  },
  stated: ({ persona, features: f }) => {
    const [first, ...others] = f.evidence.filter((e) => e.logOdds[persona.id]).map((e) => e.said ?? verbatim(e.why || e.source));
    if (!first) return sentence("statedOthers");
    return others.reduce((before, more) => sentence("several", { first: before, more }), first);
  },
  history: () => sentence("history"),
  similar: () => sentence("similar"),
  rhythm: ({ persona, features: f }) => {
    if (ongoing(f)?.persona === persona.id) return sentence("goesOn", { persona: persona.id });
    const latest = f.recent.find((r) => r.persona === persona.id);
    return latest
      ? sentence("lastTime", { persona: persona.id, minutes: latest.minutesAgo })
      : sentence("notLately", { persona: persona.id });
  },
  yesterday: () => sentence("yesterday"),
  "last-week": () => sentence("lastWeek"),
  sequence: (asked) => {
    const [now, before] = asked.features.recent;
    if (!now || !before) return doing(asked);
    const order = { now: now.persona, before: before.persona };
    return sentence(ongoing(asked.features) ? "after" : "followsAfter", order);
  },
  "current+time": (asked) => sentence("doingAt", { doing: doing(asked), moment: moment(asked.features) }),
  current: doing,
  time: ({ features }) => moment(features),
  place: ({ features }) => sentence("placeUsually", { place: features.place ?? "" }),
  load: () => sentence("load"),
  calendar: ({ features }) => sentence("eventUsually", { event: eventName(features) }),
  appointment: ({ features }) => sentence("eventKept", { event: eventName(features) }),
  devices: ({ features }) => connected(features),
  bias: () => sentence("bias"),
  "safety mix": () => sentence("mix"),
};
const reasonOf = (source: string, asked: Asked): Sentence => lines[source]?.(asked) ?? verbatim(source);

/** What is going on, or since when nothing is known of that. */
function doing({ features }: Asked): Sentence {
  const now = ongoing(features);
  const [latest] = features.recent;
  if (!now) return latest ? sentence("nothingSince", { persona: latest.persona, minutes: latest.minutesAgo }) : sentence("nothingGoing");
  const minutes = now.minutes + now.minutesAgo;
  return minutes < 1 ? sentence("justBegun", { persona: now.persona }) : sentence("goingFor", { persona: now.persona, minutes });
}

function eventName(features: FeatureVector): Sentence {
  const event = leadingEvent(features);
  return event?.key ? sentence("eventNamed", { name: event.key }) : sentence("eventPrivate");
}

const connected = (features: FeatureVector): Sentence =>
  deviceKinds(features).length > 0 ? sentence("connected", { kinds: deviceKinds(features) }) : sentence("connectedNothing");

function declaredDevice({ persona, features }: Asked): Sentence {
  const { because } = deviceSign(persona, features);
  if (!because && features.appliesTo === "device") return sentence("isKind", { kinds: [...features.kinds] });
  if (!because) return connected(features);
  if (features.appliesTo === "device") return sentence("isKind", { kinds: [because] });
  const device = [...features.devices, ...features.shared].find((d) => d.kind === because);
  return sentence(device && device.minutesPresent < 15 ? "cameOn" : "isOn", { kind: because });
}
