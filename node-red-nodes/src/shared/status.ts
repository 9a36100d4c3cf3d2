import type { Node } from "node-red";
import type { ConnectionStatus, EngineConnection } from "./connection.ts";

type Fill = "red" | "green" | "blue" | "grey" | "yellow";
/** The editor has room for this much under a node. */
const room = 19;

export const short = (text: string, most = room): string => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);

/** 0.874 as "87 %". */
export const percent = (probability: number): string => `${Math.round(probability * 100)} %`;

/** Node-RED's own words, which Status nodes of other flows know already. */
const connections = {
  connecting: { fill: "yellow", shape: "ring", text: "node-red:common.status.connecting" },
  offline: { fill: "red", shape: "ring", text: "node-red:common.status.disconnected" },
  online: { fill: "green", shape: "dot", text: "node-red:common.status.connected" },
} as const;

/**
 * Owns the status under one node: where the engine stands, and the last thing the node did while it is there. Words are sent as
 * keys of the locale files, so that everybody reads them in the language of their editor.
 */
export class NodeStatus {
  readonly #node: Node;
  readonly #stop: () => void;
  #connection: ConnectionStatus = "connecting";
  #last: { fill: Fill; shape: "dot" | "ring"; text: string } | undefined;

  constructor(node: Node, connection: EngineConnection) {
    this.#node = node;
    this.#stop = connection.subscribe({
      connection: (status) => {
        this.#connection = status;
        this.#show();
      },
    });
  }

  /** What the node did last, or waits for, in names and figures. */
  did(text: string, fill: Fill = "green", most?: number): void {
    this.#set({ fill, shape: "dot", text: short(text, most) });
  }
  /** What the node did last, in one of the words below "common.status". */
  say(word: string, fill: Fill): void {
    this.#set({ fill, shape: fill === "blue" ? "ring" : "dot", text: `common.status.${word}` });
  }
  close(): void {
    this.#stop();
  }

  #set(last: { fill: Fill; shape: "dot" | "ring"; text: string }): void {
    this.#last = last;
    this.#show();
  }
  #show(): void {
    this.#node.status((this.#connection === "online" && this.#last) || connections[this.#connection]);
  }
}
