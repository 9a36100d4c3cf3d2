import type { Command } from "./command.ts";
import { table } from "./format.ts";

export const clients: Command = {
  name: "clients",
  summary: "who is on the network, per router",
  async run({ json, terminal, openHome }) {
    const home = await openHome();
    try {
      const routers = await home.client.clients();
      if (json) {
        terminal.print(JSON.stringify(routers, null, 2));
        return routers.some((r) => r.error) ? 1 : 0;
      }
      for (const { router, clients: found, error } of routers) {
        terminal.print(`router ${router}: ${error ?? `${found.filter((c) => c.connected).length} connected of ${found.length} known`}`);
        const rows = found.map((c) => [
          "",
          c.device ?? "?",
          c.connected ? "here" : "away",
          c.mac,
          c.hostname ?? "",
          c.addresses.join(" "),
          c.doing?.why ?? "",
          c.randomised && !c.device
            ? `private address: changes per network${c.hostname ? `; knownByHostname: ${c.hostname} at a device tells it by its name` : ""}`
            : "",
        ]);
        for (const line of table(rows)) terminal.print(line);
      }
      if (routers.length === 0) terminal.print("no router is configured; add one under routers in home.yaml");
      return routers.some((r) => r.error) ? 1 : 0;
    } finally {
      await home.close();
    }
  },
};
