import type { Api } from "../api/api.ts";
import { hostPrincipal, type Principal } from "../api/principal.ts";
import type { PersonasClient } from "./contract.ts";
import { createClient, deliver } from "./core.ts";
import { ApiError } from "./errors.ts";

/** Where requests inside this process are addressed; nothing listens there. */
const origin = "http://embedded.invalid";

/**
 * A client of an engine in this process: no socket and no token, but the same routes, validation and authorisation.
 * `principal` is who the host says it is; it may do everything unless told otherwise.
 */
export function connectEmbedded(api: Api, principal: Principal = hostPrincipal("host")): PersonasClient {
  const stops = new Set<() => void>();
  let closed = false;
  const refuseClosed = () => {
    if (closed) throw new ApiError("closed", 0, "this client was closed");
  };
  return createClient({
    async send(method, path, init) {
      refuseClosed();
      const response = await api.fetch(new Request(`${origin}${path}`, { method, ...init }), principal);
      return { status: response.status, text: await response.text() };
    },
    stream(listener) {
      refuseClosed();
      let unfollow = () => {};
      const stop = () => {
        if (stops.delete(stop)) unfollow();
      };
      stops.add(stop);
      // Like a remote stream, it never calls back before the caller holds the way to stop it.
      queueMicrotask(() => {
        if (!stops.has(stop)) return;
        listener.connection("online");
        unfollow = api.follow(principal, (message) => {
          if (stops.has(stop)) deliver(message, listener);
        });
        if (!stops.has(stop)) unfollow();
      });
      return stop;
    },
    async close() {
      closed = true;
      for (const stop of [...stops]) stop();
    },
  });
}
