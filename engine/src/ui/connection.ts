import type { EngineState, Sentence } from "../model/index.ts";

const storage = "network-personas.token";
const longestWait = 15_000;

/** What an editor that shows these pages in a frame lends them: its login, its language and its colours. */
export interface Frame {
  fetch(url: string, init: RequestInit): Promise<Response>;
  language: string;
  dark: boolean;
}
/** The page around this one when it is a host of ours; only pages of our own origin may be around it at all. */
export const frame: Frame | undefined =
  window.parent === window ? undefined : (window.parent as { NetworkPersonas?: { frame?: Frame } }).NetworkPersonas?.frame;

/** The API said no; `status` tells why, the message what to do, and `field` which input is wrong. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly field: string | undefined;
  /** What it means, for every language. */
  readonly said: Sentence | undefined;
  constructor(status: number, message: string, { field, said }: { field?: string; said?: Sentence } = {}) {
    super(message);
    this.status = status;
    this.field = field;
    this.said = said;
  }
}

/** A token that came in the fragment of the address is kept by this browser and leaves the address at once. */
export function takeToken(): void {
  const given = /^#token=([\w.~-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return;
  keepToken(given);
  history.replaceState(null, "", location.pathname);
}
/** A link to set a home up holds a token that is soon worth nothing: it is exchanged for one of this browser's own. */
export async function takeSetupLink(): Promise<boolean> {
  const given = /^#setup=([\w.~-]+)$/.exec(location.hash)?.[1];
  if (given === undefined) return false;
  keepToken(given);
  history.replaceState(null, "", location.pathname);
  const name = `browser-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36)}`;
  const { token } = await call<{ token: string }>("POST", "v1/tokens", { name, scopes: ["admin"] });
  keepToken(token);
  return true;
}
export const keepToken = (token: string): void => localStorage.setItem(storage, token);
export const forgetToken = (): void => localStorage.removeItem(storage);
export const hasToken = (): boolean => !frame && localStorage.getItem(storage) !== null;

/** @throws ApiRefusal */
export async function call<T>(
  method: "GET" | "PUT" | "POST" | "DELETE",
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T> {
  const token = hasToken() ? localStorage.getItem(storage) : null;
  const response = await ask(path, {
    method,
    headers: {
      accept: "application/json",
      ...headers,
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined && method !== "POST" ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined && method !== "POST" ? {} : { body: JSON.stringify(body ?? {}) }),
  });
  // Who has just been answered need not wait for the next attempt to follow. What a lost stream asks by itself does not count.
  if (response.ok && method !== "GET") answered.dispatchEvent(new Event("answered"));
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  if (!response.ok) {
    const { message = `${response.status} ${response.statusText}`, ...more } = refusalIn(text);
    throw new ApiRefusal(response.status, message, more);
  }
  return JSON.parse(text) as T;
}

const answered = new EventTarget();
const ask = (path: string, init: RequestInit): Promise<Response> =>
  frame ? frame.fetch(new URL(path, document.baseURI).href, init) : fetch(path, init);

interface Refusal {
  message?: string;
  field?: string;
  said?: Sentence;
}

function refusalIn(text: string): Refusal {
  try {
    return (JSON.parse(text) as { error?: Refusal }).error ?? {};
  } catch {
    return {};
  }
}

export interface Listener {
  /** Everything as it is now, after every connection. */
  snapshot(state: EngineState): void;
  /** Something changed; ask again for what is shown. */
  changed(type: string): void;
  lost(): void;
}

/** Follows the home and connects again by itself, sooner when the engine has answered, or the browser is back online or looked at. */
export function follow(listener: Listener): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let waiting = false;
  const ended = new AbortController();
  const { signal } = ended;
  const heard: Listener = {
    ...listener,
    snapshot(state) {
      failures = 0;
      listener.snapshot(state);
    },
  };
  const connect = async () => {
    clearTimeout(timer);
    waiting = false;
    await (frame ? overFrame : overSocket)(heard, signal).catch(() => {});
    if (signal.aborted) return;
    listener.lost();
    waiting = true;
    timer = setTimeout(connect, Math.min(longestWait, 500 * 2 ** failures++) * (0.5 + Math.random() / 2));
  };
  const hurry = () => {
    if (waiting && document.visibilityState === "visible") void connect();
  };
  const stop = () => {
    clearTimeout(timer);
    ended.abort();
  };
  addEventListener("online", hurry, { signal });
  answered.addEventListener("answered", hurry, { signal });
  document.addEventListener("visibilitychange", hurry, { signal });
  // What the page around us asks for us would go on without us.
  if (frame) addEventListener("pagehide", stop, { signal });
  void connect();
  return stop;
}

/** A connection that died without a word is noticed by asking this often, ms; an answer may take so long. */
const askAliveEvery = 20_000;
const answerWithin = 10_000;

/** Rejects when the engine does not answer. What it answers is no matter. */
async function alive(): Promise<void> {
  const waiting = new AbortController();
  const timer = setTimeout(() => waiting.abort(), answerWithin);
  await ask("v1/health", { signal: waiting.signal }).finally(() => clearTimeout(timer));
}

/** Resolves when the connection is lost. */
async function overSocket(listener: Listener, signal: AbortSignal): Promise<void> {
  const token = localStorage.getItem(storage);
  const socket = new WebSocket("v1/stream", ["np.v1", ...(token === null ? [] : [`np.token.${token}`])]);
  signal.addEventListener("abort", () => socket.close());
  socket.onmessage = ({ data }) => {
    if (signal.aborted) return;
    const message = JSON.parse(String(data)) as { type: string; state?: EngineState };
    if (message.type === "snapshot" && message.state) listener.snapshot(message.state);
    else listener.changed(message.type);
  };
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  const over = new AbortController();
  socket.onclose = () => lose();
  addEventListener("offline", () => lose(), { signal: over.signal });
  const asking = setInterval(() => void alive().catch(() => lose()), askAliveEvery);
  await lost;
  clearInterval(asking);
  over.abort();
  // One that comes back to life would tell of what is told anew.
  socket.onmessage = null;
  socket.close();
}

/** The same through the page around us, which tells in lines of JSON that something changed. Rejects when there is no connection. */
async function overFrame(listener: Listener, signal: AbortSignal): Promise<void> {
  const response = await ask("v1/stream", { method: "GET", signal });
  if (!response.ok || !response.body) throw new ApiRefusal(response.status, response.statusText);
  listener.snapshot(await call<EngineState>("GET", "v1/state"));
  let rest = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const { type } = JSON.parse(line) as { type: string };
      if (type !== "alive") listener.changed(type);
    }
  }
}
