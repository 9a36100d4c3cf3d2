import type { Persona } from "@network-personas/personas";
import type { Evidence, FeatureVector } from "../model/index.ts";
import { inputName } from "./core/evidence.ts";
import type { Inference } from "./core/habits.ts";
import { leadingEvent } from "./moment-of.ts";
import { deviceList, span, weekdayPart } from "./phrases.ts";
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
  const { table, split, rows, weights, bias, mixture, overridden } = inference;
  const sums = new Map<string, number[]>();
  const add = (name: string, values: readonly number[]) => {
    const sum = sums.get(name) ?? classes.map(() => 0);
    centred(values).forEach((v, i) => {
      sum[i]! += v;
    });
    sums.set(name, sum);
  };
  for (const row of rows) {
    const values = classes.map((k) => weights[row]! * split[row * table.classes + k]!);
    add(line(inputName(row >> 1)), values);
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
      values.map(
        (logOdds, i): Evidence => ({
          source,
          persona: applicable[i]!.id,
          logOdds,
          why: sentence(source, { persona: applicable[i]!, features, name }),
        }),
      ),
    )
    .filter(({ logOdds }) => logOdds !== 0)
    .sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
}

interface Said {
  persona: Persona;
  features: FeatureVector;
  /** Name of a persona by its id. */
  name: (id: string) => string;
}

export const sentences: Readonly<Record<string, (said: Said) => string>> = {
  "declared-time": ({ persona, features: f }) => `${weekdayPart(f)}, going by the times declared for ${persona.name}`,
  "declared-device": declaredDevice,
  "declared-place": ({ persona, features: f }) =>
    placeSign(persona, f).because ? `location is ${f.place}` : `location is ${f.place}, not where ${persona.name} happens`,
  "declared-calendar": ({ persona, features: f }) => {
    const { because } = calendarSign(persona, f);
    return because ? `calendar says "${because}"` : "the calendar says something else";
  },
  stated: ({ persona, features: f }) => {
    const said = f.evidence.filter((e) => e.logOdds[persona.id]).map((e) => e.why || e.source);
    return said.join("; ") || "others speak for something else";
  },
  history: () => "how often it happens at all",
  similar: () => "what followed similar moments",
  rhythm: ({ persona, features: f }) => {
    if (ongoing(f)?.persona === persona.id) return `how long ${persona.name} usually goes on`;
    const latest = f.recent.find((r) => r.persona === persona.id);
    return latest ? `last ${persona.name} ${span(latest.minutesAgo)} ago` : `no ${persona.name} in the last days`;
  },
  yesterday: () => "what happened at this time yesterday",
  "last-week": () => "what happened at this time a week ago",
  sequence: (said) => {
    const [now, before] = said.features.recent;
    if (!now || !before) return doing(said);
    const order = `${said.name(now.persona)} after ${said.name(before.persona)}`;
    return ongoing(said.features) ? order : `what usually follows ${order}`;
  },
  "current+time": (said) => `${doing(said)}, ${weekdayPart(said.features)}`,
  current: doing,
  time: ({ features }) => weekdayPart(features),
  place: ({ features }) => `what usually happens with location ${features.place}`,
  load: () => "load of the line",
  calendar: ({ features }) => `what usually comes with ${eventName(features)}`,
  appointment: ({ features }) => `how ${eventName(features)} is usually kept`,
  devices: ({ features }) => `connected: ${deviceList(features)}`,
  bias: () => "how far off it has been so far",
  "safety mix": () => "safety mix: simpler models agree less, and nothing is quite certain",
};
const sentence = (source: string, said: Said): string => sentences[source]?.(said) ?? source;

/** What is going on, or since when nothing is known of that. */
function doing({ features, name }: Said): string {
  const now = ongoing(features);
  const [latest] = features.recent;
  if (!now)
    return latest ? `nothing known since ${name(latest.persona)} ended ${span(latest.minutesAgo)} ago` : "nothing known to be going on";
  const minutes = now.minutes + now.minutesAgo;
  return minutes < 1 ? `${name(now.persona)} has just begun` : `${name(now.persona)} for ${span(minutes)}`;
}

function eventName(features: FeatureVector): string {
  const event = leadingEvent(features);
  return event?.key ? `"${event.key}"` : "a private event";
}

function declaredDevice({ persona, features }: Said): string {
  const { because } = deviceSign(persona, features);
  if (!because && features.appliesTo === "device") return `is a ${features.kinds.join(", ")}`;
  if (!because) return `connected: ${deviceList(features) || "nothing"}`;
  if (features.appliesTo === "device") return `is a ${because}`;
  const device = [...features.devices, ...features.shared].find((d) => d.kind === because);
  return device && device.minutesPresent < 15 ? `${because} came on` : `${because} is on`;
}
