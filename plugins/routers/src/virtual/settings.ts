import { BadInput, DhcpFingerprint, MacAddress, timeZone } from "@network-personas/engine/model";
import { DeviceKind, Id, TimeOfDay, weekdays } from "@network-personas/personas";
import { describeIssues } from "@network-personas/personas/load";
import { z } from "zod";

const times = z.array(z.strictObject({ days: z.array(z.enum(weekdays)).default([...weekdays]), from: TimeOfDay, to: TimeOfDay }));

/** One simulated client. */
export const ClientSetting = z.strictObject({
  mac: MacAddress,
  hostname: z.string().min(1).max(63).optional(),
  dhcpFingerprint: DhcpFingerprint.optional(),
  kind: DeviceKind.optional().meta({ description: "What it is; decides how much traffic it makes." }),
  owner: Id.optional().meta({ description: "Whose it is; with `household`, clients of one owner live one person's days." }),
  via: z.enum(["wifi", "wired"]).default("wifi"),
  connected: z.boolean().default(true),
  schedule: times.optional().meta({ description: "Local times at which it is connected; `to` before `from` runs over midnight." }),
  activity: Id.optional().meta({ description: "What it is used for now, as a persona id; its traffic looks accordingly." }),
});
export type ClientSetting = z.infer<typeof ClientSetting>;

/** An entry of clients.json: changes a client while we run, or adds one. */
export const LiveClient = ClientSetting.extend({ via: z.enum(["wifi", "wired"]).optional(), connected: z.boolean().optional() });
export const LiveClients = z.array(LiveClient);
export type LiveClient = z.infer<typeof LiveClient>;

/** What home.yaml may say about a virtual router, besides id, driver and mode. */
export const VirtualSettings = z.strictObject({
  id: Id,
  driver: z.string(),
  mode: z.enum(["preview", "live"]).optional(),
  clients: z.array(ClientSetting).default([]),
  tunnels: z.array(Id).default([]).meta({ description: "VPN tunnels the router has." }),
  timeZone: timeZone.optional().meta({ description: "Zone of the schedules; that of this machine when absent." }),
  household: z
    .strictObject({ seed: z.number().int().default(1) })
    .optional()
    .meta({ description: "Clients come, go and make traffic as a simulated household does." }),
  shows: z.enum(["connections", "totals", "line"]).optional().meta({
    description:
      "What it tells of traffic: single connections, by which activities are recognised (the default with `household`), what each device carries in all, or only what the line carries (else the default).",
  }),
});
export type VirtualSettings = z.infer<typeof VirtualSettings>;

/**
 * Checks a router's entry of home.yaml.
 * @throws BadInput naming the field
 */
export function readSettings(settings: Readonly<Record<string, unknown>>): VirtualSettings {
  const result = VirtualSettings.safeParse(settings);
  if (result.success) return result.data;
  const { field, message } = describeIssues(result.error)[0]!;
  throw new BadInput(`routers.${String(settings.id ?? "virtual")}.${field}`, message);
}
