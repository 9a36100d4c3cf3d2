import { BadInput } from "@network-personas/engine/model";
import { Duration } from "@network-personas/personas";
import { z } from "zod";

const zone = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'expected the name of a firewall zone such as "lan"');
const device = z.string().regex(/^[A-Za-z0-9_.@-]{1,15}$/, 'expected a network device such as "eth1" or "pppoe-wan"');

/** What home.yaml says about an OpenWrt router. Fields of the engine (id, driver, mode) pass by. */
export const Settings = z.object({
  url: z
    .url({ protocol: /^https?$/, error: 'expected the address of the router such as "http://192.168.1.1"' })
    .refine((text) => URL.canParse(text) && new URL(text).username === "" && new URL(text).password === "", {
      error: "must not hold a user name or password; give them as `username` and `password`",
    }),
  username: z.string({ error: 'expected the router account made for us, such as "personas"' }).min(1),
  password: z.string({ error: "expected the account's password, as { env: NAME } or { file: PATH }" }).min(1, "is empty"),
  wanDevice: device.optional().meta({ description: "Device of the line; found by itself when absent." }),
  lanZone: zone.default("lan"),
  wanZone: zone.default("wan"),
  confirmWithin: Duration.prefault("PT60S").meta({
    description: "How long a removal waits for its confirmation before the router undoes it.",
  }),
  requestTimeout: Duration.prefault("PT8S").meta({ description: "Longest time one request may take." }),
  certificate: z
    .string()
    .regex(/^([0-9A-Fa-f]{2}:?){32}$/, "expected a SHA-256 fingerprint such as AA:BB:...")
    .optional()
    .meta({ description: "SHA-256 fingerprint of the router's self-signed certificate, for https." }),
});
export type Settings = z.output<typeof Settings>;

/** @throws BadInput that names the field; values are never repeated */
export function readSettings(router: string, raw: unknown): Settings {
  const parsed = Settings.safeParse(raw);
  if (!parsed.success) {
    const [first] = parsed.error.issues;
    const field = first?.path.join(".") ?? "";
    throw new BadInput(`routers.${router}${field ? `.${field}` : ""}`, first?.message ?? "is not valid");
  }
  if (parsed.data.lanZone === parsed.data.wanZone) throw new BadInput(`routers.${router}.wanZone`, "must be another zone than lanZone");
  return parsed.data;
}

/** Where ubus answers: `/ubus` at the router's address unless another path is given. */
export function endpointOf(settings: Settings): URL {
  const url = new URL(settings.url);
  if (url.pathname === "/") url.pathname = "/ubus";
  url.search = "";
  url.hash = "";
  return url;
}
