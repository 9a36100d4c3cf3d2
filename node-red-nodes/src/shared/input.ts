import type { Node, NodeAPI, NodeMessageInFlow } from "node-red";
import { BadMessage } from "./bad-message.ts";
import type { NodeStatus } from "./status.ts";

export type Message = NodeMessageInFlow & Record<string, unknown>;
export type Send = (messages: Message | (Message | Message[] | null)[]) => void;
export type Handler = (message: Message, send: Send) => Promise<void>;

/** Gives a node its input handler: calls done always, tells errors to Catch nodes and under the node. */
export function handleInput(RED: NodeAPI, node: Node, status: NodeStatus, handle: Handler): void {
  node.on("input", (message, send, done) => {
    handle(message as Message, send as Send).then(
      () => done(),
      (error: unknown) => {
        status.say(error instanceof BadMessage ? "badMessage" : "failed", "red");
        done(translated(RED, error));
      },
    );
  });
}

/** An error in the language of the runtime. */
export function translated(RED: NodeAPI, error: unknown): Error {
  if (error instanceof BadMessage) return new Error(RED._(`common.error.${error.key}`, error.values));
  return error instanceof Error ? error : new Error(String(error));
}
