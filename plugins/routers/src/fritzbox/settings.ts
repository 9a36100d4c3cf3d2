import { z } from "zod";
import { fingerprint, parseSettings, requestTimeout, routerUrl } from "../shared/settings.ts";

/** What home.yaml says about a FRITZ!Box. Fields of the engine (id, driver, mode) pass by. */
export const Settings = z.object({
  url: routerUrl("https://fritz.box").default("https://fritz.box"),
  username: z.string({ error: 'expected the FRITZ!Box user made for us, such as "personas"' }).min(1, "is empty"),
  password: z.string({ error: "expected the user's password, as { env: NAME } or { file: PATH }" }).min(1, "is empty"),
  certificate: fingerprint
    .optional()
    .meta({ description: "SHA-256 fingerprint of the router's certificate; without it the one of the first use is remembered." }),
  requestTimeout,
});
export type Settings = z.output<typeof Settings>;

/** @throws BadInput that names the field; values are never repeated */
export const readSettings = (router: string, raw: unknown): Settings => parseSettings(Settings, router, raw);

/** Where TR-064 answers: port 49000, or 49443 with TLS, unless another one is given. */
export function endpointOf({ url: text }: Pick<Settings, "url">): URL {
  const url = new URL(text);
  if (url.port === "") url.port = url.protocol === "https:" ? "49443" : "49000";
  return new URL("/", url);
}
