/**
 * A message, or a setting of a node, that means nothing to us. Carries a locale key ("common.error.<key>") instead of a sentence:
 * who shows it translates it.
 */
export class BadMessage extends Error {
  override name = "BadMessage";
  readonly key: string;
  readonly values: Readonly<Record<string, string>>;
  constructor(key: string, values: Readonly<Record<string, string>> = {}) {
    super(`${key} ${Object.values(values).join(" ")}`.trim());
    this.key = key;
    this.values = values;
  }
}

/** What a person sent, short enough to be quoted in an error. */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
