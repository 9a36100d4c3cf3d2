import {
  calendarMultiGet,
  calendarQuery,
  createAccount,
  type DAVCalendar,
  type DAVResponse,
  fetchCalendars,
  fetchCalendarUserAddresses,
  getBasicAuthHeaders,
  propfind,
  syncCollection,
} from "tsdav";
import { sentence } from "../model/sentence.ts";
import { CalendarError, statusError, unreachable } from "./errors.ts";
import { answerWithin } from "./port.ts";

export interface CalDavLogin {
  url: string;
  username: string;
  password: string;
}

/** What we have of a collection. */
export interface KnownCollection {
  url: string;
  name: string;
  ctag: string;
  syncToken: string;
  /** ETag by path. */
  etags: Readonly<Record<string, string>>;
}

/** What changed in a collection. `whole`: what is not among `changed` and not in `kept` is gone. */
export interface CollectionChange {
  url: string;
  name: string;
  ctag: string;
  syncToken: string;
  changed: readonly { href: string; etag: string; ics: string }[];
  kept: readonly string[];
}
export interface AccountChange {
  collections: readonly CollectionChange[];
  owners: readonly string[];
}

interface Session {
  headers: Record<string, string>;
  fetch: typeof globalThis.fetch;
}
type Collection = Pick<DAVCalendar, "url" | "ctag" | "syncToken" | "displayName" | "components">;

/** Objects asked for in one request. */
const batch = 100;
/** A server may hand out changes in parts; more parts than this are taken for a fault. */
const parts = 50;

