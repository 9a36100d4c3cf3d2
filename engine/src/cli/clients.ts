import type { RouterClients } from "../model/index.ts";
import type { Command } from "./command.ts";
import { table, todayLines } from "./format.ts";

/** How it could be told whose a private address is, once its owner says so. */
function waysToTell({ hostname, dhcpFingerprint, maybe = [] }: RouterClients["clients"][number]): string[] {
  return [
    ...(hostname ? [`knownByHostname: ${hostname} at a device tells it by its name`] : []),
    ...(maybe.length === 1
      ? [
          `may be ${maybe[0]}, or another of its model: it asks the DHCP server for the same; knownByDhcpFingerprint: ${JSON.stringify(dhcpFingerprint)} there takes whoever asks so for it`,
        ]
      : []),
    ...(maybe.length > 1 ? [`may be ${maybe.join(" or ")}, which ask the DHCP server for the same: it cannot be told which`] : []),
  ];
}

export const clients: Command = {
  name: "clients",
  summary: "who is on the network, per router, and how today went against what was expected",
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
          c.randomised && !c.device ? ["private address: changes per network", ...waysToTell(c)].join("; ") : "",
        ]);
        for (const line of table(rows)) terminal.print(line);
      }
      const { subjects, home: about, today } = await home.client.state();
      for (const line of todayLines(today, new Map(subjects.map((s) => [s.subject, s.name])), about.timeZone)) terminal.print(line);
      if (routers.length === 0) terminal.print("no router is configured; add one under routers in home.yaml");
      return routers.some((r) => r.error) ? 1 : 0;
    } finally {
      await home.close();
    }
  },
};
