import type { EngineEvent } from "@network-personas/engine/model";
import type { NodeAPI } from "node-red";
import { type Directory, emptyDirectory } from "../../shared/directory.ts";
import { type Active, activeOf, missed, outputOf, outputs, passes, payloadOf, topicOf } from "../../shared/event-routing.ts";
import { type PersonaNodeDef, registerPersonaNode } from "../../shared/persona-node.ts";
import { idLike } from "../../shared/values.ts";

interface EventDef extends PersonaNodeDef {
  /** Comma-separated event types; "" is all. */
  types: string;
  subject: string;
  personaOnly: boolean;
  /** Tell the current personas once when the engine is first reached. */
  initial: boolean;
}

/** Emits what changes in the home, each kind at its own output. */
export default function (RED: NodeAPI): void {
  registerPersonaNode<EventDef>(RED, "persona event", ({ node, settings, connection, status }) => {
    const filter = {
      types: new Set((settings.types ?? "").split(",").filter(Boolean)),
      subject: idLike(settings.subject ?? ""),
      personaOnly: settings.personaOnly,
    };
    let active: Active | undefined;
    let directory: Directory = emptyDirectory;

    const tell = (event: EngineEvent) => {
      if (!passes(event, filter, active ?? new Map(), directory)) return;
      const topic = topicOf(event);
      const payload = payloadOf(event);
      if (event.type === "subject") status.did(`${topic}: ${event.data.active}`);
      else status.did(`${event.type} ${topic}`);
      node.send(
        outputs.map((_, output) => (output === outputOf(event.type) ? { payload, topic, event: event.type, persona: event.data } : null)),
      );
    };
    return connection.subscribe({
      snapshot: (state) => {
        connection.ready().then(
          (known) => {
            directory = known.directory;
          },
          () => {},
        );
        for (const event of missed(active ?? (settings.initial ? new Map() : undefined), state)) tell(event);
        active = activeOf(state);
      },
      event: (event) => {
        tell(event);
        if (event.type === "subject") active = new Map(active).set(event.data.subject, event.data.active);
      },
    });
  });
}
