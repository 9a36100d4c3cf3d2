import { isIP } from "node:net";
import { BadInput } from "@network-personas/engine/model";
import { Duration } from "@network-personas/personas";
import { z } from "zod";
import { fingerprint, parseSettings, requestTimeout, routerUrl } from "../shared/settings.ts";

const resolvers = z.array(z.string().refine((text) => isIP(text) !== 0, "expected an IP address")).min(1);
const zone = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'expected the name of a firewall zone such as "lan"');
const device = z.string().regex(/^[A-Za-z0-9_.@-]{1,15}$/, 'expected a network device such as "eth1" or "pppoe-wan"');

/** What home.yaml says about an OpenWrt router. Fields of the engine (id, driver, mode) pass by. */
export const Settings = z.object({
  url: routerUrl("http://192.168.1.1"),
  username: z.string({ error: 'expected the router account made for us, such as "personas"' }).min(1),
  password: z.string({ error: "expected the account's password, as { env: NAME } or { file: PATH }" }).min(1, "is empty"),
  wanDevice: device.optional().meta({ description: "Device of the line; found by itself when absent." }),
  lanZone: zone.default("lan"),
  wanZone: zone.default("wan"),
  dns: z
    .strictObject({
      malware: resolvers.default(["9.9.9.9", "2620:fe::fe"]),
      family: resolvers.default(["1.1.1.3", "2606:4700:4700::1113"]),
    })
    .prefault({})
    .meta({ description: "With the agent: resolvers that filter, to which names asked by a device are sent." }),
  confirmWithin: Duration.prefault("PT60S").meta({
    description: "How long a removal waits for its confirmation before the router undoes it.",
  }),
  requestTimeout,
  certificate: fingerprint.optional().meta({
    description: "SHA-256 fingerprint of the router's certificate, for https; without it the one of the first use is remembered.",
  }),
});
export type Settings = z.output<typeof Settings>;

/** @throws BadInput that names the field; values are never repeated */
export function readSettings(router: string, raw: unknown): Settings {
  const settings = parseSettings(Settings, router, raw);
  if (settings.lanZone === settings.wanZone) throw new BadInput(`routers.${router}.wanZone`, "must be another zone than lanZone");
  return settings;
}

/** Where ubus answers: `/ubus` at the router's address unless another path is given. */
export function endpointOf(settings: Settings): URL {
  const url = new URL(settings.url);
  if (url.pathname === "/") url.pathname = "/ubus";
  url.search = "";
  url.hash = "";
  return url;
}
