import { type Instant, type Label, latest, type Signal } from "../model/index.ts";

/** An owner who forces a persona may forget to end it; what traffic or a person confirms is surer. */
const overrideWeight = 0.5;

/**
 * What really happened, as far as anybody said: from overrides, recognised traffic and confirmations, each lasting until
 * it expires, is contradicted, or `at`. Predictions and applied plans never become labels, so the engine cannot teach itself.
 */
export function labelsFrom(signals: readonly Signal[], at: Instant): Label[] {
  const labels: Label[] = [];
  const open = new Map<string, Label>();
  const end = (subject: string, when: Instant) => {
    const label = open.get(subject);
    if (label && when < label.to) label.to = latest(when, label.from);
    open.delete(subject);
  };
  const statements = signals
    .filter((s) => (s.kind === "override" || s.kind === "activity") && s.at < at)
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  for (const s of statements) {
    if (s.kind !== "override" && s.kind !== "activity") continue;
    const to = s.expiresAt < at ? s.expiresAt : at;
    const running = open.get(s.subject);
    if (running && running.persona === s.persona && running.source === s.source && s.at <= running.to) {
      if (to > running.to) running.to = to;
      continue;
    }
    const from = s.since ?? s.at;
    end(s.subject, from);
    if (!s.persona) continue;
    const weight = (s.kind === "override" ? overrideWeight : s.weight) * s.confidence;
    const label: Label = { subject: s.subject, persona: s.persona, from, to, weight, source: s.source };
    labels.push(label);
    open.set(s.subject, label);
  }
  return labels.filter((l) => l.weight > 0 && l.from < l.to);
}
