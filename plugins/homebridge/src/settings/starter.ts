import { createServer } from "node:net";
import { timeZone } from "@network-personas/engine/model";
import { z } from "zod";

/** What the settings page asks of somebody who has no home file yet. */
export const StarterAnswers = z.object({
  name: z.string().trim().min(1),
  down: z.coerce.number().positive(),
  up: z.coerce.number().positive(),
  /** Whether other devices of the home may open the engine's pages; each needs a token. */
  letIn: z.boolean().catch(false),
  /** Of the browser; the machine that runs Homebridge often keeps UTC. */
  timeZone: timeZone.catch(() => Intl.DateTimeFormat().resolvedOptions().timeZone),
  people: z.array(z.string().trim().min(1)).min(1),
});
export type StarterAnswers = z.output<typeof StarterAnswers>;

/** Text of a first home.yaml: a home with people and a line. Devices, calendars and the router come later. */
export function starterHome({ name, down, up, people, letIn, ...given }: StarterAnswers, port = usualPort): string {
  const taken = new Set<string>();
  const rows = people.map((person) => `  - { id: ${freeId(person, taken)}, name: ${JSON.stringify(person)}, devices: [] }`);
  const api = [...(letIn ? ["host: 0.0.0.0"] : []), ...(port === usualPort ? [] : [`port: ${port}`])];
  return `# Your home, as Network Personas knows it. It checks this file and says which line it does not understand.
version: 1
home: { id: home, name: ${JSON.stringify(name)}, timeZone: ${JSON.stringify(given.timeZone)} }
wan: { down: ${down} Mbit/s, up: ${up} Mbit/s }

people:
${rows.join("\n")}

# Whose device is whose: give each one the MAC address it has on your Wi-Fi, and add its id to its owner above. For example:
#   - { id: alice-phone, name: Alice's phone, kind: phone, macs: ["02:00:00:00:00:12"] }
devices: []

# The router. With mode preview nothing is changed on it, but you see what would be. For example:
#   - { id: main, driver: openwrt, url: "http://192.168.1.1", username: personas, password: { file: ./router-password }, mode: preview }
routers: []
${letIn ? "\n# Every device of your home may open the pages of the engine; each needs a token.\n" : ""}${api.length > 0 ? `api: { ${api.join(", ")} }\n` : ""}`;
}

const usualPort = 8787;

/** The engine's usual port, or the next one that no other program has. */
export async function freePort(): Promise<number> {
  for (let port = usualPort; port < usualPort + 20; port++) if (await isFree(port)) return port;
  return usualPort;
}
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "0.0.0.0" }, () => server.close(() => resolve(true)));
  });

function freeId(name: string, taken: Set<string>): string {
  const id =
    name
      .normalize("NFKD")
      .replace(/\p{M}/gu, "")
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 40)
      .replace(/^-+|-+$/g, "") || "person";
  let free = id;
  for (let number = 2; taken.has(free); number++) free = `${id}-${number}`;
  taken.add(free);
  return free;
}
