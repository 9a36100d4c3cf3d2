import { once } from "node:events";
import WebSocket from "ws";

/** One message a debug node showed. `msg` is the shown property, parsed. */
export interface Shown {
  id: string;
  name: string;
  topic?: string;
  msg: unknown;
}
export interface NodeStatus {
  fill?: string;
  shape?: string;
  text?: string;
}

/** What the debug sidebar and the workspace would show, without a browser. */
export interface DebugListener {
  shown: Shown[];
  statuses: Map<string, NodeStatus>;
  /** The next message of a debug node (by name) that fits and was not taken before. */
  next(name: string, fits?: (shown: Shown) => boolean): Promise<Shown>;
  /** Resolves when the status text under a node fits. */
  status(id: string, fits: (status: NodeStatus) => boolean): Promise<NodeStatus>;
  close(): void;
}

const patience = 15_000;

export async function listen(url: string): Promise<DebugListener> {
  const socket = new WebSocket(`${url.replace(/^http/, "ws")}/comms`);
  await once(socket, "open");
  for (const topic of ["debug", "status/#"]) socket.send(JSON.stringify({ subscribe: topic }));
  const shown: Shown[] = [];
  const statuses = new Map<string, NodeStatus>();
  const taken = new Set<Shown>();
  const waiting = new Set<() => void>();
  socket.on("message", (text) => {
    for (const { topic, data } of [JSON.parse(String(text))].flat() as { topic: string; data: Record<string, unknown> }[]) {
      if (topic === "debug") shown.push({ ...(data as unknown as Shown), msg: parsed(data.msg, String(data.format)) });
      else if (topic?.startsWith("status/")) statuses.set(topic.slice("status/".length), data as NodeStatus);
    }
    for (const look of waiting) look();
  });
  /** Looks now and after every message, until found. */
  const until = <T>(find: () => T | undefined, what: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = find();
        if (found === undefined) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        waiting.delete(look);
        reject(
          new Error(
            `${what} did not come; shown: ${JSON.stringify(shown.slice(-5)).slice(0, 2000)}; statuses: ${JSON.stringify([...statuses])}`,
          ),
        );
      }, patience);
      waiting.add(look);
      look();
    });
  return {
    shown,
    statuses,
    async next(name, fits = () => true) {
      const found = await until(
        () => shown.find((entry) => entry.name === name && !taken.has(entry) && fits(entry)),
        `a message of "${name}"`,
      );
      taken.add(found);
      return found;
    },
    status: (id, fits) =>
      until(() => {
        const status = statuses.get(id);
        return status && fits(status) ? status : undefined;
      }, `the status of ${id}`),
    close: () => socket.close(),
  };
}

function parsed(message: unknown, format: string): unknown {
  if (format === "number") return Number(message);
  if (format === "boolean") return message === "true";
  if (typeof message !== "string" || /^string/.test(format)) return message;
  try {
    return JSON.parse(message);
  } catch {
    return message;
  }
}
