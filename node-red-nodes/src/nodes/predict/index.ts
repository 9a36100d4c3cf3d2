import type { NodeAPI } from "node-red";
import type { Message } from "../../shared/input.ts";
import { mostLikely } from "../../shared/parse-distribution.ts";
import { type PersonaNodeDef, registerPersonaNode } from "../../shared/persona-node.ts";
import { percent } from "../../shared/status.ts";
import { instantOf, numberOf } from "../../shared/values.ts";

interface PredictDef extends PersonaNodeDef {
  subject: string;
  subjectType: string;
  /** Minutes ahead; "" is the engine's own lead. */
  horizon: string;
}

/** Asks what subjects are about to do. Changes nothing. */
export default function (RED: NodeAPI): void {
  registerPersonaNode<PredictDef>(RED, "persona predict", ({ settings, connection, status, subject, onInput }) => {
    onInput(async (message, send) => {
      const { client, directory } = await connection.ready();
      const about = await subject(message, settings, directory);
      const minutes = numberOf(message.horizon) ?? numberOf(settings.horizon);
      const at = instantOf(message.at);
      const predictions = await client.predict({
        ...(about && { subject: about }),
        ...(at && { at }),
        ...(minutes && { horizon: Math.round(minutes * 60_000) }),
      });
      const messages = predictions.map((prediction, index): Message => {
        const top = mostLikely(prediction.distribution);
        const own = index === 0 ? message : RED.util.cloneMessage(message);
        const name = directory.subjects.find((s) => s.id === prediction.subject)?.name ?? prediction.subject;
        return Object.assign(own, {
          payload: { ...prediction.distribution },
          topic: prediction.subject,
          persona: { ...prediction, name, top: top.persona, probability: top.probability },
        });
      });
      const likely = predictions.map(({ subject: id, distribution }) => ({ id, ...mostLikely(distribution) }));
      status.did(
        likely.map(({ id, persona, probability }) => (likely.length === 1 ? `${persona} ${percent(probability)}` : id)).join(", "),
      );
      send([messages]);
    });
  });
}
