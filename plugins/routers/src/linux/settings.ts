import { isIP } from "node:net";
import { Duration } from "@network-personas/personas";
import { z } from "zod";
import { parseSettings } from "../shared/settings.ts";

const interfaceName = z.string().regex(/^[A-Za-z0-9_.-]{1,15}$/, 'expected the name of a network interface such as "br-lan"');
const resolvers = z.array(z.string().refine((text) => isIP(text) !== 0, "expected an IP address")).min(1);

/** What home.yaml may say about this machine as a router. */
export const Settings = z.strictObject({
  id: z.string(),
  driver: z.string(),
  mode: z.enum(["preview", "live"]).optional(),
  lan: interfaceName.meta({ description: "The interface of the home, usually a bridge." }),
  wan: interfaceName.meta({ description: "The interface of the line." }),
  leases: z.string().optional().meta({ description: "dnsmasq's file of leases, for the names of clients." }),
  dns: z
    .strictObject({
      malware: resolvers.default(["9.9.9.9", "2620:fe::fe"]),
      family: resolvers.default(["1.1.1.3", "2606:4700:4700::1113"]),
    })
    .prefault({})
    .meta({ description: "Resolvers that filter: names asked by a device are sent there." }),
  runDir: z.string().default("/run/network-personas").meta({ description: "Folder for what undoes an unconfirmed change." }),
  requestTimeout: Duration.prefault("PT10S").meta({ description: "Longest time one program may take." }),
});
export type Settings = z.infer<typeof Settings>;

/** @throws BadInput naming the field */
export const readSettings = (router: string, raw: unknown): Settings => parseSettings(Settings, router, raw);
