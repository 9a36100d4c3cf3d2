import { type ApiServer, createApi, hostPrincipal, servePages, startApi, Tokens } from "../api/index.ts";
import { connectEmbedded, connectRemote, type PersonasClient } from "../client/index.ts";
import type { Clock } from "../driver/port.ts";
import { PersonasError } from "../model/index.ts";
import { dataDirOf } from "./data-dir.ts";
import { readLocalToken, writeLocalToken } from "./local-token.ts";
import { Lock, type LockHolder, lockHolder } from "./lock.ts";
import { type OpenEngineOptions, openEngine } from "./open-engine.ts";
import { systemClock } from "./system.ts";

export interface OpenHomeOptions extends OpenEngineOptions {
  /** Who opens it, for the record; e.g. "node-red". */
  host?: string;
  /** An API that cannot be served is an error instead of a warning. */
  requireApi?: boolean;
  /** Where the API listens, instead of what home.yaml says. */
  listen?: { host: string; port: number } | undefined;
  /** How long an engine outlives its last user, so that a redeploy finds it running. Milliseconds. */
  linger?: number;
}

/** A home in use. */
export interface HomeHandle {
  client: PersonasClient;
  /** Where its API is served; null when it is not. */
  url: string | null;
  /** True when the engine runs in this process. */
  own: boolean;
  /** A link that opens the pages to set up a home nobody has described yet, for an hour; null for any other. Holds a token. */
  setupUrl: string | null;
  close(): Promise<void>;
}

/** What runs in this process, per data directory. */
interface Running {
  users: number;
  api: ReturnType<typeof createApi>;
  url: string | null;
  setupUrl: string | null;
  lingering: NodeJS.Timeout | undefined;
  stop(): Promise<void>;
}
const running = new Map<string, Promise<Running>>();
/** Homes of this process that are being closed: until then their lock is still ours. */
const ending = new Map<string, Promise<void>>();

const defaultLinger = 10_000;
/** How long another process may take to start before we give up on becoming its client. */
const patience = 10_000;

/**
 * Opens a home: starts its engine, joins the one that already runs in this process, or becomes a client of the one that
 * another process runs. There is never more than one.
 * @throws BadFileError, PersonasError
 */
export async function openHome(options: OpenHomeOptions): Promise<HomeHandle> {
  const dataDir = dataDirOf(options.home, options.dataDir);
  const present = running.get(dataDir);
  if (present) return use(dataDir, await present, options);
  if (ending.has(dataDir)) {
    await ending.get(dataDir);
    return openHome(options);
  }
  const lock = Lock.take(dataDir);
  if (!(lock instanceof Lock)) return becomeClient(dataDir, lock, options);
  const starting = start(dataDir, lock, options);
  running.set(dataDir, starting);
  try {
    return use(dataDir, await starting, options);
  } catch (error) {
    running.delete(dataDir);
    lock.release();
    throw error;
  }
}

async function start(dataDir: string, lock: Lock, options: OpenHomeOptions): Promise<Running> {
  const { engine, store, secrets } = await openEngine(options);
  const clock = options.clock ?? systemClock;
  const log = secrets.guard(options.log);
  const tokens = new Tokens(store.tokens, clock);
  secrets.register(await writeLocalToken(dataDir, tokens));
  const api = createApi({ service: engine, tokens, clock, log });
  let server: ApiServer | null = null;
  let problem: string | undefined;
  try {
    server = await startApi({
      service: engine,
      tokens,
      config: { ...engine.home().home.api, ...options.listen },
      clock,
      log,
      api,
      pages: servePages,
    });
  } catch (error) {
    if (options.requireApi || !(error instanceof PersonasError)) {
      await engine.close();
      throw error;
    }
    problem = error.message;
    log.warn(`the API is not served: ${problem}`);
  }
  lock.announce(server?.url ?? null, problem);
  engine.run();
  const setupUrl = server && engine.home().isNew ? await setupLink(server.url, tokens, clock) : null;
  return {
    users: 0,
    api,
    url: server?.url ?? null,
    setupUrl,
    lingering: undefined,
    async stop() {
      try {
        await server?.close();
        await engine.close();
      } finally {
        lock.release();
      }
    },
  };
}

const linkName = "set-up-link";
const linkLasts = 60 * 60_000;

/** The pages exchange the token of the link for one of their own, so that what a terminal or a log keeps is soon worth nothing. */
async function setupLink(url: string, tokens: Tokens, clock: Clock): Promise<string> {
  for (const old of (await tokens.list()).filter((t) => t.name === linkName)) await tokens.revoke(old.id);
  const expiresAt = new Date(clock.now() + linkLasts).toISOString();
  return `${url}/#setup=${(await tokens.create({ name: linkName, scopes: ["admin"], expiresAt })).token}`;
}

function use(dataDir: string, home: Running, options: OpenHomeOptions): HomeHandle {
  clearTimeout(home.lingering);
  home.users++;
  const client = connectEmbedded(home.api, hostPrincipal(options.host ?? "host"));
  let open = true;
  return {
    client,
    url: home.url,
    setupUrl: home.setupUrl,
    own: true,
    async close() {
      if (!open) return;
      open = false;
      await client.close();
      if (--home.users > 0) return;
      const end = () => {
        running.delete(dataDir);
        const stopped = home.stop();
        const over = stopped.catch(() => {}).then(() => void ending.delete(dataDir));
        ending.set(dataDir, over);
        return stopped;
      };
      const linger = options.linger ?? defaultLinger;
      if (linger === 0) return end();
      home.lingering = setTimeout(() => void end().catch((error) => options.log.error(String(error))), linger);
      // A process that ends anyway need not wait: a killed engine loses nothing.
      home.lingering.unref();
    },
  };
}

async function becomeClient(dataDir: string, holder: LockHolder, options: OpenHomeOptions): Promise<HomeHandle> {
  const giveUp = Date.now() + patience;
  let current: LockHolder | null = holder;
  while (current && !current.url && !current.problem && Date.now() < giveUp) {
    await systemClock.sleep(200);
    current = lockHolder(dataDir);
  }
  // A command that only asked something is gone by now.
  if (!current) return openHome(options);
  const token = await readLocalToken(dataDir);
  if (!current.url || !token) {
    throw new PersonasError(
      "engine-elsewhere",
      `${current.pid ? `process ${current.pid}` : "another process"} runs this home's engine but serves no API${current.problem ? `: ${current.problem}` : "; stop it, or let it serve one (api.port in home.yaml)"}`,
      { responsible: "owner" },
    );
  }
  // Whoever listens to the stream is told how the connection is, and says so in their own words.
  const client = connectRemote({ url: current.url, token });
  return { client, url: current.url, setupUrl: null, own: false, close: () => client.close() };
}
