/** A plain object, as JSON has it. */
export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

/** Payloads of MQTT and HTTP come as buffers and JSON text; everything else passes. */
export function decode(payload: unknown): unknown {
  const value = Buffer.isBuffer(payload) ? payload.toString("utf8") : payload;
  if (typeof value !== "string") return value;
  const text = value.trim();
  if (!/^[[{"]/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The first of some fields that holds a text with something in it. */
export function textOf(fields: Fields, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = fields[name];
    if (typeof value === "string" && value.trim() !== "") return value.trim();
  }
  return undefined;
}

/** A number, also one written as text; undefined for everything else. */
export function numberOf(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isFinite(value) ? value : undefined;
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** An instant as ISO text: from ISO text, a Date, or a number of seconds or milliseconds since 1970. */
export function instantOf(value: unknown): string | undefined {
  const number = numberOf(value);
  // Seconds reach 1e11 in the year 5138; milliseconds passed it in 1973.
  const date =
    number !== undefined
      ? new Date(Math.abs(number) < 1e11 ? number * 1000 : number)
      : new Date(value instanceof Date ? value : typeof value === "string" ? value : Number.NaN);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

/** Lower case, without accents, words joined by "-": how ids are written. */
export const idLike = (text: string): string =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/ß/g, "ss")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
