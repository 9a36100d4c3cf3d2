import type { PersonasClient } from "@network-personas/engine/client";
import { instantIn, longestOverride, longestPlace } from "./standing.ts";
import type { Order } from "./switches.ts";

/** Who the engine hears: a hold is told apart, so that it is not taken for the same wish as a persona that was chosen. */
const source = "homekit";
const holdSource = "homekit-hold";

/**
 * Tells the engine what was ordered. `forcedFor`: minutes a forced persona lasts; 0 as long as possible, undefined as the home says.
 * Resolves with the instant an override ends, or null.
 * @throws ApiError
 */
export async function tellEngine(client: PersonasClient, order: Order, forcedFor: number | undefined, now: number): Promise<string | null> {
  const { subject } = order;
  switch (order.kind) {
    case "force": {
      const ttl = forcedFor === undefined ? undefined : forcedFor === 0 ? longestOverride / 1000 : forcedFor * 60;
      const signal = await client.override({ subject, persona: order.persona, source, ...(ttl && { ttl }) });
      return signal.expiresAt;
    }
    case "hold": {
      // What nobody said teaches nothing: an override without confidence decides, but is no example of what really happened.
      const expiresAt = instantIn(now, longestOverride);
      const [signal] = await client.submit([
        { kind: "override", subject, persona: order.persona, source: holdSource, confidence: 0, expiresAt },
      ]);
      return signal!.expiresAt;
    }
    case "release":
      await client.clearOverride(subject);
      return null;
    case "place":
      await client.submit([
        { kind: "location", subject, place: order.home ? "home" : "away", source, expiresAt: instantIn(now, longestPlace) },
      ]);
      return null;
  }
}
