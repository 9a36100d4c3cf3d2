import { z } from "zod";
import { fingerprint, parseSettings, requestTimeout, routerUrl } from "../shared/settings.ts";

/** Which QoS may be switched on where its owner has none on. */
export const qosChoices = ["keep", "traditional", "limiter"] as const;
export type QosChoice = (typeof qosChoices)[number];

/** What home.yaml says about an ASUS router. Fields of the engine (id, driver, mode) pass by. */
export const Settings = z.object({
  url: routerUrl("https://192.168.50.1:8443"),
  username: z.string({ error: 'expected the name the router is administered with, such as "admin"' }).min(1, "is empty"),
  password: z.string({ error: "expected the router's password, as { env: NAME } or { file: PATH }" }).min(1, "is empty"),
  qos: z
    .enum(qosChoices, { error: `expected one of ${qosChoices.join(", ")}` })
    .default("keep")
    .meta({
      description:
        "What may be switched on where QoS is off: nothing (keep), Traditional QoS (shapes the line, prefers devices) or the Bandwidth Limiter (limits devices).",
    }),
  certificate: fingerprint
    .optional()
    .meta({ description: "SHA-256 fingerprint of the router's certificate; without it the one of the first use is remembered." }),
  requestTimeout,
});
export type Settings = z.output<typeof Settings>;

/** @throws BadInput that names the field; values are never repeated */
export const readSettings = (router: string, raw: unknown): Settings => parseSettings(Settings, router, raw);
