import { randomUUID } from "node:crypto";
import type { PersonasClient } from "@network-personas/engine/client";
import { type ApplyOutcome, say, type Trouble } from "@network-personas/engine/model";
import { Problem } from "../problem.ts";
import { type Asked, askEngine, languageOf } from "./ask-engine.ts";

const linkName = "homebridge-set-up";
const linkLasts = 60 * 60_000;
/** The settings may be open in several browsers at once. */
const linksKept = 3;
const isLoopback = (host: string) => /^(127\.|localhost$|\[?::1\]?$)/.test(host);
const everywhere = ["0.0.0.0", "::"];

interface HomeDocument {
  document: { api?: { host?: string }; [field: string]: unknown };
  home: { api: { host: string } };
  etag: string;
}
const homeOf = (client: PersonasClient) => client.request("GET", "/v1/home") as Promise<HomeDocument>;

/**
 * Where the pages of the engine are for a browser that calls this machine `hostname`. For an engine within Homebridge the link lets its
 * owner in for an hour: the pages exchange its token for one of their own.
 * @throws Error that says what to do; with the code "only-here" when other devices may not open them
 */
export async function wayIn({ settings, hostname }: Asked & { hostname?: unknown }, storage: string): Promise<{ url: string }> {
  return askEngine(settings, storage, async ({ client, url, here }) => {
    if (!here) return { url: url! };
    if (!url) throw new Problem("not-running");
    if (typeof hostname !== "string" || !/^(\[[0-9a-fA-F:.]+\]|[\w.-]+)$/.test(hostname)) throw new Problem("odd-address");
    const { host } = (await homeOf(client)).home.api;
    if (isLoopback(host) && !isLoopback(hostname)) throw new Problem("only-here");
    const address = everywhere.includes(host) || isLoopback(host) ? hostname : new URL(url).hostname;
    const tokens = (await client.request("GET", "/v1/tokens")) as readonly { id: string; name: string; createdAt: string }[];
    const links = tokens.filter(({ name }) => name.startsWith(linkName)).sort((a, b) => b.createdAt.localeCompare(a.createdAt));
    for (const old of links.slice(linksKept - 1)) await client.request("DELETE", `/v1/tokens/${old.id}`);
    const expiresAt = new Date(Date.now() + linkLasts).toISOString();
    const order = { name: `${linkName}-${randomUUID().slice(0, 8)}`, scopes: ["admin"], expiresAt };
    const { token } = (await client.request("POST", "/v1/tokens", order)) as { token: string };
    return { url: `http://${address}:${new URL(url).port}/#setup=${token}` };
  });
}

/** Lets all devices of the home open the pages, from the next start of the engine on. Each still needs a token. */
export async function letIn({ settings }: Asked, storage: string): Promise<void> {
  await askEngine(settings, storage, async ({ client }) => {
    const { document, etag } = await homeOf(client);
    await client.request("PUT", "/v1/home", { ...document, api: { ...document.api, host: everywhere[0] } }, { ifMatch: etag });
  });
}

/**
 * Removes everything of ours from every router, and stops applying.
 * @returns ids of the routers
 * @throws Error that says which router could not be released, and why
 */
export async function release(asked: Asked, storage: string): Promise<string[]> {
  return askEngine(asked.settings, storage, async ({ client }) => {
    const outcomes = (await client.request("POST", "/v1/release")) as readonly ApplyOutcome[];
    const failed = outcomes.filter((o) => o.error);
    const why = ({ message, said }: Trouble) => (said && say(said, { language: languageOf(asked) })) ?? message;
    if (failed.length > 0) throw new Error(failed.map((o) => `${o.router}: ${why(o.error!)}`).join("; "));
    return outcomes.map((o) => o.router);
  });
}
