import { readFile } from "node:fs/promises";

/** IPv4 addresses of this machine's default gateways, the preferred one first; none where the system does not tell. */
export async function defaultGateways(): Promise<string[]> {
  return gatewaysOf(await readFile("/proc/net/route", "utf8").catch(() => ""));
}

/** From the text of Linux' /proc/net/route: addresses are hexadecimal in the order of a little-endian machine. */
export function gatewaysOf(table: string): string[] {
  const routes = table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, gateway = "", flags = "0"]) => {
      const isGateway = (Number.parseInt(flags, 16) & 2) !== 0;
      return destination === "00000000" && isGateway && /^[0-9A-F]{8}$/i.test(gateway);
    })
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  const dotted = routes.map(([, , gateway = ""]) => [6, 4, 2, 0].map((at) => Number.parseInt(gateway.slice(at, at + 2), 16)).join("."));
  return [...new Set(dotted)];
}
