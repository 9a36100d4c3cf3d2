import type { Node, NodeAPI, NodeDef } from "node-red";
import { BadMessage } from "./bad-message.ts";
import type { EngineConnection } from "./connection.ts";
import { type Directory, matchOwner } from "./directory.ts";
import { type Handler, handleInput, type Message, translated } from "./input.ts";
import { NodeStatus } from "./status.ts";
import { idLike } from "./values.ts";

/** What every persona node has in its settings. */
export interface PersonaNodeDef extends NodeDef {
  engine: string;
}
/** The config node, as other nodes see it. */
export interface EngineNode extends Node {
  connection: EngineConnection;
}

/** One running node with everything it may use. */
export interface PersonaNode<Def extends PersonaNodeDef> {
  node: Node;
  settings: Def;
  connection: EngineConnection;
  status: NodeStatus;
  /** How signals and proposals of this node are signed. */
  source: string;
  /** Value of a typed input for this message. */
  typed(message: Message, value: string, type: string): Promise<unknown>;
  /** The subject a message is about: as set in the node, else msg.subject, the persona details, or a topic the home knows. */
  subject(message: Message, settings: { subject: string; subjectType: string }, directory: Directory): Promise<string | undefined>;
  /** Registers the one input handler. */
  onInput(handle: Handler): void;
}

/** Registers a node type. `start` wires one node up and returns how to stop it. */
export function registerPersonaNode<Def extends PersonaNodeDef>(
  RED: NodeAPI,
  type: string,
  start: (persona: PersonaNode<Def>) => (() => void) | undefined,
): void {
  function construct(this: Node, settings: Def) {
    RED.nodes.createNode(this, settings);
    const engine = RED.nodes.getNode(settings.engine) as EngineNode | null;
    if (!engine?.connection) {
      this.status({ fill: "red", shape: "ring", text: "common.status.noEngine" });
      this.on("input", (_message, _send, done) => done(translated(RED, new BadMessage("noEngine"))));
      return;
    }
    const { connection } = engine;
    const status = new NodeStatus(this, connection);
    const stop = start({
      node: this,
      settings,
      connection,
      status,
      source: `node-red:${idLike(settings.name || this.id)}`,
      typed: (message, value, kind) => evaluate(RED, this, message, value, kind),
      subject: async (message, chosen, directory) => {
        const set = await evaluate(RED, this, message, chosen.subject, chosen.subjectType);
        return subjectIn(message, typeof set === "string" ? set.trim() : "", directory);
      },
      onInput: (handle) => handleInput(RED, this, status, handle),
    });
    this.on("close", () => {
      stop?.();
      status.close();
    });
  }
  RED.nodes.registerType(type, construct as never);
}

/** A subject that must be there. */
export function required(subject: string | undefined): string {
  if (!subject) throw new BadMessage("noSubject");
  return subject;
}

/** Never throws for what a flow holds: an unset property is undefined. */
function evaluate(RED: NodeAPI, node: Node, message: Message, value: string, type: string): Promise<unknown> {
  if (!type || type === "str") return Promise.resolve(value ?? "");
  return new Promise((resolve, reject) =>
    RED.util.evaluateNodeProperty(value, type, node, message, (error: unknown, result: unknown) =>
      error ? reject(error) : resolve(result),
    ),
  );
}

function subjectIn(message: Message, set: string, directory: Directory): string | undefined {
  if (set !== "") return matchOwner(directory, set) ?? set;
  const details = message.persona as { subject?: unknown } | undefined;
  for (const named of [message.subject, details?.subject])
    if (typeof named === "string" && named !== "") return matchOwner(directory, named) ?? named;
  return typeof message.topic === "string" ? matchOwner(directory, message.topic) : undefined;
}
