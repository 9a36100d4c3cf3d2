import { z } from "zod";
import { fingerprint, parseSettings, requestTimeout, routerUrl } from "../shared/settings.ts";

/** What home.yaml says about a UniFi console. Fields of the engine (id, driver, mode) pass by. */
export const Settings = z.object({
  url: routerUrl("https://192.168.1.1"),
  username: z.string({ error: 'expected the local administrator made for us, such as "personas"' }).min(1, "is empty"),
  password: z.string({ error: "expected the administrator's password, as { env: NAME } or { file: PATH }" }).min(1, "is empty"),
  apiKey: z.string().min(1, "is empty").optional().meta({ description: "Key of the official API; who is here is then asked there." }),
  site: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected the short name of a site such as "default"')
    .default("default"),
  certificate: fingerprint
    .optional()
    .meta({ description: "SHA-256 fingerprint of the console's certificate; without it the one of the first use is remembered." }),
  requestTimeout,
});
export type Settings = z.output<typeof Settings>;

/** @throws BadInput that names the field; values are never repeated */
export const readSettings = (router: string, raw: unknown): Settings => parseSettings(Settings, router, raw);
