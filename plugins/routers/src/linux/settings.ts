import { isIP } from "node:net";
import { sentence } from "@network-personas/engine/model";
import { Duration, Id } from "@network-personas/personas";
import { z } from "zod";
import { parseSettings, routerUrl } from "../shared/settings.ts";
import { mostTunnels } from "./ways.ts";

const interfaceName = z.string().regex(/^[A-Za-z0-9_.-]{1,15}$/, 'expected the name of a network interface such as "br-lan"');
const sshUrl = routerUrl("ssh://192.168.1.1", sentence("input-ssh-url"));
const resolvers = z.array(z.string().refine((text) => isIP(text) !== 0, "expected an IP address")).min(1);

/** What home.yaml may say about a Linux machine as a router. */
export const Settings = z
  .strictObject({
    id: z.string(),
    driver: z.string(),
    mode: z.enum(["preview", "live"]).optional(),
    url: sshUrl.optional().meta({ description: "Where to log in by SSH; the machine the engine runs on when absent." }),
    username: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'expected the name of an account such as "root"')
      .default("root"),
    identityFile: z.string().min(1).optional().meta({ description: "The private key to log in with; ssh's own choice when absent." }),
    lan: interfaceName.meta({ description: "The interface of the home, usually a bridge." }),
    wan: interfaceName.meta({ description: "The interface of the line." }),
    leases: z.string().optional().meta({ description: "dnsmasq's file of leases, for the names of clients." }),
    dhcpFingerprints: z
      .string()
      .optional()
      .meta({ description: "The file that np-dhcp-fingerprint keeps, for what clients ask dnsmasq for." }),
    dns: z
      .strictObject({
        router: resolvers
          .optional()
          .meta({ description: "Where names are asked of unfiltered; those the router itself asks when absent." }),
        malware: resolvers.default(["9.9.9.9", "2620:fe::fe"]),
        family: resolvers.default(["1.1.1.3", "2606:4700:4700::1113"]),
      })
      .prefault({})
      .meta({ description: "Resolvers: names asked by a device that is filtered are sent to those that filter." }),
    tunnels: z
      .record(Id, z.strictObject({ device: interfaceName, dns: resolvers }))
      .refine((tunnels) => Object.keys(tunnels).length <= mostTunnels, `at most ${mostTunnels} tunnels`)
      .default({})
      .meta({ description: "Interfaces of VPNs that single devices can be sent through, each with the resolvers behind it." }),
    runDir: z.string().default("/run/network-personas").meta({ description: "Folder for what undoes an unconfirmed change." }),
    requestTimeout: Duration.prefault("PT10S").meta({ description: "Longest time one program may take." }),
  })
  .superRefine(({ lan, wan, tunnels }, context) => {
    const taken = new Set([lan, wan]);
    for (const [id, { device }] of Object.entries(tunnels)) {
      if (taken.has(device))
        context.addIssue({
          code: "custom",
          path: ["tunnels", id, "device"],
          message: "expected an interface of its own: not lan, not wan, not another tunnel's",
        });
      taken.add(device);
    }
  });
export type Settings = z.infer<typeof Settings>;

/** @throws BadInput naming the field */
export const readSettings = (router: string, raw: unknown): Settings => parseSettings(Settings, router, raw);
