import type { NodeAPI } from "node-red";
import { mostLikely, parseDistribution } from "../../shared/parse-distribution.ts";
import { type PersonaNodeDef, registerPersonaNode, required } from "../../shared/persona-node.ts";
import { percent } from "../../shared/status.ts";

interface BlendDef extends PersonaNodeDef {
  subject: string;
  subjectType: string;
}

/** Mixes the network profiles of the personas of a distribution. Changes nothing. */
export default function (RED: NodeAPI): void {
  registerPersonaNode<BlendDef>(RED, "persona blend", ({ settings, connection, status, subject, onInput }) => {
    onInput(async (message, send) => {
      const { client, directory } = await connection.ready();
      const about = required(await subject(message, settings, directory));
      const blended = await client.blend({ subject: about, distribution: parseDistribution(message.payload, directory) });
      const top = mostLikely(blended.distribution);
      status.did(`${top.persona} ${percent(top.probability)}`);
      send(
        Object.assign(message, {
          payload: blended.profile,
          topic: blended.subject,
          persona: { ...blended, top: top.persona, probability: top.probability },
        }),
      );
    });
  });
}
