import type { EngineState } from "../model/index.ts";

const storage = "network-personas.token";
const longestWait = 15_000;

/** The API said no; `status` tells why, the message what to do. */
export class ApiRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A token that came in the fragment of the address is kept by this browser and leaves the address at once. */
export function takeToken(): void {
  const given = /^#token=([\w.~-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return;
  keepToken(given);
  history.replaceState(null, "", location.pathname);
}
export const keepToken = (token: string): void => localStorage.setItem(storage, token);
export const forgetToken = (): void => localStorage.removeItem(storage);
export const hasToken = (): boolean => localStorage.getItem(storage) !== null;

/** @throws ApiRefusal */
export async function call<T>(method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<T> {
  const token = localStorage.getItem(storage);
  const response = await fetch(path, {
    method,
    headers: {
      accept: "application/json",
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (response.status === 204) return undefined as T;
  const answer = (await response.json()) as T & { error?: { message: string } };
  if (!response.ok) throw new ApiRefusal(response.status, answer.error?.message ?? response.statusText);
  return answer;
}

export interface Listener {
  /** Everything as it is now, after every connection. */
  snapshot(state: EngineState): void;
  /** Something changed; ask again for what is shown. */
  changed(type: string): void;
  lost(): void;
}

/** Follows the home and connects again by itself, sooner when the browser is back online or looked at. */
export function follow(listener: Listener): () => void {
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let ended = false;
  const connect = () => {
    clearTimeout(timer);
    const token = localStorage.getItem(storage);
    const current = new WebSocket("v1/stream", ["np.v1", ...(token === null ? [] : [`np.token.${token}`])]);
    socket = current;
    current.onmessage = ({ data }) => {
      const message = JSON.parse(String(data)) as { type: string; state?: EngineState };
      failures = 0;
      if (message.type === "snapshot" && message.state) listener.snapshot(message.state);
      else listener.changed(message.type);
    };
    current.onclose = () => {
      if (ended || socket !== current) return;
      listener.lost();
      timer = setTimeout(connect, Math.min(longestWait, 500 * 2 ** failures++) * (0.5 + Math.random() / 2));
    };
  };
  const hurry = () => {
    if (!ended && document.visibilityState === "visible" && socket?.readyState === WebSocket.CLOSED) connect();
  };
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", hurry);
  connect();
  return () => {
    ended = true;
    clearTimeout(timer);
    removeEventListener("online", hurry);
    document.removeEventListener("visibilitychange", hurry);
    socket?.close();
  };
}
