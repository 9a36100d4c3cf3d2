/** Who runs calls or streams at which domains. Links to them count wherever they stand, subdomains too. */
const providers: Readonly<Record<string, readonly string[]>> = {
  zoom: ["zoom.us", "zoom.com"],
  teams: ["teams.microsoft.com", "teams.live.com", "teams.microsoft.us"],
  "google-meet": ["meet.google.com"],
  webex: ["webex.com"],
  facetime: ["facetime.apple.com"],
  jitsi: ["meet.jit.si", "8x8.vc"],
  whereby: ["whereby.com"],
  goto: ["gotomeeting.com", "meet.goto.com"],
  bluejeans: ["bluejeans.com"],
  chime: ["chime.aws"],
  ringcentral: ["ringcentral.com"],
  skype: ["join.skype.com", "meet.lync.com"],
  around: ["around.co"],
  discord: ["discord.gg", "discord.com"],
  twitch: ["twitch.tv"],
};
export const knownConferenceHosts: readonly string[] = Object.values(providers).flat();

/** A short name of who runs a conference host; the host itself when nobody known does. */
export const conferenceProvider = (host: string): string =>
  Object.entries(providers).find(([, domains]) => domains.some((domain) => isUnder(host, domain)))?.[0] ?? host;

/** Texts that may hold a link, in the order in which they are believed. */
export interface LinkSources {
  /** Properties that hold nothing but a conference link: any host counts. */
  declared: string;
  /** URL, location, description: only known hosts count. */
  free: readonly string[];
}

/** Host of an event's conference link. */
export function conferenceHost(sources: LinkSources, further: readonly string[]): string | undefined {
  const [declared] = linksIn(sources.declared);
  if (declared) return declared;
  const isConference = (host: string): boolean => isConferenceHost(host, further);
  for (const text of sources.free) {
    const host = linksIn(text).find(isConference);
    if (host) return host;
  }
  const place = sources.free[1] ?? "";
  const bare = hostOfLink(place);
  return bare !== undefined && isConference(bare) ? bare : undefined;
}

export const isConferenceHost = (host: string, further: readonly string[]): boolean =>
  [...knownConferenceHosts, ...further].some((known) => isUnder(host, known));

/** True for the domain itself and everything under it. */
export const isUnder = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`);

/** Hosts of the links in a text; wrappers that carry the real address are looked through. */
export function linksIn(text: string): string[] {
  const links = text.slice(0, 50_000).match(/\b(?:https?|facetime):\/\/[^\s"'<>\\)\]]+/gi) ?? [];
  return links.slice(0, 50).flatMap((link) => hostOfLink(link) ?? []);
}

/** Host of a text that is one link, with or without its scheme. */
export function hostOfLink(text: string): string | undefined {
  const link = text.trim();
  if (!/^(?:[a-z]+:\/\/\S+|(?:[a-z0-9-]+\.)+[a-z]{2,}\/\S*)$/i.test(link)) return undefined;
  try {
    const url = new URL(/^[a-z]+:\/\//i.test(link) ? link : `https://${link}`);
    const wrapped =
      isUnder(url.hostname, "safelinks.protection.outlook.com") || (isUnder(url.hostname, "google.com") && url.pathname === "/url")
        ? (url.searchParams.get("url") ?? url.searchParams.get("q"))
        : null;
    if (wrapped && /^https?:\/\//i.test(wrapped)) return new URL(wrapped).hostname.toLowerCase() || undefined;
    return url.hostname.toLowerCase() || undefined;
  } catch {
    return undefined;
  }
}
