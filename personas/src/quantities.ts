import { z } from "zod";

/** Kilobits per second: the one unit in which every rate travels inside the product. */
export type Kbps = number;
/** Milliseconds. */
export type Milliseconds = number;

const rateUnits: Record<string, number> = { bit: 0.001, kbit: 1, mbit: 1_000, gbit: 1_000_000 };
const ratePattern = /^\s*(\d+(?:\.\d+)?)\s*([kmg]?bit)(?:\/s|ps)\s*$/i;

/** Reads "50 Mbit/s", "800kbit/s" or "1 Gbps" as kbit/s; undefined when it is no rate. */
export function parseRate(text: string): Kbps | undefined {
  const normal = text.replace(/bps\s*$/i, "bit/s");
  const match = ratePattern.exec(normal);
  const factor = match && rateUnits[match[2]!.toLowerCase()];
  return match && factor ? Number(match[1]) * factor : undefined;
}

/** Writes kbit/s the way people read it: "50 Mbit/s", "1.5 Mbit/s", "128 kbit/s". */
export function formatRate(kbps: Kbps): string {
  const [value, unit] = kbps >= 1_000_000 ? [kbps / 1_000_000, "Gbit/s"] : kbps >= 1_000 ? [kbps / 1_000, "Mbit/s"] : [kbps, "kbit/s"];
  return `${Number(value.toFixed(value < 10 ? 2 : 1))} ${unit}`;
}

const rateText = z
  .string()
  .regex(/bit\/s|bps/i, 'expected a rate with its unit, such as "50 Mbit/s"')
  .transform((text, context): Kbps => {
    const rate = parseRate(text);
    if (rate !== undefined) return rate;
    context.addIssue({ code: "custom", message: `"${text}" is not a rate; write it like "50 Mbit/s" or "800 kbit/s"` });
    return z.NEVER;
  });

/** A rate: a text with its unit, or a number of kbit/s. Comes out as kbit/s. */
export const Rate = z
  .union([z.number().nonnegative().finite(), rateText], { error: 'expected a rate such as "50 Mbit/s"' })
  .meta({ description: 'A rate such as "50 Mbit/s"; a bare number means kbit/s.' });

const durationPattern = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Reads an ISO 8601 duration of days or less ("PT5M") as milliseconds; undefined when it is none. */
export function parseDuration(text: string): Milliseconds | undefined {
  const match = durationPattern.exec(text);
  if (!match || text === "P" || text.endsWith("T")) return undefined;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [number, number, number, number];
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}

/** An ISO 8601 duration such as "PT5M". Comes out as milliseconds. */
export const Duration = z
  .string({ error: 'expected a duration such as "PT5M" or "PT1H30M"' })
  .transform((text, context): Milliseconds => {
    const duration = parseDuration(text);
    if (duration !== undefined) return duration;
    context.addIssue({ code: "custom", message: `"${text}" is not a duration; write it like "PT5M" or "PT1H30M"` });
    return z.NEVER;
  })
  .meta({ description: 'An ISO 8601 duration such as "PT5M".' });

/** Wall-clock time of day, "HH:MM". */
export const TimeOfDay = z
  .string()
  .regex(/^([01]\d|2[0-4]):[0-5]\d$/, 'expected a time of day such as "18:30"')
  .meta({ description: 'A local time of day such as "18:30".' });

/** An identifier that is legal in URLs, file names and router object names. */
export const Id = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,46}[a-z0-9])?$/, 'expected an id of lower-case letters, digits and "-", such as "alice-laptop"')
  .meta({ description: 'Lower-case letters, digits and "-".' });
