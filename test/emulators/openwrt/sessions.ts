import { randomBytes } from "node:crypto";

/** What one ACL group grants, in the shape of a file in /usr/share/rpcd/acl.d. */
export interface AclGroup {
  description?: string;
  read?: AclPart;
  write?: AclPart;
}
export interface AclPart {
  ubus?: Record<string, readonly string[]>;
  uci?: readonly string[];
  file?: Record<string, readonly string[]>;
}
/** An account: which groups it may read and write. "*" is every group. */
export interface Account {
  username: string;
  password: string;
  read: readonly string[];
  write: readonly string[];
}
/** scope -> object pattern -> functions. */
export type Acls = Record<string, Record<string, string[]>>;

export interface Session {
  token: string;
  username: string;
  /** Idle seconds; 0 never ends. */
  timeout: number;
  expiresAt: number;
  acls: Acls;
}

/** File name patterns as fnmatch(3) without flags: "*" also spans "/" and blanks. */
export function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

export function allows(acls: Acls, scope: string, object: string, right: string): boolean {
  return Object.entries(acls[scope] ?? {}).some(
    ([pattern, rights]) => matches(pattern, object) && rights.some((granted) => matches(granted, right)),
  );
}

/** rpcd's sessions: one token per login, alive while used. */
export class Sessions {
  readonly #live = new Map<string, Session>();
  readonly #now: () => number;
  readonly #groups: Readonly<Record<string, AclGroup>>;
  readonly accounts: Account[];
  onEnd: (token: string) => void = () => {};
  logins = 0;

  constructor(now: () => number, groups: Readonly<Record<string, AclGroup>>, accounts: readonly Account[]) {
    this.#now = now;
    this.#groups = groups;
    this.accounts = accounts.map((account) => ({ ...account }));
  }

  /** A new session, or undefined when name or password are wrong. `reclaim` is a token that is handed out again. */
  login(username: string, password: string, timeout: number, reclaim?: string): Session | undefined {
    this.logins++;
    const account = this.accounts.find((a) => a.username === username && a.password === password);
    if (!account) return undefined;
    const held = reclaim === undefined ? undefined : this.use(reclaim);
    if (held?.username === username) return held;
    const session = {
      token: randomBytes(16).toString("hex"),
      username,
      timeout,
      expiresAt: this.#now() + timeout * 1000,
      acls: this.#aclsOf(account),
    };
    this.#live.set(session.token, session);
    return session;
  }
  /** The session of a token; every use keeps it alive. */
  use(token: string): Session | undefined {
    const session = this.#live.get(token);
    if (!session) return undefined;
    if (session.timeout > 0 && this.#now() >= session.expiresAt) {
      this.destroy(token);
      return undefined;
    }
    session.expiresAt = this.#now() + session.timeout * 1000;
    return session;
  }
  destroy(token: string): void {
    if (this.#live.delete(token)) this.onEnd(token);
  }
  clear(): void {
    for (const token of [...this.#live.keys()]) this.destroy(token);
  }
  tokens(): string[] {
    return [...this.#live.keys()];
  }

  #aclsOf(account: Account): Acls {
    const acls: Record<string, Record<string, Set<string>>> = {};
    const grant = (scope: string, object: string, rights: readonly string[]) => {
      acls[scope] ??= {};
      acls[scope][object] ??= new Set();
      for (const right of rights) acls[scope][object].add(right);
    };
    for (const [name, group] of Object.entries(this.#groups)) {
      for (const mode of ["read", "write"] as const) {
        if (!account[mode].some((pattern) => matches(pattern, name))) continue;
        grant("access-group", name, [mode]);
        const part = group[mode] ?? {};
        for (const [object, rights] of Object.entries(part.ubus ?? {})) grant("ubus", object, rights);
        for (const config of part.uci ?? []) grant("uci", config, [mode]);
        for (const [path, rights] of Object.entries(part.file ?? {})) grant("file", path, rights);
      }
    }
    const sorted = <T>(record: Record<string, T>) => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
    return sorted(
      Object.fromEntries(
        Object.entries(acls).map(([scope, objects]) => [
          scope,
          sorted(Object.fromEntries(Object.entries(objects).map(([o, r]) => [o, [...r]]))),
        ]),
      ),
    );
  }
}
