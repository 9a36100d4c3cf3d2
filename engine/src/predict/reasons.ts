import type { Persona } from "@network-personas/personas";
import type { Evidence, FeatureVector } from "../model/index.ts";
import { inputCount, inputName } from "./core/evidence.ts";
import { type Inference, poolContributions } from "./core/habits.ts";
import { deviceList, span, weekdayPart } from "./phrases.ts";
import { calendarSign, deviceSign, placeSign } from "./signs.ts";

interface Reasoning {
  features: FeatureVector;
  applicable: readonly Persona[];
  names: readonly string[];
  inference: Inference;
  distribution: Readonly<Record<string, number>>;
}

/** Contributions smaller than this are summed into one line. */
const worthALine = 0.05;

/** Centred over the personas, so that the lines of a persona say what sets it apart from the others. */
function centred(values: readonly number[]): number[] {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  return values.map((v) => v - mean);
}

/**
 * Why the distribution is what it is. Per persona the lines add up to its log-probability less the mean log-probability of
 * all applicable personas; so the softmax of the sums is exactly the distribution that is shown.
 */
export function reasons({ features, applicable, names, inference, distribution }: Reasoning): Evidence[] {
  const classes = applicable.map((p) => names.indexOf(p.id));
  const shown = centred(applicable.map((p) => Math.log(distribution[p.id]!)));
  const pool = poolContributions(inference);
  const lines: Evidence[] = [];
  const rest = [...shown];
  const small = applicable.map(() => 0);
  const say = (source: string, values: readonly number[], why: (persona: Persona) => string) => {
    centred(values).forEach((logOdds, i) => {
      rest[i]! -= logOdds;
      if (Math.abs(logOdds) < worthALine) small[i]! += logOdds;
      else lines.push({ source, persona: applicable[i]!.id, logOdds, why: why(applicable[i]!) });
    });
  };
  for (let input = 0; input < inputCount(names.length); input++) {
    const name = inputName(input);
    say(
      name,
      classes.map((k) => pool.evidence[input * names.length + k]!),
      (persona) => sentence(name, persona, features, names),
    );
  }
  say(
    "bias",
    classes.map((k) => pool.bias[k]!),
    () => "how often this home surprised us so far",
  );
  applicable.forEach(({ id }, i) => {
    if (small[i] !== 0) lines.push({ source: "small reasons", persona: id, logOdds: small[i]!, why: "many small reasons together" });
    lines.push({ source: "safety mix", persona: id, logOdds: rest[i]!, why: "safety mix: simpler models, and never quite certain" });
  });
  return lines.sort((a, b) => Math.abs(b.logOdds) - Math.abs(a.logOdds));
}

function sentence(source: string, persona: Persona, features: FeatureVector, names: readonly string[]): string {
  const when = weekdayPart(features);
  const [now, before] = features.recent;
  const doing = now ? `${now.persona} for ${span(now.minutes + now.minutesAgo)}` : "nothing known to be going on";
  if (source === "declared-calendar") return `calendar says "${calendarSign(persona, features).because}"`;
  if (source === "declared-device") return deviceSentence(persona, features);
  if (source === "declared-place")
    return placeSign(persona, features).because ? `is at ${features.place}` : `is at ${features.place}, not where this usually happens`;
  if (source === "declared-time") return `${when}, as the persona's file says`;
  if (source === "stated")
    return (
      features.evidence
        .filter((e) => e.logOdds[persona.id])
        .map((e) => e.why || e.source)
        .join("; ") || "others' evidence speaks for something else"
    );
  if (source.startsWith("since-")) return `last ${names[Number(source.slice(6))]} some time ago`;
  if (source.startsWith("calendar")) return "what usually follows this event";
  if (source.startsWith("devices")) return `connected: ${deviceList(features)}`;
  if (source.startsWith("place")) return `is at ${features.place}`;
  if (source === "yesterday" || source === "last-week")
    return `what happened at this time ${source === "yesterday" ? "yesterday" : "a week ago"}`;
  if (source.includes("time") || source.includes("daypart"))
    return source.startsWith("time") || source.startsWith("day") || source.startsWith("week") ? when : `${when}, ${doing}`;
  if (source === "history") return "how often it happens at all";
  return before && /previous|last|sequence/.test(source) ? `${doing}, after ${before.persona}` : doing;
}

function deviceSentence(persona: Persona, features: FeatureVector): string {
  const { because } = deviceSign(persona, features);
  if (!because) return `connected: ${deviceList(features) || "nothing"}`;
  const device = [...features.devices, ...features.shared].find((d) => d.kind === because);
  if (features.appliesTo === "device") return `is a ${because}`;
  return device && device.minutesPresent < 15 ? `${because} came on` : `${because} is on`;
}