/** Brings what we have of an account up to date: by sync-token, else by ctag and ETags, else as a whole. */
export async function syncAccount(
  login: CalDavLogin,
  known: readonly KnownCollection[],
  fetch: typeof globalThis.fetch,
): Promise<AccountChange> {
  const session: Session = {
    headers: getBasicAuthHeaders({ username: login.username, password: login.password }) as Record<string, string>,
    fetch,
  };
  try {
    const { collections, owners } = await findCollections(login, session);
    const changes: CollectionChange[] = [];
    for (const collection of collections)
      changes.push(
        await syncOne(
          collection,
          known.find((k) => k.url === collection.url && k.name === nameOf(collection)),
          session,
        ),
      );
    return { collections: changes, owners };
  } catch (error) {
    if (error instanceof CalendarError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    const status = /returned (\d{3})|Invalid credentials/.exec(message);
    throw (status && statusError(Number(status[1] ?? 401))) ?? unreachable(error, login.url, answerWithin.caldav);
  }
}

/** The collection at the address itself, or every calendar of the account that the address belongs to. */
async function findCollections(login: CalDavLogin, session: Session): Promise<{ collections: Collection[]; owners: string[] }> {
  const own = login.username.includes("@") ? [login.username] : [];
  const [self] = await propfind({
    url: login.url,
    depth: "0",
    props: { "d:resourcetype": {}, "d:displayname": {}, "cs:getctag": {}, "d:sync-token": {} },
    ...session,
  });
  if (self?.status === 401) throw refused(login.url);
  if (self?.ok && Object.keys(self.props?.resourcetype ?? {}).includes("calendar")) {
    return {
      collections: [{ url: login.url, ctag: self.props?.getctag, syncToken: self.props?.syncToken, displayName: self.props?.displayname }],
      owners: own,
    };
  }
  const account = await createAccount({ account: { serverUrl: login.url, accountType: "caldav" }, ...session });
  const calendars = await fetchCalendars({ account, ...session });
  const addresses = await fetchCalendarUserAddresses({ account, ...session }).catch((): string[] => []);
  const mail = addresses.filter((a) => /^mailto:/i.test(a)).map((a) => a.slice("mailto:".length));
  const collections = calendars.filter((c) => !c.components?.length || c.components.includes("VEVENT"));
  if (collections.length === 0) throw new CalendarError("calendar-missing", sentence("calendar-none"), { lasting: true });
  return { collections, owners: [...own, ...mail] };
}

/** What people run into most: two large services that do not take the account's password. */
function refused(url: string): CalendarError {
  const { hostname } = new URL(url);
  const service = /(^|\.)google(usercontent)?\.com$/.test(hostname) ? "google" : /(^|\.)icloud\.com$/.test(hostname) ? "icloud" : undefined;
  return service ? new CalendarError("calendar-refused", sentence(`calendar-${service}`), { lasting: true }) : statusError(401)!;
}

const text = (value: unknown): string => {
  if (typeof value === "string" || typeof value === "number") return String(value);
  return typeof value === "object" && value !== null && "_cdata" in value ? String(value._cdata) : "";
};
const nameOf = (collection: Collection): string => text(collection.displayName);

async function syncOne(collection: Collection, known: KnownCollection | undefined, session: Session): Promise<CollectionChange> {
  const now = { url: collection.url, name: nameOf(collection), ctag: text(collection.ctag), syncToken: text(collection.syncToken) };
  if (known) {
    const sameToken = now.syncToken !== "" && now.syncToken === known.syncToken;
    const sameTag = now.syncToken === "" && now.ctag !== "" && now.ctag === known.ctag;
    if (sameToken || sameTag) return { ...now, changed: [], kept: Object.keys(known.etags) };
    if (known.syncToken !== "") {
      const change = await syncByToken(collection.url, known, session);
      if (change) return { ...now, ...change };
    }
  }
  const etags = await listObjects(collection.url, session);
  const wanted = [...etags].filter(([href, etag]) => etag === "" || known?.etags[href] !== etag).map(([href]) => href);
  const missed = new Set(wanted);
  return {
    ...now,
    changed: await fetchObjects(collection.url, wanted, session),
    kept: [...etags.keys()].filter((href) => !missed.has(href)),
  };
}

/** Undefined when the server no longer knows the token. */
async function syncByToken(
  url: string,
  known: KnownCollection,
  session: Session,
): Promise<Pick<CollectionChange, "changed" | "kept" | "syncToken"> | undefined> {
  const changed = new Set<string>();
  const removed = new Set<string>();
  let token = known.syncToken;
  for (let part = 0; part < parts; part++) {
    const responses = await syncCollection({ url, props: { "d:getetag": {} }, syncLevel: 1, syncToken: token, ...session });
    const next = text(tokenOf(responses[0]));
    // 403 valid-sync-token by the standard; others are seen too.
    if (next === "") return undefined;
    let more = false;
    for (const response of responses) {
      if (response.href === undefined) continue;
      const href = pathOf(response.href, url);
      if (response.status === 507) more = true;
      else if (isSame(href, url)) continue;
      else if (response.status === 404) removed.add(href);
      else changed.add(href);
    }
    token = next;
    if (!more) break;
  }
  const objects = await fetchObjects(url, [...changed], session);
  return { syncToken: token, changed: objects, kept: Object.keys(known.etags).filter((href) => !changed.has(href) && !removed.has(href)) };
}

function tokenOf(response: DAVResponse | undefined): unknown {
  const raw: unknown = response?.raw;
  if (typeof raw !== "object" || raw === null || !("multistatus" in raw)) return undefined;
  const status = raw.multistatus;
  return typeof status === "object" && status !== null && "syncToken" in status ? status.syncToken : undefined;
}

/** ETag by path of every object that holds events. */
async function listObjects(url: string, session: Session): Promise<Map<string, string>> {
  const filters = [{ "comp-filter": { _attributes: { name: "VCALENDAR" }, "comp-filter": { _attributes: { name: "VEVENT" } } } }];
  const responses = await calendarQuery({ url, props: { "d:getetag": {} }, filters, depth: "1", ...session });
  check(responses);
  return new Map(
    responses.flatMap((r): [string, string][] =>
      r.href === undefined || isSame(pathOf(r.href, url), url) ? [] : [[pathOf(r.href, url), text(r.props?.getetag)]],
    ),
  );
}

interface FetchedObject {
  href: string;
  etag: string;
  ics: string;
}

async function fetchObjects(url: string, hrefs: readonly string[], session: Session): Promise<FetchedObject[]> {
  const objects: FetchedObject[] = [];
  for (let i = 0; i < hrefs.length; i += batch) {
    const asked = hrefs.slice(i, i + batch);
    const props = { "d:getetag": {}, "c:calendar-data": {} };
    const responses = await calendarMultiGet({ url, props, objectUrls: asked, depth: "1", ...session });
    check(responses);
    const missing = new Set(asked);
    for (const r of responses) {
      if (r.href === undefined) continue;
      const href = pathOf(r.href, url);
      const ics = text(r.props?.calendarData);
      if (ics !== "") objects.push({ href, etag: text(r.props?.getetag), ics });
      if (ics !== "" || r.status === 404) missing.delete(href);
    }
    // Some servers leave objects out of the answer; an object that we cannot have fails the whole, so that it is not forgotten.
    for (const href of missing) objects.push(...(await getObject(url, href, session)));
  }
  return objects;
}

async function getObject(url: string, href: string, { headers, fetch }: Session): Promise<FetchedObject[]> {
  const response = await fetch(new URL(href, url), { headers });
  const ics = await response.text();
  if (response.status === 404) return [];
  const error = statusError(response.status);
  if (error) throw error;
  return [{ href, etag: response.headers.get("etag") ?? "", ics }];
}

function check(responses: readonly DAVResponse[]): void {
  const [first] = responses;
  const error = first && first.href !== undefined && responses.length === 1 && !first.ok ? statusError(first.status) : undefined;
  if (error && first?.status !== 404) throw error;
}

const pathOf = (href: string, base: string): string => {
  const url = new URL(href, base);
  return url.pathname + url.search;
};
const isSame = (path: string, url: string): boolean => path.replace(/\/$/, "") === new URL(url).pathname.replace(/\/$/, "");
