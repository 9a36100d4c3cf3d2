import type { NodeAPI } from "node-red";
import type { Message } from "../../shared/input.ts";
import { parsePresence } from "../../shared/parse-presence.ts";
import { type PersonaNodeDef, registerPersonaNode } from "../../shared/persona-node.ts";
import { numberOf } from "../../shared/values.ts";

interface PresenceDef extends PersonaNodeDef {
  subject: string;
  subjectType: string;
  /** Minutes a signal is believed; "" leaves it to the engine. */
  ttl: string;
}

/** Tells the engine who and what is at home. */
export default function (RED: NodeAPI): void {
  registerPersonaNode<PresenceDef>(RED, "persona presence", ({ settings, connection, status, source, onInput, typed }) => {
    onInput(async (message, send) => {
      const at = new Date().toISOString();
      const { client, directory } = await connection.ready();
      const set = await typed(message, settings.subject, settings.subjectType);
      const subject = [set, message.subject].find((text) => typeof text === "string" && text !== "") as string | undefined;
      const minutes = numberOf(settings.ttl);
      const signals = parsePresence(message.payload, {
        directory,
        source,
        at,
        ...(minutes && { ttl: minutes * 60 }),
        ...(subject && { subject }),
        ...(message.topic && { topic: message.topic }),
      });
      if (signals.length === 0) return status.say("ignored", "grey");
      const kept = await client.submit(signals);
      const messages = kept.map((signal, index): Message => {
        const payload = signal.kind === "presence" ? signal.present : signal.kind === "location" ? signal.place : null;
        return Object.assign(index === 0 ? message : RED.util.cloneMessage(message), {
          payload,
          topic: signal.subject,
          persona: { subject: signal.subject, signal },
        });
      });
      const { payload, topic } = message;
      status.did(typeof payload === "string" ? `${topic} @ ${payload}` : String(topic), payload === false ? "grey" : "green");
      send([messages]);
    });
  });
}
