import { readFile } from "node:fs/promises";
import { stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { Hono } from "hono";
import { compress } from "hono/compress";
import { etag } from "hono/etag";

const types: Readonly<Record<string, string>> = { html: "text/html", css: "text/css", js: "text/javascript", ts: "text/javascript" };

/** Nothing but our own files and our own API: no inline code, no other host, no frame around it but where a host serves them as its own. */
const policy = (ancestors: string) =>
  `default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ${ancestors}`;

const folder = fileURLToPath(new URL("../ui/", import.meta.url));
/** What pages share with the engine: sentences in every language. */
const shared = fileURLToPath(new URL("../", import.meta.url));
const isShared = /^model\/sentences?(-[a-z]+)?\./;

/**
 * Answers a request for a file of the pages people look at; undefined when there is no such file.
 * `framed`: pages of the same origin may show them in a frame.
 */
export async function servePages(request: Request, { framed = false } = {}): Promise<Response | undefined> {
  const response = await pages.fetch(request, { framed });
  return response.status === 404 ? undefined : response;
}

const pages = new Hono<{ Bindings: { framed: boolean } }>();
// Small, and not again when it is known.
pages.use(compress(), etag({ weak: true }));
pages.get("*", async (context) => (await page(context.req.path, context.env.framed)) ?? context.notFound());

async function page(pathname: string, framed: boolean): Promise<Response | undefined> {
  // No dot but the ending's: neither a way out of the folder, nor tests and declarations.
  const [, path, ending] = /^\/((?:[a-z-]+\/)*[a-z-]+)\.(html|css|js|ts)$/.exec(pathname === "/" ? "/index.html" : pathname) ?? [];
  if (path === undefined || ending === undefined) return undefined;
  const body = (await text(`${path}.${ending}`)) ?? (ending === "js" ? await text(`${path}.ts`) : undefined);
  if (body === undefined) return undefined;
  return new Response(body, {
    headers: {
      "content-type": `${types[ending]}; charset=utf-8`,
      "content-security-policy": policy(framed ? "'self'" : "'none'"),
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "cache-control": "no-cache",
    },
  });
}

/** In development there is nothing compiled: browsers get the sources without their types. */
async function text(name: string): Promise<string | undefined> {
  const read = await readFile(`${isShared.test(name) ? shared : folder}${name}`, "utf8").catch(() => undefined);
  if (read === undefined || !/\.[jt]s$/.test(name)) return read;
  // Below the pages, so that they may be served below any path.
  return (name.endsWith(".ts") ? stripTypeScriptTypes(read) : read).replace(
    /from "\.\.\/((?:\.\.\/)*)model\//g,
    (_, up: string) => `from "${up || "./"}model/`,
  );
}
