import type { NodeAPI } from "node-red";
import { mostLikely } from "../../shared/parse-distribution.ts";
import { type Message, type PersonaNodeDef, registerPersonaNode } from "../../shared/persona-node.ts";
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
        ...(minutes && { horizon: minutes * 60_000 }),
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
      const [first] = predictions;
      if (predictions.length === 1 && first) {
        const top = mostLikely(first.distribution);
        status.did(`${top.persona} ${percent(top.probability)}`);
      } else status.did(predictions.map((p) => p.subject).join(", "));
      send([messages]);
    });
  });
}
