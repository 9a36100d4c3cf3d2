import type { Node } from "node-red";
import type { ConnectionStatus, EngineConnection } from "./connection.ts";

type Fill = "red" | "green" | "yellow" | "blue" | "grey";
/** The editor has room for this much under a node. */
const room = 19;

export const short = (text: string): string => (text.length > room ? `${text.slice(0, room - 1).trimEnd()}…` : text);

/** 0.874 as "87 %". */
export const percent = (probability: number): string => `${Math.round(probability * 100)} %`;

/** Owns the status under one node: where the engine stands, and the last thing the node did while it is there. */
export class NodeStatus {
  readonly #node: Node;
  readonly #translate: (key: string) => string;
  readonly #stop: () => void;
  #connection: ConnectionStatus = "connecting";
  #last: { fill: Fill; shape: "dot" | "ring"; text: string } | undefined;

  constructor(node: Node, translate: (key: string) => string, connection: EngineConnection) {
    this.#node = node;
    this.#translate = translate;
    this.#stop = connection.subscribe({
      connection: (status) => {
        this.#connection = status;
        this.#show();
      },
    });
  }

  /** What the node did last, in words that need no translation (a persona, a figure). */
  done(text: string): void {
    this.#set("green", "dot", text);
  }
  /** Done, but not what one might think: previewed, ignored. `key` is below "common.status". */
  note(key: string, detail = ""): void {
    this.#set("grey", "dot", `${this.word(key)}${detail}`);
  }
  working(key: string): void {
    this.#set("blue", "ring", this.word(key));
  }
  failed(key = "failed"): void {
    this.#set("red", "dot", this.word(key));
  }
  close(): void {
    this.#stop();
  }

  /** One of the words below "common.status". */
  word(key: string): string {
    return this.#translate(`common.status.${key}`);
  }
  #set(fill: Fill, shape: "dot" | "ring", text: string): void {
    this.#last = { fill, shape, text: short(text) };
    this.#show();
  }
  #show(): void {
    if (this.#connection === "connecting") this.#node.status({ fill: "yellow", shape: "ring", text: short(this.word("connecting")) });
    else if (this.#connection === "offline") this.#node.status({ fill: "red", shape: "ring", text: short(this.word("offline")) });
    else this.#node.status(this.#last ?? { fill: "green", shape: "dot", text: short(this.word("online")) });
  }
}
