import { lookup } from "node:dns/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { belongsToAHome } from "../../api/admission.ts";
import { type DriverWelcome, HttpTransport, type Probe, type RouterPlace } from "../../driver/index.ts";
import { BadInput, type FoundRouter, sentence } from "../../model/index.ts";

const patienceMs = 1_500;
const largestAnswer = 256 * 1024;

/** Asks without a login, and so accepts any certificate. */
export const probe: Probe = async (url, request = {}) => {
  const transport = new HttpTransport({
    router: url.host,
    timeLimit: patienceMs,
    sizeLimit: largestAnswer,
    keepAlive: false,
    firstUse: { trusts: () => true },
  });
  try {
    return await transport.send(url, { ...request, what: "looking" });
  } catch {
    return null;
  } finally {
    transport.close();
  }
};

/** What its owner typed: an address, a name or a URL. @throws BadInput */
export function placeOf(text: string): RouterPlace {
  const typed = text.trim();
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed);
  const url = URL.parse(hasScheme ? typed : `http://${typed}`);
  if (!url || url.hostname === "" || /\s/.test(typed)) throw new BadInput("address", sentence("input-address"));
  if (url.username !== "" || url.password !== "") throw new BadInput("address", sentence("input-login-in-address"));
  if (!/^https?:$/.test(url.protocol)) throw new BadInput("address", sentence("input-scheme"));
  return { host: url.hostname, url: hasScheme || url.port !== "" ? new URL("/", url) : null };
}

interface Family {
  driver: string;
  welcome: DriverWelcome;
}

/**
 * Whether a usual name or address leads to a router here. Where there is none of that family, its name is answered by whoever has it in
 * the world, and nobody there is asked.
 */
async function isNear(host: string): Promise<boolean> {
  const found = await Promise.race([lookup(host, { all: true }).catch(() => []), sleep(patienceMs, [], { ref: false })]);
  return found.some(({ address }) => belongsToAHome(address) || /^(127\.|::1$)/.test(address));
}

/** Routers of known families at these places; with none, at the gateways and wherever each family usually is. */
export async function findRouters(
  families: readonly Family[],
  places: readonly RouterPlace[] | null,
  gateways: () => Promise<readonly string[]>,
): Promise<FoundRouter[]> {
  const near = places ?? (await gateways()).map((host) => ({ host, url: null }));
  const looks = families.flatMap(({ driver, welcome }) => {
    const usual: readonly RouterPlace[] = places ? [] : welcome.usualHosts.map((host) => ({ host, url: null }));
    return [...usual, ...near].map(async (place) => {
      if (usual.includes(place) && !(await isNear(place.host))) return [];
      const url = (await welcome.detect?.(place, probe)) ?? null;
      return url === null ? [] : [{ driver, url, address: await addressOf(place.host) }];
    });
  });
  const found = (await Promise.all(looks)).flat();
  // One router by its name and by its address is one router.
  const seen = new Set<string>();
  return found
    .filter(({ driver, address }) => {
      const key = `${driver} ${address}`;
      return !seen.has(key) && seen.add(key);
    })
    .map(({ driver, url }) => ({ driver, url }));
}

const addressOf = (host: string): Promise<string> =>
  lookup(host.replace(/^\[|\]$/g, "")).then(
    ({ address }) => address,
    () => host,
  );
