import { Id } from "@network-personas/personas";
import { z } from "zod";

export const PersonId = Id;
export const DeviceId = Id;
export const PersonaId = Id;
/** A subject is a person, or a device nobody owns. Ids are unique over both. */
export const SubjectId = Id.meta({ description: "Id of a person, or of a device nobody owns." });

/** An instant as ISO 8601 in UTC with milliseconds, so that text order is time order. */
export const Instant = z
  .union([z.iso.datetime({ offset: true }), z.number().finite()], {
    error: 'expected an instant such as "2026-11-22T18:00:00Z", or milliseconds since 1970',
  })
  .transform((value, context) => {
    const date = new Date(value);
    if (!Number.isNaN(date.getTime())) return date.toISOString();
    context.addIssue({ code: "custom", message: "is out of range for an instant" });
    return z.NEVER;
  })
  .meta({ description: 'An instant, ISO 8601 with offset ("2026-11-22T18:00:00Z").' });
/** ISO 8601 UTC text. */
export type Instant = string;

/** The instant `ms` after `at`. */
export const later = (at: Instant, ms: number): Instant => new Date(Date.parse(at) + ms).toISOString();
/** Milliseconds from `from` to `to`. */
export const between = (from: Instant, to: Instant): number => Date.parse(to) - Date.parse(from);

/** A MAC address, lower case with colons. */
export const MacAddress = z
  .string()
  .transform((text) => text.trim().toLowerCase().replaceAll("-", ":"))
  .refine((text) => /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(text), { error: 'expected a MAC address such as "02:00:00:00:00:11"' })
  .meta({ description: 'A MAC address such as "02:00:00:00:00:11".' });

/** What a client asks a DHCP server for: the numbers of option 55 in its order, and its vendor class (option 60). */
export const DhcpFingerprint = z
  .string()
  .max(600)
  .regex(
    /^\d{1,3}(,\d{1,3})*( [!-~][ -~]{0,63})?$/,
    'expected what `network-personas clients` shows, such as "1,3,6,15,26,28,51,58,59,43 android-dhcp-14"',
  )
  .meta({ description: 'What a client asks a DHCP server for, such as "1,3,6,15,26,28,51,58,59,43 android-dhcp-14".' });

export const Probability = z.number().min(0).max(1);
/** The earlier and the later of two instants: as ISO 8601 in UTC, text order is time order. */
export const earliest = (a: Instant, b: Instant): Instant => [a, b].sort()[0]!;
export const latest = (a: Instant, b: Instant): Instant => [a, b].sort()[1]!;
