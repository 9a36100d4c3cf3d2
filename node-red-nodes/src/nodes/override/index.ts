import type { NodeAPI } from "node-red";
import { BadMessage } from "../../shared/bad-message.ts";
import { parseOrder } from "../../shared/parse-wish.ts";
import { type PersonaNodeDef, registerPersonaNode } from "../../shared/persona-node.ts";
import { numberOf } from "../../shared/values.ts";

interface OverrideDef extends PersonaNodeDef {
  subject: string;
  subjectType: string;
  persona: string;
  personaType: string;
  /** Minutes; "" leaves it to the home's policy. */
  ttl: string;
}

/** Lets the owner say what is going on, or hand it back to the engine. */
export default function (RED: NodeAPI): void {
  registerPersonaNode<OverrideDef>(RED, "persona override", ({ settings, connection, status, source, subject, typed, onInput }) => {
    onInput(async (message, send) => {
      const { client, directory } = await connection.ready();
      const configured = await typed(message, settings.persona, settings.personaType);
      const order = parseOrder(message.payload, typeof configured === "string" ? configured : "", directory);
      const about = await subject(order.subject ? { ...message, subject: order.subject } : message, settings, directory);
      if (!about) throw new BadMessage("noSubject");
      const minutes = numberOf(settings.ttl);
      const ttl = order.ttl ?? numberOf(message.ttl) ?? (minutes && minutes * 60);
      if (order.persona === null) await client.clearOverride(about);
      const signal =
        order.persona === null
          ? null
          : await client.override({ subject: about, persona: order.persona, source, ...(ttl && { ttl: Math.round(ttl) }) });
      if (order.persona) status.did(order.persona);
      else status.say("automatic", "grey");
      send(
        Object.assign(message, {
          payload: order.persona ?? "automatic",
          topic: about,
          persona: { subject: about, persona: order.persona, until: signal?.expiresAt ?? null },
        }),
      );
    });
  });
}
