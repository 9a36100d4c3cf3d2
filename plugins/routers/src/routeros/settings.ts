import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";
import { fingerprint, parseSettings, requestTimeout, routerUrl } from "../shared/settings.ts";

/** One resolver of each family: a name asked over the other one would go round the filter. */
const resolvers = z.strictObject({
  ipv4: z.string().refine(isIPv4, "expected an IPv4 address"),
  ipv6: z.string().refine(isIPv6, "expected an IPv6 address"),
});

/** What home.yaml says about a MikroTik router. Fields of the engine (id, driver, mode) pass by. */
export const Settings = z.object({
  url: routerUrl("https://192.168.88.1"),
  username: z.string({ error: 'expected the user made for us, such as "personas"' }).min(1, "is empty"),
  password: z.string({ error: "expected the user's password, as { env: NAME } or { file: PATH }" }).min(1, "is empty"),
  wan: z
    .string()
    .regex(/^[\w.@<>+-]{1,63}$/, 'expected the name of an interface such as "ether1" or "pppoe-out1"')
    .optional()
    .meta({ description: "Interface of the line; the one of the default route when absent." }),
  dns: z
    .strictObject({
      malware: resolvers.default({ ipv4: "9.9.9.9", ipv6: "2620:fe::fe" }),
      family: resolvers.default({ ipv4: "1.1.1.3", ipv6: "2606:4700:4700::1113" }),
      tunnel: resolvers.default({ ipv4: "9.9.9.9", ipv6: "2620:fe::fe" }),
    })
    .prefault({})
    .meta({ description: "Resolvers that filter, and the one for devices in a tunnel: names asked by a device are sent there." }),
  certificate: fingerprint
    .optional()
    .meta({ description: "SHA-256 fingerprint of the router's certificate; without it the one of the first use is remembered." }),
  requestTimeout,
});
export type Settings = z.output<typeof Settings>;

/** @throws BadInput that names the field; values are never repeated */
export const readSettings = (router: string, raw: unknown): Settings => parseSettings(Settings, router, raw);
