import { stringify } from "yaml";

export interface Starter {
  timeZone: string;
  name?: string;
  /** What differs from the usual of where the API is served. */
  api?: { host?: string; port?: number };
}

/** The text of a home that nobody has described yet. What its owner says goes into it, and it becomes home.yaml with the first save. */
export const starterHome = ({ timeZone, name = "Home", api = {} }: Starter): string =>
  `# Your home. The pages of the engine write it; you may edit it by hand, too, and your comments stay.
version: 1
home: ${onOneLine({ name, timeZone })}
# What your line really carries; err on the low side.
wan: { down: 100 Mbit/s, up: 20 Mbit/s, assumed: true }
${Object.keys(api).length > 0 ? `api: ${onOneLine(api)}\n` : ""}`;

const onOneLine = (value: object): string => stringify(value, { collectionStyle: "flow", lineWidth: 0 }).trim();

/** The zone of this machine; UTC where it does not say. */
export const machineTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
