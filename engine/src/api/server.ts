import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import type { Clock, Log } from "../driver/port.ts";
import { PersonasError } from "../model/index.ts";
import type { EngineService } from "../runtime/port.ts";
import { Admission, type AdmissionConfig, bearerToken, type Knock, wildcardHosts } from "./admission.ts";
import { type Api, createApi, refusal } from "./api.ts";
import { type StreamLimits, StreamServer } from "./stream-server.ts";
import type { Tokens } from "./tokens.ts";

export interface ApiServerOptions {
  service: EngineService;
  tokens: Tokens;
  config: AdmissionConfig & { port: number };
  clock: Clock;
  log: Log;
  /** The API to serve when the host made one already, so that embedded and remote clients share it. */
  api?: Api;
  /** Static pages: asked for what is not part of the API, and for "/" when a browser navigates there. Not authorised. */
  pages?: (request: Request) => Promise<Response | undefined>;
  limits?: Partial<StreamLimits>;
}

export interface ApiServer {
  /** Where it really listens, e.g. "http://127.0.0.1:8787". */
  url: string;
  api: Api;
  /** Ends streams and idle connections and frees the port. */
  close(): Promise<void>;
}

/** How long requests under way may take to finish when the server closes. */
const graceMs = 2_000;

/**
 * Serves the API on a socket.
 * @throws PersonasError `port-in-use`, `bad-host` or `port-forbidden`, saying what to change in home.yaml
 */
export async function startApi(options: ApiServerOptions): Promise<ApiServer> {
  const { service, tokens, config, clock, log } = options;
  const api = options.api ?? createApi({ service, tokens, clock, log });
  const admission = new Admission(config, tokens, clock, ownNames);
  const limits: StreamLimits = { heartbeatMs: 25_000, bufferBytes: 4 * 1024 * 1024, ...options.limits };
  const streams = new StreamServer({ api, admission, tokens, clock, log, limits });

  const fetch = async (request: Request, { incoming }: { incoming: IncomingMessage }): Promise<Response> => {
    const knock: Knock = { remoteAddress: incoming.socket.remoteAddress ?? "", headers: incoming.headers };
    try {
      admission.checkOrigin(knock);
      const { pathname } = new URL(request.url);
      const page = options.pages && isForPages(request, pathname) ? await options.pages(request) : undefined;
      if (page) return page;
      if (pathname === "/v1/stream")
        throw new PersonasError("upgrade-required", "this is a WebSocket; connect with ws:// and the sub-protocol np.v1");
      if (api.isOpen({ method: request.method, pathname })) return await api.fetch(request);
      return await api.fetch(request, await admission.authenticate(knock, bearerToken(incoming.headers.authorization)));
    } catch (error) {
      return refusal(error, log);
    }
  };
  const server = createAdaptorServer({
    fetch: (request, env) => fetch(request, env as HttpBindings),
    overrideGlobalObjects: false,
    serverOptions: { maxHeaderSize: 16 * 1024, headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 10_000 },
  }) as Server;
  server.on("upgrade", (request, socket, head) => void streams.upgrade(request, socket, head));
  try {
    await listen(server, config);
  } catch (error) {
    streams.close();
    throw error;
  }
  server.on("error", (error) => log.error(`api: ${error.message}`));
  const { address, port } = server.address() as AddressInfo;
  const shown = wildcardHosts.includes(address) ? "127.0.0.1" : address.includes(":") ? `[${address}]` : address;
  return {
    url: `http://${shown}:${port}`,
    api,
    async close() {
      streams.close();
      const closed = new AbortController();
      const ended = new Promise<void>((resolve) => server.close(() => resolve())).finally(() => closed.abort());
      server.closeIdleConnections();
      // Requests under way get a moment to finish.
      clock.sleep(graceMs, closed.signal).then(
        () => server.closeAllConnections(),
        () => {},
      );
      await ended;
    },
  };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => void listenError(error, host, port).then(reject));
    server.listen({ host, port }, () => resolve());
  });
}

async function listenError(error: NodeJS.ErrnoException, host: string, port: number): Promise<Error> {
  const where = "with --listen where that is given, else with api.port in home.yaml";
  const owner = (code: string, message: string) => new PersonasError(code, message, { responsible: "owner", cause: error });
  if (error.code === "EADDRINUSE")
    return owner("port-in-use", `port ${port} is in use by ${await occupant(host, port)}; stop it, or choose another port: ${where}`);
  if (error.code === "EACCES")
    return owner("port-forbidden", `port ${port} needs more rights than we have; choose one above 1023: ${where}`);
  if (error.code === "EADDRNOTAVAIL" || error.code === "ENOTFOUND")
    return owner("bad-host", `this machine has no address ${host}; set api.host in home.yaml to one it has, such as 127.0.0.1`);
  return error;
}

/** Who holds a port, as far as it tells. */
async function occupant(host: string, port: number): Promise<string> {
  const name = wildcardHosts.includes(host) ? "127.0.0.1" : host;
  try {
    const answer = await globalThis.fetch(`http://${name.includes(":") ? `[${name}]` : name}:${port}/`, {
      signal: AbortSignal.timeout(500),
      redirect: "manual",
    });
    const index: unknown = await answer.json();
    return (index as { name?: unknown }).name === "Network Personas" ? "another Network Personas engine" : "another program";
  } catch {
    return "another program";
  }
}

const isForPages = (request: Request, pathname: string) =>
  (request.method === "GET" || request.method === "HEAD") &&
  !pathname.startsWith("/v1/") &&
  pathname !== "/openapi.json" &&
  (pathname !== "/" || (request.headers.get("accept") ?? "").includes("text/html"));

/** The names and addresses under which this machine is known on its own networks. */
function ownNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list?.map((i) => i.address) ?? []);
  return [...addresses, hostname(), `${hostname()}.local`];
}
